"""Text files: the delimiter and the header found from the first lines, then records streamed in bounded blocks.

A record's number is the line on which it begins: quoted cells may hold line breaks, and blank lines count.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import polars as pl

from pipeline.errors import BadInput
from pipeline.ingest.cells import stripped
from pipeline.ingest.encoding import Encoding, blocks, detect
from pipeline.ingest.headings import SEARCH_ROWS, check_required, find_layout
from pipeline.ingest.model import Layout, Source
from pipeline.ingest.rows import mark_skipped
from pipeline.ingest.settle import Raw

DELIMITERS = ",\t;|"
_PROBE_BYTES = 1 << 20
_SPARE = 8  # columns read beyond the headings, to see cells that have none
_SLOW_ROWS = 50_000  # records a frame where Python's reader must be used
MAX_CELL = 1 << 20  # characters; a longer cell is a quotation mark that never closed

MAX_COLUMNS = 16_384  # as many as a spreadsheet has

csv.field_size_limit(MAX_CELL)


@dataclass(frozen=True)
class TextForm:
    """How one text file is written, and where its headings stand."""

    encoding: Encoding
    delimiter: str
    layout: Layout


def probe(source: Source) -> TextForm:
    """Find a file's encoding, delimiter and layout from its first lines. BadInput when it cannot be read."""
    encoding = detect(source.path, source.name, source.encoding)
    first = next(blocks(source.path, encoding, source.name, _PROBE_BYTES), b"").decode()
    best: tuple[int, int, str, list[list[str]], Layout | None] | None = None
    for delimiter in DELIMITERS:
        rows, numbers = _first_records(first, delimiter)
        layout = find_layout(rows, source, numbers=numbers)
        score = (len(layout.positions) if layout else 0, max(map(len, rows), default=0))
        if best is None or score > best[:2]:
            best = (*score, delimiter, rows, layout)
    assert best is not None
    layout = check_required(best[4], source, None, best[3])
    if layout.width > MAX_COLUMNS:
        raise BadInput(
            f"its heading row has {layout.width} columns",
            file=source.name,
            row=layout.last,
            remedy=f"no table has more than {MAX_COLUMNS}: export it again with the columns that are needed",
        )
    return TextForm(encoding, best[2], layout)


def _first_records(text: str, delimiter: str) -> tuple[list[list[str]], list[int]]:
    reader = csv.reader(io.StringIO(text, newline="\n"), delimiter=delimiter)
    rows: list[list[str]] = []
    numbers: list[int] = []
    begin = 1
    try:
        for record in reader:
            rows.append(record)
            numbers.append(begin)
            begin = reader.line_num + 1
            if len(rows) > SEARCH_ROWS:
                break
    except csv.Error:  # a cell too long for the probe; the full reading says where
        pass
    return rows, numbers


def read(source: Source, form: TextForm) -> Iterator[Raw]:
    """The file's records, block by block. BadInput where it is cut off or cannot be decoded."""
    width = form.layout.width
    stream = _Lines(blocks(source.path, form.encoding, source.name))
    whole_line = _well_formed(form.delimiter)
    while (block := stream.take()) is not None:
        raw = None
        if b'"' not in block or _each_line_whole(block, whole_line):
            with suppress(pl.exceptions.PolarsError):  # quotation marks that it takes in another way
                raw = _fast(block, stream.begin, width, form.delimiter)
        if raw is None:
            yield from _slow(block, width, form.delimiter, stream, source)
        else:
            stream.tail = block[block.rfind(b"\n", 0, -1) + 1 :].decode()
            stream.tail_row = stream.line - 1
            yield raw
    if not stream.tail.endswith("\n"):
        _check_end(stream.tail, stream.tail_row, form, source)


class _Lines:
    """Blocks of whole lines with their numbers, from which a record that goes on past a block can pull more lines."""

    def __init__(self, source: Iterator[bytes]) -> None:
        self._source = source
        self._left: bytes = b""
        self._at = 0  # how much of `_left` is taken
        self.begin = 1  # line number of the block last taken
        self.line = 1  # line number of what comes next
        self.tail = "\n"  # the last record's text …
        self.tail_row = 1  # … and the line it begins on

    def take(self) -> bytes | None:
        block = self._left[self._at :] or next(self._source, b"")
        self._left, self._at = b"", 0
        if not block:
            return None
        self.begin = self.line
        self.line += block.count(b"\n") + (not block.endswith(b"\n"))
        return block

    def at_end(self) -> bool:
        """Whether the file has nothing more."""
        if self._at >= len(self._left):
            self._left, self._at = next(self._source, b""), 0
        return not self._left

    def line_more(self) -> str | None:
        """One more line after the block in hand, None at the end of the file."""
        if self.at_end():
            return None
        cut = self._left.find(b"\n", self._at) + 1 or len(self._left)
        head, self._at = self._left[self._at : cut], cut
        self.line += 1
        return head.decode()


