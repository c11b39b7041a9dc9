"""Two records side by side: what `audit explain` says is what linkage found."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from ingest_drops import make_drop
from support.cases import Judged, judge, name_of
from support.people import valid

from pipeline.engine.duck import DuckEngine
from pipeline.errors import BadInput
from pipeline.linkage.asked import explain_pair
from pipeline.linkage.compare import compare_records
from pipeline.linkage.compare_others import not_set_apart
from pipeline.linkage.compare_settled import _telling
from pipeline.linkage.compare_values import (
    LEFT,
    RIGHT,
    Told,
    tell_agreeing,
    tell_home,
    tell_number,
    tell_towns,
    values_of,
)
from pipeline.linkage.compared import Compared
from pipeline.linkage.county import county_spec
from pipeline.linkage.model import default_model

HOME = "town=乐城 village=V# address=A#"
# Title → rows of which the first two are compared; what settled the pair. Each of the two is its person's only record
# that says anything, so that the pair of records stands where the pair of persons stood.
DIRECT = {
    "a slip": ("dibao household_no=H# name=NAME id_number=@~ town=乐城\n"
               "medical name=NAME id_number=@ town=乐城", "repaired_id"),
    "a slip, the sector's": (f"dibao household_no=H# name=NAME id_number=@ {HOME}\n"
                             f"medical name=NAME id_number=@~ {HOME}", "repaired_id"),
    "swapped, by ear": ("dibao household_no=H# name=李红 id_number=@<> birth_date=BORN town=乐城\n"
                        "medical name=李宏 id_number=@ town=坪石", "repaired_id"),
    "masked": ("dibao household_no=H# name=NAME id_number=@* birth_date=BORN sex=男 town=乐城\n"
               "medical name=NAME id_number=@ town=乐城", "repaired_id"),
    "no number": (f"dibao household_no=H# name=NAME birth_date=BORN {HOME} phone=139#\n"
                  f"medical name=NAME id_number=@ {HOME} phone=138#", "probabilistic"),
    "no number, the sector's": ("dibao household_no=H# name=NAME id_number=@ town=乐城\n"
                                "medical name=NAME birth_date=BORN town=乐城", "probabilistic"),
    "a lost character": ("dibao household_no=H# name=何?芳 birth_date=BORN town=乐城\n"
                         "medical name=何海芳 id_number=@ town=乐城", "probabilistic"),
    "an account": ("temporary grant_no=G# name=NAME bank_account=6222# town=乐城 village=V#\n"
                   "dibao household_no=H# name=NAME id_number=@ bank_account=6222# town=乐城 village=V#",
                   "probabilistic"),
    "one household number": ("patrol household_no=T# name=NAME town=乐城\n"
                             "tekun household_no=T# name=NAME id_number=@ town=乐城", "household"),
    "a household with a known member": (
        "dibao household_no=H# name=NAMEb town=乐城\n"
        "household_register hukou_no=K# name=NAMEb id_number=@b town=乐城\n"
        "dibao household_no=H# name=NAME id_number=@ town=乐城\n"
        "household_register hukou_no=K# name=NAME id_number=@ town=乐城", None),
    "two wrong numbers, with a known member": (
        f"dibao household_no=H# name=NAME id_number=@~ birth_date=BORN {HOME}\n"
        f"household_register hukou_no=K# name=NAME id_number=@<> birth_date=BORN {HOME}\n"
        "dibao household_no=H# name=NAMEb id_number=@b town=乐城\n"
        "household_register hukou_no=K# name=NAMEb id_number=@b town=乐城", None),
    "another sex": (f"dibao household_no=H# name=NAME birth_date=BORN sex=女 {HOME} phone=139#\n"
                    f"medical name=NAME id_number=@ {HOME} phone=139#", "held_sex"),
    "another town": ("dibao household_no=H# name=NAME birth_date=BORN town=乐城\n"
                     "medical name=NAME id_number=@ town=坪石", "held_town"),
    "another name": ("dibao household_no=H# name=张小强 id_number=@~ birth_date=BORN town=乐城\n"
                     "medical name=张三丰 id_number=@ town=乐城", "held_name"),
    "taken": (f"dibao household_no=H# name=NAME birth_date=BORN {HOME}\n"
              f"dibao household_no=H# name=NAME id_number=@ {HOME}", "held_list"),
    "a rival": (f"dibao household_no=H# name=NAME birth_date=BORN {HOME}\nmedical name=NAME id_number=@ {HOME}\n"
                f"dibao household_no=H# name=NAME birth_date=BORN {HOME}", "rival"),
    "beside somebody who was linked": (
        f"tekun household_no=H# name=NAME id_number=@:1950-05-07<> sex=男 {HOME}\n"
        "household_register hukou_no=J# name=NAME birth_date=1950-05-17 sex=男 town=坪石\n"
        f"household_register hukou_no=K# name=NAME id_number=@:1950-05-07 sex=男 {HOME}", "below"),
    "one of two": ("dibao household_no=H# name=NAME birth_date=1950-05-07 town=乐城\n"
                   "medical name=NAME id_number=@:1950-05-07 town=乐城\n"
                   "property name=NAME id_number=@b:1950-05-07 town=乐城", "below"),
}  # fmt: skip
EXACT = {
    "one number": ("dibao household_no=H# name=NAME id_number=@ birth_date=1950-01-01\nmedical name=NAME id_number=@",
                   "same_id", {"id": "equal", "name": "equal"}),
    "the old number": ("dibao household_no=H# name=NAME id_number=@-15\nmedical name=NAME id_number=@",
                       "same_id", {"id": "old_form", "name": "equal"}),
    "somebody else's": ("dibao household_no=H# name=欧阳明 id_number=@\nmedical name=张三丰 id_number=@",
                        "id_conflict", {"id": "equal", "name": "unlike"}),
    "two sound numbers": ("dibao household_no=H# name=NAME id_number=@ town=乐城\n"
                          "medical name=NAME id_number=@b:BORN town=坪石",
                          "confirmed_apart", {"id": "two_valid", "name": "equal", "place": "other"}),
    "a changed number": (f"dibao household_no=H# name=NAME id_number=@ {HOME}\n"
                         f"medical name=NAME id_number=@b:BORN {HOME}",
                         "two_numbers", {"id": "two_valid", "name": "equal", "place": "address"}),
    "somebody else beside one whose number stands elsewhere": (
        f"dibao household_no=H# name=NAME birth_date=BORN {HOME} phone=139#\n"
        "property name=张三丰 id_number=@b town=乐城\n"
        f"medical name=NAME id_number=@ {HOME} phone=139#",
        "confirmed_apart", {"id": "two_valid", "name": "unlike"}),
    "nothing in common": ("dibao household_no=H# name=陈一 birth_date=1931-01-01\n"
                          "medical name=李二 birth_date=1985-10-20",
                          "below", {"name": "unlike", "birth": "other"}),
}  # fmt: skip
# Two of one household, who stand with a third in the register's as well.
TOGETHER = {
    "two of one household": "\n".join(
        f"{kind} name=NAME{who} id_number=@{who} town=乐城"
        for kind in ("dibao household_no=H#", "household_register hukou_no=K#") for who in ("", "b", "c")),
}  # fmt: skip
# Both records came to the person by a merge of their own.
INDIRECT = {
    "two loose rows of a third": """
        tekun household_no=T# name=NAME id_number=@~ phone=139#
        medical name=NAME phone=139#
        dibao household_no=T# name=NAME id_number=@""",
    "a name by ear of somebody known by the right one too": f"""
        dibao household_no=H# name=李红 birth_date=BORN {HOME}
        medical name=李宏 id_number=@
        household_register hukou_no=K# name=李红 id_number=@ {HOME}""",
}  # fmt: skip


