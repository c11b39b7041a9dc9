"""How sure a finding is, what is held back until a person has judged, and the household a lead belongs to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.grid import load_tables, read_grid

from pipeline.engine.duck import DuckEngine
from pipeline.findings import Rule, examine, load_rules
from pipeline.findings.around import Around, Known, probability
from pipeline.identity import make_comparable
from pipeline.linkage import link
from pipeline.policy import pack_for


@pytest.fixture(scope="module")
def rules() -> dict[str, Rule]:
    return {r.id: r for r in load_rules(pack_for("2022-10").names)}


def run(engine: DuckEngine, folder: Path, rules: list[Rule], grid: str) -> list[dict[str, Any]]:
    """The findings of `rules` on one scenario's tables."""
    path = folder / "x.spec"
    path.write_text(f"month: 2022-10\n== x\n{grid}\nexpect: nothing\n", encoding="utf-8")
    (scenario,) = read_grid(path)
    load_tables(engine, scenario.tables)
    make_comparable(engine, scenario.present)
    link(engine, scenario.present)
    examine(engine, rules, scenario.month, pack_for(scenario.month), scenario.present)
    return list(engine.rows("SELECT * FROM finding_rows ORDER BY rule_id, record_id").iter_rows(named=True))


def sureness(found: list[dict[str, Any]]) -> list[tuple[str, str, bool]]:
    """Of each finding its record, its confidence, and whether its probability goes with that."""
    return [(f["record_id"], f["confidence"], (f["match_probability"] == 1) == (f["confidence"] == "certain"))
            for f in found]  # fmt: skip


def test_a_household_rule_hangs_on_the_member_s_row_not_on_the_head_s(
    engine: DuckEngine, rules: dict[str, Rule], tmp_path: Path
) -> None:
    found = run(engine, tmp_path, [rules["vehicle_owned"]], """
dibao
household_no | name | id_number | town | relation
H1 | 张三丰 | @1~ | 乐城 | 户主
H1 | 李小四 | @2 | 乐城 | 配偶
H2 | 王五 | @3 | 乐城 | 户主
H2 | 赵六海 | @4~ | 乐城 | 配偶
H3 | 钱七 | @5-15 | 乐城 | 户主
vehicle
name | id_number | plate
李小四 | @2 | 粤F1
赵六海 | @4 | 粤F2
钱七 | @5 | 粤F3
death
name | id_number | died_on
张三丰 | @1 | 2023-01-01
""")  # fmt: skip
    assert sureness(found) == [
        ("dibao#1", "certain", True),
        ("dibao#3", "probable", True),
        ("dibao#5", "certain", True),
    ]
    links = engine.rows(
        "SELECT match_probability FROM links WHERE roster_record_id = 'dibao#4' AND record_id = 'vehicle#2'"
    ).item()
    # a repaired number is never quite certain, however the probability was rounded
    assert found[1]["match_probability"] == pytest.approx(min(links, 0.999999)) and links > 0.9


def test_a_payment_hangs_on_its_payee_only_where_other_evidence_is_about_the_payee(
    engine: DuckEngine, rules: dict[str, Rule], tmp_path: Path
) -> None:
    found = run(engine, tmp_path, [rules["paid_after_death"], rules["paid_after_stop"]], """
dibao
household_no | name | id_number | town | relation | stop_month
H1 | 张三丰 | @1 | 乐城 | 户主 |
H2 | 李小四 | @2 | 乐城 | 户主 | 2022-05
payment
month | scheme | household_no | payee_name | payee_id_number | amount
2022-09 | dibao | H1 | 张三丰 | @1 | 600
2022-09 | dibao | H2 | 李小四 | @2~ | 500
2022-10 | dibao | H2 | 李小四 | @2~ | 500.50
death
name | id_number | died_on
张三丰 | @1~ | 2022-05-01
""")  # fmt: skip
    assert [(f["rule_id"], f["confidence"], f["match_probability"] < 1, str(f["money"])) for f in found] == [
        ("paid_after_death", "probable", True, "600.00"), ("paid_after_stop", "certain", False, "1000.50"),
    ]  # fmt: skip


def test_one_wrong_number_on_two_records_is_no_certainty(
    engine: DuckEngine, rules: dict[str, Rule], tmp_path: Path
) -> None:
    found = run(engine, tmp_path, [rules["vehicle_owned"]], """
dibao
household_no | name | id_number | town
H1 | 张三 | @1~ | 乐城
vehicle
name | id_number | plate
张三 | @1~ | 粤F1
""")  # fmt: skip
    assert sureness(found) == [("dibao#1", "probable", True)]


def known(person: str, p: float = 1.0, number: bool = True) -> Known:
    return Known(person, p, number)


