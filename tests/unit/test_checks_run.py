"""The suites over the run: an export that came out half empty, files that do not add up, links that fell away."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from checks_county import county, household, tie

from checks import Fault, RunChecks, examine_run
from checks.run_tables import COLUMNS, FILES, key_columns
from pipeline.contract import DATASETS
from pipeline.engine.duck import DuckEngine
from pipeline.policy import pack_for

LIMITS = pack_for("2022-10").run_limits


@dataclass(frozen=True)
class Account:
    path: str
    dataset: str
    rows_read: int
    rows_kept: int
    rows_rejected: int = 0
    rows_skipped: int = 1
    sheet: str = "-"


def rows(count: int, file: str, **cells: Any) -> list[dict[str, Any]]:
    """Records of one file. A cell given as a number is blank in that many rows, else filled."""
    out = []
    for n in range(count):
        row: dict[str, Any] = {"record_id": f"{file}#-#{n + 2}", "file": file, "sheet": "-", "row": n + 2}
        row |= {c: v if not isinstance(v, int) else None if n < v else f"{c}{n}" for c, v in cells.items()}
        out.append(row)
    return out


def vehicles(count: int, blank: int, file: str = "车辆.csv", **more: Any) -> list[dict[str, Any]]:
    return rows(count, file, **({"name": 0, "id_number": blank, "plate": 0} | more))


def run(
    engine: DuckEngine, *present: str, inputs: Any = (), before: pl.DataFrame | None = None, **limits: float
) -> RunChecks:
    return examine_run(engine, inputs, {"dibao", *present}, {**LIMITS, **limits}, before)


def told(found: RunChecks) -> list[tuple[str, str, str]]:
    return [(f.rule_id, f.dataset, f.column) for f in found.faults]


def only(found: RunChecks) -> Fault:
    (fault,) = found.faults
    return fault


def test_a_sector_export_with_two_fifths_of_its_numbers_blank_is_named() -> None:
    found = run(county(household({}), vehicle=vehicles(1000, 402)), "vehicle")
    fault = only(found)
    assert (fault.rule_id, fault.dataset, fault.column, fault.n, fault.rows) == (
        "column_blank", "vehicle", "id_number", 402, 1000,
    )  # fmt: skip
    assert fault.sentence == "车辆：身份证号为空40.2%（402/1,000行）"
    assert fault.english == "vehicle: column id_number is blank in 40.2 % of the rows (402 of 1000)"
    assert found.counts["run/column_blank/vehicle"] == 1


@pytest.mark.parametrize(
    ("count", "blank", "named"),
    [(100, 20, False), (100, 21, True), (10, 4, True), (8, 2, False), (3, 3, True), (2, 2, False)],
)
def test_the_limit_is_a_share_and_some_rows(count: int, blank: int, named: bool) -> None:
    found = run(county(household({}), vehicle=vehicles(count, blank)), "vehicle")
    assert bool(found.faults) == named


def test_blanks_are_blank_and_cells_that_could_not_be_read_are_said() -> None:
    engine = county(household({}), vehicle=vehicles(10, 0, id_number=" "))
    engine.load("rejects", pl.DataFrame([{"file": "车辆.csv", "sheet": "-", "row": n, "column": "id_number",
                                          "raw": "4.4E+17", "reason": "x"} for n in range(2, 9)]))  # fmt: skip
    assert only(run(engine, "vehicle")).sentence == "车辆：身份证号为空100%（10/10行，其中7行填了而读不懂）"


def test_a_column_that_may_be_blank_is_not_asked_for() -> None:
    assert told(run(county(household({}), vehicle=vehicles(50, 0, plate=50)), "vehicle")) == []
    deaths = rows(50, "死亡.csv", name=0, id_number=0)
    assert told(run(county(household({}), death=deaths), "death")) == [("column_blank", "death", "died_on")]
    assert "stop_month" not in key_columns("dibao") and {"name", "id_number"} <= set(key_columns("vehicle"))


def test_every_key_column_is_one_of_its_dataset() -> None:
    for dataset_id, shape in DATASETS.items():
        assert all(shape.has(c) for c in key_columns(dataset_id)), dataset_id


def test_of_several_files_the_empty_one_is_named() -> None:
    rows_ = [*vehicles(500, 5, "车辆_甲.csv"), *vehicles(20, 12, "车辆_乙.csv")]
    fault = only(run(county(household({}), vehicle=rows_), "vehicle"))
    assert (fault.file, fault.n, fault.rows) == ("车辆_乙.csv", 12, 20)
    assert fault.sentence == "车辆（车辆_乙.csv）：身份证号为空60%（12/20行）"
    engine = county(household({}), vehicle=vehicles(20, 12, "车辆_乙.csv"))
    run(engine, "vehicle")
    assert engine.rows(f"SELECT count(file) AS n FROM {COLUMNS}")["n"][0] == 0, "one file is its dataset"


def test_files_are_accounted_for() -> None:
    engine = county(household({}), vehicle=vehicles(30, 0))
    good = [Account("低保.xlsx", "dibao", 2, 1, sheet="名册"), Account("车辆.csv", "vehicle", 31, 30)]
    assert told(run(engine, "vehicle", inputs=good)) == []
    assert engine.count(FILES) == 2
    for wrong in (Account("车辆.csv", "vehicle", 32, 30), Account("车辆.csv", "vehicle", 30, 29)):
        assert only(run(engine, "vehicle", inputs=[good[0], wrong])).rule_id == "file_rows"
    many = Account("车辆.csv", "vehicle", 36, 30, rows_rejected=5)
    fault = only(run(engine, "vehicle", inputs=[good[0], many]))
    assert (fault.rule_id, fault.sentence) == (
        "rows_rejected", "车辆（车辆.csv）：整行退回14.3%（5/35行），没有姓名和证件号",
    )  # fmt: skip
    few = Account("车辆.csv", "vehicle", 34, 30, rows_rejected=3)
    assert told(run(engine, "vehicle", inputs=[good[0], few])) == []


def test_a_column_emptier_than_last_month_is_named_with_both_shares() -> None:
    before = run(county(household({}), vehicle=vehicles(200, 0, plate=10)), "vehicle").measures
    now = county(household({}), vehicle=vehicles(200, 0, plate=31))
    fault = only(run(now, "vehicle", before=before))
    assert (fault.rule_id, fault.column) == ("column_emptier", "plate")
    assert fault.sentence == "车辆：号牌为空15.5%（31/200行），上月为5%"
    still = county(household({}), vehicle=vehicles(200, 0, plate=30))
    assert told(run(still, "vehicle", before=before)) == [], "ten points are no more than ten points"
    assert told(run(now, "vehicle")) == [], "nothing is known of last month"
    few = county(household({}), vehicle=vehicles(20, 0, plate=10))
    assert told(run(few, "vehicle", before=before)) == [("rows_fallen", "vehicle", "")], "9 rows more are too few"


def test_rows_that_fell_away_are_named() -> None:
    before = run(county(household({}), vehicle=vehicles(100, 0)), "vehicle").measures
    fault = only(run(county(household({}), vehicle=vehicles(69, 0)), "vehicle", before=before))
    assert (fault.rule_id, fault.sentence) == ("rows_fallen", "车辆：本月69行，上月100行，少了31%")
    assert told(run(county(household({}), vehicle=vehicles(70, 0)), "vehicle", before=before)) == []
    small = run(county(household({}), vehicle=vehicles(15, 0)), "vehicle").measures
    assert told(run(county(household({}), vehicle=vehicles(6, 0)), "vehicle", before=small)) == [], "nine are too few"


def linked(count: int, of: int, town: str = "长来") -> DuckEngine:
    """A town's roster of which so many people link to a vehicle."""
    people = [row for n in range(of) for row in household({"town": town}, no=f"DB{n}", first=n + 1)]
    links = [tie(people[n]["record_id"], "vehicle", f"车辆.csv#-#{n}", "link") for n in range(count)]
    links += [tie(p["record_id"], "vehicle", "车辆.csv#-#9", "review") for p in people]
    return county(people, links=links, vehicle=vehicles(60, 0))


