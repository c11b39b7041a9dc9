"""Files, cells and settings gone wrong in ways that nobody thought of, and what must hold of each all the same.

A case is made from bytes (a fuzzer's) or from dice; its judge returns how it ended, or raises AssertionError.
"""

from __future__ import annotations

import io
import random
import re
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import polars as pl
import xlwt

from pipeline.contract import DATASETS
from pipeline.errors import BadInput
from pipeline.identity.id_numbers import described
from pipeline.identity.names import name_keys
from pipeline.ingest.cells import POLARS_TYPES, read_column, stripped
from pipeline.ingest.claims import fingerprint
from pipeline.ingest.ids import read_id
from pipeline.ingest.model import Source
from pipeline.ingest.pieces import lay_down, probe
from pipeline.ingest.scratch import Scratch
from pipeline.policy import pack_for
from pipeline.settings import load_drop_settings
from support.workbooks import book


def _old_book() -> bytes:
    workbook, out = xlwt.Workbook(), io.BytesIO()
    page = workbook.add_sheet("名单")
    for r, row in enumerate([_HEAD, *_ROWS]):
        for c, cell in enumerate(row):
            page.write(r, c, cell)
    workbook.save(out)
    return out.getvalue()


ID, NAME = "440281199003071239", "王小明"
_ROWS = [
    [f"{NAME[0]}{chr(0x4E00 + i)}", f"44028119900307{i:04}", f"2022-10-{i % 28 + 1:02}", "长来镇"] for i in range(60)
]
_HEAD = ["姓名", "身份证号", "死亡日期", "镇街"]
_OLD_BOOK = _old_book()
_CSV = "\n".join(",".join(row) for row in [_HEAD, *_ROWS]) + "\n"
_QUOTED = "\n".join(",".join(f'"{c}"' for c in row) for row in [_HEAD, *_ROWS]) + "\n"
TEXTS = tuple(
    t.encode(e) for t in (_CSV, _QUOTED, _CSV.replace(",", "\t")) for e in ("utf-8", "gb18030", "utf-16", "utf-8-sig")
)
BOOK = book(_HEAD, *_ROWS)
SETTINGS = """[[source]]
glob = "死亡*.csv"
dataset = "death"
header_row = 3
encoding = "gb18030"
renames = { "证件" = "id_number" }
constants = { town = "长来", died_on = 2022-10-03 }
[[source]]
database = "sqlite:a.db"
table = "t"
dataset = "vehicle"
"""
POLICY = """from = "公告"
[standard]
urban = 746
rural = 553
[limits]
homes = 2
[review_months]
A = 12
[lists]
pension_excluded = ["城乡居民"]
"""
_TRICKS = (
    b'"', b'""', b",", b"\n", b"\r", b"\r\n", b"\x00", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"\x1e", b"=1+1", b"\t",
    b";", b"|", "合计".encode(), "\u202e\u200b".encode(), "\U0001f600\U00020000".encode(), "王".encode("gb18030"),
    b"1e400", b"-0", b"9" * 400, b"[" * 60, b"'''", b"{", b"=", b"NaN", b"\\", b"&#x0;", b"<!--", b"]]>", b"</row>",
    b'r="A0"', b'r="ZZZZ9"', b"<c><v>",
)  # fmt: skip


def mutated(content: bytes, dice: random.Random) -> bytes:
    """The content with one to eight things done to it."""
    data = bytearray(content)
    for _ in range(dice.choice((1, 1, 2, 3, 8))):
        at, other = sorted((dice.randrange(len(data) + 1), dice.randrange(len(data) + 1)))
        match dice.randrange(7):
            case 0 if data:
                data[at % len(data)] ^= 1 << dice.randrange(8)
            case 1:
                data[at:at] = dice.choice(_TRICKS) * dice.choice((1, 1, 1, 40))
            case 2:
                del data[at : min(other, at + dice.choice((1, 5, 300)))]
            case 3:
                data[at:at] = data[at : min(other, at + 500)]
            case 4:
                data[at : at + dice.randint(1, 9)] = dice.randbytes(dice.randint(1, 9))
            case 5 if dice.random() < 0.2:
                del data[at:]
            case _:
                data[at : at + 2] = dice.choice(_TRICKS)
    return bytes(data)


def mutated_book(dice: random.Random) -> bytes:
    """The workbook with its bytes spoilt, or the XML of one of its parts."""
    if dice.random() < 0.5:
        return mutated(BOOK, dice)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(BOOK)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        entries = old.infolist()
        chosen = dice.choice([e for e in entries if re.search("sheet1|sharedStrings|workbook", e.filename)])
        for entry in entries:
            data = old.read(entry)
            new.writestr(entry.filename, mutated(data, dice) if entry is chosen else data)
    return out.getvalue()


def mutated_parquet(dice: random.Random) -> bytes:
    """A Parquet file with its bytes spoilt."""
    out = io.BytesIO()
    pl.DataFrame(_ROWS, schema=_HEAD, orient="row").write_parquet(out)
    return mutated(out.getvalue(), dice)


