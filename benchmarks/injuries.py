"""Damage bytes on purpose, and tell whether a reader got everything that the damage left whole.

Touched is each character of which a byte was changed, lost or cut away; all others have to come back exactly and in
order, and nothing else may come in but the few characters that a reader makes of the touched bytes. ``Injured.apart``
counts more as touched, because it cannot be told from the bytes:

- the characters right beside a touched one. When one byte is lost between two Chinese characters, the rest can be read
  as either with equal sense; when a lead byte turns into a letter, its trail byte may pair with what follows.
- where an escape itself was hit (HZ, ISO-2022), the characters up to the next escape, whose meaning it had told.
"""

from __future__ import annotations

import codecs
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True)
class Injured:
    """Encoded text after damage.

    ``whole`` says of each character whether no byte of it was touched, ``told`` whether the escape before it is whole.
    A reader may make at most ``room`` characters of the bytes of each, if they are touched; the last one is for the
    bytes behind the text.
    """

    data: bytes
    text: str
    whole: Sequence[bool]
    told: Sequence[bool]
    room: Sequence[int]

    def apart(self) -> Injured:
        """Return the same with the neighbours of the damage counted as damaged, and what a lost escape had told."""
        edge = self.room[-1] == 0
        around = [True, *self.whole, edge]
        whole = [all(around[k : k + 3]) and told for k, told in enumerate(self.told)]
        return Injured(self.data, self.text, whole, self.told, self.room)

    def stretches(self) -> list[tuple[int, str]]:
        """Return what has to come back, each with the most characters that may stand before it; the last is empty."""
        found = []
        gap = at = 0
        for whole, group in groupby(self.whole):
            size = len(list(group))
            if whole:
                found.append((gap, self.text[at : at + size]))
                gap = 0
            else:
                gap = sum(self.room[at : at + size])
            at += size
        return [*found, (gap + self.room[-1], "")]


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
    rest = encoder.encode("", True)  # noqa: FBT003 - the parameter has no name in C
    before = [*parts, rest] if rest else list(parts)
    after = list(before)
    INJURIES[injury](after, rng)
    whole = [old == new for old, new in zip(before, after, strict=True)]
    told = []
    known = True
    for char, old, new in zip(text, before, after, strict=False):
        size = _escape(char, old, encoding)
        if size:
            known = new.startswith(old[:size])
        told.append(known)
    room = [max(len(old), len(new)) + 1 for old, new in zip(before, after, strict=True)]
    end = 0 if len(before) == len(text) or whole[-1] else room[-1]
    return Injured(b"".join(after), text, whole[: len(text)], told, [*room[: len(text)], end])


def _escape(char: str, data: bytes, encoding: str) -> int:
    """Return how many bytes of an escape stand before a character."""
    if encoding == "hz" or encoding.startswith("iso2022"):
        return len(data) - (2 if char > "\x7f" or data == b"~~" else 1)
    return 0


def is_right(injured: Injured, text: str) -> bool:
    """Whether a reader gave back every stretch that was not touched, exactly and in order, and little else."""
    places = {0}
    for gap, stretch in injured.stretches():
        if stretch:
            places = {end for at in places for end in _ends(text, stretch, at, gap)}
    return any(at <= len(text) <= at + gap for at in places)


def _ends(text: str, stretch: str, at: int, gap: int) -> list[int]:
    """Return where a stretch may end that begins up to ``gap`` characters behind ``at``."""
    found = []
    while (place := text.find(stretch, at, at + gap + len(stretch))) >= 0:
        found.append(place + len(stretch))
        gap -= place + 1 - at
        at = place + 1
    return found