def _well_formed(delimiter: str) -> str:
    """A line that is one record by itself: cells quoted in full, or without quotation marks."""
    d = re.escape(delimiter)
    cell = rf'(?:"(?:[^"]|"")*"|[^"{d}]*)'
    return rf"^{cell}(?:{d}{cell})*$"


def _each_line_whole(block: bytes, pattern: str) -> bool:
    lines = pl.read_csv(
        io.BytesIO(b"x\n" + block),
        has_header=False,
        separator="\x1e",
        quote_char=None,
        schema={"line": pl.String},
        truncate_ragged_lines=True,
    ).to_series()
    quoted = lines.filter(lines.str.contains('"', literal=True))
    return bool(quoted.str.contains(pattern).all())


def _fast(block: bytes, begin: int, width: int, delimiter: str) -> Raw:
    """Every line a record: Polars reads the block, blank lines as null rows."""
    total = width + _SPARE
    frame = pl.read_csv(
        io.BytesIO(delimiter.encode() * (total - 1) + b"\n" + block),  # a first line that states the width
        has_header=False,
        separator=delimiter,
        schema={f"c{i}": pl.String for i in range(total)},
        truncate_ragged_lines=True,
    ).slice(1)
    rows = pl.int_range(begin, begin + frame.height, eager=True, dtype=pl.Int64)
    return _raw(frame, rows, width)


def _raw(frame: pl.DataFrame, rows: pl.Series, width: int) -> Raw:
    spare = frame.columns[width:]
    spare = [name for name in spare if frame[name].null_count() < frame.height]
    cells = frame[:, :width]
    if not spare:
        return Raw(cells, rows)
    beyond = frame.select(pl.any_horizontal(pl.col(spare).str.strip_chars().fill_null("") != "")).to_series()
    return Raw(cells, rows, overflow=beyond if beyond.any() else None)


def _slow(block: bytes, width: int, delimiter: str, stream: _Lines, source: Source) -> Iterator[Raw]:
    """Quoted line breaks or stray quotation marks: Python's reader, to which a quote inside a cell is itself."""
    pending = io.StringIO(block.decode(), newline="\n")
    consumed: list[str] = []
    over = False

    def lines() -> Iterator[str]:
        nonlocal over
        for line in pending:
            consumed.append(line)
            yield line
        over = True  # what is asked for now completes the last record, or is one record of the next block
        while (more := stream.line_more()) is not None:
            consumed.append(more)
            yield more

    reader = csv.reader(lines(), delimiter=delimiter)
    records: list[list[str | None]] = []
    numbers: list[int] = []
    number, tail = stream.begin, list[str]()
    while not over:
        consumed.clear()
        try:
            record = next(reader, None)
        except csv.Error as error:
            raise _unclosed(source, number) from error
        if record is None:
            break
        tail = list(consumed)
        stream.tail_row = number
        beyond = next((c for c in record[width:] if c.strip()), None)
        records.append([*record[:width], *[None] * (width - len(record)), beyond])
        numbers.append(number)
        number += len(consumed)
        if len(records) >= _SLOW_ROWS:
            yield _of_records(records, numbers, width)
            records, numbers = [], []
    stream.tail = "".join(tail)
    if stream.at_end() and not _is_closed(stream.tail, delimiter):
        raise _unclosed(source, stream.tail_row)
    if records:
        yield _of_records(records, numbers, width)


def _of_records(records: list[list[str | None]], numbers: list[int], width: int) -> Raw:
    frame = pl.DataFrame(records, schema={f"c{i}": pl.String for i in range(width + 1)}, orient="row")
    return _raw(frame, pl.Series(numbers, dtype=pl.Int64), width)


def _unclosed(source: Source, row: int) -> BadInput:
    return BadInput(
        "a quotation mark opened in this record is never closed: the file is cut off or damaged",
        file=source.name,
        row=row,
        remedy="copy or export it again in full",
    )


def _is_closed(text: str, delimiter: str) -> bool:
    """Whether a record's quotation marks are all closed where its text ends."""
    try:
        list(csv.reader(io.StringIO(text, newline="\n"), delimiter=delimiter, strict=True))
    except csv.Error as error:
        return "unexpected end" not in str(error)
    return True


def _check_end(text: str, row: int, form: TextForm, source: Source) -> None:
    """A last record without a newline that is short of cells was cut off, unless it is no record at all."""
    cells = next(csv.reader([text], delimiter=form.delimiter), [])
    wanted = max(i for i, heading in enumerate(form.layout.headings) if heading) + 1
    if len(cells) >= wanted or not any(cell.strip() for cell in cells) or row <= form.layout.last:
        return
    padded: list[str | None] = [*cells, *[None] * (form.layout.width - len(cells))]
    frame = stripped(pl.DataFrame([padded], schema={f"c{i}": pl.String for i in range(len(padded))}, orient="row"))
    if not mark_skipped(frame, form.layout)[1][0]:
        raise BadInput(
            f"the file ends in the middle of a record: {len(cells)} of {wanted} cells and no line end",
            file=source.name,
            row=row,
            remedy="the file is cut off: copy or export it again in full",
        )
