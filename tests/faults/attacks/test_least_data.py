"""Silence, markers and least data, on one audit of a small county: run without a network and watched while it runs."""

from __future__ import annotations

import re
from pathlib import Path

import fastexcel
import pytest
from support.watched import (
    ACCOUNT,
    ADDRESS,
    ID,
    MARKERS,
    MONTH,
    MOVED_ID,
    MOVED_NAME,
    NAME,
    OTHER_ID,
    PARTS,
    PHONE,
    Run,
    encoded,
    marked_drop,
    silent,
    watched_run,
)

from pipeline.record_words import mask


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("watched")
    done = watched_run(folder, marked_drop(folder / "drop"), before=silent())
    assert done.code == 0, done.said
    return done


def texts(path: Path) -> dict[str, list[str]]:
    """Sheet → every cell that holds something."""
    book, out = fastexcel.read_excel(path), {}
    for name in book.sheet_names:
        rows = book.load_sheet(name, header_row=None, dtypes="string").to_polars().rows()
        out[name] = [cell for row in rows for cell in row if cell]
    return out


@pytest.mark.skipif(not silent(), reason="this kernel lets nobody take the network away from a process (unshare -n)")
def test_the_whole_audit_runs_without_a_network_and_asks_for_none(run: Run) -> None:
    assert (run.out / MONTH / "index.html").exists()
    assert run.calls == ""


def test_nothing_in_clear_bytes_while_it_works(run: Run) -> None:
    """Outputs apart, nothing that lies on the disk at any moment holds a marker, and nothing is left of it."""
    assert any("ingest-" in name and name.endswith(".arrow") for name in run.watch.seen), run.watch.seen
    assert run.watch.found == {}
    assert [p for p in (*run.temporary.rglob("*"), *run.home.rglob("*")) if p.is_file()] == []
    assert sorted(p.name for p in run.out.iterdir() if "ledger.duckdb" not in p.name) == [MONTH]


def test_no_marker_in_what_is_said_nor_in_pages_and_json(run: Run) -> None:
    month = run.out / MONTH
    files = [p for p in month.rglob("*") if p.suffix in (".html", ".json", ".css", ".js", ".svg", ".txt")]
    files += [month / "not_run.csv", month / "completeness.parquet"]
    assert len(files) > 5
    for path in files:
        raw = path.read_bytes()
        assert [m for m in (*MARKERS, *PARTS) if any(e in raw for e in encoded(m))] == [], path.name
    assert [m for m in (*MARKERS, *PARTS) if m in run.said] == []


def test_the_county_workbook_shows_no_number_in_full(run: Run) -> None:
    cells = [c for column in texts(run.out / MONTH / "county.xlsx").values() for c in column]
    assert cells
    for marker in (*MARKERS, *PARTS):
        assert [c for c in cells if marker in c] == [], marker


def test_a_town_workbook_holds_its_own_people_and_what_its_rules_read(run: Run) -> None:
    own = texts(run.out / MONTH / "towns" / "长来.xlsx")
    ineligible = own["疑似不符合条件"]
    assert NAME in ineligible and MOVED_NAME in ineligible
    for name in ("廊田.xlsx", "坪石.xlsx"):
        cells = [c for column in texts(run.out / MONTH / "towns" / name).values() for c in column]
        assert [c for c in cells for marker in MARKERS if marker in c] == []
    everything = [c for column in own.values() for c in column]
    # no rule that found something here asked for a telephone, an account that one household has, or an address
    for marker in (PHONE, ACCOUNT, ADDRESS):
        assert [c for c in everything if marker in c] == []
    numbers = {n for c in everything for n in re.findall(r"(?<!\d)\d{17}[\dX]", c)}
    assert {ID, OTHER_ID, MOVED_ID} <= numbers


def test_who_moved_stands_with_the_town_that_pays(run: Run) -> None:
    """On the roster of one town, in the register of another."""
    paying = texts(run.out / MONTH / "towns" / "长来.xlsx")
    assert [c for column in paying.values() for c in column if MOVED_NAME in c]
    other = texts(run.out / MONTH / "towns" / "廊田.xlsx")
    assert [c for column in other.values() for c in column if MOVED_NAME in c or mask(MOVED_ID) in c] == []
