"""The suites in Great Expectations: the dialect that carries them, equal counts, and pages that leak nothing.

Everything that imports Great Expectations stands here and in test_checks_verdicts.py, so that few test processes do.
"""

from __future__ import annotations

import re
import stat
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import checks_spoiled
import pytest
from checks_county import MONTH, county, household, tie
from checks_mixed import PRESENT, mixed

from checks import CheckRows, SuiteResult, examine_run, failing_rows, validate
from checks.catalogue import OWN_RULE, PEOPLE_RULES, rules
from checks.conditions import Condition, When, at_least, at_most, filled, none_of, not_before, one_of, same, vacant
from pipeline.contract import ROSTERS
from pipeline.engine.duck import DuckEngine
from pipeline.errors import AuditError
from pipeline.ingest.model import InputAccount
from pipeline.policy import pack_for


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DuckEngine, Path, list[SuiteResult], set[str]]]:
    """One run on a database file, as an audit has it; what it left in the temporary folder."""
    folder = tmp_path_factory.mktemp("run")
    engine = mixed(DuckEngine(folder / "run.duckdb"))
    counts = failing_rows(engine, MONTH, PRESENT).counts
    temp, before = folder / "temp", tempfile.tempdir
    temp.mkdir()
    tempfile.tempdir = str(temp)
    try:
        results = validate(engine, MONTH, PRESENT, folder / "checks", counts)
    finally:
        tempfile.tempdir = before
    yield engine, folder / "checks", results, {p.name for p in temp.iterdir()}
    engine.close()


def test_every_expectation_counts_what_sql_finds(run: Any) -> None:
    engine, _, results, _ = run
    counts = failing_rows(engine, MONTH, PRESENT).counts
    told = {e.key: e.unexpected for suite in results for e in suite.expectations}
    assert told == counts
    assert {k.rpartition("/")[2]: n for k, n in counts.items() if k.startswith("dibao_data/identity_conflict")} == {
        "name": 1,
        "second": 1,
        "old_form": 1,
    }
    failed = {e.rule_id for suite in results for e in suite.expectations if not e.success}
    assert set(rules()) - failed == {*PEOPLE_RULES.values(), OWN_RULE}
    assert [(s.name, s.success) for s in results] == [
        ("dibao_data", False), ("dibao_archive", False), ("tekun_data", False),
    ]  # fmt: skip
    assert results[0].rows == engine.count("dibao")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[CheckRows, list[SuiteResult]]:
    """All suites over a county with every fault."""
    engine = checks_spoiled.spoiled()
    present = checks_spoiled.PRESENT
    checked = failing_rows(engine, MONTH, present)
    return checked, validate(engine, MONTH, present, tmp_path_factory.mktemp("whole") / "checks", checked.counts)


def test_over_all_suites_each_expectation_counts_the_failing_rows(whole: Any) -> None:
    checked, results = whole
    assert [s.name for s in results] == [
        *(f"{roster}_{kind}" for roster in ROSTERS for kind in ("data", "archive")),
        "patrol_people",
        "care_assessment_people",
    ]
    assert {e.key: e.unexpected for suite in results for e in suite.expectations} == checked.counts
    # every expectation has met its fault, so that no count agrees by both being nought
    assert [key for key, n in checked.counts.items() if not n] == []
    assert set(rules()) - {OWN_RULE} == {e.rule_id for suite in results for e in suite.expectations}
    by_id: Counter[tuple[str, str]] = Counter()
    for suite in results:
        for e in suite.expectations:
            by_id[suite.scheme, e.rule_id] += e.unexpected
    assert by_id == Counter(checked.rows.select("scheme", "rule_id").iter_rows())


def test_no_failing_row_is_left_out(whole: Any) -> None:
    checked, results = whole
    for roster in ROSTERS:
        key = f"{roster}_data/required_field_empty/village"
        assert checked.counts[key] == checks_spoiled.MANY + 1 > 200
        empty = checked.rows.filter(scheme=roster, rule_id="required_field_empty", identity="village")
        assert empty["record_id"].n_unique() == checks_spoiled.MANY + 1
        assert {e.unexpected for s in results for e in s.expectations if e.key == key} == {checks_spoiled.MANY + 1}


def asked_little(engine: DuckEngine, *present: str, also: str = "") -> CheckRows:
    """The failing rows, and of each suite the first expectation alone (and the one with the key `also`)."""
    checked = failing_rows(engine, MONTH, set(present))
    suites = tuple(
        replace(s, checks=tuple(c for n, c in enumerate(s.checks) if not n or c.key == also)) for s in checked.suites
    )
    return replace(checked, suites=suites)


