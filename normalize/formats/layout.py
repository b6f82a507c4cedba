"""Decide from the head of a source what its records are, so that each block of it can be read alone."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from taoxi.normalize.encodings.codec import STATEFUL, UTF8, byte_order_mark, unit_bytes
from taoxi.normalize.encodings.declared import declared
from taoxi.normalize.encodings.decoding import Decoded, decode
from taoxi.normalize.encodings.detection import detect
from taoxi.normalize.formats.elements import find_list
from taoxi.normalize.formats.fields import roles
from taoxi.normalize.formats.kinds import controls, is_binary, kind_of
from taoxi.normalize.model import Format, Layout
from taoxi.normalize.web.archive import is_archive
from taoxi.normalize.web.sniffing import LOOK, is_html

HEAD = 1 << 20
"""Bytes of a source that its layout is decided by."""

LINES = 20
"""Lines or rows of the head that are asked what they are."""

EVEN = 0.8
"""Share of rows with as many fields as the first one, from which rows are taken for those of one table."""

LONGEST_NAME = 64
"""Characters that the name of a column may have; what is longer is text, not a header."""

FIELD_LIMIT = (1 << 31) - 1
"""Characters that a field of a CSV row may have, the most that the module takes on every system."""

AUTO = "auto"

csv.field_size_limit(FIELD_LIMIT)

_PACKED = re.compile(r"\.(?:gz|bz2|xz|zst)$", re.IGNORECASE)
_OBJECT = re.compile(r'\{\s*(?:"(?:[^"\\]++|\\.)*+"\s*:|\})')
_ARRAY = re.compile(r'\[\s*(?:\{\s*["}]|"|\]\s*$)')
_OBJECTS = re.compile(r'\[\s*\{\s*"(?:[^"\\]++|\\.)*+"\s*:')
_DECODER = json.JSONDecoder(strict=False)
_SPREAD_OBJECT = re.compile(r'\{\s*\n\s*"(?:[^"\\\n]++|\\.)*+"\s*:')
_DELIMITERS = ",\t;|"
_DATUM = re.compile(r"[-+]?\d[\d.,:/ -]*|https?://\S+")
DELIMITER_LINE = re.compile(r'\ufeff?"?sep=([,\t;|])"?(?:\r?\n|\r|$)', re.IGNORECASE)
"""The line by which Excel is told the delimiter."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a source is not read: a word for the column ``format`` of the sources, and the sentence for a person."""

    format: str
    message: str


MIXED = 0.05
"""Share of a head in UTF-16 that is in a codec of bytes from which lines of both are looked for: less is damage."""


def sniff(
    head: bytes,
    name: str,
    *,
    eof: bool,
    format: str,  # noqa: A002 - the word of the option
    text_field: str | None,
    prior: Mapping[str, float] | None = None,
) -> Layout | Refusal:
    """Return the layout of a source, or why it is not read.

    Args:
        head: its first ``HEAD`` decompressed bytes, or all of them.
        name: its name, whose ending counts where the content leaves a doubt.
        eof: whether ``head`` is all of it.
        format: ``text``, ``jsonl``, ``json`` or ``csv`` to leave out the question what the records are, else ``auto``.
        text_field: the field of a record that holds its text, None to look for the usual names.
        prior: shares of the encodings that sources beside this one have.
    """
    found = _no_text(head) or _web(head, format)
    if found is not None:
        return found
    encoding = detect(head, eof=eof, prior=prior)
    mixed = decode(head, encoding) if b"\0" in head else None
    if mixed is not None and len({span.encoding for span in mixed.spans}) > 1:
        lines = _of_lines(mixed, encoding, len(head))
    else:
        mixed, lines = None, encoding
    if unit_bytes(encoding) == 1 and encoding not in STATEFUL and is_binary(_narrow(head, mixed)):
        return Refusal(
            "binary",
            f"This is no text: {controls(head):,} of its first {len(head):,} bytes are control characters."
            " Convert it to text first, or leave it out.",
        )
    if format in {Format.TEXT, Format.JSONL, Format.HTML}:
        of_lines = format == Format.JSONL
        return Layout(Format(format), lines if of_lines else encoding, text_field if of_lines else None)
    text = _text(head, encoding, eof=eof) if mixed is None else mixed.as_text()
    if format == Format.JSON:
        body = text.lstrip()
        depth = 1 if body.startswith("[") else _depth(body, text_field) or 0
        return Layout(Format.JSON, encoding, text_field, depth=depth)
    sure = format == Format.CSV
    if not sure and is_html(text):
        return Layout(Format.HTML, encoding)
    return (
        (None if sure else _json(text, name, lines, eof=eof, text_field=text_field))
        or _table(text, name, lines, eof=eof, text_field=text_field, sure=sure)
        or Layout(Format.TEXT, encoding)
    )