def test_links_that_fell_away_are_named_by_town() -> None:
    before = run(linked(40, 80), "vehicle").measures
    fault = only(run(linked(27, 80), "vehicle", before=before))
    assert (fault.rule_id, fault.town, fault.n, fault.rows) == ("links_fallen", "全县", 27, 80)
    assert fault.sentence == "车辆：全县名册80人中对上33.8%（27人），上月为50%"
    assert told(run(linked(28, 80), "vehicle", before=before)) == []
    small = run(linked(9, 18), "vehicle").measures
    assert told(run(linked(0, 18), "vehicle", before=small)) == [], "nine links are too few to tell"


def test_a_town_alone_is_named_where_the_county_is_not() -> None:
    def both(one: int) -> DuckEngine:
        people = [row for n in range(100) for row in household({"town": "长来"}, no=f"A{n}", first=n + 1)]
        people += [row for n in range(30) for row in household({"town": "廊田"}, no=f"B{n}", first=n + 101)]
        ours = people[:80] + people[100 : 100 + one]
        links = [tie(p["record_id"], "vehicle", "车辆.csv#-#9", "link") for p in ours]
        return county(people, links=links, vehicle=vehicles(60, 0))

    before = run(both(30), "vehicle").measures
    assert only(run(both(5), "vehicle", before=before)).town == "廊田"


def test_what_cannot_be_compared_is_said() -> None:
    first = run(county(household({})))
    assert [(id, reason) for id, _, _, reason in first.not_run] == [
        (id, "没有上月可比的数据，未核查") for id in ("rows_fallen", "column_emptier", "links_fallen")
    ]
    assert run(county(household({})), before=first.measures).not_run == ()


def test_what_is_measured_holds_counts_and_nobody() -> None:
    people = household({"name": "甄别人"}, {"town": "外镇"})
    engine = county(people, vehicle=vehicles(5, 1), links=[tie(people[0]["record_id"], "vehicle", "x", "link")])
    measures = run(engine, "vehicle").measures
    assert measures is not None
    kept = {(k, s, t, i): (rows, good) for k, s, t, i, rows, good in measures.iter_rows()}
    assert kept["column", "vehicle", "", "id_number"] == (5, 4) and kept["column", "dibao", "", "record_id"] == (2, 2)
    assert kept["link", "vehicle", "", ""] == (2, 1) and kept["link", "vehicle", "长来", ""] == (1, 1)
    assert kept["link", "vehicle", "未知镇街", ""] == (1, 0)
    text = str(measures.rows())
    assert not any(str(p[c]) in text for p in people for c in ("name", "id_number", "household_no"))
    assert "外镇" not in text


def test_a_bureau_sets_its_own_limits(tmp_path: Path) -> None:
    ours = tmp_path / "ours.toml"
    ours.write_text('from = "某市民政局"\n[run]\nblank = 0.5\n', encoding="utf-8")
    policy = pack_for("2022-10", ours)
    engine = county(household({}), vehicle=vehicles(1000, 402))
    assert told(examine_run(engine, [], {"dibao", "vehicle"}, policy.run_limits)) == []  # type: ignore[arg-type]
    assert [line for line in policy.unverified if "run.blank）" in line and "某市民政局" in line]
    assert all(not pack_for("2022-10").verified(f"run.{k}") for k in LIMITS), "nobody's rule: to verify"
