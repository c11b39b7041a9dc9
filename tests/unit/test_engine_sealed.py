"""Tables in a sealed file: they lie nowhere in clear bytes, nobody else opens them, and a county comes out the same."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl
import pytest
from support.county import demo_drop

from pipeline.engine.duck import DuckEngine
from pipeline.findings import load_rules
from pipeline.memory import stands_in_memory
from pipeline.policy import pack_for
from pipeline.run import find

MARKER = "SEALEDMARKER"
MONTH = "2022-10"
# As few as have links of every tier, and findings of every category that is about people.
LISTS = ("dibao", "tekun", "household_register", "marriage", "vehicle", "disability", "death")


MANY = 800_000


def marked(file: Path, *, sealed: bool, rows: int = MANY) -> DuckEngine:
    """An engine of little memory, with a table of so many marked rows."""
    engine = DuckEngine(file, sealed=sealed, scratch=file.parent / "spill", memory_limit="48MiB")
    engine.run(f"SELECT '{MARKER}' || md5(i::VARCHAR) AS held, i FROM range({rows}) r(i)", into="held")
    return engine


@pytest.mark.parametrize("sealed", [True, False])
def test_the_file_holds_the_rows_and_no_clear_bytes_where_it_is_sealed(tmp_path: Path, sealed: bool) -> None:
    file = tmp_path / "tables.duckdb"
    engine = marked(file, sealed=sealed)
    on_disk = b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())
    assert len(on_disk) > 12 * 2**20
    assert (MARKER.encode() in on_disk) != sealed
    beside = engine.beside()
    read = beside.rows(f"SELECT count(*) AS n, count(*) FILTER (held LIKE '{MARKER}%') AS good FROM held")
    assert read.rows() == [(MANY, MANY)]
    beside.close()
    engine.close()


def test_nobody_else_opens_a_sealed_file(tmp_path: Path) -> None:
    sealed, lent = tmp_path / "tables.duckdb", tmp_path / "lent.duckdb"
    engine = marked(sealed, sealed=True, rows=1_000)
    key = engine.lend(["held"], lent)
    engine.close()
    for file in (sealed, lent):
        with pytest.raises(duckdb.Error, match="without a key"):
            duckdb.connect(str(file))
        with pytest.raises(duckdb.Error, match="Wrong encryption key"):
            DuckEngine(file, lent="0" * 64)
    borrower = DuckEngine(lent, lent=key)  # it is the key that was wrong, not the way of asking
    assert borrower.count("held") == 1_000
    borrower.close()


def test_a_county_comes_out_the_same(tmp_path: Path) -> None:
    drop, policy = demo_drop(11, datasets=LISTS), pack_for(MONTH)
    rules = load_rules(policy.names)
    left = []
    for engine in (DuckEngine(), DuckEngine(tmp_path / "t.duckdb", sealed=True, memory_limit="256MiB")):
        drop.load(engine)
        found = find(engine, rules, MONTH, policy, drop.present)
        left.append([engine.rows(f"SELECT * FROM {t} ORDER BY ALL") for t in ("finding_rows", "links")])
        left[-1].append(pl.DataFrame([(n.id, n.reason) for n in found.not_run], orient="row"))
        engine.close()
    assert left[0][0].height > 20
    for ours, theirs in zip(*left, strict=True):
        assert ours.equals(theirs)


def test_a_drop_stands_in_memory_up_to_half_of_the_limit(tmp_path: Path) -> None:
    (tmp_path / "低保.csv").write_bytes(b"x" * 2**20)
    assert stands_in_memory(tmp_path, "4MiB")
    assert not stands_in_memory(tmp_path, "3MiB")
    (tmp_path / "低保.csv").rename(tmp_path / "低保.xlsx")  # packed: ten times its size
    assert stands_in_memory(tmp_path, "20MiB")
    assert not stands_in_memory(tmp_path, "19MiB")
