"""Silence, markers and least data, on one audit of a small county: run without a network and watched while it runs."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import fastexcel
import polars as pl
import pytest
from support.watched import (
    ACCOUNT,
    ADDRESS,
    HOSTILE,
    ID,
    MARKERS,
    MONTH,
    MOVED_ID,
    MOVED_NAME,
    NAME,
    OTHER_ID,
    PARTS,
    PHONE,
    ROOT,
    Run,
    encoded,
    hostile_drop,
    marked_drop,
    silent,
    watched_run,
)

from pipeline.contract import TOWNS
from pipeline.masking import mask_number
from pipeline.record_words import UNKNOWN_TOWN


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("watched")
    hostile_drop(marked_drop(folder / "drop"))
    done = watched_run(folder, folder / "drop", before=silent())
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
    assert [c for column in other.values() for c in column if MOVED_NAME in c or mask_number(MOVED_ID) in c] == []


def test_hostile_values_stay_values(run: Run) -> None:
    """Formulas, scripts, statements, templates and paths in every text: written as text, wherever they come out."""
    month = run.out / MONTH
    found = pl.read_parquet(month / "findings.parquet").filter(pl.col("household_no").is_in(_HOUSEHOLDS))
    assert set(found["household_no"]) == _HOUSEHOLDS, "each of them has its vehicle found"
    assert {p.name for p in (month / "towns").iterdir()} <= {f"{t}.xlsx" for t in (*TOWNS, UNKNOWN_TOWN)}
    assert not list(run.out.parent.rglob("*evil*"))
    for path in month.rglob("*.xlsx"):
        with zipfile.ZipFile(path) as archive:
            for part in archive.namelist():
                xml = archive.read(part)
                if part.startswith("xl/worksheets/"):
                    assert b"<f>" not in xml and b"<f " not in xml.replace(b"<f></f>", b""), (path.name, part)
                assert b"externalLink" not in xml and b"ddeLink" not in xml
    for path in month.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert "<script>alert(7)" not in text and "<b>'; DROP" not in text, path.name
    for path in month.rglob("*.csv"):
        cells = [c for row in pl.read_csv(path, infer_schema=False).rows() for c in row if c]
        assert [c for c in cells if c[0] in "=+-@\t\r"] == []


_HOUSEHOLDS = {f"DB{n}" for n, _ in enumerate(HOSTILE, 381)}


def test_a_crash_leaves_no_core(tmp_path: Path) -> None:
    """A core would hold everything that was in memory."""
    code = (
        "import os, signal, sys\nfrom pipeline import cli\nsys.argv = ['audit', '--version']\n"
        "cli.main()\nos.kill(os.getpid(), signal.SIGSEGV)\n"
    )
    ended = subprocess.run(
        ["bash", "-c", 'ulimit -c unlimited; exec "$0" "$@"', sys.executable, "-c", code], cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == -signal.SIGSEGV and "audit" in ended.stdout
    assert list(tmp_path.iterdir()) == []
