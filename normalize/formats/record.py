"""Make a record of the named values of a JSON object or a CSV row, whatever is wrong with them."""

from __future__ import annotations

import json
import re
from typing import Any

import orjson

from taoxi.normalize.encodings.damage import REPLACEMENT
from taoxi.normalize.encodings.decoding import decode
from taoxi.normalize.formats.fields import Roles, roles
from taoxi.normalize.model import Block, Lost, Problem, Record

MAX_PROBLEMS_PER_BLOCK = 20
"""Problems of a block that are told one by one: a person reads the first few, and memory stays bounded."""

MAX_SHAPES = 1_000
"""Different lists of fields that are remembered: real dumps have few, hostile ones a new one in each record."""

SHOWN_FIELDS = 8
"""Fields of a record that a message names."""

Place = tuple[int, int, int]
"""Number, start and end of a record in its source."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_TYPES = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}


class RecordMaker:
    """Makes the records of one block and collects their problems."""

    def __init__(self, block: Block) -> None:
        """Start with the first record of ``block``."""
        self.encoding = block.layout.encoding
        self._source = block.source.name
        self._text_field = block.layout.text_field
        self._shapes: dict[tuple[str, ...], Roles] = {}
        self._problems: list[Problem] = []
        self._untold = 0
        self._first_untold = 0

    def make(self, fields: dict[str, Any], raw: bytes, place: Place, encoding: str, bad_bytes: int) -> Record:
        """Return the record of ``fields``, which it takes apart.

        Args:
            fields: names and values; what plays no part becomes ``meta``.
            raw: the bytes of the record, for the ledger if it has no text.
            place: where it stands in the source.
            encoding: the codec that read the record.
            bad_bytes: how many bytes that codec could not read.
        """
        found = self.roles(tuple(fields))
        name = _choose(fields, found.texts)
        if name is None:
            return self.lose(*self._why(fields, found), raw, place)
        text = fields.pop(name)
        if "\0" in text:
            self.problem(
                f"The text has NUL characters ({text.count(chr(0)):,}), which were dropped."
                " Look at the record if its text matters.",
                place[1],
            )
        return _record(fields, found, text, place, encoding, bad_bytes)

    def roles(self, names: tuple[str, ...]) -> Roles:
        """Return which fields play a part in records that have these ones."""
        found = self._shapes.get(names)
        if found is None:
            if len(self._shapes) >= MAX_SHAPES:
                self._shapes.clear()
            found = self._shapes.setdefault(names, roles(names, self._text_field))
        return found

    def text_name(self, fields: dict[str, Any]) -> str | None:
        """Return the field that is tried first for the text of records like this one."""
        found = self.roles(tuple(fields))
        return found.texts[0] if found.texts else None

    def lose(self, reason: Lost, message: str, raw: bytes, place: Place) -> Record:
        """Return the record that goes to the ledger as it stands, and tell why."""
        number, start, end = place
        decoded = decode(raw, self.encoding)
        self.problem(message, start)
        return Record(decoded.as_text(), number, start, end, decoded.encoding, decoded.bad_bytes, lost=reason)

    def problem(self, message: str, byte: int) -> None:
        """Tell a problem, or count it if too many were told."""
        if len(self._problems) < MAX_PROBLEMS_PER_BLOCK:
            self._problems.append(Problem(self._source, message, byte))
            return
        if not self._untold:
            self._first_untold = byte
        self._untold += 1

    def problems(self) -> list[Problem]:
        """Return what was told, and the number of what was not."""
        if not self._untold:
            return self._problems
        message = f"From here on there are {self._untold:,} more such problems. Repair the first ones first."
        return [*self._problems, Problem(self._source, message, self._first_untold, untold=self._untold)]

    def _why(self, fields: dict[str, Any], found: Roles) -> tuple[Lost, str]:
        """Return why a record has no text."""
        if found.texts:
            name = found.texts[0]
            return Lost.NOT_TEXT, (
                f"The field {name!r} holds {type_name(fields[name])}, not text, and is in the ledger as it stands."
                " Repair it, or name another field with --text-field."
            )
        wanted = "with a usual name for text" if self._text_field is None else f"{self._text_field!r}"
        seen = ", ".join(list(fields)[:SHOWN_FIELDS]) or "none"
        return Lost.NO_TEXT, (
            f"The record has no field {wanted} (its fields: {seen}) and is in the ledger as it stands."
            " Name the right one with --text-field."
        )


def without_surrogates(text: str) -> tuple[str, int]:
    """Return ``text`` with U+FFFD for each half of a surrogate pair, which no encoding can hold, and their number."""
    return _SURROGATE.subn(REPLACEMENT, text)


def type_name(value: object) -> str:
    """Return what a person calls a JSON value of this type."""
    return _TYPES.get(type(value), "a number")


def _choose(fields: dict[str, Any], names: tuple[str, ...]) -> str | None:
    """Return the first field with some text in it, else the first that is text at all."""
    empty = None
    for name in names:
        value = fields.get(name)
        if type(value) is str:
            if value and not value.isspace():
                return name
            empty = empty or name
    return empty


def _record(fields: dict[str, Any], found: Roles, text: str, place: Place, encoding: str, bad_bytes: int) -> Record:
    title = date = url = None
    if found.title is not None:
        title = take(fields, found.title)
    if found.date is not None:
        date = take(fields, found.date, number=True)
    if found.url is not None:
        url = take(fields, found.url)
    number, start, end = place
    meta = _meta(fields) if fields else None
    return Record(text, number, start, end, encoding, bad_bytes, title, date, url, meta)


def take(fields: dict[str, Any], name: str, *, number: bool = False) -> str | None:
    """Take a field out if it is a text that says something, or a ``number`` if that will do; else it stays."""
    value = fields.get(name)
    if type(value) is str:
        if not value or value.isspace():
            return None
    elif not number or type(value) not in {int, float}:
        return None
    del fields[name]
    return str(value)


def _meta(fields: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(fields)
    except TypeError:  # a lone surrogate, or a number of more than 64 bits
        return json.dumps(fields, separators=(",", ":")).encode()
