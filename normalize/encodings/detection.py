"""Find out which codec reads some bytes: by the bits that they take under each, and by chardet where letters decide.

Each plausible codec reads a sample along the likeliest way (``shortest``), and the bits that its characters and its bad
bytes take are compared. One bad byte costs 20 bits under every codec, so it decides nothing, while it makes other
detectors give up. Which of the codecs of one byte it is, languages decide; there chardet knows more of them.
"""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Mapping

import numpy as np

from taoxi.normalize.encodings.codec import (
    ALLOWED,
    SIBLINGS,
    SINGLE,
    STATEFUL,
    UTF8,
    byte_order_mark,
    canonical,
    utf8_error,
)

SAMPLE = 1 << 13
"""Bytes that are read in each codec: a hundredth of them are enough for a codec of several bytes."""

LETTERS = 200_000
"""Bytes that chardet looks at where the codec has one byte a character."""

LOOK_BACK = 1_000
"""Bytes of ASCII that a sample keeps before its first other byte: chardet's statistics stop after 16 KB."""

SURE = 0.1
"""Confidence from which chardet's answer of a single-byte codec stands against the bits. Measured on samples of 20 to
1,000 characters: damaged GB18030, Big5, CP949 and CP932 get at most 0.08."""

MARGIN = 0.05
MARGIN_BITS = 24
"""Share of the bits beyond ASCII, and bits, by which a codec of several bytes leads if chardet is not to be asked."""

SCRIPT_BITS = 6
"""Bits of a change between Latin and another script without a space."""

ASCII = 6.0
"""Bits of a byte of ASCII, about."""

UNLIKELY = 9.0
"""Bits per byte beyond ASCII from which bytes are no text of a codec: the right one takes 3.5 to 7, chance
11 and more."""

EVIDENT = 6.0
"""Bits per byte beyond ASCII up to which the codec of a file's neighbours needs no comparison. GB18030 takes 4.5 to 5.6
in its own text, and 6.5 to 10 in that of other codecs; UTF-8 more than 10 in these."""

EVIDENT_BYTES = 1_000
"""Bytes beyond ASCII from which that holds without neighbours, too, of the two codecs that most dumps are in."""

WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
SEVERAL = ("gb18030", "big5hkscs", "cp949", "cp932", "euc_jis_2004")
"""Codecs of more than one byte a character that are tried, in a tie the first."""

CONTROLS = bytes(byte for byte in range(32) if byte not in b"\t\n\v\f\r")

HIGH = bytes(range(0x80, 0x100))

MAX_HIGH = 0.05
"""Share of bytes beyond ASCII up to which text spelled in ASCII may be damaged so."""

MIN_CONTROLS = 0.36
"""Share of control characters among bytes of ASCII from which they are wide units: UTF-16 has half, because the high
bytes of Latin, Greek and Cyrillic are such, records of a word that end in NUL a quarter."""

MIN_WIDE = 6
"""Bytes of the shortest text that may be UTF-16 without a mark: three units; of UTF-32 twice as many."""

ORDER_BITS = 8
"""Bits, times the root of the number of places where Latin text in UTF-16 has no zero between two bytes, by which one
byte order has to be ahead of the other to be believed against where the text begins. Noise is behind most such places
and favours either order at random; a typographic apostrophe is worth 50 bits."""

ORDER_SAMPLE = 1 << 14
ORDER_HEAD = 64
"""Bytes in which the characters, and in which the zeros tell the byte order."""

NEIGHBOUR_BITS = 24
"""Bits that a codec is ahead of the others if all files of the same folder had it so far: four characters' worth."""


def detect(data: bytes, *, eof: bool, hint: str | None = None, prior: Mapping[str, float] | None = None) -> str:
    """Return the Python codec that reads ``data`` best.

    Args:
        data: bytes that begin with a whole character, such as the head of a source.
        eof: whether their last character is whole too.
        hint: the codec that the rest of the source has, or that it is said to have.
        prior: shares of the codecs that the neighbours of the source have, which decide in a doubt.
    """
    marked, _ = byte_order_mark(data)
    if marked is not None:
        return marked
    error = utf8_error(data, eof=eof)
    if error is None:
        return disguised(data) or UTF8
    return _choose(data, error, hint, prior or {})


def disguised(data: bytes) -> str | None:
    """Return what valid UTF-8 may be instead: ASCII in wide units, or text spelled in ASCII by escapes."""
    if b"\0" in data:
        sample = data[:SAMPLE]
        if not sample.isascii() or len(sample.translate(None, CONTROLS)) <= len(sample) * (1 - MIN_CONTROLS):
            bits = {name: cost(sample, name) for name in (UTF8, *WIDE)}
            best = min(bits, key=lambda name: bits[name])
            if best != UTF8 and _is_wide(best, bits[best], sample):
                return _ordered(data, best) if best.startswith("utf-16") else best
    if data.isascii() and any(mark in data for mark in (b"~{", b"~}", b"\x1b$", b"\x0e")):
        return _escaped(data[:LETTERS], cost(data[:LETTERS], UTF8))
    return None


