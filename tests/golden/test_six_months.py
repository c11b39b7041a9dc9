"""Six months of a small county, one after the other: every finding's state and cause, as its story was planted."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from support.kills import digest
from support.life import MONTHS, month_of, write

from pipeline.errors import BadInput
from pipeline.ledger import opened
from pipeline.ledger.export import export
from pipeline.ledger.history import history
from pipeline.ledger.show import show
from pipeline.ledger.verify import verify
from pipeline.run import run_audit

RULES = ("vehicle_owned", "homes_over_limit", "deceased_on_roster")
Story = dict[str, tuple[str, str | None]]  # month → status, cause


def rule(out: Path, month: str, name: str, verdict: str, until: str | None = None) -> None:
    """A town's answer about the person's finding, as `audit collect` keeps it."""
    row = findings(out, month).filter(pl.col("name") == name).row(0, named=True)
    with opened(out / "ledger.duckdb") as con:
        number = con.execute("SELECT count(*) + 1 FROM ruling").fetchall()[0][0]
        con.execute(
            "INSERT INTO ruling BY NAME SELECT ? AS ruling_no, 'finding' AS kind, ? AS subject, ? AS verdict, "
            "'已核实' AS reason, '某人' AS decided_by, CAST(? AS DATE) AS decided_on, CAST(? AS DATE) AS valid_until, "
            "? AS month, '回执.xlsx' AS source, CAST(? AS TIMESTAMP) AS recorded_at",
            [number, row["fingerprint"], verdict, "2022-06-02", until, month, "2036-01-01"],
        )  # fmt: skip


def findings(out: Path, month: str) -> pl.DataFrame:
    return pl.read_parquet(out / month / "findings.parquet").filter(pl.col("rule_id").is_in(RULES))


def lived(work: Path, cache: Path | None = None) -> Path:
    """The six months, run one after the other, with the towns' answers to the first."""
    for n, month in enumerate(MONTHS, 1):
        drop = write(month_of(n), work / month / "drop")
        policy = drop.parent / "policy.toml"
        run_audit(drop, month, work / "out", policy_file=policy if policy.exists() else None, ledgers=True, cache=cache)
        if n == 1:
            homes = month_of(1).homes
            rule(work / "out", month, homes["evidence"].name, "dismissed")
            rule(work / "out", month, homes["expires"].name, "dismissed", "2022-07-31")
            rule(work / "out", month, homes["renumbered"].name, "dismissed")
            rule(work / "out", month, homes["stays"].name, "confirmed")
    return work / "out"


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = lived(tmp_path_factory.mktemp("life"))
    # as the months left it: who looks at it later is noted in it
    (out.parent / "digest").write_text(digest(out / "ledger.duckdb"), encoding="utf-8")
    return out


@pytest.fixture(scope="module")
def stories(out: Path) -> dict[str, list[Story]]:
    """Key of the household → its findings' stories, in the order in which they began."""
    names = {h.name: key for key, h in month_of(1).homes.items()}
    with opened(out / "ledger.duckdb", read_only=True) as con:
        rows = con.execute(
            "SELECT d.name, f.fingerprint, f.month, f.status, f.cause FROM finding f JOIN run r USING (run_no) "
            "JOIN detail d ON d.no = f.detail WHERE r.standing AND list_contains(?, f.rule_id) "
            "ORDER BY f.month, f.fingerprint",
            [list(RULES)],
        ).fetchall()
    found: dict[str, dict[str, Story]] = {}
    for name, fingerprint, month, status, cause in rows:
        found.setdefault(names[name], {}).setdefault(fingerprint, {})[month] = (status, cause)
    return {key: list(by.values()) for key, by in found.items()}


def story(*states: str) -> Story:
    """'new first_month' …: the states of the months from May on; '-' where it is not in the ledger."""
    told: Story = {}
    for month, state in zip(MONTHS, states, strict=True):
        if state != "-":
            status, _, cause = state.partition(" ")
            told[month] = (status, cause or None)
    return told


