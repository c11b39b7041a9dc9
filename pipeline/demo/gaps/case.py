"""One household, tekun person or grant that a gap is planted on: complete until then, with all of its papers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pipeline.demo.assemble import PERSON
from pipeline.demo.model import Case, County, Row
from pipeline.demo.months import day_in
from pipeline.demo.rosters import account, family_case, relation_of, tekun_case

FAMILY_PAPERS = (
    "申请书", "承诺书", "核对授权书", "身份证户口簿复印件", "核对报告", "入户调查表", "公示", "审核确认表", "银行账户",
)  # fmt: skip
PAPERS: dict[str, tuple[str, ...]] = {
    "dibao": FAMILY_PAPERS,
    "borderline": FAMILY_PAPERS,
    "tekun": (*FAMILY_PAPERS, "生活自理能力评估表", "供养协议", "赡养人情况"),
    "expenditure": (*FAMILY_PAPERS, "支出凭证"),
    "temporary": ("申请书", "核对授权书", "核对报告", "审批表", "事由证明"),
}
_USUAL = {"health": "健康", "labour_capacity": "部分", "cause": "因病", "area": "农村"}


@dataclass
class GapCase:
    """`rows`: the roster rows with person columns and, as written, `id_written`, `name_written`; `papers`: the archive.

    `archived_as`: the number that the papers stand under, where it is not the household's own.
    """

    county: County
    scheme: str
    no: str
    rows: list[Row]
    papers: list[Row] = field(default_factory=list)
    archived_as: str | None = None
    case: Case | None = None  # whose payments are made
    lists: dict[str, list[Row]] = field(default_factory=dict)  # further records of patrol and care_assessment

    @property
    def head(self) -> Row:
        return self.rows[0]

    @property
    def last(self) -> Row:
        return self.rows[-1]

    def set(self, **values: Any) -> None:
        """Write these values on every row."""
        for row in self.rows:
            row.update(values)

    def paper(self, document: str, **values: Any) -> None:
        """One more item of the archive, there, signed and dated."""
        head = self.head
        on = head["granted_on"] if self.scheme == "temporary" else _filed(self.county, str(head["start_month"]))
        row = {"document": document, "present": True, "signed_by": head["name"], "signed_on": on, "pages": 2}
        self.papers.append(row | values)

    def without(self, *documents: str) -> None:
        self.papers = [p for p in self.papers if p["document"] not in documents]

    def stop(self) -> None:
        """The whole household stopped half a year ago: its file holds the notice alone."""
        month = self.county.month.back(6)
        self.set(stop_month=month, stop_reason="家庭收入超过标准", start_month=self.county.month.back(30))
        self.papers = []
        self.paper("停救通知书")


def _filed(c: County, start: str) -> date:
    return c.month.day(0, 1) if start >= c.month.text else day_in(start, 8)


def make_case(c: County, scheme: str, home: int, *, grown: bool = False) -> GapCase:
    """A complete household of the register household `home` (of one person for tekun and grants)."""
    pids = list(c.people.of_home(home))
    if scheme == "temporary":
        rows = [_grant(c, pids[0])]
        made = GapCase(c, scheme, str(rows[0]["grant_no"]), rows)
    else:
        case = tekun_case(c, home, pids[:1]) if scheme == "tekun" else family_case(c, scheme, home, pids)
        made = GapCase(c, scheme, case.no, case.rows, case=case)
        made.set(disability_type=None, disability_level=None, last_review_on=c.month.day(2, 9))
        if scheme == "dibao":
            made.set(**_USUAL, covered=True, category="B")
        if scheme == "tekun":
            made.set(support_mode="分散", institution=None, carer_pid=None, care_agreement_on=None)
            made.set(account_holder=None, **_able(c))
            made.set(bank_account=account(c), holder_pid=pids[0])
    for row in made.rows:
        row["account_holder"] = row.get("account_holder") or str(c.people.name[pids[0]])
        _person(c, row)
    for document in PAPERS[scheme]:
        made.paper(document)
    return made


def _able(c: County) -> Row:
    pay = c.figures.care_pay["全自理"]
    return {"self_care": "全自理", "care_level": "全自理", "care_amount": pay, "assessed_on": c.month.day(2, 7)}


def _grant(c: County, pid: int) -> Row:
    return {
        "pid": pid, "grant_no": f"LS{c.next_serial():07d}", "kind": "支出型", "reason": "突发重大疾病",
        "amount": float(c.between(10, 60) * 100), "granted_on": c.month.day(c.between(0, 8), c.between(1, 28)),
        "household_size": int(c.people.size[c.people.home[pid]]), "bank_account": account(c),
    }  # fmt: skip


def _person(c: County, row: Row) -> None:
    p, pid = c.people, int(row["pid"])
    home = p.home[pid]
    person = dict(
        zip(
            PERSON,
            (p.name[pid], p.id_number[pid], "男" if p.male[pid] else "女", p.birth[pid].astype("datetime64[D]").item(),
             p.town[home], p.village[home], p.address[home], p.phone[pid]),
            strict=True,
        )
    )  # fmt: skip
    row |= {k: v if isinstance(v, date) else str(v) for k, v in person.items()}
    row |= {"id_written": row["id_number"], "name_written": row["name"], "id_as_number": False, "id_lost": False}
    row |= {"noise": "exact", "error": "none", "broken": False, "number_pid": None}
    if "relation" in row:
        row["relation"] = relation_of(c, pid)
