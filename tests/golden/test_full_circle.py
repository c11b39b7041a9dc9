"""The full circle of the field work on a demonstration county: draw, plan, ledgers out, filled in as people do it,
collected twice, status, papers, estimate. Everything by the command line, in the order in which a bureau does it.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from support import town
from support.town import STOPPED, Filled, Truth, fill, truth_of

from pipeline.cli import cli
from pipeline.contract import TOWNS
from pipeline.fieldwork.plan import Plan, Stop, read_plan
from pipeline.ledger.store import opened
from pipeline.ledger.visits import read_visits

MONTH = "2022-10"
AS_OF = "2022-10-31"
PEOPLE, SEED = 3_000, 7


def audit(*args: str | Path) -> str:
    """The console program in this process; it must end well."""
    done = CliRunner().invoke(cli, [str(a) for a in args], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def words(path: Path) -> str:
    """Everything a paper says, in one line."""
    with zipfile.ZipFile(path) as file:
        return "".join(re.findall(r"<w:t(?: [^>]*)?>([^<]*)</w:t>", file.read("word/document.xml").decode()))


@dataclass
class Circle:
    """What the steps made, and what each said."""

    folder: Path
    told: dict[str, str] = field(default_factory=dict)
    odd: dict[str, str] = field(default_factory=dict)  # ledger → how its town filled it in
    before: list[dict[str, Any]] = field(default_factory=list)  # the visits after the first collection

    @property
    def drop(self) -> Path:
        return self.folder / "demo" / "drop"

    @property
    def run(self) -> Path:
        return self.folder / "out" / MONTH

    @property
    def ledger(self) -> Path:
        return self.folder / "out" / "ledger.duckdb"

    @property
    def certificate(self) -> Path:
        return self.folder / "draw" / f"draw-{MONTH}-round1.json"

    @property
    def plan_file(self) -> Path:
        return next((self.folder / "field").glob("plan-*.json"))

    @property
    def plan(self) -> Plan:
        return read_plan(self.plan_file)

    @property
    def papers(self) -> Path:
        return self.folder / "papers"

    @property
    def given(self) -> list[str | Path]:
        return ["--ledger", self.ledger, "--plan", self.plan_file, "--draw", self.certificate]

    @property
    def truth(self) -> Truth:
        return truth_of(self.folder / "demo" / "truth")

    @property
    def results(self) -> Path:
        return self.folder / "collected" / f"核查结论-{MONTH}.csv"

    def collect(self, paths: Sequence[Path]) -> str:
        return audit("collect", *paths, *self.given, "--run", self.run, "--as-of", AS_OF, "--out",
                     self.folder / "collected")  # fmt: skip

    def write_papers(self, issued: str = "2022-11-02") -> str:
        return audit("field", "papers", *self.given, "--drop", self.drop, "--run", self.run, "--out", self.papers,
                     "--issued", issued)  # fmt: skip

    def drawn(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.certificate.read_text(encoding="utf-8"))["drawn"]
        return found

    def visits(self, *, history: bool = False) -> list[dict[str, Any]]:
        with opened(self.ledger) as con:
            return list(read_visits(con, history=history).iter_rows(named=True))


# how a town fills in its ledger, in the order of the towns with the most households
WRONG, HALF, RENAMED, NO_PHOTOS, NO_INCOME, PASTED = "wrong", "half", "renamed", "no photos", "no income", "pasted"
ODD = (WRONG, HALF, RENAMED, NO_PHOTOS, NO_INCOME, PASTED)


@pytest.fixture(scope="module")
def circle(tmp_path_factory: pytest.TempPathFactory) -> Circle:
    """Every step but the last corrections: two rounds of filling in and collecting, then the papers."""
    c = Circle(tmp_path_factory.mktemp("circle"))
    audit("demo", "--people", str(PEOPLE), "--seed", str(SEED), "--month", MONTH, "--out", c.folder / "demo")
    audit("run", "--drop", c.drop, "--month", MONTH, "--out", c.folder / "out")
    draw = c.folder / "draw"
    audit("draw", "frame", "--drop", c.drop, "--month", MONTH, "--out", draw)
    audit("draw", "make", "--frame", draw / f"frame-{MONTH}.tsv", "--seed", "4163325114", "--seed-note", "ten dice",
          "--out", draw)  # fmt: skip
    staff = c.folder / "staff.csv"
    people = [f"{'赵钱孙李'[n]}{t},{t}" for t in TOWNS for n in range(4)]
    staff.write_text("\n".join(["姓名,单位", *people]), encoding="utf-8")
    # a town that a typing error put on a roster belongs to no group
    elsewhere = sorted({d["town"] for d in c.drawn()} - set(TOWNS))
    without = [x for t in elsewhere for x in ("--without", t)]
    audit("field", "plan", "--draw", c.certificate, "--drop", c.drop, "--staff", staff, "--from", "2022-10-17",
          "--until", "2022-10-28", *without, "--out", c.folder / "field")  # fmt: skip
    audit("field", "ledgers", "--plan", c.plan_file, "--drop", c.drop, "--run", c.run, "--out", c.folder / "field")
    first = _filled(c, c.folder / "returned", odd=True)
    c.told["first"] = c.collect([*first, _replied(c)])
    c.told["status"] = audit("status", *c.given, "--today", "2022-10-25")
    c.before = c.visits()
    second = [path for path in _filled(c, c.folder / "corrected", odd=False) if path.name in c.odd]
    c.told["second"] = c.collect(second)
    c.told["again"] = c.collect([*first, *second])
    c.told["papers"] = c.write_papers()
    c.told["estimate"] = audit(
        "draw", "estimate", c.certificate, "--results", c.results, "--frame", draw / f"frame-{MONTH}.tsv", "--run",
        c.run, "--out", draw,
    )  # fmt: skip
    return c


def _replied(c: Circle) -> Path:
    """A town's workbook of the audit with its first lead of an omission answered."""
    for path in sorted((c.run / "towns").glob("*.xlsx")):
        book = openpyxl.load_workbook(path)
        page = book["疑似漏保"]
        at = {cell.value: cell.column for cell in page[3]}
        if page.cell(4, at["疑点编号"]).value:
            for heading, text in (("镇核实结果", "属实"), ("核实说明", "确有其事"), ("核实人/日期", "王某 2022-10-21")):
                page.cell(4, at[heading]).value = text
            to = c.folder / "returned" / path.name
            book.save(to)
            return to
    raise AssertionError("no town has a lead of an omission")


