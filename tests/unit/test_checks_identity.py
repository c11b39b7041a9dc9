"""What linkage found against a roster row's ID number: unlike names on one number, one person on two."""

from __future__ import annotations

import json
from typing import Any

import pytest
from checks_county import county, found, household, id_number, member, review, tie

TWO = "name=equal id=two_valid birth=equal sex=equal place=address phone=unknown"
KEYS = ("rule_id", "record_id", "evidence_dataset", "evidence_record_id")


def _register(row: int, name: str) -> dict[str, Any]:
    return {"record_id": f"户籍.tsv#-#{row}", "file": "户籍.tsv", "sheet": "-", "row": row, "name": name}


def test_name_conflict_reads_the_link_in_review() -> None:
    rows = household({}, {}, {})
    register = [_register(1, "张三"), _register(2, "李四"), _register(3, "甲丂乙")]
    links = [
        review(rows[0]["record_id"], "household_register", "户籍.tsv#-#1"),
        # her own name stands in the register beside an old one: no conflict
        review(rows[1]["record_id"], "household_register", "户籍.tsv#-#2"),
        review(rows[1]["record_id"], "household_register", "户籍.tsv#-#3", "link"),
        review(rows[2]["record_id"], "death", "死亡.csv#-#1"),
    ]
    result = found(county(rows, links=links, household_register=register), "household_register").rows
    assert result.select("rule_id", "record_id", "evidence_dataset", "evidence_record_id").rows() == [
        ("name_conflict", rows[0]["record_id"], "household_register", "户籍.tsv#-#1")
    ]
    assert json.loads(result["values"][0])["name"] == "张三"
    assert "张三" in result["summary"][0] and "户籍.tsv第1行" in result["summary"][0]


def test_identity_conflict_once_an_id_number() -> None:
    rows = household({}) + household({}, no="DB2", first=2) + household({}, no="DB3", first=3)
    ids = [r["record_id"] for r in rows]
    number = {"id_number": rows[0]["id_number"], "birth_date": rows[0]["birth_date"], "sex": rows[0]["sex"]}
    rows = [rows[0], rows[1] | number, rows[2] | number]
    links = [review(ids[0], "dibao", ids[1]), review(ids[0], "dibao", ids[2]), review(ids[1], "dibao", ids[2])]
    result = found(county(rows, links=links)).rows
    assert result.select("rule_id", "record_id", "evidence_record_id").rows() == [("identity_conflict", ids[0], ids[1])]


@pytest.mark.parametrize("turned", [False, True])
def test_identity_conflict_with_another_roster_whichever_way_the_link_points(turned: bool) -> None:
    rows = household({})
    own, other = rows[0]["record_id"], "特困.csv#-#1"
    tekun = [{"record_id": other, "file": "特困.csv", "sheet": "-", "row": 1, "name": "王五"}]
    link = review(other, "dibao", own) if turned else review(own, "tekun", other)
    result = found(county(rows, links=[link], tekun=tekun)).rows
    assert result.select("rule_id", "evidence_dataset", "evidence_record_id").rows() == [
        ("identity_conflict", "tekun", other)
    ]
    assert "特困名册" in result["summary"][0]


def test_a_rejected_pair_and_a_pair_the_model_asks_about_are_no_conflict_of_names() -> None:
    rows = household({}, {}, {})
    ids = [r["record_id"] for r in rows]
    register = [_register(1, "张三"), _register(2, "李四")]
    links = [
        tie(ids[0], "household_register", "户籍.tsv#-#1", "reject", "probabilistic", pattern="name=surname id=one_off"),
        tie(ids[0], "household_register", "户籍.tsv#-#2", "review", "repaired_id", pattern="name=surname id=one_off"),
        tie(ids[0], "dibao", ids[1], "reject", "household", pattern="name=unlike id=unknown"),
        tie(ids[0], "dibao", ids[2], "review", "probabilistic", pattern="name=equal id=other"),
    ]
    assert found(county(rows, links=links, household_register=register), "household_register").rows.is_empty()


