"""Mojibake: text that was read in the wrong encoding is read in the right one, where that is lossless and beyond doubt.

Lossless means that the wrong reading of the result gives the damaged text again; beyond doubt, that the result
needs far fewer bits than what stands there (``taoxi.normalize.repairs.plausible``), so that chance is out of
the question. A second and third misreading on top of the first are undone with it. What looks like mojibake and fails
one of the two is counted as ``mojibake_left`` and stays.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

from taoxi.normalize.repairs.finding import Finding, apply
from taoxi.normalize.repairs.misread import NARROW, WIDE, Misread, high_bytes, legacy, narrow, wide
from taoxi.normalize.repairs.plausible import CYRILLIC, FIRST_LEVEL, TYPOGRAPHIC, bits
from taoxi.normalize.repairs.suspects import LEGACY_KIND, MISREADINGS, NARROW_KIND, WIDE_KINDS

SURE = 24
"""Bits that a repair must save: what stands there is then 16 million times less likely than what it becomes."""

SURE_LEGACY = 28
"""The same where no structure of UTF-8 confirms the reading: any even number of bytes is text in GBK."""

DOUBTFUL = 20
"""Bits from which a stretch that is not repaired is counted as mojibake all the same."""

WEAK = 6
"""Bits that suffice beside a sure repair of the same kind in the same line, or in a text that is full of them."""

FULL = 4
"""Sure repairs of a kind that make a text full of them."""

NEVER = 1 << 30
"""What no repair saves: the threshold of those that would give U+FFFD."""

MARGIN = 6
"""Bits by which the best reading of a legacy stretch must beat the next one."""

FLUENT = 11
"""Bits per character up to which a reading without structure is text; Chinese takes 9, a wrong reading 13 and more."""

DEPTH = 3
"""Misreadings on top of each other that are undone."""

INSIDE_WORD, BEFORE_LETTER, AFTER_DIGIT = 12, 8, 8
"""Bits for a capital letter inside a word of small ones, a symbol right before a letter, a letter right behind a digit:
each is some hundred times rarer in genuine text than in mojibake of Western words."""

_ALONE = frozenset("©®°±·»«£§¶¿¡")
"""Symbols that UTF-8 puts a lone ``Â`` before."""

_ANYWHERE = -1
_GONE = re.compile("\ufffd+|(?:锟斤拷)+(?:锟斤?)?|(?:斤拷锟)+(?:斤拷)?|烫{3,}|屯{3,}")
_LINE = re.compile("[\n\v\f\r]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A reading, the text it gives once deeper layers are undone, the bits it saves, and those that make it sure."""

    reading: Misread
    new: str
    gain: int
    sure: int


def lost_text(text: str) -> list[Finding]:
    """Count runs of characters that only say that text was lost: U+FFFD, 锟斤拷 (it, misread) and 烫烫烫, 屯屯屯.

    The last two are fresh memory of a Windows program. All of them stay, because nothing tells what stood there.

    >>> len(lost_text("第一锟斤拷锟斤拷期\ufffd\ufffd"))
    2
    """
    return [Finding(found.start(), found.end(), None, "lost_text") for found in _GONE.finditer(text)]


def mojibake(text: str, kinds: int = MISREADINGS) -> list[Finding]:
    """Find misread stretches: those with ``new`` are beyond doubt, the others are ``mojibake_left``.

    We leave a single accented letter at the start of a word alone (``Ã‰cole``) unless others in its line or text
    were misread the same way, because ``Ã`` and ``É`` are letters; and GBK that lost its last byte to a ``?``.

    Args:
        text: one document, or a stretch of whole lines.
        kinds: what to look for, as ``taoxi.normalize.repairs.suspects`` says.

    >>> apply("标题:ä¸­å›½", mojibake("标题:ä¸­å›½"))
    '标题:中国'
    """
    return _findings(text, DEPTH, kinds)