def _filled(c: Circle, to: Path, *, odd: bool) -> list[Path]:
    """Every ledger as its town fills it in; the oddities go to the towns with the most households."""
    to.mkdir()
    plan, truth = c.plan, c.truth
    care = {d["unit"]: d["care"] for d in c.drawn() if d["draw"] == "care"}
    sizes = sorted(plan.ledgers().items(), key=lambda of: (-len(of[1]), of[0]))
    made = []
    for n, ((_, place), stops) in enumerate(sizes):
        path = next((c.folder / "field").glob(f"入户核查台账_*_{place}.xlsx"))
        how = ODD[n] if odd and n < len(ODD) else ""
        if how:
            assert len(stops) >= 4, "an oddity needs room"
            c.odd[path.name] = how
        made.append(_one(fill(path, plan, truth, care, to / path.name, CHANGES.get(how, _as_is)), how))
    return made


def _as_is(n: int, given: dict[str, Any]) -> dict[str, Any]:
    return given


def _wrong(n: int, given: dict[str, Any]) -> dict[str, Any]:
    """A conclusion that there is not, a day that has not come, a proxy without a reason; the rest is right."""
    odd = ({"conclusion": "取消"}, {"visited_on": dt.date(2023, 1, 5)}, {"signed_by": "代签"})
    return given | (odd[n] if n < len(odd) else {})


def _half(n: int, given: dict[str, Any]) -> dict[str, Any]:
    """The first row only begun, every second one not at all."""
    return {"visited_on": given["visited_on"], "met": "是"} if n == 0 else {} if n % 2 else given