@pytest.fixture(scope="module")
def drop(engine: DuckEngine) -> Mapping[str, Judged]:
    cases = {t: rows for t, (rows, *_) in (DIRECT | EXACT).items()} | INDIRECT | TOGETHER
    return judge(engine, cases)


Found = tuple[Compared, dict[str, object] | None]


@pytest.fixture(scope="module")
def compared(engine: DuckEngine, drop: Mapping[str, Judged]) -> dict[str, Found]:
    """Title → the first two records of the case compared, and their row of links."""
    out: dict[str, Found] = {}
    for title, case in drop.items():
        a, b = list(case.records)[:2]
        rows = engine.rows(
            "SELECT * FROM links WHERE roster_record_id IN ($a, $b) AND record_id IN ($a, $b)", {"a": a, "b": b}
        )
        out[title] = compare_records(engine, default_model(), a, b), next(rows.iter_rows(named=True), None)
    return out


def levels(found: Compared) -> dict[str, str]:
    return {f.field: f.level for f in found.fields if f.level is not None}


@pytest.mark.parametrize("title", DIRECT)
def test_what_is_explained_is_what_was_decided(compared: dict[str, Found], title: str) -> None:
    found, row = compared[title]
    assert row is not None
    said = dict(part.split("=") for part in str(row["pattern"]).split(" "))
    assert levels(found) == {k: v for k, v in said.items() if v != "unknown"}
    assert found.weight == pytest.approx(row["match_weight"], abs=0.02)
    assert found.probability == row["match_probability"]
    if found.runner_up is None:  # prior and weights alone make the probability
        assert found.probability == pytest.approx(1 / (1 + 2 ** -(found.prior + found.weight)), abs=1e-4)
    assert found.weighed is None
    assert (found.decision, found.tier) == (row["decision"], row["tier"])
    assert DIRECT[title][1] in (found.reason, None)