def test_name_conflict_quotes_the_unlike_name_and_not_a_pair_beside_it() -> None:
    rows = household({})
    own = rows[0]["record_id"]
    register = [_register(1, "张三"), _register(2, "李四"), _register(3, rows[0]["name"])]
    links = [
        tie(own, "household_register", "户籍.tsv#-#1", "reject", "probabilistic"),
        review(own, "household_register", "户籍.tsv#-#2"),
        # her own record, under a number of its own, does not make this number hers
        tie(own, "household_register", "户籍.tsv#-#3", "link", "probabilistic", match_probability=0.9999),
    ]
    result = found(county(rows, links=links, household_register=register), "household_register").rows
    assert result.select(KEYS).rows() == [("name_conflict", own, "household_register", "户籍.tsv#-#2")]


def _again(row: dict[str, Any], record_id: str, **changes: Any) -> dict[str, Any]:
    """The same person's record in another file, under the next number that fits the same birth date and sex."""
    file, sheet, number = record_id.split("#")
    place = {"record_id": record_id, "file": file, "sheet": sheet, "row": int(number)}
    kept = {c: row[c] for c in ("name", "sex", "birth_date")}
    order = int(row["id_number"][14:17]) + 2
    return kept | {"id_number": id_number(row["birth_date"], order)} | place | changes


@pytest.mark.parametrize("decision", ["link", "review"])
def test_another_sound_number_in_the_register(decision: str) -> None:
    rows = household({})
    own, other = rows[0]["record_id"], _again(rows[0], "户籍.tsv#-#7")
    links = [tie(own, "household_register", other["record_id"], decision, "probabilistic", pattern=TWO)]
    (row,) = found(county(rows, links=links, household_register=[other]), "household_register").rows.to_dicts()
    assert (row["rule_id"], row["identity"]) == ("identity_conflict", "id_number/second")
    assert (row["severity"], row["confidence"]) == ("medium", "probable")
    assert (row["evidence_dataset"], row["evidence_record_id"]) == ("household_register", "户籍.tsv#-#7")
    assert json.loads(row["values"]) == {"field": "id_number", "id_number": other["id_number"]}
    assert row["summary"] == (
        f"{rows[0]['name']}（家庭编号DB1）在户籍数据中登记为另一个号码{other['id_number']}（户籍.tsv第7行），"
        "姓名、出生日期、性别、地址一致，疑为换号，请核实并统一；见低保.xlsx【名册】第1行。"
    )


@pytest.mark.parametrize("decision", ["review", "link"])
@pytest.mark.parametrize("names", [["张三丰"], ["张三丰", ""], []])
def test_a_number_that_the_register_has_under_another_name_is_not_asked_about(decision: str, names: list[str]) -> None:
    rows = household({})
    own, other = rows[0]["record_id"], _again(rows[0], "医保.csv#-#4")
    links = [tie(own, "medical", other["record_id"], decision, "probabilistic", pattern=TWO)]
    register = [
        _again(rows[0], f"户籍.tsv#-#{n}", id_number=other["id_number"], name=name or rows[0]["name"])
        for n, name in enumerate(names, 7)
    ]
    engine = county(rows, links=links, household_register=register, medical=[other])
    told = found(engine, "household_register", "medical").rows["identity"].to_list()
    assert told == ([] if names == ["张三丰"] and decision == "review" else ["id_number/second"])


def test_a_name_that_differs_is_quoted_and_not_said_to_agree() -> None:
    rows = household({"name": "甲□乙"})
    other = _again(rows[0], "户籍.tsv#-#7", name="甲丙乙")
    links = [tie(rows[0]["record_id"], "household_register", other["record_id"], "link", "probabilistic", pattern=TWO)]
    (row,) = found(county(rows, links=links, household_register=[other]), "household_register").rows.to_dicts()
    assert (
        f"在户籍数据中以“甲丙乙”登记为另一个号码{other['id_number']}（户籍.tsv第7行），出生日期、性别" in row["summary"]
    )


