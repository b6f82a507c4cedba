"""What rules, reasons and evidence say, in words."""

from __future__ import annotations

from typing import Any

CHANGES = {
    "entity": "HTML entities became their characters",
    "mojibake": "text read in the wrong encoding was read in the right one",
    "mojibake_left": "looks as if it was read in the wrong encoding, and was left",
    "lost_text": "runs of characters that stand for lost text",
    "line_end": "line ends of other kinds became line feeds",
    "width": "full-width forms became half-width, or the other way round",
    "presentation": "vertical and small forms of punctuation became the ordinary ones",
    "dash": "dashes of other kinds became ——",
    "ellipsis": "ellipses of other kinds became ……",
    "space": "tabs and odd spaces became a space",
    "zero_width": "zero-width characters went",
    "bidi": "marks of text direction went",
    "control": "control characters went",
    "private_use": "characters of icon fonts went",
    "compose": "letters and their accents became one character",
    "indent": "indents of Chinese paragraphs went",
    "trailing_space": "spaces at the ends of lines went",
    "blank_lines": "empty lines went",
    "page_number": "page numbers went",
    "running_head": "titles that pages repeat went",
    "turn_notice": "notices of where a text goes on went",
    "page_tools": "tools of a page went",
    "file_stamp": "stamps of a file went",
    "watermark": "watermarks went",
    "unwrap": "lines that a width had cut were joined",
    "mend_break": "sentences that a page had cut were joined",
    "dehyphenate": "words that a hyphen had parted were joined",
    "chrome": "stretches of site chrome went",
}
"""What each counter of ``changes`` counts."""

REASONS = {
    "exact": "its fold is that of the leader (width, case, script, punctuation and space do not count)",
    "near": "its MinHash signature agrees with the leader's",
    "contained": "its paragraphs are in the leader",
    "template": "it has the words of the leader and other facts, and --templates thin leaves one of these",
    "empty": "it held nothing",
}
"""Why a document was removed."""

KINDS = {
    "document": "a document",
    "passage": "a passage that stands elsewhere too",
    "chrome": "text that a site adds to its pages",
    "furniture": "what a printed page or a file adds to a text",
    "break": "joined lines",
    "separator": "what stood between documents",
    "record": "a record of which no document was made",
}
"""What a kind of row in the ledger is."""

PIECES_OF = {
    "chrome/page": "a line of a web page outside of its main text",
    "chrome/tail": "the end of a list page",
    "passage/repeated": "the same paragraph stood before, here or in the leader",
    "record/damaged": "it could not be read",
    "record/no_text": "no field of it holds a text",
    "record/not_page": "a record of a web archive that is no page",
    "record/not_text": "its text field holds no text",
    "record/oversize": "it is longer than --max-record",
    "record/status": "the server did not answer with the page",
    "record/unparsed": "it could not be parsed",
    "separator/blank": "empty lines",
    "separator/contents": "a table of contents",
    "separator/date": "the date of a document, which is in its field",
    "separator/delimiter": "a line that parts documents",
    "separator/footer": "what follows the last record",
    "separator/header": "what comes before the first record",
    "separator/title": "the title of a document, which is in its field",
}
"""Why a piece without evidence was cut, by kind and reason."""


MEASURES = {"near": "values of the signatures", "template": "values of the signatures", "contained": "tokens"}
"""What the similarity of a reason is a share of."""


def figure(reason: str, similarity: float | None) -> str:
    """Return what a figure of the ledger says.

    >>> figure("near", 0.8515625)
    '85.2% of the values of the signatures'
    """
    if similarity is None or reason == "exact":
        return ""
    return f"{similarity:.1%} of the " + MEASURES.get(reason, "text")


def proof(evidence: dict[str, Any] | None) -> str:
    """Return what the evidence of a piece says.

    >>> proof({"pages": 12, "of": 13})
    'on 12 of 13 pages of its site'
    >>> proof({"seen": 8, "cut": 0.5, "neighbours": 7})
    'seen 8 times in its site, in 50% of them inside of a sentence, beside 7 different neighbours'
    """
    if not evidence:
        return ""
    if "pages" in evidence:
        return f"on {evidence['pages']:,} of {evidence['of']:,} pages of its site"
    if evidence.get("lexicon"):
        return "known from other sites"
    parts = []
    if "seen" in evidence:
        times = "once" if evidence["seen"] == 1 else f"{evidence['seen']:,} times"
        parts.append(f"seen {times} in its site")
    if "cut" in evidence:
        parts.append(f"in {evidence['cut']:.0%} of them inside of a sentence")
    if "neighbours" in evidence:
        parts.append(f"beside {evidence['neighbours']:,} different neighbours")
    return ", ".join(parts)