NEW, ON = "new first_month", "continuing"
STORIES: dict[str, list[Story]] = {
    "stays": [story(NEW, ON, ON, ON, ON, ON)],
    "evidence": [story(NEW, "dismissed ruled", "dismissed", "reopened data_changed", ON, ON)],
    "expires": [story(NEW, "dismissed ruled", "dismissed", "reopened ruling_expired", ON, ON)],
    "sold": [story(NEW, ON, "resolved data_changed", "-", "reopened data_changed", ON)],
    "homes": [
        story(NEW, ON, "not_examined dataset_absent", "continuing examined_again", "resolved rule_changed",
              "reopened rule_changed"),
    ],
    "moves": [story(NEW, ON, "continuing moved", ON, ON, ON)],
    "renumbered": [
        story(NEW, "dismissed ruled", "dismissed", "-", "-", "-"),
        story("-", "-", "-", "dismissed", "dismissed", "dismissed"),
    ],
    "renumbered_open": [story(NEW, ON, ON, "-", "-", "-"), story("-", "-", "-", "continuing renumbered", ON, ON)],
    "late_death": [story("-", "-", "-", "-", "new data_changed", ON)],
    "leaves": [story(NEW, ON, "resolved roster_changed", "-", "reopened roster_changed", ON)],
    "town_silent": [story(NEW, ON, ON, "not_examined town_absent", "continuing examined_again", ON)],
    "second_car": [story(NEW, ON, ON, "resolved replaced", "-", "-"), story("-", "-", "-", "new took_place", ON, ON)],
}  # fmt: skip


@pytest.mark.parametrize("key", list(STORIES))
def test_every_month_of_a_story_is_told_right(stories: dict[str, list[Story]], key: str) -> None:
    assert stories[key] == STORIES[key]


def test_nothing_else_was_found(stories: dict[str, list[Story]]) -> None:
    assert set(stories) == set(STORIES)


def test_published_are_those_found_and_those_resolved(out: Path) -> None:
    for month in MONTHS:
        published = findings(out, month)
        assert set(published["status"]) <= {"new", "continuing", "reopened", "dismissed", "resolved"}
        resolved = published.filter(pl.col("status") == "resolved")
        assert resolved["record_id"].null_count() == resolved.height and resolved["summary"].null_count() == 0
        assert all(item["record_id"] is None for text in resolved["evidence"] for item in json.loads(text))
    july = findings(out, "2022-07")
    assert july.filter(pl.col("status") == "resolved")["rule_id"].to_list() == ["vehicle_owned"] * 2
    assert "homes_over_limit" not in set(july["rule_id"]), "not examined is not resolved"
    assert set(findings(out, "2022-08").filter(pl.col("status") == "dismissed")["first_month"]) == {"2022-05"}


def test_a_new_household_number_keeps_the_age(out: Path) -> None:
    name = month_of(1).homes["renumbered_open"].name
    rows = findings(out, "2022-10").filter(pl.col("name") == name)
    assert rows.select("status", "first_month", "household_no").rows() == [("continuing", "2022-05", "DB708")]


def sheet(out: Path, month: str, book: str, name: str) -> list[dict[str, object]]:
    """A sheet of one of the month's ledgers: its rows by heading."""
    rows = list(openpyxl.load_workbook(out / month / "monthly" / book)[name].iter_rows(values_only=True))
    at = next(i for i, row in enumerate(rows) if row[0] == "序号")
    return [dict(zip(rows[at], row, strict=True)) for row in rows[at + 1 :]]


CHANGES, VISITS = "比对台账.xlsx", "脱贫停救家庭走访预警台账.xlsx"


def test_a_town_sees_why_something_came_back_and_not_what_it_settled(out: Path) -> None:
    homes = month_of(1).homes
    for town, key, why in (
        ("廊田", "expires", "（复发：核实结论已到期）"),
        ("长来", "evidence", "（复发：部门数据有变动）"),
    ):
        page = openpyxl.load_workbook(out / "2022-08" / "towns" / f"{town}.xlsx")["疑似不符合条件"]
        told = [row for row in page.iter_rows(values_only=True) if homes[key].name in row]
        assert len(told) == 1 and any(str(cell).endswith(why) for cell in told[0])
        assert not [row for row in page.iter_rows(values_only=True) if homes["renumbered"].name in row]
    moved = openpyxl.load_workbook(out / "2022-07" / "towns" / "廊田.xlsx")["疑似不符合条件"]
    row = next(r for r in moved.iter_rows(values_only=True) if homes["moves"].name in r)
    assert any("（延续：由别的镇街转入）" in str(cell) for cell in row)