@pytest.mark.parametrize(
    ("change", "link"),
    [
        ({}, {"decision": "reject"}),
        ({}, {"pattern": TWO.replace("two_valid", "one_off")}),
        ({}, {"pattern": None}),
        # somebody without a sound number, whom the model tied to a person with two
        ({}, {"match_probability": 0.999}),
        ({"id_number": "own"}, {}),
        ({"id_number": "440281196105061230"}, {}),  # read as failing its check
        ({"id_number": id_number(member(1)["birth_date"].replace(day=9), 999)}, {}),
        ({"id_number": None}, {}),
    ],
)
def test_no_second_number(change: dict[str, Any], link: dict[str, Any]) -> None:
    rows = household({})
    if change.get("id_number") == "own":
        change = {"id_number": rows[0]["id_number"]}
    other = _again(rows[0], "户籍.tsv#-#7", **change)
    links = [
        tie(rows[0]["record_id"], "household_register", other["record_id"], "link", "probabilistic", pattern=TWO) | link
    ]
    states = {"440281196105061230": "checksum"}
    engine = county(rows, states=states, links=links, household_register=[other])
    assert found(engine, "household_register").rows.is_empty()


def test_the_row_s_own_number_must_be_sound() -> None:
    rows = household({})
    other = _again(rows[0], "户籍.tsv#-#7")
    links = [tie(rows[0]["record_id"], "household_register", other["record_id"], "link", "probabilistic", pattern=TWO)]
    engine = county(rows, states={rows[0]["id_number"]: "checksum"}, links=links, household_register=[other])
    assert found(engine, "household_register").rows["rule_id"].to_list() == ["id_number_invalid"]


@pytest.mark.parametrize("turned", [False, True])
def test_another_sound_number_in_another_roster_whichever_way_the_link_points(turned: bool) -> None:
    rows = household({})
    own, other = rows[0]["record_id"], _again(rows[0], "特困.csv#-#3")
    pair = (other["record_id"], "dibao", own) if turned else (own, "tekun", other["record_id"])
    links = [tie(*pair, "review", "probabilistic", pattern=TWO)]
    result = found(county(rows, links=links, tekun=[other])).rows
    assert result.select(KEYS).rows() == [("identity_conflict", own, "tekun", other["record_id"])]
    assert "在特困名册中登记为另一个号码" in result["summary"][0]


def test_both_rows_of_one_person_in_the_roster_are_told_once_each() -> None:
    first = member(1)
    second = member(2, "DB2") | _again(first, "低保.xlsx#名册#00002")
    links = [
        tie(first["record_id"], "dibao", second["record_id"], "link", "probabilistic", pattern=TWO),
        tie(second["record_id"], "dibao", first["record_id"], "link", "probabilistic", pattern=TWO),
    ]
    result = found(county([first, second], links=links)).rows
    assert sorted(result.select("record_id", "evidence_record_id").rows()) == [
        (first["record_id"], second["record_id"]),
        (second["record_id"], first["record_id"]),
    ]


def test_of_several_second_numbers_a_sure_one_is_quoted_and_the_register_before_others() -> None:
    rows = household({}, {})
    ids = [r["record_id"] for r in rows]
    pension = [_again(r, f"养老.csv#-#{n}") for n, r in enumerate(rows, 1)]
    register = [_again(r, f"户籍.tsv#-#{n}") for n, r in enumerate(rows, 1)]
    links = [tie(ids[n], "pension", f"养老.csv#-#{n + 1}", "link", "probabilistic", pattern=TWO) for n in (0, 1)] + [
        tie(ids[n], "household_register", f"户籍.tsv#-#{n + 1}", decision, "probabilistic", pattern=TWO)
        for n, decision in ((0, "link"), (1, "review"))
    ]
    engine = county(rows, links=links, household_register=register, pension=pension)
    result = found(engine, "household_register", "pension").rows
    assert result.select("record_id", "evidence_record_id").rows() == [
        (ids[0], "户籍.tsv#-#1"),
        (ids[1], "养老.csv#-#2"),
    ]
    assert "在养老待遇数据中登记为另一个号码" in result["summary"][1]


