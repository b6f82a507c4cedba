"""HTML entities that were left in text become the characters that they stand for.

They are left where a page was escaped twice, or where tags were cut out of it without reading the rest. A text that is
source code, or that talks about HTML, keeps them: there they are the text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache
from html.entities import html5, name2codepoint

from taoxi.normalize.repairs.finding import Finding

NEAR = 20
"""Lines around markup in which entities are left alone: what shows one tag is a page's source, or teaches HTML."""

_NUMBER = r"#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}"
_ESCAPED = r"&(?:(?:amp|#38|#x26);)*"
_ENTITY = re.compile(rf"{_ESCAPED}({_NUMBER}|[A-Za-z][A-Za-z0-9]{{1,7}});")
_UNFINISHED = re.compile(r"&(?:amp;)*(nbsp|ldquo|rdquo|middot|#[0-9]{3,5})(?![0-9A-Za-z;=_])")
"""What lost its semicolon: the entities of the long list that browsers read so, less those that are words in a URL."""

_GREEK_AND_SIGNS = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon "
    "phi chi psi omega sum prod int sub sup sube supe nsub and or not part image real prop perp ang cap cup ni "
    "isin empty exist lang rang cong sim equiv min max para sect cent pound yen copy reg trade deg shy macr order "
    "fnof piv thetasym alefsym weierp loz clubs hearts diams spades there4 forall nabla radic infin notin minus "
    "lowast oline "
)
_WORDS = frozenset(_GREEK_AND_SIGNS.split())
"""Names that are also names of variables: behind ``=``, ``(`` and ``,`` an ampersand takes their address."""

_TAGS = (
    "a abbr article aside b blockquote body br button center code dd div dl dt em embed font footer form frame h1 "
    "h2 h3 h4 h5 h6 head header hr html i iframe img input label li link main meta nav noscript object ol option "
    "p param pre s script section select small source span strong style sub sup svg table tbody td textarea th "
    "thead title tr u ul video"
).replace(" ", "|")
_MARKUP = re.compile(
    rf"<(?:/?(?:{_TAGS})(?:\s[^<>]{{0,400}})?/?|/[A-Za-z][\w:.-]*|[A-Za-z][\w:.-]*\s[^<>]{{0,400}}=\s*[\"'][^<>]{{0,400}}"
    rf"|!--|!DOCTYPE|\?xml|!\[CDATA)"
    rf"(?:>|(?<=--)|(?<=E)|(?<=xml)|(?<=A))"
    rf"|&(?:amp;)*lt;(?:/?(?:{_TAGS})(?:\s|/|&(?:amp;)*gt;)|/[A-Za-z]|!--|!DOCTYPE|\?xml|[A-Za-z][\w:-]*\s[^&<>]{{0,99}}=)",
    re.IGNORECASE,
)
_TALK = re.compile(
    "x?html|xml|css|unicode|utf-?8|javascript|实体|實體|转义|轉義|反转义|字符引用|entit(?:y|ies)|escap|エンティティ|エスケープ",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"\w\s*\(\s*[\"'/]|=>|:=|==|\+=|!=|->|::|&&|\|\||[{}]\s*$|^\s*(?:#include|import|from|def|class|var|let|const|return)\b"
    r"|\.(?:replace|split|join|test|match)\(|\\[nrtu]"
)
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)", re.MULTILINE)
_BREAK = re.compile("[\n\v\f\r]")
_OPEN, _CLOSE = frozenset("`'\"“‘「『/|\\[(（【<《"), frozenset("`'\"”’」』/|\\])）】>》")
_URL = re.compile(r"(?:://|www\.|\?[\w%.-]*=)\S*$")

NEXT_LINE = "\u2028"
"""What an escaped line break becomes: normalization makes a line break of it, while the lines of the input stay."""


@cache
def _names() -> dict[str, str]:
    """Return the characters of the names of HTML 4, and of ``apos``; the 2,000 more of HTML 5 hold everyday words."""
    return {name: html5[f"{name};"] for name in (*name2codepoint, "apos")}