@pytest.mark.parametrize("title", EXACT)
def test_where_no_model_was_asked(compared: dict[str, Found], title: str) -> None:
    _, reason, fields = EXACT[title]
    found, row = compared[title]
    assert (found.reason, found.probability) == (reason, None)
    assert fields.items() <= levels(found).items()
    assert found.decision == (row["decision"] if row else "reject")


@pytest.mark.parametrize("title", INDIRECT)
def test_two_loose_records_of_one_person(compared: dict[str, Found], title: str) -> None:
    found, row = compared[title]
    assert row is not None and row["decision"] == "link"
    assert (found.decision, found.tier) == ("link", row["tier"])
    assert found.probability == row["match_probability"]


def test_where_the_homes_agree_by_another_record_that_home_is_shown() -> None:
    """The row names a town alone, the person's row in the register the whole address."""
    home = {"address": "乐城镇塔头村1号", "village": "塔头村", "town": "乐城"}
    blank = dict.fromkeys(("name", "id_number", "birth_date", "sex", "phone", "account", "group_no"))
    full = blank | home | {"dataset": "dibao", "record_id": "d#-#1"}
    bare = blank | {"dataset": "employment", "address": None, "village": None, "town": "乐城", "record_id": "e#-#1"}
    register = full | {"dataset": "household_register", "record_id": "户籍.csv#-#9"}
    around = {LEFT: [full], RIGHT: [bare, register]}
    for level, shown in ((2, True), (3, True), (1, False), (None, False)):
        left, right = Told(values_of(full)), Told(values_of(bare))
        tell_home(left, right, level, around)
        assert left == Told(values_of(full))
        assert right.values["place"] == ("乐城镇塔头村1号" if shown else "乐城")
        assert right.notes == ({"place": "见户籍：户籍.csv第9行"} if shown else {})


def test_the_towns_of_two_equal_addresses_are_told() -> None:
    home = {"address": "乐昌市乐城街道坝溪村27号", "village": "坝溪村", "dataset": "dibao", "record_id": "d#-#1"}
    blank = dict.fromkeys(("name", "id_number", "birth_date", "sex", "phone", "account", "group_no"))
    here, there = blank | home | {"town": "三溪"}, blank | home | {"town": "乐城"}
    for level, other, towns in ((0, there, ("三溪", "乐城")), (3, there, ("", "")), (0, here, ("", ""))):
        left, right = Told(values_of(here)), Told(values_of(other))
        assert tell_towns(left, right, level, {LEFT: [here], RIGHT: [other]}) == towns
        assert left.notes.get("place", "") == ("镇街：三溪" if towns[0] else "")
        assert right.notes.get("place", "") == ("镇街：乐城" if towns[0] else "")


