"""Groups, staff list, routes and the plan made from a real draw; and the one sentence where there can be none."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipeline.draw.certificate import read
from pipeline.draw.extra import make_extra
from pipeline.draw.files import write
from pipeline.errors import BadInput
from pipeline.fieldwork.plan import LEFT_OUT, NO_TOWN, Guide, Plan, Stop, read_plan
from pipeline.fieldwork.routing.groups import read_groups
from pipeline.fieldwork.routing.guides import guides_of, read_guides
from pipeline.fieldwork.routing.make import Limits, make_plan
from pipeline.fieldwork.routing.routes import Home, cut
from pipeline.fieldwork.routing.routesheets import route_sheets
from pipeline.fieldwork.workdays import Workdays
from tests.unit.draw_sample import person
from tests.unit.fieldwork_sample import STAFF, Prepared, prepare, write_staff
from tests.unit.test_draw_extra import audit_of, finding

MONDAY = dt.date(2022, 10, 10)


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return prepare(tmp_path_factory.mktemp("field"))


def planned(field: Prepared, staff: Path, limits: Limits | None = None, **more: Any) -> Plan:
    return make_plan([field.certificate], field.drop, staff, read_groups(), limits or Limits(MONDAY), **more)


def test_routes_are_few_and_keep_villages_together() -> None:
    rng = random.Random(1)
    for _ in range(200):
        sizes = [rng.randrange(1, 7) for _ in range(rng.randrange(1, 6))]
        homes = [Home("长来", f"{v}村", f"{i:02d}", (f"u{v}-{i}",)) for v, n in enumerate(sizes) for i in range(n)]
        rng.shuffle(homes)
        capacity = rng.randrange(1, 9)
        routes = cut(homes, capacity)
        line = [h for r in routes for h in r.homes]
        assert line == sorted(homes, key=lambda h: h.place)
        assert len(routes) == -(-len(homes) // capacity)
        assert all(1 <= len(r.homes) <= capacity for r in routes)
    # 4 + 4 and not 5 + 3: the second village is not parted
    two = [Home("长来", "甲村", str(i), (f"a{i}",)) for i in range(4)]
    two += [Home("长来", "乙村", str(i), (f"b{i}",)) for i in range(4)]
    assert [len(r.homes) for r in cut(two, 5)] == [4, 4]
    assert [len(r.homes) for r in cut(two[:6], 5)] == [2, 4] or [len(r.homes) for r in cut(two[:6], 5)] == [4, 2]
    # a household whose village is not written comes last
    assert cut([Home("长来", "", "1", ("x",)), *two], 9)[0].homes[-1].units == ("x",)


def test_working_days_know_the_national_day() -> None:
    days = list(Workdays().within(dt.date(2022, 10, 1), dt.date(2022, 10, 16)))
    assert days == [dt.date(2022, 10, d) for d in (8, 9, 10, 11, 12, 13, 14)]
    with pytest.raises(BadInput, match="working days of 2099"):
        Limits(dt.date(2099, 1, 5)).days(3, [])


def test_every_drawn_unit_is_planned_by_the_rules(field: Prepared) -> None:
    plan, groups = field.plan, read_groups()
    units = {d.unit: d.town for d in read(field.certificate).drawn}
    assert {s.unit: s.town for s in plan.stops} == units and not plan.unplanned
    for stop in plan.stops:
        pair = plan.pair(stop)
        assert pair[0].number != pair[1].number
        assert all(v.party == stop.party == groups.visitors_of(stop.town) and v.town != stop.town for v in pair)
        assert Workdays().works(stop.day) and stop.day >= MONDAY
    both = [s for s in plan.stops if s.draws == ("care", "tekun")]
    assert both, "a person in two draws is one stop"
    per_day = Counter((n, s.day, s.route) for s in plan.stops for n in s.visitors)
    assert len({(n, d) for n, d, _ in per_day}) == len(per_day), "one route a person and day"


def test_the_plan_reads_back_and_is_the_same_again(field: Prepared, tmp_path: Path) -> None:
    assert read_plan(field.plan_file) == field.plan
    again = planned(field, field.folder / "staff.csv")
    assert again.json_text() == field.plan.json_text() and again.stem == field.plan.stem
    assert route_sheets(again) == route_sheets(field.plan)
    other = planned(field, field.folder / "staff.csv", Limits(MONDAY, None, 3))
    assert other.stem != field.plan.stem
    for text in ("{}", "[]", "no JSON", '{"kind": "fieldwork-plan", "format": 9}'):
        (tmp_path / "plan.json").write_text(text)
        with pytest.raises(BadInput, match="no plan of visits"):
            read_plan(tmp_path / "plan.json")


@pytest.mark.parametrize("by", ["name", "number", "both", "old number"])
def test_a_relative_is_never_sent(field: Prepared, tmp_path: Path, by: str) -> None:
    stop = next(s for s in field.plan.stops if s.town == "长来" and s.scheme == "tekun")
    n = int(stop.name.removeprefix("丙"))
    number = person(200 + n)
    cell = {"name": stop.name, "number": number, "both": f"{stop.name}（{number}）",
            "old number": number[:6] + number[8:17]}[by]  # fmt: skip
    for relative in STAFF[:3]:
        rows = tuple((*row[:3], cell if row is relative else "") for row in STAFF)
        plan = planned(field, write_staff(tmp_path / "s.csv", rows))
        of = plan.by_unit[stop.unit]
        assert relative[0] not in {v.name for v in plan.pair(of)}
        assert [plan.by_number[b].name for b in of.barred] == [relative[0]]


def test_a_carer_s_relative_is_not_sent_either(field: Prepared, tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    write(drop, {p.name: p.read_bytes() for p in field.drop.iterdir()})
    text = (drop / "特困.csv").read_text(encoding="utf-8").splitlines()
    (drop / "特困.csv").write_text(
        "\n".join([text[0] + ",照料人", *(line + ",何护理" for line in text[1:])]), encoding="utf-8"
    )
    rows = (*((*r[:3], "何护理") for r in STAFF[:1]), *STAFF[1:])
    plan = make_plan([field.certificate], drop, write_staff(tmp_path / "s.csv", rows), read_groups(), Limits(MONDAY))
    barred = {s.unit for s in plan.stops if 1 in s.barred}
    assert barred == {s.unit for s in plan.stops if s.scheme == "tekun" and s.party == 1}


@pytest.mark.parametrize(
    ("rows", "limits", "words"),
    [
        (STAFF[:4], Limits(MONDAY), ("group 2 has to visit", "坪石", "only 1 person", "add people from 乐城")),
        (STAFF[3:], Limits(MONDAY), ("group 1 has to visit", "乐城", "nobody of it")),
        (STAFF, Limits(dt.date(2022, 10, 1), dt.date(2022, 10, 7)), ("no working day",)),
        (
            STAFF,
            Limits(MONDAY, MONDAY, 4),
            ("group 1 has to make", "make 1 pairs in all on the 1 working days", "too few"),
        ),
    ],
)
def test_an_impossible_list_says_why(
    field: Prepared, tmp_path: Path, rows: Any, limits: Limits, words: tuple[str, ...]
) -> None:
    with pytest.raises(BadInput) as e:
        planned(field, write_staff(tmp_path / "s.csv", rows), limits)
    assert all(w in str(e.value) for w in words), str(e.value)
    assert not any(r[0] in str(e.value) for r in STAFF)


def test_a_household_whose_visitors_are_all_relatives_is_named_by_its_row(field: Prepared, tmp_path: Path) -> None:
    stop = next(s for s in field.plan.stops if s.town == "长来" and s.scheme == "tekun")
    rows = tuple((*row[:3], stop.name if i < 2 else "") for i, row in enumerate(STAFF))
    with pytest.raises(BadInput) as e:
        planned(field, write_staff(tmp_path / "s.csv", rows))
    row = stop.record_id.rpartition("#")[2]
    assert f"a household of 长来 (特困.csv第{row}行) can be visited by only 1 person of the 3 in group 1" in str(
        e.value
    )
    assert stop.name not in str(e.value)


def test_a_town_of_no_group_is_an_error_unless_left_out(field: Prepared, tmp_path: Path) -> None:
    staff = field.folder / "staff.csv"
    text = "[[group]]\nnumber = 1\ntowns = ['坪石', '三溪', '梅花']\n"
    text += "[[group]]\nnumber = 2\ntowns = ['长来', '廊田', '北乡']\n"
    (tmp_path / "g.toml").write_text(text, encoding="utf-8")
    groups = read_groups(tmp_path / "g.toml")
    with pytest.raises(BadInput, match=r"乐城, where \d+ units were drawn, stands in neither group"):
        make_plan([field.certificate], field.drop, staff, groups, Limits(MONDAY))
    plan = make_plan([field.certificate], field.drop, staff, groups, Limits(MONDAY), without=["乐城"])
    left = [s.unit for s in field.plan.stops if s.town == "乐城"]
    assert [u.unit for u in plan.unplanned] == sorted(left)
    assert {(u.reason, u.town) for u in plan.unplanned} == {(LEFT_OUT, "乐城")} and NO_TOWN != LEFT_OUT
    assert {s.unit for s in plan.stops} == {s.unit for s in field.plan.stops} - set(left)
    with pytest.raises(BadInput, match="stands in a group"):
        make_plan([field.certificate], field.drop, staff, groups, Limits(MONDAY), without=["坪石"])


def test_an_extra_draw_is_planned_beside_the_random_one(field: Prepared, tmp_path: Path) -> None:
    """Also a household that has been stopped, and one whose town nobody wrote."""
    drop = tmp_path / "drop"
    write(drop, {p.name: p.read_bytes() for p in field.drop.iterdir()})
    with (drop / "低保边缘.csv").open("a", encoding="utf-8") as file:
        file.write("BY900,丁九百,,\n")
    drawn = {s.household_no for s in field.plan.stops}
    stopped = "DB019"
    assert stopped not in drawn
    rows = [finding(stopped, town="乐城"), finding("BY900", scheme="borderline", town=None)]
    extra = make_extra(audit_of(tmp_path / "run", rows), "55120", "lottery", 9, certificates=[field.certificate])
    write(tmp_path, {"extra.json": extra.json_text().encode()})
    paths = [field.certificate, tmp_path / "extra.json"]
    plan = make_plan(paths, drop, field.folder / "staff.csv", read_groups(), Limits(MONDAY))
    assert [(c.kind, c.round) for c in plan.certificates] == [("random", 1), ("extra", None)]
    stop = plan.by_unit[f"dibao:{stopped}"]
    assert (stop.draws, stop.certificates, stop.town) == (("extra",), (plan.certificates[1].sha256,), "乐城")
    assert [(u.unit, u.reason) for u in plan.unplanned] == [("borderline:BY900", NO_TOWN)]
    (tmp_path / "r.xlsx").write_bytes(route_sheets(plan))
    left = openpyxl.load_workbook(tmp_path / "r.xlsx")["未排入"]
    assert [c.value for c in left[4]][1:] == ["borderline:BY900", "风险抽取", "未知镇街", "花名册没有写明镇街"]


def test_another_drop_is_noticed(field: Prepared, tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    write(drop, {"低保.csv": (field.drop / "低保.csv").read_bytes()})
    with pytest.raises(BadInput, match=r"\d+ of the \d+ drawn units are not in the drop"):
        make_plan([field.certificate], drop, field.folder / "staff.csv", read_groups(), Limits(MONDAY))


def test_a_certificate_twice_is_refused(field: Prepared) -> None:
    with pytest.raises(BadInput, match="given twice"):
        make_plan([field.certificate] * 2, field.drop, field.folder / "staff.csv", read_groups(), Limits(MONDAY))


def test_guides_stand_on_their_routes(field: Prepared, tmp_path: Path) -> None:
    file = tmp_path / "g.csv"
    file.write_text("向导名单\n镇街,向导,联系电话\n长来镇,何导,13900000001\n坪石,文导,\n", encoding="utf-8")
    plan = planned(field, field.folder / "staff.csv", guides_file=file)
    assert read_guides(file, ["长来", "坪石"]) == plan.guides
    (tmp_path / "p.json").write_text(plan.json_text(), encoding="utf-8")
    assert read_plan(tmp_path / "p.json") == plan and replace(plan, guides=()) == field.plan
    (tmp_path / "r.xlsx").write_bytes(route_sheets(plan))
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    of = {row[3]: row[7:9] for row in book["总表"].iter_rows(min_row=4, values_only=True)}
    assert of == {"长来": ("何导", "13900000001"), "坪石": ("文导", None), "乐城": (None, None)}
    lines = [str(c) for page in book for row in page.iter_rows(values_only=True) for c in row if c]
    assert any("向导：何导　　向导电话：13900000001" in line for line in lines)
    for text, word in (
        ("镇街,向导\n外县,何导\n", "no group"),
        ("镇街,向导\n长来,\n", "without a name"),
        ("镇,导\n", "镇街 and 向导"),
    ):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(BadInput, match=word):
            read_guides(file, ["长来"])


def test_a_guide_of_a_village_leads_its_routes() -> None:
    def stop(village: str) -> Stop:
        return Stop("u", (), (), "dibao", "", "", "长来", village, "", "", "", 1, (1, 2), MONDAY, 1, 1)

    town, one, two = (Guide("长来", v, v or "镇", "") for v in ("", "甲村", "乙村"))
    other = Guide("坪石", "", "别镇", "")
    guides = [other, town, one, two]
    assert guides_of([stop("甲村"), stop("丙村")], guides) == [one]
    assert guides_of([stop("甲村"), stop("乙村")], guides) == [one, two]
    assert guides_of([stop("丙村"), stop("")], guides) == [town]
    assert guides_of([stop("甲村")], [other]) == []


def test_route_sheets_have_a_page_a_route_with_the_guide_s_column(field: Prepared, tmp_path: Path) -> None:
    (tmp_path / "r.xlsx").write_bytes(route_sheets(field.plan))
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    days = sorted({s.day for s in field.plan.stops})
    assert book.sheetnames == ["总表", "核查人安排", *(f"{d.month}月{d.day}日" for d in days)]
    overview = list(book["总表"].iter_rows(min_row=4, values_only=True))
    assert [row[0] for row in overview] == sorted({s.route for s in field.plan.stops})
    assert sum(row[6] for row in overview) == len(field.plan.stops)
    seen = 0
    for day in days:
        page = book[f"{day.month}月{day.day}日"]
        routes = {s.route for s in field.plan.stops if s.day == day}
        heads = [r for r in page.iter_rows(values_only=True) if r[0] == "顺序"]
        assert len(heads) == len(routes) and all("向导" in h for h in heads)
        assert len(page.row_breaks.brk) == len(routes) - 1
        assert page.page_setup.orientation == "landscape" and page.page_setup.paperSize == 9
        seen += sum(1 for r in page.iter_rows(values_only=True) if r[0] and str(r[0]).isdigit())
    assert seen == len(field.plan.stops)
    assert all(c.data_type != "f" for page in book for row in page.iter_rows() for c in row)
