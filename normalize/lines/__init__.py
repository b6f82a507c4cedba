"""Broken lines, page furniture and watermarks: what a page put into a text, or a width, is taken out again.

A run uses it in two passes. The first calls ``count`` for each batch of documents and adds the results up; what comes
out does not depend on how batches are cut. Then ``decide`` says once for each group of documents (their source or
their site) what is furniture in it. The second pass calls ``mend`` for each batch, with the same groups: it returns
the new texts, what was removed of each, and counters per rule. Put back with ``restore``, what was removed gives the
text with its lines joined; joins change nothing but line breaks, hyphens at them, and a space in their place.

The modules, from below:

- ``classes`` (characters), ``table`` (one row per line), ``width`` (is a text wrapped, and where; is it code);
- ``bonds``, ``across`` and ``flow`` (where a sentence runs on), ``joining`` and ``edits`` (new buffers);
- ``survey`` (what to look at twice), ``furniture`` (its forms), ``pages`` (where it may stand);
- ``evidence`` and ``marks`` (statistics, and what they prove), ``present`` and ``plan`` (what goes from a text),
  ``mend``, and ``some`` (only the texts that need it).
"""

from __future__ import annotations

from taoxi.normalize.lines.evidence import Counts, count, look_over
from taoxi.normalize.lines.furniture import JOIN_RULES, Rule
from taoxi.normalize.lines.marks import Evidence, GroupMarks, Marks, decide
from taoxi.normalize.lines.mend import RULES, Mended, Options, Removed, mend, restore
from taoxi.normalize.lines.some import mend_some

__all__ = [
    "JOIN_RULES",
    "RULES",
    "Counts",
    "Evidence",
    "GroupMarks",
    "Marks",
    "Mended",
    "Options",
    "Removed",
    "Rule",
    "count",
    "decide",
    "look_over",
    "mend",
    "mend_some",
    "restore",
]
