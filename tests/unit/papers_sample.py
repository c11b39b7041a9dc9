"""A small draw with its plan, ledger and findings, for the tests of status and papers; visits are added by hand."""

from __future__ import annotations

import datetime as dt
import json
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl
from draw_sample import MONTH, TOWNS, person, small_drop

from pipeline.draw import files
from pipeline.draw.certificate import Certificate, make
from pipeline.draw.frame import freeze
from pipeline.fieldwork.papers.papers import Outcome, write_papers
from pipeline.fieldwork.papers.render import Papers
from pipeline.fieldwork.plan import Plan, Stop
from pipeline.fieldwork.routing.groups import read_groups
from pipeline.fieldwork.routing.make import Limits, make_plan
from pipeline.fieldwork.workdays import Workdays
from pipeline.ledger.store import opened
from pipeline.ledger.visits import VisitRow, add_visits
from pipeline.policy import pack_for

FIRST = dt.date(2022, 10, 10)
ISSUED = dt.date(2022, 10, 26)
_SIX = ("home", "persons", "structure", "employment", "income")
GOOD: dict[str, Any] = {
    "visitors": ["张核", "李查"], "met": "是", **dict.fromkeys(_SIX, "相符"), "health": "不涉及", "lives_here": "是",
    "members_true": "是", "work_true": "不清楚", "present": 2, "signature": "签名", "signed_by": "本人",
}  # fmt: skip


@dataclass(frozen=True)
class Field:
    """Where everything of one small field work is."""

    folder: Path

    @property
    def drop(self) -> Path:
        return self.folder / "drop"

    @property
    def ledger(self) -> Path:
        return self.folder / "ledger.duckdb"

    @property
    def run(self) -> Path:
        return self.folder / MONTH

    @property
    def out(self) -> Path:
        return self.folder / "papers"

    @cached_property
    def certificate_file(self) -> Path:
        return next(self.folder.glob("draw/draw-*.json"))

    @cached_property
    def plan_file(self) -> Path:
        return next(self.folder.glob("plan-*.json"))

    @cached_property
    def plan(self) -> Plan:
        from pipeline.fieldwork.plan import read_plan

        return read_plan(self.plan_file)

    def stops(self, scheme: str, party: int | None = None) -> list[Stop]:
        return [s for s in self.plan.stops if s.scheme == scheme and party in (None, s.party)]

    def visit(self, stop: Stop, conclusion: str, day: dt.date | None = None, **answers: Any) -> None:
        """Put a visit into the ledger: everything in order, but for `answers` ('' takes one out)."""
        self.visits([stop], conclusion, day, **answers)

    def visits(self, stops: Sequence[Stop], conclusion: str, day: dt.date | None = None, **answers: Any) -> None:
        """The same of several, at once."""
        rows = []
        for stop in stops:
            on = day or stop.day
            filled = GOOD | {"visited_on": on.isoformat(), "conclusion": conclusion} | answers
            filled = {k: v for k, v in filled.items() if v != ""}
            told = f"made#{json.dumps(filled, sort_keys=True)}"
            rows.append(VisitRow(stop.certificates[0], stop.unit, stop.town, stop.party, on, conclusion, filled, told))
        with opened(self.ledger) as con:
            add_visits(con, rows)

    def papers(
        self, issued: dt.date = ISSUED, *, run: bool = True, templates: Path | None = None, papers: Papers | None = None
    ) -> Outcome:
        return write_papers(
            self.plan, self.drop, self.ledger, self.run if run else None, self.out, papers=papers or Papers(templates),
            issued_on=issued, policy=pack_for(MONTH), workdays=Workdays(),
        )  # fmt: skip

    def notices(self) -> list[Path]:
        return sorted((self.out / "停救通知书").glob("停救通知书-*.docx"))

    def sheet(self, book: str, sheet: str) -> list[dict[str, str]]:
        """A sheet's rows under its headings, as text."""
        frame = pl.read_excel(self.out / f"{book}.xlsx", sheet_name=sheet, has_header=False, engine="calamine",
                              infer_schema_length=0, drop_empty_rows=False)  # fmt: skip
        rows = frame.rows()
        head = [str(h) for h in rows[2]]
        return [dict(zip(head, ["" if v is None else str(v) for v in r], strict=True)) for r in rows[3:]
                if str(r[0]) != "无"]  # fmt: skip