def _is_wide(encoding: str, bits: int, sample: bytes) -> bool:
    """Whether a sample takes so few bits, in eighths, as text of UTF-16 or UTF-32 does."""
    units = 1 if encoding.startswith("utf-16") else 2
    return len(sample) >= MIN_WIDE * units and bits < 8 * len(sample) * UNLIKELY / units


def _ordered(data: bytes, best: str) -> str:
    """Return UTF-16 in the byte order that data has, also where its characters hardly tell; else it is ``best``.

    Latin text can be read in both: each letter has a zero on either side. All that tells is where the text begins, and
    the few characters that are not of Latin-1; what noise made of some letters is no evidence.
    """
    head = np.frombuffer(data[:ORDER_HEAD], np.uint8)
    zeros = np.flatnonzero(head == 0)
    if len(zeros) < MIN_CONTROLS * len(head):
        return best
    from taoxi.normalize.encodings import measure  # noqa: PLC0415 - UTF-8 alone needs no kernels

    array = np.frombuffer(data[:ORDER_SAMPLE], np.uint8)
    steps = np.zeros(len(array), np.uint8)
    strange = np.count_nonzero((array[1:] != 0) & (array[:-1] != 0))
    bits = {name: measure.measure(array, 0, len(array), name, steps, cut=False) for name in ("utf-16-le", "utf-16-be")}
    if abs(bits["utf-16-le"] - bits["utf-16-be"]) > 8 * ORDER_BITS * np.sqrt(strange):
        return min(bits, key=lambda name: bits[name])
    return "utf-16-le" if 2 * np.count_nonzero(zeros & 1) >= len(zeros) else "utf-16-be"


def cost(sample: bytes, encoding: str) -> int:
    """Return the bits, in eighths, that ``sample`` takes under a codec."""
    from taoxi.normalize.encodings import likelihood, measure, shortest  # noqa: PLC0415 - UTF-8 alone needs no kernels

    array = np.frombuffer(sample, np.uint8)
    if encoding in SINGLE:
        singles = likelihood.form(encoding).singles.astype(np.int64)
        singles[singles == likelihood.INVALID] = shortest.BAD
        return int(np.bincount(array, minlength=256) @ singles)
    return measure.measure(array, 0, len(array), encoding, np.zeros(len(array), np.uint8))


def _most_of_mixed(sample: bytes, encoding: str, least: int) -> str | None:
    """Return the codec of most bytes if a sample in runs of several codecs takes clearly fewer bits than ``least``."""
    from taoxi.normalize.encodings.runs import CHANGE_BITS, find_runs  # noqa: PLC0415 - as above

    runs, _ = find_runs(sample, encoding)
    bits = sum(cost(sample[run.start : run.end], run.encoding) + 8 * CHANGE_BITS for run in runs)
    if len({run.encoding for run in runs}) < 2 or bits > least * (1 - MARGIN):
        return None
    sizes: Counter[str] = Counter()
    for run in runs:
        sizes[run.encoding] += run.end - run.start
    return max(sizes, key=lambda name: sizes[name])


def is_likely(data: bytes, encoding: str) -> bool:
    """Whether bytes that a codec reads are text as well, and no other codec of letters makes much more of them."""
    from taoxi.normalize.encodings.runs import SUSPECT  # noqa: PLC0415 - as above

    if encoding in STATEFUL:
        return True
    if encoding in SINGLE:
        costs = _letter_costs(data)
        return costs[encoding] <= min(8 * SUSPECT * len(data), min(costs.values()) + 8 * NEIGHBOUR_BITS)
    return cost(data, encoding) <= 8 * SUSPECT * len(data)


def _letter_costs(sample: bytes) -> dict[str, int]:
    """Return what ``cost`` says for each codec of one byte, and more where other scripts stand inside Latin words."""
    from taoxi.normalize.encodings import likelihood, shortest  # noqa: PLC0415 - as above

    array = np.frombuffer(sample, np.uint8)
    counts = np.bincount(array, minlength=256)
    high = array >= 0x80
    latin = (array | 0x20) - np.uint8(0x61) < 26
    mixed = int(np.count_nonzero(high[1:] & latin[:-1] | latin[1:] & high[:-1]))
    costs = {}
    for name in SINGLE:
        singles = likelihood.form(name).singles.astype(np.int64)
        singles[singles == likelihood.INVALID] = shortest.BAD
        foreign = likelihood.languages(name) != ("latin",)
        costs[name] = int(counts @ singles) + (8 * SCRIPT_BITS * mixed if foreign else 0)
    return costs


def _escaped(sample: bytes, least: int) -> str | None:
    """Return the codec with escapes under which a sample takes fewer bits than ``least``."""
    from taoxi.normalize.encodings import escapes  # noqa: PLC0415 - as above

    best = None
    if len(sample.translate(None, HIGH)) < len(sample) * (1 - MAX_HIGH):
        return None
    for name in escapes.may_have_escapes(sample):
        bits = escapes.lift(sample, name).bits
        if bits < least:
            best, least = name, bits
    return best


