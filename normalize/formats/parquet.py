"""Read a Parquet file row group by row group, in memory that one small batch takes.

Rows have no bytes of their own in a format of columns: the span of a document is that of its row group, and ``record``
is the number of its row in the file.
"""

from __future__ import annotations

import base64
import datetime as dt
import decimal
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from taoxi.normalize.containers.expansion import FREE, MAX_RATIO, Budget
from taoxi.normalize.containers.store import Store
from taoxi.normalize.encodings.codec import UTF8
from taoxi.normalize.encodings.decoding import decode
from taoxi.normalize.formats.fields import roles
from taoxi.normalize.formats.layout import LONGEST_NAME, Refusal
from taoxi.normalize.formats.record import RecordMaker
from taoxi.normalize.model import Block, Format, Gap, GapReason, Layout, Problem, Record, Source

ROWS = 256
"""Rows that are decoded at once: values that a dictionary repeats take no room in the file, but all of it in memory."""

_END = b"end"
_SHOWN = 20


@dataclass(slots=True)
class ParquetReader:
    """A Parquet file that is being read.

    Attributes:
        store: the file.
        source: what it is to the run.
        order: its number in the run.
        problems: what was wrong so far.
    """

    store: Store
    source: Source
    order: int
    text_field: str | None
    block_bytes: int
    budget: Budget
    report: Callable[[int], object]
    problems: list[Problem] = field(default_factory=list)
    _end: int = 0

    def blocks(self) -> Generator[Block, None, Refusal | None]:
        """Yield the rows as blocks, and return why nothing of the file could be read, if so."""
        try:
            file = pq.ParquetFile(self.store.path, page_checksum_verification=True)
        except (pa.ArrowException, OSError, ValueError) as error:
            return Refusal(
                "unreadable", f"The Parquet file cannot be opened ({_said(error)}). Fetch it again, or write it anew."
            )
        with file:
            names = file.schema_arrow.names
            found = roles(names, self.text_field)
            if not found.texts:
                wanted = (
                    "no column with a usual name for text"
                    if self.text_field is None
                    else f"no column {self.text_field!r}"
                )
                seen = ", ".join(name[:LONGEST_NAME] for name in names[:_SHOWN]) or "none"
                return Refusal(
                    Format.PARQUET.value,
                    f"It has {wanted} (its columns: {seen}). Name the right one with --text-field.",
                )
            parts = {*found.texts, found.title, found.date, found.url}
            dropped = [f.name for f in file.schema_arrow if f.name not in parts and _holds_bytes(f.type)]
            if dropped:
                self._tell(
                    f"The columns of bytes ({', '.join(dropped[:_SHOWN])}) are no text and were left out."
                    " Write them as text if they matter.",
                    None,
                )
            yield from self._groups(file, [name for name in dict.fromkeys(names) if name not in dropped])
        return None

    def _groups(self, file: pq.ParquetFile, columns: list[str]) -> Iterator[Block]:
        layout = Layout(Format.PARQUET, UTF8, self.text_field)
        row = 0
        for number in range(file.metadata.num_row_groups):
            start, end = self._span(file.metadata.row_group(number))
            gaps = [Gap(GapReason.HEADER if not row else GapReason.FOOTER, self._end, start)]
            self._end = max(end, self._end)
            after = row + file.metadata.row_group(number).num_rows
            waiting: list[pa.RecordBatch] = []
            try:
                for batch in file.iter_batches(ROWS, row_groups=[number], columns=columns, use_threads=False):
                    batch = _expanded(batch)  # noqa: PLW2901 - what counts is what it becomes
                    self._weigh(batch.nbytes)
                    waiting.append(batch)
                    if sum(found.nbytes for found in waiting) >= self.block_bytes:
                        yield self._block(layout, waiting, row, (start, end), gaps)
                        row += sum(map(len, waiting))
                        waiting, gaps = [], []
            except (pa.ArrowException, OSError, ValueError, _TooLargeError) as error:
                row_ = row + sum(map(len, waiting))
                self._tell(
                    f"From row {row_:,} on, row group {number:,} cannot be read ({_said(error)})."
                    " What came before was read; fetch the file again, or write it anew.",
                    start,
                )
                gaps.append(Gap(GapReason.DAMAGED, start, end, row_))
            if not file.metadata.row_group(number).num_rows:
                gaps.append(Gap(GapReason.FOOTER, start, end))
            yield self._block(layout, waiting, row, (start, end), gaps)
            row = after
            self.report(end)
            if self.budget.left < 0:
                break
        yield Block(self.source, self.order, layout, self._end, row, b"", self._rest(row))

    def _rest(self, row: int) -> tuple[Gap, ...]:
        return (Gap(GapReason.FOOTER if row else GapReason.HEADER, self._end, self.store.size),)

    def _block(
        self, layout: Layout, batches: list[pa.RecordBatch], row: int, span: tuple[int, int], gaps: list[Gap]
    ) -> Block:
        data = b""
        if batches:
            schema = batches[0].schema.with_metadata({_END: str(span[1])})
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, schema) as writer:
                for batch in batches:
                    writer.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=schema))
            data = sink.getvalue().to_pybytes()
        real = tuple(gap for gap in gaps if gap.end > gap.start)
        return Block(self.source, self.order, layout, span[0], row, data, real)

    def _weigh(self, size: int) -> None:
        """Count what the file became against what it may become."""
        out = self.budget.most - self.budget.left + size
        if out > FREE and out > MAX_RATIO * self.store.size:
            self.budget.left = -1
            raise _TooLargeError(f"it grows to more than {MAX_RATIO} times its size, as bombs do")
        if not self.budget.take(size):
            raise _TooLargeError(f"it takes more than the {self.budget.most:,} bytes of --max-expand")

    def _span(self, group: Any) -> tuple[int, int]:  # noqa: ANN401 - pyarrow has no types
        """Return the bytes of a row group, those of the whole file if what it says of itself cannot be."""
        starts, ends = [], []
        for place in range(group.num_columns):
            column = group.column(place)
            start = min(filter(None, (column.dictionary_page_offset, column.data_page_offset)), default=0)
            starts.append(start)
            ends.append(start + column.total_compressed_size)
        start, end = min(starts, default=0), max(ends, default=0)
        return (start, end) if self._end <= start < end <= self.store.size else (0, self.store.size)

    def _tell(self, message: str, byte: int | None) -> None:
        self.problems.append(Problem(self.source.name, message, byte, self.source.member))