def _web(head: bytes, format: str) -> Layout | None:  # noqa: A002 - as above
    """Return the layout of an archive, or of a page that says in which encoding it is."""
    if format == Format.WARC or (format == AUTO and is_archive(head)):
        return Layout(Format.WARC, UTF8)
    encoding = declared(head) if format in {AUTO, Format.HTML} else None
    if encoding is not None and (format == Format.HTML or is_html(head[:LOOK].decode("latin-1"))):
        return Layout(Format.HTML, encoding)
    return None


def _no_text(head: bytes) -> Refusal | None:
    if not head:
        return Refusal("empty", "There is nothing in it. Leave it out, or fetch it again if it should hold text.")
    known = kind_of(head)
    return None if known is None else Refusal("binary", known)


def _of_lines(mixed: Decoded, encoding: str, size: int) -> str:
    """Return the codec of records in lines: lines of UTF-16 are found among those of bytes, not the other way round."""
    if unit_bytes(encoding) == 1:
        return encoding
    sizes = {name: part for name, part in mixed.sizes(size).items() if unit_bytes(name) == 1}
    most = max(sizes, key=lambda name: sizes[name], default=encoding)
    return most if sizes.get(most, 0) >= MIXED * size else encoding


def _narrow(head: bytes, mixed: Decoded | None) -> bytes:
    """Return the head without what is UTF-16."""
    if mixed is None:
        return head
    return b"".join(head[span.start : span.end] for span in mixed.spans if unit_bytes(span.encoding) == 1)


def _text(head: bytes, encoding: str, *, eof: bool) -> str:
    """Return the head as characters, without the last one if it is cut."""
    _, mark = byte_order_mark(head)
    try:
        return codecs.getincrementaldecoder(encoding)("replace").decode(head[mark:], eof)
    except UnicodeDecodeError:  # Python's decoders of text in escapes raise at some of them, whatever they are told
        return decode(head, encoding).as_text()


def _json(text: str, name: str, encoding: str, *, eof: bool, text_field: str | None) -> Layout | None:
    """Return the layout of JSON Lines or of other JSON, None for what is no JSON."""
    body = text.lstrip()
    named = _PACKED.sub("", name).lower().endswith((".jsonl", ".ndjson", ".jl"))
    if not body.startswith(("{", "[")) and not named:
        return None
    lines = [line for line in itertools.islice(body.split("\n"), LINES + 1) if line.strip()]
    whole = lines if eof or len(lines) <= 1 else lines[:-1]
    objects = sum(_is_object(line, cut=not eof and len(lines) == 1) for line in whole)
    if 2 * objects >= max(1, len(whole)) or (named and (objects or _OBJECT.match(body))):
        depth = _depth(body, text_field) if len(whole) == 1 and not named else None
        if depth is None:
            return Layout(Format.JSONL, encoding, text_field)
        return Layout(Format.JSON, encoding, text_field, depth=depth)
    if _ARRAY.match(body) and (not eof or _OBJECTS.match(body) or _is_json(body, list)):
        return Layout(Format.JSON, encoding, text_field, depth=1)
    if _SPREAD_OBJECT.match(body) or (eof and body.startswith("{") and _is_json(body, dict)):
        return Layout(Format.JSON, encoding, text_field, depth=_depth(body, text_field) or 0)
    return None


def _depth(body: str, text_field: str | None) -> int | None:
    """Return how many brackets enclose the records of an object that holds a list of them.

    It is 0 if there are several objects in a row, and None if the object is a record itself.
    """
    found = find_list(body)
    if found is not None and not roles(found[2][:-1], text_field).texts and body.startswith("{"):
        return found[1]
    try:
        _, end = _DECODER.raw_decode(body)
    except (ValueError, RecursionError):
        return None
    return 0 if _OBJECT.match(body[end:].lstrip(" ,")) else None


def _is_json(body: str, kind: type) -> bool:
    try:
        return isinstance(orjson.loads(body.encode("utf-8", "replace")), kind)
    except orjson.JSONDecodeError:
        return False


def list_start(head: bytes, encoding: str) -> int:
    """Return where in the head of a JSON document the first element of its list of records begins, in bytes."""
    _, mark = byte_order_mark(head)
    try:
        text = codecs.getincrementaldecoder(encoding)("surrogateescape").decode(head[mark:])
        found = find_list(text)
        return mark if found is None else mark + len(text[: found[0]].encode(encoding, "surrogateescape"))
    except UnicodeError:  # damaged text in escapes, see ``_text``: then the first record begins at once
        return mark


def _is_object(line: str, *, cut: bool) -> bool:
    """Whether a line is a JSON object to the eye; damage inside it is no matter here."""
    line = line.strip()
    return _OBJECT.match(line) is not None and (cut or line.endswith("}"))