def _pasted(n: int, given: dict[str, Any]) -> dict[str, Any]:
    """Days as text; the second one is none."""
    return given | {"visited_on": "上周三" if n == 1 else town.as_text(given["visited_on"], n)}


CHANGES = {WRONG: _wrong, HALF: _half, PASTED: _pasted}


def _one(path: Path, how: str) -> Path:
    """What is done to the sheet as a whole."""
    ledger = Filled(path)
    if how == RENAMED:
        ledger.sheet.title = "Sheet1"
    if how in (NO_PHOTOS, NO_INCOME):
        ledger.sheet.delete_cols(ledger.at["照片编号" if how == NO_PHOTOS else "六查收入"])
    return ledger.save()


def stops_of(c: Circle, how: str) -> list[Stop]:
    """The households of the town that filled in its ledger so, in the ledger's order."""
    name = next(name for name, of in c.odd.items() if of == how)
    return next(stops for (_, place), stops in c.plan.ledgers().items() if name.endswith(f"_{place}.xlsx"))


def taken(c: Circle, stops: Sequence[Stop]) -> list[bool]:
    """Of which of these an answer stood after the first collection."""
    there = {v["unit"] for v in c.before}
    return [s.unit in there for s in stops]


def back(c: Circle, how: str) -> list[str]:
    """The reasons in what was sent back of that ledger, a row each."""
    name = next(name for name, of in c.odd.items() if of == how)
    path = c.folder / "collected" / f"退回-{name}"
    if not path.exists():
        return []
    rows = list(openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True))
    at = next(row for row in rows if "退回原因" in row).index("退回原因")
    return [str(row[at]) for row in rows[3:] if row[at]]


def test_good_rows_are_never_lost_because_of_bad_ones(circle: Circle) -> None:
    wrong, half, pasted = (taken(circle, stops_of(circle, how)) for how in (WRONG, HALF, PASTED))
    assert wrong == [False] * 3 + [True] * (len(wrong) - 3)
    assert half == [n > 0 and n % 2 == 0 for n in range(len(half))]
    assert pasted == [n != 1 for n in range(len(pasted))]
    for how in (RENAMED, NO_PHOTOS):
        assert all(taken(circle, stops_of(circle, how))), how
    assert not any(taken(circle, stops_of(circle, NO_INCOME)))
    right = [s for s in circle.plan.stops if not any(s in stops_of(circle, how) for how in ODD)]
    assert right and all(taken(circle, right))


def test_every_bad_row_goes_back_with_its_reason(circle: Circle) -> None:
    wrong = back(circle, WRONG)
    assert len(wrong) == 3
    assert "核查结论" in wrong[0] and "入户日期" in wrong[1] and "代签" in wrong[2]
    assert len(back(circle, HALF)) == 1 and "没有填写" in back(circle, HALF)[0]
    assert len(back(circle, PASTED)) == 1 and "入户日期" in back(circle, PASTED)[0]
    assert len(back(circle, NO_INCOME)) == len(stops_of(circle, NO_INCOME))
    assert all("六查收入" in reason for reason in back(circle, NO_INCOME))
    assert back(circle, RENAMED) == back(circle, NO_PHOTOS) == []


def test_pasted_days_are_read_as_the_days_they_are(circle: Circle) -> None:
    days = {v["unit"]: v["visited_on"] for v in circle.before}
    for n, stop in enumerate(stops_of(circle, PASTED)):
        assert n == 1 or days[stop.unit] == stop.day


def test_the_second_file_fills_the_gaps_and_the_same_again_adds_nothing(circle: Circle) -> None:
    after = circle.visits()
    assert {v["unit"] for v in after} == {s.unit for s in circle.plan.stops}
    kept = {v["unit"]: v for v in after}
    for v in circle.before:
        assert v["conclusion"] == kept[v["unit"]]["conclusion"]
    assert " 0 new, 0 changed" in circle.told["again"]
    history = circle.visits(history=True)
    # only the ledger that lost its photos' numbers was answered otherwise
    changed = {v["unit"] for v in history if v["version"] > 1}
    assert changed == {s.unit for s in stops_of(circle, NO_PHOTOS)}