def test_a_count_that_differs_is_an_error(tmp_path: Path) -> None:
    engine = county(household({"town": "外镇"}))
    key = "dibao_data/town_unknown/town"
    few = asked_little(engine, "dibao", also=key)
    assert few.counts[key] == 1 and [c.key for c in few.suites[0].checks][1:] == [key]
    with pytest.raises(AuditError, match=f"{key} counts 1 unexpected rows, SQL found 0"):
        validate(engine, MONTH, {"dibao"}, tmp_path / "checks", few.counts | {key: 0}, prepared=few)


def test_an_expectation_that_raised_is_an_error_not_a_fault_of_the_data() -> None:
    engine = DuckEngine()
    engine.run("CREATE TABLE t AS SELECT 1 AS a")
    with pytest.raises(AuditError, match="did not run"):
        _count(engine, [filled("no_such_column")])


def _count(engine: DuckEngine, conditions: list[Condition]) -> list[int]:
    """What Great Expectations counts for each condition on table `t`."""
    import checks.validation as validation
    from checks.catalogue import Scope
    from checks.dialect import sharing
    from checks.model import Check, Suite

    made = [
        Check(str(n), rules()["code_unknown"], f"第{n}项", c, "x", {}, {}, "low", "certain", "", True)
        for n, c in enumerate(conditions)
    ]
    counts = {
        check.key: engine.rows(f"SELECT count(*) AS n FROM t WHERE {check.condition.failing()}")["n"][0]
        for check in made
        if check.condition.settings.get("column") != "no_such_column"
    }
    suite = Suite("t", "表", "行", "dibao", "data", "t", tuple(made))
    with validation._quiet(), sharing(engine.con) as address:
        source = validation.data_source(address)
        verdict = validation._verdict(source, suite, Scope(MONTH, frozenset()), counts, 0, {})
    return [e.unexpected for e in verdict.result.expectations]


def test_the_two_readings_of_every_condition_agree() -> None:
    engine = DuckEngine()
    engine.run("""CREATE TABLE t AS SELECT * FROM (VALUES
        (1::SMALLINT, '甲',  1.5::DECIMAL(18,2), DATE '2022-01-31', DATE '2022-01-31', '2022-01', '2022-02'),
        (1, '乙',  -1.0, DATE '2022-02-01', DATE '2022-01-31', '2022-03', '2022-02'),
        (0, '乙',  0.0,  NULL,              DATE '2022-01-31', NULL,      '2022-02'),
        (NULL, NULL, NULL, DATE '2021-01-01', NULL, '2022-02', '2022-02'),
        (1, NULL,  7.0,  DATE '2021-01-01', DATE '2022-01-31', '2022-01', NULL),
        (1, '''丙', 9.0, DATE '2021-01-01', DATE '2022-01-31', '2022-01', '2021-01')
        ) AS t(flag, word, amount, first, second, early, late)""")
    flag, word = When("flag"), When("word", "'丙")
    conditions = [
        filled("word"), filled("word", flag), vacant("word"), vacant("word", flag),
        one_of("word", ["甲", "'丙"]), one_of("word", ["甲"], flag), none_of("word", ["乙"]),
        none_of("amount", [0], flag),
        at_least("amount", 0), at_most("amount", 1, flag), same("first", "second"), same("early", "late", flag),
        not_before("late", "early"), not_before("second", "first", flag), none_of("amount", [9], word),
    ]  # fmt: skip
    assert _count(engine, conditions) == [2, 1, 4, 3, 2, 2, 2, 0, 1, 3, 3, 3, 2, 1, 1]


def test_the_dialect_still_carries_great_expectations() -> None:
    """Fails when an upgrade of Great Expectations, duckdb-engine or SQLAlchemy breaks `checks.dialect`."""
    import great_expectations as gx
    import great_expectations.expectations as gxe

    from checks.dialect import sharing

    engine = DuckEngine()
    engine.run("CREATE TABLE t AS SELECT i AS n, '码' || i AS code, i % 10 AS digit FROM range(1000) r(i)")
    engine.run("INSERT INTO t VALUES (NULL, 'x', 0)")
    with sharing(engine.con) as address:
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
        context.delete_data_docs_site("local_site")
        asset = context.data_sources.add_sql("t", connection_string=address).add_table_asset("t", table_name="t")
        batch = asset.add_batch_definition_whole_table("t").get_batch()
        expected = [
            (gxe.ExpectColumnValuesToNotBeNull(column="n"), 1),
            (gxe.ExpectColumnValuesToMatchRegex(column="code", regex="^码[0-9]{1,2}$"), 901),
            (gxe.ExpectColumnValuesToBeUnique(column="n"), 0),
            (gxe.UnexpectedRowsExpectation(unexpected_rows_query="SELECT * FROM {batch} WHERE digit = 3"), 100),
        ]
        for expectation, count in expected:
            result = batch.validate(expectation)
            assert not result.exception_info.get("raised_exception"), result.exception_info
            assert result.result.get("unexpected_count", result.result.get("observed_value")) == count


