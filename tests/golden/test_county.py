"""The whole audit on a small demonstration county: what comes out, how right it is, and that it never varies."""

from __future__ import annotations

import csv
import hashlib
import json
import stat
from pathlib import Path

import fastexcel
import polars as pl
import pytest

from pipeline.contract import ROSTERS, TOWNS
from pipeline.demo import make_county
from pipeline.run import run_audit
from pipeline.score import score

MONTH = "2022-10"


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("county") / "demo"
    make_county(folder, people=4_000, seed=7, month=MONTH)
    return folder


@pytest.fixture(scope="module")
def audited(county: Path) -> Path:
    run_audit(county / "drop", MONTH, county / "out")
    return county / "out" / MONTH


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_everything_the_contract_names_is_written(audited: Path) -> None:
    for name in (
        "findings.parquet", "findings.csv", "links.parquet", "rejects.parquet", "rejects.csv", "not_run.csv",
        "county.xlsx", "index.html", "checks/index.html", "run.json",
    ):  # fmt: skip
        assert (audited / name).stat().st_size > 0, name
    assert {p.stem for p in (audited / "towns").glob("*.xlsx")} >= set(TOWNS)
    # the suites' verdicts, reached while the rest was written, stand on the page all the same
    assert "检查的完整文档" in (audited / "pages" / "about" / "checks.html").read_text(encoding="utf-8")


def test_only_the_owner_can_read_it(audited: Path) -> None:
    for path in [audited, *audited.rglob("*")]:
        wanted = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == wanted, path
    assert stat.S_IMODE((audited.parent / "ledger.duckdb").stat().st_mode) == 0o600


def test_nothing_of_the_work_is_left_beside_it(audited: Path) -> None:
    assert {p.name for p in audited.parent.iterdir()} == {MONTH, "ledger.duckdb"}


def test_built_rules_find_what_is_true_on_exact_and_repaired_links(county: Path, audited: Path) -> None:
    result = score(audited, county / "truth")
    absent = list(csv.DictReader((audited / "not_run.csv").open(encoding="utf-8-sig")))
    unbuilt = {r["id"] for r in absent if not r["reason"].startswith("部分核查")}
    rules = {r.rule_id: r for r in result.rules if r.rule_id not in unbuilt}
    assert len(rules) >= 16
    for rule in rules.values():
        assert rule.precision is not None and rule.precision >= 0.99, rule
        assert rule.recall is not None and rule.recall >= 0.99, rule


def test_every_gap_is_found_and_none_invented(county: Path, audited: Path) -> None:
    """System data and archives of all five schemes, by row and by field or document."""
    result = score(audited, county / "truth")
    asked = {(g.rule_id, g.scheme) for g in result.gaps if g.truth}
    assert len(asked) > 75 and {scheme for _, scheme in asked} == set(ROSTERS)
    for gap in result.gaps:
        assert (gap.wrong, gap.missed, gap.near_misses_hit) == (0, 0, 0), gap
    assert result.gap_precision == result.gap_recall == 1.0


def test_records_that_cannot_be_judged_are_said_to_be_so(county: Path, audited: Path) -> None:
    """A disabled person's only record, without an ID number, is neither on a roster nor missing from one."""
    persons = pl.read_parquet(county / "truth" / "persons.parquet")
    alone = persons.filter(pl.len().over("pid") == 1, pl.col("dataset") == "disability", pl.col("error") == "missing")
    assert alone.height
    told = [
        r for r in csv.DictReader((audited / "not_run.csv").open(encoding="utf-8-sig")) if "无法判断" in r["reason"]
    ]
    assert {r["category"] for r in told} == {"missing"}
    assert "severe_disability_uncovered" in {r["id"] for r in told}