def test_the_status_tells_what_was_outstanding(circle: Circle) -> None:
    late = sum(s.day < dt.date(2022, 10, 25) for s, there in zip(
        circle.plan.stops, taken(circle, circle.plan.stops), strict=True) if not there)  # fmt: skip
    rows = [line.split() for line in circle.told["status"].splitlines()]
    totals = [row for row in rows if row[1:2] == ["all"]]
    assert sum(int(r[2]) for r in totals) == len(circle.plan.stops)
    assert sum(int(r[3]) for r in totals) == len(circle.before)
    assert sum(0 if r[5] == "-" else int(r[5]) for r in totals) == late > 0
    assert "visits are outstanding" in circle.told["status"]


def test_notices_go_to_those_that_the_truth_ends_and_to_nobody_else(circle: Circle) -> None:
    truth = circle.truth
    ended = {s.unit: s for s in circle.plan.stops if truth.of(s.unit)[0] == STOPPED}
    notices = sorted((circle.papers / "停救通知书").glob("*.docx"))
    assert len(notices) > 10
    assert [int(p.name.split("-")[2]) for p in notices] == list(range(1, len(notices) + 1))
    said = "\n".join(words(p) for p in notices)
    untold = [s for s in ended.values() if f"编号{s.household_no}；" not in said]
    # whose head is dead: alone, or nobody signed for the family
    assert len(notices) + len(untold) == len(ended) and all(s.record_id in truth.dead for s in untold)
    others = {s.household_no for s in circle.plan.stops} - {s.household_no for s in ended.values()}
    assert not any(f"编号{number}；" in said for number in others)
    before = {p.name: p.read_bytes() for p in notices}
    circle.write_papers("2022-11-03")
    assert {p.name: p.read_bytes() for p in sorted((circle.papers / "停救通知书").glob("*.docx"))} == before


def test_the_reports_and_lists_count_the_same(circle: Circle) -> None:
    for party, name in ((1, "第一组"), (2, "第二组")):
        text = words(circle.papers / f"小组核查报告-{name}.docx")
        own = [s for s in circle.plan.stops if s.party == party]
        ended = sum(circle.truth.of(s.unit)[0] == STOPPED for s in own)
        assert f"应核查{len(own)}户（人），已有核查结论{len(own)}户（人），没有结论0户（人）" in text
        assert f"拟停保{ended}户（人）" in text
        assert "未见到本人" in text or not any(s.record_id in circle.truth.dead for s in own)
    for name in ("停保注销清单", "纳入办理清单", "护理复评清单"):
        assert (circle.papers / f"{name}.xlsx").is_file()
    replied = openpyxl.load_workbook(circle.papers / "纳入办理清单.xlsx")["镇街核实的漏保"]
    assert "确有其事" in str(replied.cell(4, 10).value)


def test_the_interval_covers_what_is_true_of_the_whole(circle: Circle) -> None:
    """The planted errors of everybody who could have been drawn, against the interval from those who were."""
    frame = (circle.folder / "draw" / f"frame-{MONTH}.tsv").read_text(encoding="utf-8").splitlines()
    units = [line.split("\t") for line in frame if not line.startswith("#")]
    truth = circle.truth
    wrong: dict[str, int] = {}
    for draw, _, _, unit in units:
        bad = unit in truth.wrong_level if draw == "care" else truth.of(unit)[0] != town.KEPT
        wrong[draw] = wrong.get(draw, 0) + bad
    told = {}
    for line in circle.told["estimate"].splitlines():
        if found := re.match(r"(\w+): \d+ wrong of \d+ verified; of \d+ in all: (\d+) to (\d+)", line):
            told[found[1]] = (int(found[2]), int(found[3]))
    assert set(told) == {*wrong, "all"}
    for draw, count in wrong.items():
        assert told[draw][0] <= count <= told[draw][1], (draw, count, told[draw])
    total = sum(n for draw, n in wrong.items() if draw != "care")
    low, high = told["all"]
    assert low <= total <= high and high - low < len(units) / 2
