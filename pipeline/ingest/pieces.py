"""One source read, settled and laid down in the scratch folder as sealed Arrow files: what a worker does with a file.

A `Piece` carries paths and counts only, so it travels between processes at no cost.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import polars as pl

from pipeline.errors import BadInput
from pipeline.ingest import database, excel, parquet, text
from pipeline.ingest.claims import file_sha256, opening
from pipeline.ingest.model import NO_SHEET, Counts, Layout, Piece, Source, place_zh
from pipeline.ingest.scratch import Scratch
from pipeline.ingest.settle import Raw, check_constants, settle

Plan = text.TextForm | Layout | None


def probe(source: Source) -> Plan:
    """Check headings and required columns without reading the rows. A workbook has to be read for that: None."""
    check_constants(source)
    with opening(source):
        match source.kind:
            case "text":
                return text.probe(source)
            case "parquet":
                return parquet.probe(source)
            case "database":
                return database.probe(source)
    return None


def lay_down(source: Source, plan: Plan, scratch: Scratch, number: int, sha256: str | None) -> list[Piece]:
    """Read one source into `scratch`; `number` keeps its files apart from the other sources'. BadInput as it reads.

    `sha256`: the file's, from before anything of it was read (None: a database server); it must be the same when all
    is read.
    """
    with opening(source):
        pieces = _read(source, plan, scratch, number, sha256)
        if sha256 is not None:
            check_unchanged(source, sha256)
    return pieces


def check_unchanged(source: Source, sha256: str) -> None:
    """BadInput where the file is not what it was when reading began."""
    if file_sha256(source.path) != sha256:
        raise BadInput(
            "the file was changed while it was read",
            file=source.name,
            remedy="wait until nothing writes into the drop any more, and run again",
        )


def _read(source: Source, plan: Plan, scratch: Scratch, number: int, sha256: str | None) -> list[Piece]:
    if source.kind == "excel":
        return _workbook(source, scratch, number, sha256 or "")
    if source.kind == "database":
        assert isinstance(plan, Layout)
        digest = None if sha256 else hashlib.sha256()
        sheet = source.sheet or NO_SHEET
        piece = _lay(source, sheet, plan, database.read(source, plan, digest), scratch, f"{number:05d}")
        return [replace(piece, sha256=sha256 or (digest.hexdigest() if digest else ""))]
    if isinstance(plan, text.TextForm):
        layout, raws = plan.layout, text.read(source, plan)
    else:
        assert isinstance(plan, Layout)
        layout, raws = plan, parquet.read(source, plan)
    piece = _lay(source, NO_SHEET, layout, raws, scratch, f"{number:05d}")
    return [replace(piece, sha256=sha256 or "")]


def _workbook(source: Source, scratch: Scratch, number: int, sha256: str) -> list[Piece]:
    told: list[str] = []
    pieces: list[Piece] = []
    for index, sheet in enumerate(excel.read_sheets(source, told)):
        piece = _lay(source, sheet.name, sheet.layout, [sheet.raw], scratch, f"{number:05d}-{index:03d}")
        pieces.append(replace(piece, sha256=sha256))
    pieces[-1] = replace(pieces[-1], told=(*told, *pieces[-1].told))
    return pieces


def _lay(source: Source, sheet: str, layout: Layout, raws: Iterable[Raw], scratch: Scratch, stem: str) -> Piece:
    """Settle raw blocks one after another; blank rows at the end of one count once another follows."""
    counts, tail = Counts(), 0
    kept: list[Path] = []
    rejects: list[Path] = []
    nameless: set[int] = set()
    for block, raw in enumerate(raws):
        settled = settle(raw, layout, source, sheet)
        nameless |= _nameless(raw, layout)
        if settled.counts.read:
            counts = counts + Counts(read=tail, skipped=tail) + settled.counts
            tail = settled.tail
        else:
            tail += settled.tail
        for frame, paths, kind in ((settled.kept, kept, "kept"), (settled.rejects, rejects, "rejects")):
            if frame.height:
                paths.append(scratch.write(frame, f"{stem}-{block:05d}.{kind}.arrow"))
    place = place_zh(source, sheet)
    told = [f"{place}：{sentence}" for sentence in layout.told]
    if nameless:
        columns = "、".join(str(position + 1) for position in sorted(nameless))
        told.append(f"{place}：第 {columns} 列没有表头，其中的内容未读取")
    return Piece(source, sheet, "", counts, tuple(kept), tuple(rejects), tuple(told))


def _nameless(raw: Raw, layout: Layout) -> set[int]:
    """Positions without a heading that hold something below the header."""
    empty = [i for i, heading in enumerate(layout.headings) if not heading and i < raw.cells.width]
    below = raw.cells[:, empty].filter(raw.rows > layout.last) if empty else raw.cells
    return {i for i in empty if (below[f"c{i}"].cast(pl.String).str.strip_chars().str.len_bytes() > 0).any()}