@pytest.mark.parametrize(
    ("records", "rows", "absent", "expected"),
    [
        ({("dibao", "r"): known("A"), ("death", "d"): known("A")}, {}, False, 1.0),
        # a link's probability is that of both its records
        ({("dibao", "r"): known("A", 0.9), ("death", "d"): known("A", 0.8)}, {}, False, 0.72),
        # of several links the weakest
        ({("dibao", "r"): known("A"), ("a", "d"): known("A", 0.9), ("a", "e"): known("A", 0.8)}, {}, False, 0.72),
        # nothing is linked to the row of somebody else
        ({("dibao", "r"): known("B", 0.9), ("death", "d"): known("A")}, {}, False, 1.0),
        # … but the person's own row in the household is
        ({("dibao", "r"): known("B"), ("death", "d"): known("A")}, {"A": known("A", 0.9)}, False, 0.9),
        # a record without a number of its own that nothing is tied to
        ({("disability", "d"): known("d", 1.0, False)}, {}, False, 1.0),
        ({("disability", "d"): known("d", 1.0, False)}, {}, True, 0.98),
    ],
)  # fmt: skip
def test_the_weakest_link(
    records: dict[tuple[str, str], Known], rows: dict[str, Known], absent: bool, expected: float
) -> None:
    subject = next(iter(records))
    around = Around({}, records, {("dibao", "H1", person): row for person, row in rows.items()}, 0.98, {}, {}, {})
    group = [
        {"subject": "dibao|H1", "subject_dataset": subject[0], "record_id": subject[1], "scheme": "dibao",
         "household_no": "H1"}
    ]  # fmt: skip
    pieces = [k for k in records if k != subject] or [subject]
    assert probability(group, pieces, around, absent=absent) == pytest.approx(expected)


HELD = """
dibao
household_no | name | id_number | town | stop_month
H1 | 陈一一 | @9~ | 乐城 |
H2 | 刘一一 | @11~ | 乐城 | 2022-01
disability
name | id_number | town | kind | level
陈小小 | @9 | 坪石 | 肢体 | 1
刘小小 | @11 | 坪石 | 肢体 | 1
monitored
household_no | name | id_number | town | kind
M1 | 陈小小 | @9 | 坪石 | 边缘易致贫户
M1 | 王五 | @3 | 坪石 | 边缘易致贫户
"""


def test_a_candidate_whose_only_tie_to_a_roster_is_in_review_is_shown_as_such(
    engine: DuckEngine, rules: dict[str, Rule], tmp_path: Path
) -> None:
    both = [rules["severe_disability_uncovered"], rules["monitored_uncovered"]]
    found = run(engine, tmp_path, both, HELD)
    reviewed = engine.rows("SELECT count(*) FROM links WHERE decision = 'review'").item()
    assert reviewed > 0, "the case is one that a person must judge"
    # the other of the household is a lead all the same; so is she whose doubtful row is stopped anyway
    assert [(f["rule_id"], f["record_id"]) for f in found] == [
        ("monitored_uncovered", "monitored#2"), ("severe_disability_uncovered", "disability#2"),
    ]  # fmt: skip
    held = list(engine.rows("SELECT * FROM held_rows ORDER BY rule_id").iter_rows(named=True))
    assert [(f["rule_id"], f["record_id"]) for f in held] == [
        ("monitored_uncovered", "monitored#1"), ("severe_disability_uncovered", "disability#1"),
    ]  # fmt: skip
    assert "尚待比对：可能就是低保家庭H1的陈一一，如是同一人则已在册。" in held[1]["summary"]
    assert all("尚待比对" not in f["summary"] for f in found)


def test_screened_and_its_household(engine: DuckEngine, rules: dict[str, Rule], tmp_path: Path) -> None:
    (found,) = run(engine, tmp_path, [rules["severe_disability_uncovered"]], """
dibao
household_no | name | id_number | area
H9 | 李父 | @5 | 农村
disability
name | id_number | kind | level
李四 | @2 | 肢体 | 1
household_register
name | id_number | hukou_no | status
李四 | @2 | K2 | 正常
李父 | @5 | K2 | 正常
employment
name | id_number | wage_base | insured_from
李父 | @5 | 1106 | 2020-01
""")  # fmt: skip
    # two people at the rural standard of 553: the line is met exactly
    assert found["screened"] and found["severity"] == "low" and found["hukou_no"] == "K2"
    against = json.loads(found["evidence"])[-1]
    assert (against["dataset"], against["record_id"]) == ("employment", "employment#1")
    assert against["values"] == {"shows": "户人均月收入553.00元，不低于553.00元的标准"}