def _expanded(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return a batch without dictionaries, in which a few bytes stand for many."""
    columns = [
        column.dictionary_decode() if pa.types.is_dictionary(column.type) else column for column in batch.columns
    ]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


class _TooLargeError(Exception):
    """The file takes more than it may."""


def parse_records(block: Block) -> tuple[list[Record], list[Problem]]:
    """Return the records of a block of rows and what is wrong with them; one without a text has ``lost`` set."""
    if not block.data:
        return [], []
    maker = RecordMaker(block)
    records: list[Record] = []
    with pa.ipc.open_stream(block.data) as reader:
        end = int(reader.schema.metadata[_END])
        number = block.record
        for batch in reader:
            columns = [_values(batch.column(place)) for place in range(batch.num_columns)]
            for values in zip(*columns, strict=True):
                fields = dict(zip(batch.schema.names, values, strict=True))
                raw = b"" if _has_text(maker, fields) else orjson.dumps(fields)
                record = maker.make(fields, raw, (number, block.start, end), UTF8, 0)
                records.append(record if record.lost is None else replace(record, end=end))
                number += 1
    return records, maker.problems()


def _has_text(maker: RecordMaker, fields: dict[str, Any]) -> bool:
    name = maker.text_name(fields)
    return name is not None and bool(fields[name])


def _values(column: pa.Array) -> list[Any]:
    """Return a column as values that JSON knows."""
    kind = column.type
    if _is_bytes(kind):
        return [None if value is None else decode(value, UTF8).as_text() for value in column.to_pylist()]
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        try:
            return column.to_pylist()  # type: ignore[no-any-return]
        except UnicodeDecodeError:  # what a file calls text is not always UTF-8
            whole = pa.large_binary() if pa.types.is_large_string(kind) else pa.binary()
            return _values(column.cast(whole))
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind):
        return column.to_pylist()  # type: ignore[no-any-return]
    if pa.types.is_timestamp(kind) or pa.types.is_duration(kind) or pa.types.is_time(kind):
        # Python's own types hold no nanoseconds.
        return [None if value is None else value.replace(" ", "T") for value in column.cast(pa.string()).to_pylist()]
    return [_plain(value) for value in column.to_pylist()]


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a column may hold
    """Return a nested value in the types of JSON."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, decimal.Decimal | dt.timedelta):
        return str(value)
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _is_bytes(kind: pa.DataType) -> bool:
    types = pa.types
    return bool(
        types.is_binary(kind)
        or types.is_large_binary(kind)
        or types.is_fixed_size_binary(kind)
        or types.is_binary_view(kind)
    )


def _holds_bytes(kind: pa.DataType) -> bool:
    """Whether a column holds bytes, somewhere inside it."""
    return _is_bytes(kind) or any(_holds_bytes(kind.field(place).type) for place in range(kind.num_fields))


def _said(error: Exception) -> str:
    return str(error).split("\n", 1)[0].rstrip(". ")[:200]