def _table(
    text: str, name: str, encoding: str, *, eof: bool, text_field: str | None, sure: bool
) -> Layout | Refusal | None:
    """Return the layout of CSV, the refusal of one without a text column, or None for what is no CSV."""
    ending = _PACKED.sub("", name).lower()
    named = ending.endswith((".csv", ".tsv", ".tab"))
    plain = encoding == UTF8 or unit_bytes(encoding) > 1
    delimiters = _DELIMITERS if plain else _DELIMITERS.replace("|", "")  # GBK has | as half a character
    if ending.endswith((".tsv", ".tab")):
        delimiters = "\t" + delimiters.replace("\t", "")
    told = DELIMITER_LINE.match(text)
    if told is not None:
        delimiters, text, named = told[1], text[told.end() :], True
    best: tuple[str, ...] = ()
    guess: Layout | None = None
    for delimiter in delimiters:
        quote, escape = _signs(text, delimiter, plain=plain, eof=eof)
        rows = _rows(text, delimiter, quote, escape, eof=eof)
        if not rows:
            continue
        columns = column_names(rows[0])
        likely = sure or _is_table(rows, named=named)
        if likely and roles(columns, text_field).texts:
            return Layout(Format.CSV, encoding, text_field, delimiter, columns, quote, escape)
        if (sure or named) and (guess is None or len(rows[0]) > len(guess.columns)) and _is_headless(rows):
            columns = tuple(f"column_{number}" for number in range(1, len(rows[0]) + 1))
            field = _longest(rows, columns) if text_field is None else text_field
            guess = Layout(Format.CSV, encoding, field, delimiter, columns, quote, escape, header=False)
        if likely and len(columns) > len(best):
            best = columns
    if guess is not None and guess.text_field in guess.columns:
        return guess
    if not sure and not (named and best):
        return None
    wanted = "no column with a usual name for text" if text_field is None else f"no column {text_field!r}"
    seen = ", ".join(name[:LONGEST_NAME] for name in best) or "none"
    return Refusal("csv", f"It has {wanted} (its columns: {seen}). Name the right one with --text-field.")


def _signs(text: str, delimiter: str, *, plain: bool, eof: bool) -> tuple[str, str]:
    """Return the quote and the escape of a table: those that differ from the usual only if the rows fit them better."""
    mark = re.escape(delimiter)
    single = rf"(?:^|{mark}|\n)'[^'\n]*+'(?={mark}|\r?\n|$)"
    if not re.search(rf'(?:^|{mark}|\n)"', text) and re.search(rf"(?:^|{mark}|\n)'", text):
        usual, other = (_evenness(_rows(text, delimiter, quote, "", eof=eof)) for quote in ('"', "'"))
        if other > usual or (other == usual and len(re.findall(single, text)) > 1):
            return "'", ""
    # A backslash before a quote is an escape if the text goes on behind it; at the end of a path it is none.
    if plain and re.search(rf'\\"[^"\r\n{mark}]', text):
        usual, escaped = (_evenness(_rows(text, delimiter, '"', escape, eof=eof)) for escape in ("", "\\"))
        if escaped >= usual:
            return '"', "\\"
    return '"', ""


def _evenness(rows: list[list[str]]) -> float:
    """Return the share of rows that have as many fields as the first one."""
    return sum(len(row) == len(rows[0]) for row in rows) / len(rows) if rows else 0.0


def _rows(text: str, delimiter: str, quote: str, escape: str, *, eof: bool) -> list[list[str]]:
    """Return the first rows that are not empty, without one that the end of the head cuts if there are others."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quotechar=quote, escapechar=escape or None)
    try:
        rows = list(itertools.islice((row for row in reader if row), LINES + 1))
    except csv.Error:
        return []
    if not eof and len(rows) > 1 and len(rows) <= LINES:
        rows.pop()
    if _evenness(rows) < EVEN:  # a quote that nobody closes may hold all the rest
        lines = itertools.islice(filter(None, text.splitlines()), LINES)
        plain = list(csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE))
        return [rows[0], *plain[1:]] if rows and _evenness(plain) >= EVEN else rows
    return rows


def _is_headless(rows: list[list[str]]) -> bool:
    """Whether a table without a usual name has no header: its first row holds what rows hold, a text or a number."""
    first = rows[0]
    if 2 * sum(len(row) == len(first) for row in rows) < len(rows):
        return False
    return any(len(cell) > LONGEST_NAME or "\n" in cell or _DATUM.fullmatch(cell.strip()) for cell in first)


def _longest(rows: list[list[str]], columns: tuple[str, ...]) -> str:
    """Return the column whose cells are the longest, which must be the text."""
    sizes = [sum(len(row[place]) for row in rows if place < len(row)) for place in range(len(columns))]
    return columns[sizes.index(max(sizes))]


def _is_table(rows: list[list[str]], *, named: bool) -> bool:
    """Whether a first row is a header and the rows below it have as many fields."""
    header, *below = rows
    if any(len(name) > LONGEST_NAME or "\n" in name for name in header):
        return False
    if len(header) < 2:
        return named
    same = sum(len(row) == len(header) for row in below)
    return 2 * same >= len(below) if below else named


def column_names(header: list[str]) -> tuple[str, ...]:
    """Return the columns of a header, each with a name of its own.

    >>> column_names(["id", "", "id"])
    ('id', 'column_2', 'id_3')
    """
    names: list[str] = []
    for place, name in enumerate(header, 1):
        unique = name.strip() or f"column_{place}"
        while unique in names:
            unique += f"_{place}"
        names.append(unique)
    return tuple(names)
