"""What to run after a look, and why: only what it has found itself is said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import MISSING, fields
from pathlib import Path

import orjson

from taoxi.corpus.looking.passes import Looked
from taoxi.corpus.options import Options
from taoxi.normalize.model import Lost, Problem

OUT = "corpus"

MOST = 0.5
"""Share of all records that must lack a text before a field is named for all of them."""

LONG = 20
"""Characters that the values of a field must have on the average to be texts."""

EXAMPLES = 1_000
"""Records without a text whose fields are compared."""

NOT_SAID = frozenset({"inputs", "out", "jobs", "batch_bytes", "without"})
"""Options that are said otherwise, or are a matter of the machine."""

WEB = "taoxi[web]"
"""What problems name that only the extra can read."""


def command_of(options: Options, found: dict[str, str]) -> tuple[str, ...]:
    """Return the command to run next, word by word: what the look was told, and what it ``found`` by option."""
    words = ["taoxi", "clean", *(f"./{name}" if name[0] == "-" and name != "-" else name for name in options.inputs)]
    words += ["-o", _free(OUT)]
    for field in fields(options):
        value = getattr(options, field.name)
        if field.default is MISSING or field.name in NOT_SAID or value == field.default or field.name in found:
            continue
        words += [f"--{field.name.replace('_', '-')}", str(value)]
    for rule in options.without:
        words += ["--without", rule]
    for name, value in sorted(found.items()):
        words += [f"--{name.replace('_', '-')}", value]
    return tuple(words)


def _free(name: str) -> str:
    """Return a name that nothing has yet."""
    number = 1
    free = name
    while Path(free).exists():
        number += 1
        free = f"{name}-{number}"
    return free


def options_of(looked: Looked, options: Options) -> tuple[dict[str, str], list[str]]:
    """Return options that the input asks for, by name, and a sentence for each that says why."""
    found: dict[str, str] = {}
    why: list[str] = []
    missing = looked.lost.get(Lost.NO_TEXT.value, [])
    if options.text_field is None and len(missing) > MOST * (len(looked.roll) + len(missing)):
        name = _text_field([text for _, text in missing[:EXAMPLES]])
        if name is not None:
            found["text_field"] = name
            why.append(
                f"{len(missing):,} records have no field with a usual name for text; {name!r} holds the longest values."
            )
    oversize = max((size for size, _ in looked.lost.get("oversize", [])), default=0)
    if oversize:
        size = 1 << (oversize - 1).bit_length()
        found["max_record"] = f"{size >> 20}MB" if size >= 1 << 20 else str(size)
        why.append(f"The longest record takes {oversize:,} bytes, more than --max-record allows.")
    return found, why


def _text_field(records: Sequence[str]) -> str | None:
    """Return the field of JSON objects that holds the longest strings, None if they hold no texts."""
    sizes: dict[str, int] = {}
    for record in records:
        try:
            value = orjson.loads(record)
        except orjson.JSONDecodeError:
            continue
        for name, held in value.items() if isinstance(value, dict) else ():
            if isinstance(held, str):
                sizes[name] = sizes.get(name, 0) + len(held)
    name = max(sizes, key=lambda each: sizes[each], default=None)
    return name if name is not None and sizes[name] >= LONG * len(records) else None


def remarks(changes: dict[str, int], problems: Sequence[Problem]) -> Iterator[str]:
    """Yield what a person should know before a run."""
    if any(WEB in problem.message for problem in problems):
        yield f"Some pages are packed by Brotli. To read them: pip install '{WEB}'"
    if changes.get("mojibake_left"):
        yield (
            f"Stretches that look as if they were read in the wrong encoding and are not repaired, because they are in"
            f" doubt: {changes['mojibake_left']:,}. Look for the original files."
        )
    if changes.get("lost_text"):
        yield f"Places where text was lost before it came here (锟斤拷, U+FFFD): {changes['lost_text']:,}."