def test_where_a_household_agrees_by_another_record_that_number_is_shown() -> None:
    blank = dict.fromkeys(("name", "id_number", "birth_date", "sex", "phone", "account", "address", "town", "village"))
    patrol = blank | {"dataset": "patrol", "record_id": "巡访#-#92", "group_no": "roster:TK177"}
    register = blank | {"dataset": "household_register", "record_id": "户籍.csv#-#2464", "group_no": "register:377"}
    paid = blank | {"dataset": "expenditure", "record_id": "发放明细.csv#-#1039", "group_no": "roster:TK177"}
    left, right = Told(values_of(patrol)), Told(values_of(register))
    tell_agreeing(left, right, "household", {LEFT: [patrol], RIGHT: [register, patrol | {"record_id": "p"}, paid]})
    assert left == Told(values_of(patrol)) and right.values["household"] == "TK177"
    assert right.notes["household"].startswith("见") and right.notes["household"].endswith("发放明细.csv第1039行")
    alone = Told(values_of(register))
    tell_agreeing(left, alone, "household", {LEFT: [patrol], RIGHT: [register]})
    assert alone == Told(values_of(register))


@pytest.mark.parametrize("title", [*DIRECT, *EXACT])
def test_a_comparison_is_whole_and_adds_up(compared: dict[str, Found], drop: Mapping[str, Judged], title: str) -> None:
    found, _ = compared[title]
    assert [f.field for f in found.fields] == [f.id for f in county_spec().fields]
    assert found.weight == pytest.approx(sum(f.weight for f in found.fields), abs=0.001)
    assert all(f.weight == 0 for f in found.fields if f.level is None)
    assert {found.left, found.right} == set(list(drop[title].records)[:2]) and found.prior < 0


@pytest.mark.parametrize(
    "title", [*("a slip", "no number, the sector's", "another name", "taken"), "two wrong numbers, with a known member"]
)
def test_which_record_is_named_first_does_not_matter(
    engine: DuckEngine, compared: dict[str, Found], drop: Mapping[str, Judged], title: str
) -> None:
    a, b = list(drop[title].records)[:2]
    assert compare_records(engine, default_model(), b, a) == compared[title][0]


def test_the_values_are_the_records_own(compared: dict[str, Found], drop: Mapping[str, Judged]) -> None:
    of = {f.field: (f.left, f.right) for f in compared["no number"][0].fields}
    at = drop["no number"].at
    assert of["name"] == (name_of(at), name_of(at))
    assert of["id"][0] is None and str(of["id"][1]).startswith("440281")
    assert of["place"] == (f"A{at}", f"A{at}") and of["phone"] == (f"139{at}", f"138{at}")


def test_a_number_that_stands_on_another_record_of_the_person_is_shown(compared: dict[str, Found]) -> None:
    """Two confirmed numbers set the pair apart: a page on which one of them is missing would contradict itself."""
    found, _ = compared["somebody else beside one whose number stands elsewhere"]
    number = next(f for f in found.fields if f.field == "id")
    assert number.left and number.right and number.left != number.right
    assert [note[:3] for note in number.notes if note] == ["见医保"]


def test_the_runner_up_is_told(compared: dict[str, Found], drop: Mapping[str, Judged]) -> None:
    found, _ = compared["one of two"]
    assert found.runner_up == pytest.approx(found.weight, abs=0.01) and found.probability is not None
    assert compared["no number"][0].runner_up is None
    other = list(drop["one of two"].records)[2]
    assert found.rival is not None and found.rival.record == other and compared["no number"][0].rival is None
    assert found.rival_chance == pytest.approx(found.probability, abs=1e-4)