def _number(name: str) -> int:
    """Return the number in the body of a numeric entity."""
    return int(f"0{name[1:]}", base=0) if name[1] in "xX" else int(name[1:])


def character(name: str) -> str | None:
    r"""Return the character that the body of an entity stands for, None if it stands for none that a text may hold.

    As in browsers, 128 to 159 are those of Windows-1252. NUL, controls, surrogates and code points that are no
    characters are left as they are written.

    >>> character("#150"), character("#x4e2d"), character("#0"), character("nbsp")
    ('–', '中', None, '\xa0')
    """
    if not name.startswith("#"):
        return _names().get(name)
    point = _number(name)
    if 0x80 <= point < 0xA0:
        return bytes((point,)).decode("cp1252", "ignore") or None
    if point in (0x0A, 0x0D):
        return NEXT_LINE
    if (point < 0x20 and point != 0x09) or point == 0x7F or 0xD800 <= point < 0xE000 or point > 0x10FFFF:
        return None
    return None if 0xFDD0 <= point < 0xFDF0 or point & 0xFFFE == 0xFFFE else chr(point)


def entity(text: str, *, fenced: bool = False) -> list[Finding]:
    """Find the entities to resolve.

    We leave all of them alone within 20 lines of markup, in fenced code, in lines of code or talk about HTML,
    between quotation marks or brackets of their own and, but for ``&amp;``, in a URL. ``AT&T`` and ``?a=1&copy=2``
    are no entities, because they have no semicolon.

    Args:
        text: one document, or a stretch of whole lines.
        fenced: whether the stretch begins inside fenced code.
    """
    found = [(match, match[1]) for pattern in (_ENTITY, _UNFINISHED) for match in pattern.finditer(text)]
    if not found:
        return []
    found.sort(key=lambda pair: pair[0].start())
    breaks = [match.start() for match in _BREAK.finditer(text)]
    markup = sorted({bisect_right(breaks, match.start()) for match in _MARKUP.finditer(text)})
    fences = [match.start() for match in _FENCE.finditer(text)]
    findings: list[Finding] = []
    talks: dict[int, bool] = {}
    for match, name in found:
        start, end = match.span()
        new = character(name)
        if new is None or (findings and start < findings[-1].end):
            continue
        line = bisect_right(breaks, start)
        place = bisect_right(markup, line - NEAR - 1)
        if (place < len(markup) and markup[place] <= line + NEAR) or bisect_right(fences, start) % 2 != fenced:
            continue
        first = breaks[line - 1] + 1 if line else 0
        last = breaks[line] if line < len(breaks) else len(text)
        if line not in talks:
            bare = _ENTITY.sub(" ", text[first:last])
            talks[line] = bool(_TALK.search(bare) or _CODE.search(bare))
        if talks[line] or _quoted(text, start, end) or _meant(text, (first, last), start, name, new):
            continue
        if new == NEXT_LINE:
            new = _next_line(text, name, end)
        findings.append(Finding(start, end, new, "entity"))
    return findings


def _quoted(text: str, start: int, end: int) -> bool:
    """Tell whether quotation marks or brackets hold the entity alone, as where it is the thing that is named."""
    return text[start - 1 : start] in _OPEN and text[end : end + 1] in _CLOSE


def _meant(text: str, line: tuple[int, int], start: int, name: str, new: str) -> bool:
    """Tell whether the ampersand belongs to a URL or to code, or stands for a sign that its line may not hold."""
    first, last = line
    if name in _WORDS and text[max(first, start - 40) : start].rstrip()[-1:] in {"=", "(", ",", "*"}:
        return True
    if new == "|" and "|" in text[max(first, start - 400) : min(last, start + 400)].replace("&#124;", ""):
        return True  # in a table of Markdown, where a bare one would end the cell
    return name != "amp" and _URL.search(text[max(first, start - 300) : start]) is not None


def _next_line(text: str, name: str, end: int) -> str:
    """Return a line break, or nothing for a carriage return that comes before one."""
    returns = _number(name)
    if returns == 0x0D and re.compile("[\n\r\v\f]|&#(?:10|[xX]0?[aA]);").match(text, end):
        return ""
    return NEXT_LINE