def _choose(data: bytes, error: int, hint: str | None, prior: Mapping[str, float]) -> str:
    sample = _sample(data, error, SAMPLE)
    foreign = int(np.count_nonzero(np.frombuffer(sample, np.uint8) >= 0x80))
    plain = len(sample) - foreign
    expected: str | None = max(prior, key=lambda name: prior[name], default=None)
    evident: list[str] = [UTF8, "gb18030"] if foreign >= EVIDENT_BYTES else []
    if expected is not None and expected in SEVERAL:
        evident.append(expected)
    for name in evident:
        if cost(sample, name) < 8 * (EVIDENT * foreign + ASCII * plain):
            return name
    names = (UTF8, *SEVERAL, *WIDE)
    bits = {name: cost(sample, name) - round(8 * NEIGHBOUR_BITS * prior.get(name, 0.0)) for name in names}
    # Noise reads as some UTF-16, too, only not cheaply. A line break of bytes in it would be a letter of Gurmukhi or of
    # Malayalam, and those have spaces, which are zeros.
    broken = b"\r\n" in sample and b"\0" not in sample
    bits = {
        name: value
        for name, value in bits.items()
        if name not in WIDE or (not broken and _is_wide(name, value, sample))
    }
    if hint in bits:
        bits[hint] -= 8 * NEIGHBOUR_BITS
    best = min(bits, key=lambda name: bits[name])
    if best.startswith("utf-16"):  # its other byte order is no rival, however near
        least = bits[best]
        best = _ordered(data, best)
        bits = {name: value for name, value in bits.items() if not name.startswith("utf-16")} | {best: least}
    singles = _letter_costs(sample)
    letters = min(singles, key=lambda name: singles[name])
    escaped = _escaped(sample, min(bits[best], singles[letters]))
    if escaped is not None:
        return escaped
    second = min(*(value for name, value in bits.items() if name != best), singles[letters])
    lead = second - bits[best]
    sure = lead > 0 if best == UTF8 else lead > 8 * MARGIN_BITS and lead > MARGIN * (bits[best] - 8 * ASCII * plain)
    if sure and bits[best] < singles[letters] and bits[best] < 8 * (UNLIKELY * foreign + 7 * plain):
        return _sibling(sample, best)
    return (
        _most_of_mixed(sample, best, min(bits[best], singles[letters]))
        or _answered(_sample(data, error, LETTERS), bits, singles, bits[best])
        or _likeliest(sample, hint, bits, singles)
    )


def _answered(sample: bytes, bits: Mapping[str, int], singles: Mapping[str, int], least: int) -> str | None:
    """Return chardet's answer if it reads the sample and the bits do not speak against it."""
    guess, confidence = _ask_chardet(sample)
    if guess is None or not _reads(sample, guess):
        return None
    if guess in SINGLE:
        return guess if confidence >= SURE or min(singles.values()) <= least else None
    return guess if bits.get(guess, least) <= least * (1 + 4 * MARGIN) else None


def _likeliest(sample: bytes, hint: str | None, bits: Mapping[str, int], singles: Mapping[str, int]) -> str:
    """Return the codec of the fewest bits, of codecs of one byte rather the hint."""
    best = min(bits, key=lambda name: bits[name])
    letters = min(singles, key=lambda name: singles[name])
    if bits[best] <= singles[letters]:
        return _sibling(sample, best)
    return hint if hint in SINGLE and singles[hint] <= singles[letters] * (1 + MARGIN) else letters


def _sibling(sample: bytes, encoding: str) -> str:
    """Return the codec's sibling if only that reads the sample whole."""
    other = SIBLINGS.get(encoding)
    return other if other is not None and not _reads(sample, encoding) and _reads(sample, other) else encoding


def _sample(data: bytes, error: int, size: int) -> bytes:
    """Return the bytes around the first one that is not UTF-8, without a long stretch of ASCII before them."""
    begin = max(0, error - size // 2)
    if begin:
        # A byte under 0x30 is no part of a longer character in any encoding, so behind it one begins.
        safe = np.flatnonzero(np.frombuffer(data, np.uint8, error - begin, begin) < 0x30)
        begin = begin + int(safe[0]) + 1 if len(safe) else error
    foreign = np.flatnonzero(np.frombuffer(data, np.uint8, error - begin, begin) >= 0x80)
    first = begin + int(foreign[0]) if len(foreign) else error
    start = max(begin, first - LOOK_BACK)
    return data[start : start + size]


def _ask_chardet(sample: bytes) -> tuple[str | None, float]:
    import chardet  # noqa: PLC0415 - UTF-8 alone does not need it

    answer = chardet.detect(sample, compat_names=False, include_encodings=ALLOWED)
    return canonical(answer["encoding"]), answer["confidence"]


def _reads(sample: bytes, encoding: str) -> bool:
    """Whether a sample decodes, but for a character that its end cuts."""
    try:
        codecs.getincrementaldecoder(encoding)().decode(sample)
    except UnicodeError:
        return False
    return True
