"""The text of a document with lines in it again that a rule had taken out, and what stands of it in the ledger.

Such a text has another id. It is in the corpus of the run that put the lines back, and the ledger of that run holds the
text as it was before, as a row of kind ``document`` and reason ``reworked``: whatever an earlier run says of that text,
which it led or from which it was cut, stays true and can be checked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from taoxi.corpus.breaks import BREAK
from taoxi.corpus.options import Passages
from taoxi.corpus.output import Output
from taoxi.corpus.restoring import REWORKED, Before, Document, Spot, documents, is_shared, spot

_TEXT, _OUT, _BACK = range(3)
_LINE_FEED = ord("\n")

States = NDArray[np.uint8]
Characters = NDArray[np.uint32]


def undone(document: Document, back: Collection[str]) -> list[dict[str, Any]]:
    """Return the pieces of a document that some rules took out."""
    return [row for row in document.pieces if _is_line(row) and row["reason"] in back]


def reworked(document: Document, back: Collection[str], *, judged: bool = False) -> str:
    """Return the text of a document with all in it that some rules had taken out, each on lines of its own as it was.

    Args:
        document: the document as its run left it.
        back: the rules.
        judged: whether passages that were cut because another document keeps them are in it: that text is compared.
    """
    whole = np.frombuffer(document.joined.encode("utf-32-le"), np.dtype("<u4"))
    states = np.full(len(whole), _TEXT, np.uint8)
    for row in filter(_is_line, document.pieces):
        states[row["offset"] : row["offset"] + len(row["text"])] = _BACK if row["reason"] in back else _OUT
    # Passages count in what is left without these: first in the signed text, then in the one that was judged.
    for shared in (False, True):
        left = np.flatnonzero(states == _TEXT)
        for row in document.pieces:
            if row["kind"] == "passage" and is_shared(row) == shared and not (shared and judged):
                states[left[row["offset"] : row["offset"] + len(row["text"])]] = _OUT
    puts = dict(_breaks(document, states))
    for place in _line_ends(document, whole, states, puts, back):
        size, put = puts.get(place, (0, ""))
        puts[place] = (size, f"{put}\n")
    return _composed(whole, states, puts).strip("\n")


def _is_line(row: dict[str, Any]) -> bool:
    return row["kind"] in {"chrome", "furniture"}


def _breaks(document: Document, states: States) -> Iterator[tuple[int, tuple[int, str]]]:
    """Yield the joins beside what comes back: the place, how many characters stand there, and what stood there."""
    stays = np.flatnonzero(states != _OUT)
    for row in document.pieces:
        if row["kind"] != BREAK:
            continue
        for was, now, places in orjson.loads(row["evidence"])["joined"]:
            for place in places:
                left, right = np.searchsorted(stays, [place, place + len(now)]).tolist()
                beside = [*stays[max(left - 1, 0) : left], *stays[right : right + 1]]
                if (states[beside] == _BACK).any():
                    yield place, (len(now), was)


def _line_ends(
    document: Document, whole: Characters, states: States, breaks: dict[int, tuple[int, str]], back: Collection[str]
) -> Iterator[int]:
    """Yield the places at which what stood on its own lines would run on from, or into, what stands beside it."""
    stays = np.flatnonzero(states != _OUT)
    was = _broken(document, whole)
    for row in undone(document, back):
        start, end = row["offset"], row["offset"] + len(row["text"])
        for place, inner in ((start, row["text"][:1]), (end, row["text"][-1:])):
            at = int(np.searchsorted(stays, place))
            parted = inner == "\n" or "\n" in breaks.get(place, (0, ""))[1]
            if parted or place not in was or not 0 < at < len(stays):
                continue
            if _LINE_FEED not in whole[stays[at - 1 : at + 1]]:
                yield place


def _broken(document: Document, whole: Characters) -> set[int]:
    """Return the places of a whole text beside which a line ended before lines were joined."""
    feeds = np.flatnonzero(whole == _LINE_FEED)
    found = {0, len(whole), *feeds.tolist(), *(feeds + 1).tolist()}
    for row in document.pieces:
        if row["kind"] == BREAK:
            for was, now, places in orjson.loads(row["evidence"])["joined"]:
                if "\n" in was:
                    found.update(place + shift for place in places for shift in {0, len(now)})
    return found


def _composed(whole: Characters, states: States, puts: dict[int, tuple[int, str]]) -> str:
    """Return what stays of a text; ``puts`` has by place how many characters go there, and what comes instead."""
    parts = []
    at = 0
    for place, (size, put) in sorted(puts.items()):
        parts += [whole[at:place][states[at:place] != _OUT], np.frombuffer(put.encode("utf-32-le"), np.dtype("<u4"))]
        at = place + size
    parts.append(whole[at:][states[at:] != _OUT])
    return np.concatenate(parts).tobytes().decode("utf-32-le")


def judged_texts(output: Output, run: int) -> dict[str, str]:
    """Return the texts as they are compared, of those that a run reworked, by id: where they differ from the corpus.

    Raises:
        OutputError: if a file of the runs is missing or damaged.
    """
    wanted: dict[int, dict[Spot, tuple[str, Before]]] = defaultdict(dict)
    for row in output.rows("removed", run, REWORKED):
        before = Before.of(row)
        if output.manifests[before.read]["options"].get("passages") == Passages.CUT:
            wanted[before.read][spot(row)] = row["leader"], before
    found = {}
    for read, places in wanted.items():
        for document in documents(output, read):
            if any(map(is_shared, document.pieces)) and (place := spot(document.row)) in places:
                name, before = places[place]
                found[name] = reworked(document, before.back, judged=True)
    return found
