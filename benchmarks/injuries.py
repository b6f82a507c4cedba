"""Damage bytes on purpose, and tell whether a reader got everything that the damage left whole."""

from __future__ import annotations

import codecs
import random
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Injured:
    """Encoded text after damage: ``whole`` are the stretches of it that were not touched, ``gaps`` what lies between.

    A gap is the most characters that a reader may make of the touched bytes before each stretch, and after the last.
    """

    data: bytes
    whole: tuple[str, ...]
    gaps: tuple[int, ...]

    def apart(self) -> Injured:
        """Return the same with the character on each side of the damage counted as damaged."""
        whole, gaps = [], []
        carried = 0
        for k, stretch in enumerate(self.whole):
            start = 1 if self.gaps[k] else 0
            end = len(stretch) - (1 if k + 1 < len(self.whole) or self.gaps[-1] else 0)
            gap = self.gaps[k] + carried + 2 * start
            if start >= end:
                carried = gap + len(stretch)
                continue
            whole.append(stretch[start:end])
            gaps.append(gap)
            carried = 2 * (len(stretch) - end)
        return Injured(self.data, tuple(whole), (*gaps, self.gaps[-1] + carried))


Change = Callable[[list[bytes], random.Random], None]
"""Damages characters in place; each is the bytes of one character."""


def _bytes_of(parts: list[bytes], rng: random.Random, count: int) -> list[tuple[int, int]]:
    """Return the places (character, byte) of ``count`` random bytes, the last first."""
    places = [(k, at) for k, part in enumerate(parts) for at in range(len(part))]
    return sorted(rng.sample(places, min(count, len(places))), reverse=True)


def none(parts: list[bytes], rng: random.Random) -> None:
    """Leave everything as it is."""
    del parts, rng


def bad_byte(parts: list[bytes], rng: random.Random) -> None:
    """Write another value over one byte."""
    _overwrite(parts, rng, 1)


def lost_byte(parts: list[bytes], rng: random.Random) -> None:
    """Take one byte away."""
    for k, at in _bytes_of(parts, rng, 1):
        parts[k] = parts[k][:at] + parts[k][at + 1 :]


def cut(parts: list[bytes], rng: random.Random) -> None:
    """Cut the text inside its first and inside its last character."""
    if len(parts[0]) > 1:
        parts[0] = parts[0][rng.randrange(1, len(parts[0])) :]
    if len(parts[-1]) > 1:
        parts[-1] = parts[-1][: rng.randrange(1, len(parts[-1]))]


def thousandth(parts: list[bytes], rng: random.Random) -> None:
    """Write another value over one byte in a thousand, at least one."""
    _overwrite(parts, rng, max(1, sum(map(len, parts)) // 1000))


def hundredth(parts: list[bytes], rng: random.Random) -> None:
    """Write another value over one byte in a hundred, at least one."""
    _overwrite(parts, rng, max(1, sum(map(len, parts)) // 100))


def _overwrite(parts: list[bytes], rng: random.Random, count: int) -> None:
    for k, at in _bytes_of(parts, rng, count):
        other = (parts[k][at] + rng.randrange(1, 256)) % 256
        parts[k] = parts[k][:at] + bytes((other,)) + parts[k][at + 1 :]


INJURIES: dict[str, Change] = {
    "none": none,
    "bad byte": bad_byte,
    "lost byte": lost_byte,
    "cut ends": cut,
    "0.1 % noise": thousandth,
    "1 % noise": hundredth,
}


def injure(text: str, encoding: str, injury: str, rng: random.Random) -> Injured:
    """Encode a text that the codec can hold, and damage it."""
    encoder = codecs.getincrementalencoder(encoding)()
    parts = [encoder.encode(char) for char in text]
    parts.append(encoder.encode("", True))  # noqa: FBT003 - the parameter has no name in C
    before = list(parts)
    if not parts[-1]:
        del parts[-1], before[-1]
    INJURIES[injury](parts, rng)
    whole: list[str] = []
    gaps: list[int] = []
    gap = run = 0
    for k, (old, new) in enumerate(zip(before, parts, strict=True)):
        if old == new and k < len(text):
            run += 1
            continue
        if run:
            whole.append(text[k - run : k])
            gaps.append(gap)
            gap = run = 0
        gap += max(len(old), len(new)) + 1
    if run:
        end = min(len(parts), len(text))
        whole.append(text[end - run : end])
        gaps.append(gap)
        gap = 0
    return Injured(b"".join(parts), tuple(whole), (*gaps, gap))


def is_right(injured: Injured, text: str) -> bool:
    """Whether a reader gave back every stretch that was not touched, exactly and in order, and little else."""
    at = 0
    for stretch, gap in zip(injured.whole, injured.gaps, strict=False):
        found = text.find(stretch, at, at + gap + len(stretch))
        if found < 0:
            return False
        at = found + len(stretch)
    return len(text) - at <= injured.gaps[-1]