@pytest.mark.parametrize(
    ("chance", "decision", "between", "one"),
    [(1.0, "review", "review", True), (1.0, "review", "reject", False), (0.0004, "reject", "review", False),
     (0.0004, "reject", "merged", True)],
)  # fmt: skip
def test_two_records_of_one_person_are_no_rivals(chance: float, decision: str, between: str, one: bool) -> None:
    """The next candidate is up for review as the pair's other record, or is that person's already."""
    pairs = [("x", "a", 50.0, 1.0, "link"), ("x", "b", 30.0, chance, decision)]
    if between != "merged":
        pairs.append(("b", "a", 24.0, 0.99, between))
    small = DuckEngine()
    try:
        names = ["left_person", "right_person", "weight", "probability", "decision"]
        small.load("pair_decision", pl.DataFrame(pairs, orient="row", schema=names))
        persons = {"own": ["x", "a", "b"], "person": ["a", "a", "a" if between == "merged" else "b"]}
        small.load("person_record", pl.DataFrame(persons))
        x, a = {"own": "x", "person": "a"}, {"own": "a", "person": "a"}
        settled = {"runner_up": 30.0, "probability": 1.0}
        assert not_set_apart(small, x, a, settled, 50.0) is not_set_apart(small, a, x, settled, 50.0) is one
        assert not not_set_apart(small, x, a, settled, 30.5)
        assert not not_set_apart(small, x, a, settled | {"probability": 0.6}, 50.0)
    finally:
        small.close()


def test_a_weight_that_linkage_made_of_other_records_is_told_beside(
    compared: dict[str, Found], drop: Mapping[str, Judged]
) -> None:
    found, row = compared["a name by ear of somebody known by the right one too"]
    assert row is not None and abs(found.weight - float(str(row["match_weight"]))) > 1
    assert found.weighed is not None and found.weighed.weight == pytest.approx(row["match_weight"])
    said = dict(part.split("=") for part in str(row["pattern"]).split(" "))
    at = levels(found)
    assert found.weighed.levels == {
        f: None if v == "unknown" else v for f, v in said.items() if at.get(f, "unknown") != v
    }
    records = list(drop["a name by ear of somebody known by the right one too"].records)
    told = {*found.weighed.left, *found.weighed.right}
    assert records[2] in told and told <= {*records}


def test_the_records_that_gave_what_was_compared_stand_among_those_told() -> None:
    blank = dict.fromkeys(("name", "id_number", "birth_date", "sex", "phone", "account", "group_no", "address"))
    blank |= {"town": "云岩", "village": None, "dataset": "expenditure"}
    rows = [blank | {"record_id": f"发放#-#{n}", "name": "黄德军"} for n in range(9)]
    rows.append(blank | {"record_id": "残疾#-#423", "name": "黃德軍", "phone": "150"})
    others = [blank | {"record_id": "户籍#-#1055", "name": "黃德軍"}]
    told = _telling(rows, others, ["name", "phone", "place"])
    assert told[:2] == ("发放#-#0", "残疾#-#423") and len(told) == 6
    assert "残疾#-#423" not in _telling(rows, others, []) and _telling([], others, ["name"]) == ()


def test_the_member_of_both_households_is_named(compared: dict[str, Found], drop: Mapping[str, Judged]) -> None:
    known = list(drop["a household with a known member"].records)
    found, _ = compared["a household with a known member"]
    assert levels(found)["household"] == "kin"
    assert found.member == (known[2], known[3])
    assert compared["one household number"][0].member is None


def test_one_household_is_not_taken_for_two(compared: dict[str, Found]) -> None:
    found, _ = compared["two of one household"]
    assert found.reason == "confirmed_apart" and found.member is None
    assert levels(found).get("household") != "kin"


def test_what_is_compared_as_the_number_has_it_is_said_to_be(compared: dict[str, Found]) -> None:
    """A row under a sound number without a birth date of its own: the number's is what agrees."""
    birth = next(f for f in compared["no number"][0].fields if f.field == "birth")
    assert birth.level == "equal" and birth.left == birth.right and birth.notes == ("", "据身份证号")
    said = {"id_birth": date(1950, 1, 3), "id_sex": "女"}
    told = Told({"birth": "1950-01-02", "sex": "其他"})
    tell_number(told, said)
    assert told.values == {"birth": "1950-01-03", "sex": "女"}
    assert told.notes == {"birth": "据身份证号，所登为1950-01-02", "sex": "据身份证号，所登为其他"}
    agreeing = Told({"birth": "1950-01-03", "sex": "女"})
    tell_number(agreeing, said)
    assert agreeing.notes == {}


@pytest.mark.parametrize("id_", ["dibao#999", "", "archive#1"])
def test_a_record_that_is_not_there_is_refused(engine: DuckEngine, drop: Mapping[str, Judged], id_: str) -> None:
    with pytest.raises(BadInput, match="no record of this id"):
        compare_records(engine, default_model(), "dibao#1", id_)


