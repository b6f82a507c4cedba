"""What goes from a text: page numbers, running heads, notices, stamps and watermarks, with what proves them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from taoxi.normalize.lines.furniture import Form, Rule, are_pages, mask, plain_stretches
from taoxi.normalize.lines.marks import Evidence, GroupMarks, find
from taoxi.normalize.lines.pages import (
    HEAD_COLUMNS,
    HEAD_LEAST,
    Page,
    body_start,
    in_rows,
    may_run,
    neighbours,
    pages_of,
    title_end,
)
from taoxi.normalize.lines.survey import EDGE, INTRUDER, NUMERIC, Survey
from taoxi.normalize.lines.table import COLUMNS, END, START

_ALONE = Evidence(1, 0.0, 0)


@dataclass(slots=True)
class Plan:
    """What goes from one text: ``spans`` (first byte, end, rule, evidence) by line."""

    spans: defaultdict[int, list[tuple[int, int, Rule, Evidence]]] = field(default_factory=lambda: defaultdict(list))

    def take(self, k: int, start: int, end: int, rule: Rule, evidence: Evidence) -> None:
        """Note that bytes ``[start, end)`` of line ``k`` go, unless another rule takes some of them already."""
        if start < end and all(end <= other[0] or other[1] <= start for other in self.spans[k]):
            self.spans[k].append((start, end, rule, evidence))


def plan_of(seen: Survey, text: int, lines: Sequence[int], marks: GroupMarks, off: frozenset[Rule]) -> Plan:
    """Find what goes from a text."""
    plan = Plan()
    rows = seen.lines.rows
    for k in lines:
        if int(seen.hints[k]) & (NUMERIC | EDGE):
            line = seen.line(k)
            for stretch in plain_stretches(line):
                if stretch.rule in off:
                    continue
                start, end = _bytes(line, stretch.start, stretch.end)
                plan.take(k, rows[k, START] + start, rows[k, START] + end, stretch.rule, _ALONE)
    pages = _pages(seen, lines, marks)
    if Rule.PAGE_NUMBER not in off:
        for page, evidence in pages:
            line = seen.line(page.line)
            start, end = _bytes(line, page.number.start, page.number.end)
            plan.take(
                page.line, rows[page.line, START] + start, rows[page.line, START] + end, Rule.PAGE_NUMBER, evidence
            )
    if marks.heads and Rule.RUNNING_HEAD not in off:
        _take_heads(seen, text, pages, marks, plan)
    if marks.watermarks and Rule.WATERMARK not in off:
        _take_watermarks(seen, text, marks, plan)
    return plan


def _bytes(line: str, start: int, end: int) -> tuple[int, int]:
    """Return the places of characters of a line in its bytes."""
    first = len(line[:start].encode())
    return first, first + len(line[start:end].encode())


def _pages(seen: Survey, lines: Sequence[int], marks: GroupMarks) -> list[tuple[Page, Evidence]]:
    """Return the page numbers of a text, with what proves them: their text, or the others of their group."""
    found: list[tuple[Page, Evidence]] = []
    for chosen, places, cuts in in_rows(seen, pages_of(seen, lines)):
        form, alone = chosen[0].number.form, chosen[0].alone
        if not alone and form is not Form.COUNTED and len(chosen) < 2 and form not in marks.forms:
            continue
        if are_pages(form, places, cuts):
            evidence = Evidence(len(chosen), cuts / len(chosen), 0)
            found += [(page, evidence) for page in chosen]
        elif form in marks.forms and alone and (form is not Form.BARE or cuts > 0 or len(chosen) > 1):
            found += [(page, marks.forms[form]) for page in chosen]
    return found


def _take_heads(seen: Survey, text: int, pages: Sequence[tuple[Page, Evidence]], marks: GroupMarks, plan: Plan) -> None:
    """Take running heads. The first of a kind may be the title: it stays unless it stands where no title can."""
    numbered = {page.line for page, _ in pages if page.alone}
    beside = {other for k in numbered for other in neighbours(seen, text, k)}
    met = {""}
    top, body = title_end(seen, text), body_start(seen, text)
    first, end = seen.lines.bounds[text], seen.lines.bounds[text + 1]
    columns = seen.lines.rows[first:end, COLUMNS]
    for k in (first + np.flatnonzero((columns >= HEAD_LEAST) & (columns <= HEAD_COLUMNS))).tolist():
        said = mask(seen.line(k))
        evidence = marks.heads.get(said)
        if evidence is None or not may_run(seen, k):
            continue
        intrudes = bool(seen.hints[k] & INTRUDER)
        inside = (k >= top and (2 * evidence.share >= 1 or intrudes)) or (k >= body and intrudes)
        if said in met or inside or k in beside:
            plan.take(k, int(seen.lines.rows[k, START]), int(seen.lines.rows[k, END]), Rule.RUNNING_HEAD, evidence)
        met.add(said)


def _take_watermarks(seen: Survey, text: int, marks: GroupMarks, plan: Plan) -> None:
    rows, bounds = seen.lines.rows, seen.lines.bounds
    first, end = int(bounds[text]), int(bounds[text + 1])
    begin = int(rows[first, START])
    whole = str(seen.utf8.data[begin : rows[end - 1, END]], "utf-8")
    at_char = at_byte = 0
    for found in find(whole, marks.watermarks):
        at_byte += len(whole[at_char : found.start].encode())
        at_char = found.start
        start = begin + at_byte
        stop = start + len(whole[found.start : found.end].encode())
        k = first + int(np.searchsorted(rows[first:end, START], start, "right")) - 1
        plan.take(k, start, stop, Rule.WATERMARK, found.evidence)