def test_no_name_and_no_number_reaches_a_page(run: Any) -> None:
    engine, out, _, _ = run
    personal: set[str] = set()
    for table in ("dibao", "tekun", "household_register"):
        rows = engine.rows(f"SELECT name, id_number FROM {table}")
        personal |= {v for column in rows for v in column.to_list() if v}
    assert len(personal) > 15
    files = [p for p in out.rglob("*") if p.is_file()]
    assert len(files) == 1 + 2 * 3 and all(p.suffix == ".html" for p in files)
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert not [p for p in personal if p in text], path
        assert not re.findall(r"\d{17}[\dX]", text), path


def test_pages_open_styled_without_a_network(run: Any) -> None:
    _, out, results, _ = run
    for path in out.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.findall(r"""(?:src|href|action)\s*=\s*["'](?:https?:)?//""", text), path
        assert not re.findall(r"<script|<link|<img|<iframe|@import|url\(|\son\w+=", text), path
        assert text.count("<style>") == 1 and "border-collapse" in text
        for target in re.findall(r'href="([^"#]+)"', text):
            assert (path.parent / target).resolve().is_file(), (path, target)
    index = (out / "index.html").read_text(encoding="utf-8")
    for suite in results:
        assert suite.docs in index and suite.title in index
        assert all(e.title in index for e in suite.expectations)
    assert "缺少低保边缘（borderline），未核查" in index


def test_pages_speak_chinese(run: Any) -> None:
    _, out, results, _ = run
    text = (out / results[0].docs).read_text(encoding="utf-8")
    body = re.sub(r"<style>.*?</style>", "", text, flags=re.S)
    seen = {t.strip() for t in re.findall(r">([^<>]+)<", body.split("运行信息")[0] + body.split("跨栏目校验")[-1])}
    assert not [t for t in seen if re.search(r"[A-Za-z]{4,}", t)]


def test_nothing_is_left_behind_and_only_the_owner_reads(run: Any) -> None:
    _, out, _, left = run
    assert left == set()
    assert sorted(p.name for p in out.iterdir()) == ["index.html", "pages"]
    for path in out.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def test_the_suites_over_the_run_count_alike_and_have_their_pages(tmp_path: Path) -> None:
    """Every kind of fault at once: Great Expectations counts what SQL finds, or `validate` raises."""
    limits = pack_for(MONTH).run_limits

    def month(count: int, blank: int, plate: int, links: int) -> DuckEngine:
        people = [row for n in range(60) for row in household({}, no=f"DB{n}", first=n + 1)]
        cars = [
            {"record_id": f"车辆_{n % 2}.csv#-#{n}", "file": f"车辆_{n % 2}.csv", "sheet": "-", "row": n,
             "name": "无名氏", "id_number": None if n < blank else f"{n}",
             "plate": None if n < plate else f"{n}"}
            for n in range(count)
        ]  # fmt: skip
        ties = [tie(p["record_id"], "vehicle", "x", "link") for p in people[:links]]
        return county(people, links=ties, vehicle=cars)

    present = {"dibao", "vehicle"}
    before = examine_run(month(100, 0, 0, 40), [], present, limits).measures
    engine = month(60, 30, 20, 10)
    account = InputAccount("车辆_0.csv", "-", "vehicle", "", 45, 31, 14, 0)
    run = examine_run(engine, [account], present, limits, before)
    failed = {key for key, n in run.counts.items() if n}
    assert {key.split("/")[1] for key in failed} == {
        "file_rows", "rows_rejected", "rows_fallen", "column_blank", "column_emptier", "links_fallen",
    }  # fmt: skip
    few = asked_little(engine, *present)
    results = validate(engine, MONTH, present, tmp_path / "checks", few.counts, run=run, prepared=few)
    assert [s.name for s in results] == ["run_files", "run_columns", "run_links", "dibao_data"]
    assert {e.key for s in results for e in s.expectations if not e.success} & set(run.counts) == failed
    with pytest.raises(AuditError, match="run/column_blank/vehicle counts 3 unexpected rows, SQL found 2"):
        wrong = replace(run, counts={**run.counts, "run/column_blank/vehicle": 2})
        validate(engine, MONTH, present, tmp_path / "again", few.counts, run=wrong, prepared=few)
    for path in (tmp_path / "checks").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert "无名氏" not in text and not re.findall(r"https?://|<script|<link|<img", text), path
    page = (tmp_path / "checks" / results[1].docs).read_text(encoding="utf-8")
    assert "车辆：姓名、身份证号空白各不超过20%" in page and "空白所占比例" in page


def test_without_archive_one_suite_runs(tmp_path: Path) -> None:
    engine = county(household({}))
    few = asked_little(engine, "dibao")
    results = validate(engine, MONTH, {"dibao"}, tmp_path / "checks", few.counts, prepared=few)
    assert [(s.name, s.success) for s in results] == [("dibao_data", True)]
    assert "缺少档案目录（archive），未核查" in (tmp_path / "checks" / "index.html").read_text(encoding="utf-8")