def _findings(text: str, depth: int, kinds: int = MISREADINGS) -> list[Finding]:
    candidates = _apart(_candidates(text, depth, kinds), len(text))
    if not candidates:
        return []
    breaks = [found.start() for found in _LINE.finditer(text)]
    lines = [bisect_right(breaks, candidate.reading.start) for candidate in candidates]
    sure: Counter[tuple[str, int]] = Counter()
    for candidate, line in zip(candidates, lines, strict=True):
        if candidate.gain >= candidate.sure:
            sure.update(((candidate.reading.way, line), (candidate.reading.way, _ANYWHERE)))
    strange = _strange_lines(text, candidates, breaks)
    findings = []
    for candidate, line in zip(candidates, lines, strict=True):
        reading = candidate.reading
        near = sure[reading.way, line] > 0 or sure[reading.way, _ANYWHERE] >= FULL
        if candidate.gain >= candidate.sure or (near and candidate.gain >= WEAK and line not in strange):
            findings.append(Finding(reading.start, reading.end, candidate.new, "mojibake"))
            if reading.rest > reading.end:
                findings.append(Finding(reading.end, reading.rest, None, "mojibake_left"))
        elif candidate.gain >= DOUBTFUL:
            findings.append(Finding(reading.start, reading.end, None, "mojibake_left"))
    return findings


def _apart(candidates: list[_Candidate], size: int) -> list[_Candidate]:
    """Return, in order of place, the candidates that overlap none that saves more."""
    taken = bytearray(size + 2)
    apart = []
    for candidate in sorted(candidates, key=lambda candidate: (-candidate.gain, candidate.reading.start)):
        start, end = candidate.reading.start, candidate.reading.rest
        if not any(taken[start:end]):
            taken[start:end] = b"\1" * (end - start)
            apart.append(candidate)
    return sorted(apart, key=lambda candidate: candidate.reading.start)


def _candidates(text: str, depth: int, kinds: int) -> list[_Candidate]:
    """Return candidates, which may overlap."""
    found = []
    for encoding in NARROW if kinds & NARROW_KIND else ():
        found += [_weighed(text, reading, depth, _context(text, reading)) for reading in narrow(text, encoding)]
    for kind, encoding in zip(WIDE_KINDS, WIDE, strict=True):
        found += [_weighed(text, reading, depth) for reading in (wide(text, encoding) if kinds & kind else ())]
    found = [candidate for candidate in found if candidate.gain >= WEAK and not _chance(text, candidate.reading)]
    if kinds & LEGACY_KIND:
        structured = {at for each in found for at in range(each.reading.start, each.reading.end)}
        for readings in legacy(text):
            first = readings[0]
            inside = sum(at in structured for at in range(first.start, first.end) if text[at] >= "\x80")
            if 2 * inside < sum(char >= "\x80" for char in text[first.start : first.end]):
                found.append(_best(text, readings))
    return [candidate for candidate in found if candidate.gain >= WEAK]


def _chance(text: str, reading: Misread) -> bool:
    """Tell whether what is no fluent Chinese stands among signs that it does not explain, as in other mojibake."""
    fluent = max(reading.was) >= "\u0800" and bits(reading.was) <= len(reading.was) * FLUENT
    if reading.way != "cp1252" or fluent:
        return False
    around = text[max(0, reading.start - 1) : reading.start] + text[reading.rest : reading.rest + 1]
    return any(char in high_bytes("cp1252") and char not in TYPOGRAPHIC for char in around)


def _best(text: str, readings: list[Misread]) -> _Candidate:
    """Return the best reading of a legacy stretch, in doubt when it is not text of its language or not the only one."""
    written = [_weighed(text, reading, 1, sure=SURE_LEGACY) for reading in readings if _written(reading.was)]
    if not written:
        return _Candidate(readings[0], readings[0].was, 0, NEVER)
    best, *rivals = written
    if _listed(text[best.reading.start : best.reading.end]):
        return replace(best, gain=min(best.gain, DOUBTFUL - 1))
    if any(best.gain - rival.gain < MARGIN and rival.new != best.new for rival in rivals):
        return replace(best, gain=min(best.gain, SURE_LEGACY - 1))
    return best