def judge_file(content: bytes, name: str) -> str:
    """One file as ingest reads it: refused with one message, or every row counted once and in its place."""
    kind = {".csv": "text", ".xlsx": "excel", ".xls": "excel", ".parquet": "parquet"}[Path(name).suffix]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        source, scratch = Source(name, path, "death", kind), Scratch(Path(folder) / "scratch")
        scratch.folder.mkdir()
        try:
            sum_ = fingerprint(source)
            pieces = lay_down(source, probe(source), scratch, 0, sum_)
        except BadInput as refusal:
            told = str(refusal)
            assert "\n" not in told and refusal.remedy and len(told) < 3000, told
            assert not re.search(r"44028119900307\d{4}", told), told
            return "refused"
        for piece in pieces:
            counts = piece.counts
            assert counts.read == counts.kept + counts.rejected + counts.skipped, counts
            rows = [r for p in piece.kept for r in scratch.read(p)["row"].to_list()]
            assert len(rows) == counts.kept and rows == sorted(set(rows)), rows
            whole = [r for p in piece.rejects for r, c in scratch.read(p).select("row", "column").rows() if c == ""]
            assert len(whole) == counts.rejected and not set(whole) & set(rows), whole
            if kind == "text":
                _judge_lines(content, counts.read, rows)
        return "read"


def _judge_lines(content: bytes, read: int, rows: list[int]) -> None:
    """Where no quotation mark is about, rows are lines, counted here in another way."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b'"' in content or b"\x00" in content:
        return
    lines = content.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
    lines = lines.replace(b"\r", b" ") if b"\n" in lines else lines.replace(b"\r", b"\n")
    full = [n for n, line in enumerate(lines.split(b"\n"), 1) if line.strip(b" ,\t;|")]
    assert read <= lines.count(b"\n") + 1 and all(row <= read for row in rows), (read, rows)
    # what is blank beyond ASCII (an ideographic space) may end the file earlier for the reader
    assert read <= max(full, default=0), (read, full[-3:])


def judge_cells(texts: list[str]) -> str:
    """Cells as every type of column reads them: of the right type, none lost, and none changed by its neighbours."""
    values = pl.Series("c", texts, dtype=pl.String)
    for column in _columns():
        cells = stripped(values.to_frame())["c"]
        read, why = read_column(cells, column)
        assert len(read) == len(texts) and read.dtype == POLARS_TYPES[column.sql_type]
        assert why is None or len(why) == len(texts)
        i = zlib.crc32(repr((column.id, texts)).encode()) % len(texts)
        alone, _ = read_column(cells.slice(i, 1), column)
        assert alone.to_list() == read.slice(i, 1).to_list(), (column.id, texts[i])
    for text in texts:
        number, _ = read_id(text)
        assert number is None or not number.isascii() or read_id(number)[0] == number, text
    assert described(values).height == len(texts)
    assert len(name_keys(values)) == len(texts)
    return "read"


def _columns() -> list:  # type: ignore[type-arg]
    """A column of each type."""
    return list({c.type: c for d in DATASETS.values() for c in d.columns}.values())


def judge_settings(content: bytes) -> str:
    """`audit.toml`: settings, or one message."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "audit.toml").write_bytes(content)
        return _told(lambda: load_drop_settings(Path(folder)))


def judge_policy(content: bytes) -> str:
    """A bureau's own figures: a pack, or one message."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ours.toml"
        path.write_bytes(content)
        return _told(lambda: pack_for("2022-10", path))


def _told(read: Callable[[], object]) -> str:
    try:
        read()
    except BadInput as refusal:
        assert refusal.remedy or "—" in str(refusal), refusal
        assert len(str(refusal)) < 5000
        return "refused"
    return "read"


def _cells(dice: random.Random) -> list[str]:
    base = [ID, NAME, "2022-10-03", "1,234.5元", "2022年10月", "长来镇", "是", "44837", "4.4E+17", "一级", ""]
    return [mutated(dice.choice(base).encode(), dice).decode("utf-8", "replace")[:5000] for _ in range(12)]


# kind → (share of the cases, what judges one)
CASES: dict[str, tuple[int, Callable[[random.Random], str]]] = {
    "text": (9, lambda dice: judge_file(mutated(dice.choice(TEXTS), dice), "死亡.csv")),
    "noise": (2, lambda dice: judge_file(dice.randbytes(dice.randrange(400)), "死亡.csv")),
    "parquet": (2, lambda dice: judge_file(mutated_parquet(dice), "死亡.parquet")),
    "cells": (1, lambda dice: judge_cells(_cells(dice))),
    "settings": (3, lambda dice: judge_settings(mutated(SETTINGS.encode(), dice))),
    "policy": (3, lambda dice: judge_policy(mutated(POLICY.encode(), dice))),
}


def judge_book(dice: random.Random) -> str:
    """A mutation of a real workbook, of an old one now and then."""
    if dice.random() < 0.2:
        return judge_file(mutated(_OLD_BOOK, dice), "死亡.xls")
    return judge_file(mutated_book(dice), "死亡.xlsx")