def test_every_row_of_every_file_is_accounted_for(county: Path, audited: Path) -> None:
    accounts = {(i["path"], i["sheet"]): i for i in json.loads((audited / "run.json").read_text())["inputs"]}
    truth = pl.read_parquet(county / "truth" / "files.parquet")
    assert truth.height > 40
    for row in truth.iter_rows(named=True):
        got = accounts[(row["file"], row["sheet"])]
        assert (got["rows_kept"], got["rows_rejected"], got["rows_skipped"]) == (
            row["kept"], row["rejected"], row["skipped"],
        ), row["file"]  # fmt: skip
        assert got["rows_read"] == got["rows_kept"] + got["rows_rejected"] + got["rows_skipped"]


def test_the_planted_cells_are_rejected(county: Path, audited: Path) -> None:
    planted = pl.read_parquet(county / "truth" / "rejects.parquet")
    found = pl.read_parquet(audited / "rejects.parquet")
    wanted = set(planted.select("file", "sheet", pl.col("row").cast(pl.Int64)).rows())
    assert wanted and wanted <= set(found.select("file", "sheet", pl.col("row").cast(pl.Int64)).rows())


def test_the_same_drop_gives_the_same_bytes(county: Path, audited: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the least memory that the program takes for a limit, too."""
    monkeypatch.chdir(county)  # relative paths, as make gives them
    run_audit(Path("drop"), MONTH, Path("again"), memory="384MiB")
    for name in ("findings.parquet", "links.parquet", "rejects.parquet", "findings.csv", "not_run.csv"):
        assert digest(county / "again" / MONTH / name) == digest(audited / name), name


def test_findings_rest_on_decided_links_and_say_where_from(audited: Path) -> None:
    findings = pl.read_parquet(audited / "findings.parquet")
    links = pl.read_parquet(audited / "links.parquet")
    assert set(links["decision"]) <= {"link", "review", "reject"}
    reviewed = set(links.filter(pl.col("decision") == "review").select("roster_record_id", "record_id").rows())
    assert reviewed
    for row in findings.filter(pl.col("category") == "ineligible").iter_rows(named=True):
        evidence = json.loads(row["evidence"])
        assert evidence and all(e["dataset"] and e["record_id"] for e in evidence)
        assert not {(row["record_id"], e["record_id"]) for e in evidence} & reviewed
    assert findings["fingerprint"].is_unique().all()
    assert findings.filter(pl.col("basis") == "").is_empty()


def test_a_town_sees_its_own_people_only(audited: Path) -> None:
    findings = pl.read_parquet(audited / "findings.parquet")
    town = "长来"
    elsewhere = set(findings.filter(pl.col("town") != town)["id_number"].drop_nulls())
    elsewhere -= set(findings.filter(pl.col("town") == town)["id_number"].drop_nulls())
    book = fastexcel.read_excel(audited / "towns" / f"{town}.xlsx")
    cells: set[str] = set()
    for sheet in book.sheet_names:
        frame = book.load_sheet(sheet, header_row=None, dtypes="string").to_polars()
        for column in frame.columns:
            cells |= set(frame[column].drop_nulls())
    assert not cells & elsewhere


def test_the_page_holds_no_name_and_no_number(audited: Path) -> None:
    findings = pl.read_parquet(audited / "findings.parquet")
    pages = [audited / "index.html", audited / "run.json", *audited.glob("checks/**/*.html")]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert not any(number in text for number in findings["id_number"].drop_nulls().unique()), page


def test_the_next_month_continues(county: Path, audited: Path) -> None:
    out = audited.parent
    first = pl.read_parquet(audited / "findings.parquet")
    assert set(first["status"]) == {"new"} and set(first["first_month"]) == {MONTH}
    run_audit(county / "drop", "2022-11", out)
    second = pl.read_parquet(out / "2022-11" / "findings.parquet")
    same = second.join(first.select("fingerprint"), on="fingerprint")
    found = same.filter(pl.col("status") != "resolved")
    assert found.height > 0 and set(found["status"]) == {"continuing"} and set(same["first_month"]) == {MONTH}
    assert set(second["cause"].drop_nulls()) == {"time_passed"}, "the same files: whatever changed, time did it"
    fresh = second.join(first.select("fingerprint"), on="fingerprint", how="anti")
    assert set(fresh["status"]) <= {"new"}