def _weighed(text: str, reading: Misread, depth: int, context: int = 0, *, sure: int = SURE) -> _Candidate:
    stretch = text[reading.start : reading.end]
    new = reading.was
    if depth > 1 and len(new) > 1 and any(a >= "\x80" <= b for a, b in pairwise(new)):
        new = apply(new, [finding for finding in _findings(new, depth - 1) if finding.new is not None])
        for deeper in narrow(new, reading.way) if reading.way in NARROW else ():
            # Where one layer is sure, less tells the next one: a lone letter that is all of a stretch lacks neighbours.
            if deeper.end - deeper.start == len(new) and bits(new) - bits(deeper.was) >= WEAK:
                new = deeper.was
    gain = bits(stretch) - bits(new) + context
    if _CONTROL.search(new) or not new.strip("\ufffd"):
        gain = 0
    elif "\ufffd" in new or (reading.way in WIDE and not _holds(text, reading, new)):
        sure = NEVER
    return _Candidate(reading, new, gain, sure)


def _holds(text: str, reading: Misread, new: str) -> bool:
    """Tell whether a wide reading is text, and more than chance may make of two characters where others were lost."""
    around = text[max(0, reading.start - 1) : reading.start] + text[reading.rest : reading.rest + 1]
    return bits(new) <= len(new) * FIRST_LEVEL and (len(new) > 2 or "\ufffd" not in around)


def _context(text: str, reading: Misread) -> int:
    """Return what the neighbours of a Western misreading say for it, in bits."""
    before = text[reading.start - 1 : reading.start]
    after = text[reading.end : reading.end + 1]
    first, last = text[reading.start], text[reading.end - 1]
    gain = 0
    if before.islower() and (first.isupper() or text[reading.start - 2 : reading.start].isalpha() > first.isalpha()):
        gain += INSIDE_WORD
    elif before.isdigit() and first.isalpha():
        gain += AFTER_DIGIT
    if not last.isalnum() and after.isalpha() and after.isascii():
        gain += BEFORE_LETTER
    if first == "Â" and reading.way == "cp1252" and not before.isalpha():
        if reading.was in _ALONE:
            gain += 2 * BEFORE_LETTER
        elif reading.was == "\xa0" and before and not before.isspace():
            gain += BEFORE_LETTER + AFTER_DIGIT
    return gain


@cache
def _accented() -> re.Pattern[str]:
    table = high_bytes("cp1252")
    return re.compile("[" + "".join(char for char, byte in table.items() if byte >= 0xC0 and char.isalpha()) + "]")


def _strange_lines(text: str, candidates: list[_Candidate], breaks: list[int]) -> set[int]:
    """Return the lines with accented letters that no candidate explains: not all of such a line was misread."""
    inside: set[int] = set()
    for candidate in candidates:
        inside.update(range(candidate.reading.start, candidate.reading.rest))
    return {bisect_right(breaks, at) for at in (m.start() for m in _accented().finditer(text)) if at not in inside}


def _written(text: str) -> bool:
    """Tell whether a legacy stretch was text: common characters, or Cyrillic with vowels and without odd capitals."""
    foreign = "".join(char for char in text if char >= "\x80")
    if any("\u0400" <= char < "\u0460" for char in foreign):
        words = re.findall("[\u0400-\u045f]+", text)
        vowels = sum(char in "аеёиоуыэюяіїєАЕЁИОУЫЭЮЯ" for char in foreign)
        return (
            max(map(len, words)) >= 4
            and all(word[1:].islower() or word.isupper() for word in words if len(word) > 1)
            and 0.25 <= vowels / len("".join(words)) <= 0.65
            and bits(foreign) <= len(foreign) * (CYRILLIC + 1)
        )
    hangul = sum("\uac00" <= char < "\ud7a4" for char in foreign)
    if hangul and any("\u4e00" <= char < "\ua000" for char in foreign):
        return False  # Korean of today has no Han; chance gives both
    return bits(foreign) <= len(foreign) * FLUENT


def _listed(stretch: str) -> bool:
    """Tell a list of letters, or a row of one sign, which chance may turn into Chinese, from words."""
    points = [ord(char) for char in stretch]
    steps = [b - a for a, b in pairwise(points)]
    return len(set(points)) <= 3 or any(set(steps[at : at + 3]) <= {1} for at in range(len(steps) - 2))