# --- from the files ------------------------------------------------------------------------------------------------

A, B = "dibao.csv#-#2", "医保.csv#-#2"
NUMBER = valid("440281", "19510501", 123)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A drop of two files: a roster row without a number, and the person in a sector's file."""
    return make_drop(
        tmp_path_factory.mktemp("files"),
        {
            "dibao.csv": "家庭编号,姓名,身份证号,出生日期,镇街\nDB1,张三丰,,1951-05-01,乐城\n",
            "医保.csv": f"姓名,身份证号,镇街,个人自付\n张三丰,{NUMBER},乐城,5\n",
        },
        roster=False,
    )


def test_a_pair_of_a_drop_is_explained_in_words_and_on_a_page(files: Path, tmp_path: Path) -> None:
    out = tmp_path / "pair.html"
    text = explain_pair(files, A, B, out=out)
    assert "张三丰" in text and "姓名" in text and "出生日期" in text
    assert NUMBER in out.read_text(encoding="utf-8")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_a_number_that_a_spreadsheet_cut_off_is_not_said_to_be_missing(tmp_path: Path) -> None:
    """On a roster it is refused and to be put right; a department's is compared as far as it is left."""
    cut = f"{NUMBER[:15]}000"
    drop = make_drop(
        tmp_path,
        {
            "dibao.csv": f"家庭编号,姓名,身份证号,出生日期,镇街\nDB1,张三丰,{cut},1951-05-01,乐城\n",
            "医保.csv": f"姓名,身份证号,镇街,个人自付\n张三丰,{NUMBER},乐城,5\n",
            "婚姻.csv": f"姓名,身份证号,配偶姓名,登记类型\n张三丰,{cut},李四妹,结婚\n",
        },
        roster=False,
    )
    text = explain_pair(drop, A, B)
    assert "低保名册所登身份证号不能用（号码末三位为000" in text and "没有身份证号" not in text
    assert "更正低保名册dibao.csv第2行的身份证号" in text and "补登" not in text
    text = explain_pair(drop, "婚姻.csv#-#2", B)
    assert f"{cut[:15]}***" in text and "隐去3位，其余15位一致" in text


def test_the_list_is_named_in_which_both_persons_have_a_row(tmp_path: Path) -> None:
    other = valid("440281", "19510501", 321)
    rows = "".join(f"张三丰,{n},1951-05-01,乐城,{k}\n" for n, k in ((NUMBER, "K1"), (other, "K2")))
    drop = make_drop(
        tmp_path,
        {
            "dibao.csv": f"家庭编号,姓名,身份证号,出生日期,镇街\nDB1,张三丰,{NUMBER},1951-05-01,乐城\n",
            "户籍.csv": f"姓名,身份证号,出生日期,镇街,户号\n{rows}",
        },
        roster=False,
    )
    assert "两人在户籍数据中各有一行（户籍.csv第2行、户籍.csv第3行）" in explain_pair(drop, A, "户籍.csv#-#3")


def test_a_masked_picture_by_a_bureau_s_own_model(files: Path, tmp_path: Path) -> None:
    own, out = replace(default_model(), matched_share=0.001), tmp_path / "pair.svg"
    (tmp_path / "own.json").write_text(own.to_json(), encoding="utf-8")
    text = explain_pair(files, B, A, out=out, model_file=tmp_path / "own.json", masked=True)
    assert text != explain_pair(files, B, A)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert NUMBER not in out.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"a": "nobody.csv#-#2"}, "no record of this id"),
        ({"drop": "no such folder"}, "the drop is not a folder"),
        ({"out": "pair.pdf"}, "no such kind of page"),
        ({"model_file": "no such.json"}, "cannot be read"),
    ],
)
def test_what_cannot_be_explained_is_said(files: Path, tmp_path: Path, how: dict[str, str], says: str) -> None:
    paths = {k: tmp_path / v for k, v in how.items() if k in ("out", "model_file", "drop")}
    with pytest.raises(BadInput, match=says):
        explain_pair(paths.pop("drop", files), how.get("a", A), B, **paths)
    assert not list(tmp_path.iterdir())