def words(path: Path) -> str:
    """Everything a paper says, paragraph by paragraph."""
    with zipfile.ZipFile(path) as file:
        xml = file.read("word/document.xml").decode()
    paragraphs = re.findall(r"<w:p[ >].*?</w:p>", xml, flags=re.S)
    lines = ["".join(re.findall(r"<w:t(?: [^>]*)?>([^<]*)</w:t>", p)) for p in paragraphs]
    return "\n".join(line for line in lines if line.strip())


def small_field(folder: Path) -> Field:
    """The small drop, drawn and planned; the ledger empty; findings about the first drawn household of dibao."""
    drop = small_drop(folder / "drop")
    frame = freeze(drop, MONTH)
    name = f"frame-{MONTH}.tsv"
    files.write(folder / "draw", {name: frame.text.encode(), f"{name}.sha256": files.sum_line(name, frame.sha256)})
    c: Certificate = make(folder / "draw" / name, "4163325114", "ten dice")
    files.write(folder / "draw", {f"{c.stem}.json": c.json_text().encode()})
    staff = folder / "staff.csv"
    lines = ["姓名,单位", *(f"{a}{b},{town}" for town in TOWNS for a in "赵钱" for b in ("一", "二"))]
    staff.write_text("\n".join(lines), encoding="utf-8")
    plan = make_plan([folder / "draw" / f"{c.stem}.json"], drop, staff, read_groups(), Limits(FIRST, capacity=3))
    (folder / f"{plan.stem}.json").write_text(plan.json_text(), encoding="utf-8")
    with opened(folder / "ledger.duckdb"):
        pass
    made = Field(folder)
    _findings(made)
    return made


def _findings(made: Field) -> None:
    flagged = made.stops("dibao")[0]
    tekun, dead = made.stops("tekun")[0], made.stops("tekun")[-1]
    row = {
        "fingerprint": "f1", "rule_id": "vehicle_owned", "category": "ineligible", "severity": "high",
        "confidence": "certain", "scheme": "dibao", "town": flagged.town, "household_no": flagged.household_no,
        "record_id": flagged.record_id, "status": "new", "summary": "低保家庭成员名下有机动车：粤F00001",
        "basis": "《最低生活保障审核确认办法》第十四条",
    }  # fmt: skip
    more = {"name": "漏某", "id_number": "440281194001011234", "village": "上坪"}
    row |= dict.fromkeys(more, None)
    rows = [
        row,
        row | more | {"fingerprint": "f6", "rule_id": "severe_disability_uncovered", "category": "missing",
                      "scheme": None, "household_no": None, "summary": "持有一级残疾证，未在册"},
        row | more | {"fingerprint": "f7", "rule_id": "assessment_missing", "category": "care", "scheme": "tekun",
                      "household_no": "TK999", "summary": "没有评估记录"},
        row | more | {"fingerprint": "f8", "rule_id": "patrol_missing", "category": "care", "scheme": "tekun",
                      "household_no": "TK998", "summary": "没有巡访"},
        row | {"fingerprint": "f2", "rule_id": "income_over_line", "severity": "medium", "status": "dismissed",
               "summary": "已排除的收入疑点"},
        row | {"fingerprint": "f3", "rule_id": "required_field_empty", "category": "data", "summary": "漏填"},
        row | {"fingerprint": "f4", "rule_id": "care_level_mismatch", "category": "care", "scheme": "tekun",
               "town": tekun.town, "household_no": tekun.household_no, "record_id": tekun.record_id,
               "summary": "评估六项中4项不能自理，应为全护理", "basis": "《特困人员认定办法》第二十二条"},
        row | {"fingerprint": "f5", "rule_id": "deceased_on_roster", "scheme": "tekun", "town": dead.town,
               "household_no": dead.household_no, "record_id": dead.record_id, "summary": "已于2022-06-12死亡"},
    ]  # fmt: skip
    made.run.mkdir()
    pl.DataFrame(rows).write_parquet(made.run / "findings.parquet")
    (made.run / "run.json").write_text(json.dumps({"month": MONTH}), encoding="utf-8")


__all__ = ["FIRST", "GOOD", "ISSUED", "Field", "person", "small_field", "words"]