def _old(number: str) -> str:
    return number[:6] + number[8:17]


@pytest.mark.parametrize("turned", [False, True])
def test_the_fifteen_digit_form_beside_the_whole_number(turned: bool) -> None:
    whole = member(1)
    row = whole | {"id_number": _old(whole["id_number"])}
    other = _again(whole, "特困.csv#-#3", id_number=whole["id_number"])
    own = row["record_id"]
    pair = (other["record_id"], "dibao", own) if turned else (own, "tekun", other["record_id"])
    pattern = "name=equal id=old_form birth=equal sex=equal"
    states = {row["id_number"]: "old15"}
    result = found(county([row], states=states, links=[tie(*pair, "link", pattern=pattern)], tekun=[other])).rows
    (told,) = result.filter(rule_id="identity_conflict").to_dicts()
    assert (told["severity"], told["confidence"], told["identity"]) == ("low", "certain", "id_number/old_form")
    assert (told["record_id"], told["evidence_record_id"]) == (own, other["record_id"])
    assert (
        f"：系统仍登15位旧号，特困名册中已登记18位号码{whole['id_number']}（特困.csv第3行），请更新" in told["summary"]
    )


def test_no_old_form_where_everybody_has_it_or_the_pair_is_two_people() -> None:
    whole, second = member(1), member(2, "DB2")
    rows = [r | {"id_number": _old(r["id_number"])} for r in (whole, second)]
    register = [
        _again(whole, "户籍.tsv#-#1", id_number=rows[0]["id_number"]),
        _again(second, "户籍.tsv#-#2", id_number=second["id_number"], name="张三丰"),
    ]
    links = [
        tie(rows[0]["record_id"], "household_register", "户籍.tsv#-#1", "link", pattern="name=equal id=equal"),
        review(rows[1]["record_id"], "household_register", "户籍.tsv#-#2") | {"pattern": "name=unlike id=old_form"},
    ]
    states = {r["id_number"]: "old15" for r in rows}
    result = found(county(rows, states=states, links=links, household_register=register), "household_register").rows
    assert set(result["rule_id"]) == {"id_number_invalid", "name_conflict"}


def test_a_row_may_have_all_three_kinds() -> None:
    whole = member(1)
    row = whole | {"id_number": _old(whole["id_number"])}
    own = row["record_id"]
    other = _again(whole, "户籍.tsv#-#1", id_number=whole["id_number"])
    renumbered = _again(whole, "户籍.tsv#-#2")
    stranger = _again(whole, "特困.csv#-#1", id_number=whole["id_number"], name="张三丰")
    links = [
        tie(own, "household_register", "户籍.tsv#-#1", "link", pattern="name=equal id=old_form"),
        tie(own, "household_register", "户籍.tsv#-#2", "review", "probabilistic", pattern=TWO),
        review(own, "tekun", "特困.csv#-#1"),
    ]
    engine = county(
        [row], states={row["id_number"]: "old15"}, links=links,
        household_register=[other, renumbered], tekun=[stranger],
    )  # fmt: skip
    result = found(engine, "household_register").rows.filter(rule_id="identity_conflict")
    assert sorted(result.select("identity", "evidence_record_id").rows()) == [
        ("id_number", "特困.csv#-#1"),
        ("id_number/old_form", "户籍.tsv#-#1"),
        ("id_number/second", "户籍.tsv#-#2"),
    ]