def test_the_comparison_ledger_tells_changes_and_why(out: Path) -> None:
    homes = month_of(1).homes
    told = {
        r["姓名"]: (r["状态"], r["原因"])
        for r in sheet(out, "2022-08", CHANGES, "变动明细")
        if r["疑点类型"] == "名下有机动车"
    }
    assert told[homes["evidence"].name] == ("复发", "部门数据有变动")
    assert told[homes["expires"].name] == ("复发", "核实结论已到期")
    assert told[homes["town_silent"].name] == ("未核查", "该镇街名册本月未报送")
    assert homes["stays"].name not in told and homes["renumbered"].name not in told
    first = sheet(out, "2022-05", CHANGES, "变动明细")
    assert [r["镇街"] for r in first] == [None] and "首月" in str(first[0]["序号"])


def test_towns_and_departments_that_sent_nothing_are_named(out: Path) -> None:
    silent = {(r["情况"], r["内容"]) for r in sheet(out, "2022-08", CHANGES, "未报送")}
    assert ("没有报送任何名册的镇街", "坪石") in silent and ("没有报送任何名册的镇街", "长来") not in silent
    towns = {r["镇街"]: r for r in sheet(out, "2022-08", CHANGES, "各镇街")}
    assert towns["坪石"]["未核查"] and not towns["坪石"]["待核实"] and not towns["坪石"]["已消除"]
    departments = {r["数据"]: r for r in sheet(out, "2022-07", CHANGES, "各部门")}
    assert departments["不动产"]["报送"] == "上月有，本月未报送" and departments["不动产"]["未核查"] == 1
    assert departments["车辆"]["报送"] == "已报送" and departments["车辆"]["已消除"] == 2


def test_what_nobody_answered_in_time_is_overdue(out: Path) -> None:
    homes = month_of(1).homes
    late = {r["姓名"]: r for r in sheet(out, "2022-07", CHANGES, "逾期未答复") if r["疑点类型"] == "名下有机动车"}
    assert late[homes["moves"].name]["逾期天数"] == 15, "May's end and 30 days, on the 15th of July"
    assert not {homes[k].name for k in ("stays", "evidence", "expires")} & set(late), "they were answered"
    assert not {r["姓名"] for r in sheet(out, "2022-06", CHANGES, "逾期未答复")} - {None}


def test_who_was_stopped_is_to_be_visited(out: Path) -> None:
    row = next(r for r in sheet(out, "2022-08", VISITS, "走访预警") if r["家庭编号"] == "DB010")
    assert (row["类别"], row["停保月份"], row["预警"]) == ("停救", "2022-07", "绿")
    assert (row["上次走访"], row["应走访日期"], row["逾期天数"]) == ("无记录", "2022-07-31", 15)
    assert all(r["家庭编号"] != "DB010" for r in sheet(out, "2022-09", VISITS, "走访预警")), "back on the roster"


def test_the_months_are_told_as_history(out: Path) -> None:
    book = openpyxl.load_workbook(out / "2022-10" / "county.xlsx")
    rows = list(book["历月疑点"].iter_rows(values_only=True))
    at = next(i for i, row in enumerate(rows) if row[0] == "序号")
    told = {row[2]: dict(zip(rows[at], row, strict=True)) for row in rows[at + 1 :]}
    cars = told["名下有机动车"]
    assert [cars[m] for m in MONTHS] == [10, 7, 5, 6, 9, 9]
    assert (cars["已办结"], cars["办结用时（月）"]) == (5, 1), "two sold or stopped, three dismissed in a month"
    assert (cars["已核实"], cars["属实"], cars["属实比例"]) == (4, 1, 0.25)
    assert told["住房超过限额"]["已办结"] == 1 and told["住房超过限额"]["办结用时（月）"] == 4
    towns = {row[1]: row for row in book["历月镇街"].iter_rows(values_only=True)}
    assert towns["坪石"][2 + MONTHS.index("2022-08")] == 0
    assert "历月疑点" not in openpyxl.load_workbook(out / "2022-05" / "county.xlsx").sheetnames
    assert "历月情况" in (out / "2022-10" / "index.html").read_text(encoding="utf-8")


def test_a_findings_story_is_told_in_words(out: Path) -> None:
    ledger = out / "ledger.duckdb"
    row = findings(out, "2022-10").filter(pl.col("name") == month_of(1).homes["expires"].name).row(0, named=True)
    lines = history(ledger, row["fingerprint"][:10].upper())
    assert lines[0] == f"{row['fingerprint']}  vehicle_owned  first found 2022-05"
    assert "2022-08  back again: the ruling expired" in lines and "2022-07  found, but dismissed" in lines
    assert lines[-1].startswith("ruling 2  dismissed, on the outputs of 2022-05") and "until 2022-07-31" in lines[-1]
    renumbered = findings(out, "2022-10").filter(pl.col("household_no") == "DB708").row(0, named=True)
    assert "earlier under" in history(ledger, renumbered["fingerprint"])[1]
    for wrong in ("zz", "000000", "abc"):
        with pytest.raises(BadInput):
            history(ledger, wrong)


def test_a_month_run_again_supersedes_and_the_old_stays_readable(out: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"  # a plain copy of everything, ledger and all
    shutil.copytree(out, copy)
    ledger = copy / "ledger.duckdb"
    assert verify(ledger)[0] == []
    first = (copy / "2022-10" / "findings.parquet").read_bytes()
    run_audit(out.parent / "2022-10" / "drop", "2022-10", copy)
    assert (copy / "2022-10" / "findings.parquet").read_bytes() == first, "the same drop, the same bytes"
    assert (copy / "runs" / "2022-10-0006" / "findings.parquet").read_bytes() == first
    run_audit(out.parent / "2022-09" / "drop", "2022-07", copy)  # another drop, out of order
    wrong, told = verify(ledger)
    assert wrong == [] and told[-1].startswith("compared: 8 runs")
    lines = show(ledger)
    assert sum("superseded" in line for line in lines) == 2
    assert "2022-10 was compared before 2022-07 was run (again): run it again" in lines


def test_the_ledger_as_files(out: Path, tmp_path: Path) -> None:
    files = export(out / "ledger.duckdb", tmp_path / "export")
    assert {"finding.parquet", "ruling.parquet", "run.parquet", "ledger.duckdb"} <= {f.name for f in files}
    assert pl.read_parquet(tmp_path / "export" / "run.parquet").height == len(MONTHS)
    assert verify(tmp_path / "export" / "ledger.duckdb")[0] != [], "the folders are not there"
    with pytest.raises(BadInput, match="there already"):
        export(out / "ledger.duckdb", tmp_path / "export")


def held(out: Path) -> dict[str, str]:
    """Every file of the months and their hashes, but for those that tell the time."""
    return {f"{month}/{name}": digest for month in MONTHS for name, digest in held_of(out / month).items()}


def held_of(month: Path) -> dict[str, str]:
    """Every file of a month and its hash, likewise."""
    files = (p for p in month.rglob("*") if p.is_file() and p.name not in ("run.json", "manifest.json"))
    return {p.relative_to(month).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_with_a_cache_the_months_are_the_same_byte_for_byte(out: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cached = lived(tmp_path, cache)
    kept = [p for p in cache.rglob("*") if p.is_file() and "verdicts" not in p.parts]
    # files that did not change from one month to the next were kept once: the cache was of use
    assert 0 < len(kept) < sum(len(list((tmp_path / m / "drop").iterdir())) for m in MONTHS)
    assert held(cached) == held(out) and len(held(out)) > 100
    assert digest(cached / "ledger.duckdb") == (out.parent / "digest").read_text(encoding="utf-8") != ""


def test_a_month_run_again_after_a_correction_is_as_from_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was kept of the first run is taken over only where nothing that it hangs on was corrected."""
    monkeypatch.setattr("pipeline.processes._WORTH_A_PROCESS", 0)  # as a county's, with a process beside it
    cache, month = tmp_path / "cache", MONTHS[0]
    drop = write(month_of(1), tmp_path / "drop")
    run_audit(drop, month, tmp_path / "first", cache=cache)
    verdicts = {p.name: (p / "about.json").stat().st_mtime_ns for p in (cache / "verdicts").iterdir()}
    roster = drop / "低保_长来.csv"
    rows = roster.read_text(encoding="utf-8").splitlines()
    roster.write_text("\n".join([*rows[:-1], rows[-1].replace("户主", "")]) + "\n", encoding="utf-8")
    run_audit(drop, month, tmp_path / "plain")
    outcome = run_audit(drop, month, tmp_path / "cached", cache=cache)
    one, other = (held_of(tmp_path / name / month) for name in ("plain", "cached"))
    assert one == other != held_of(tmp_path / "first" / month) and len(one) > 50
    assert not outcome.told, "nothing in the cache was damaged"
    now = {p.name: (p / "about.json").stat().st_mtime_ns for p in (cache / "verdicts").iterdir()}
    assert len(now) == len(verdicts) and 0 < len(now.items() & verdicts.items()) < len(now)
