"""停救通知书: which households get one, why the others do not, their numbers, and what stands in each.

A notice rests on the answer that stands and on nothing else: the conclusion 停保, the person met or the reason why not,
a signature, and facts written down. What lacks one of these is told, with what is lacking. Who died and lived alone
gets none: there is nobody to be told.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from pipeline.contract import COUNTY, scheme_zh
from pipeline.draw.results import STOPPED
from pipeline.errors import BadInput
from pipeline.fieldwork.columns import BY_NAME, BY_PRINT, BY_PROXY, IN_PERSON, NO, YES
from pipeline.fieldwork.papers.cases import Case, Visit
from pipeline.fieldwork.papers.evidence import (
    day_zh,
    flag_words,
    found_words,
    met_words,
    signature_words,
    visitors_words,
)
from pipeline.fieldwork.papers.register import Entry
from pipeline.fieldwork.progress.deadlines import first_month_unpaid
from pipeline.ledger.notices import Number, Wanted, decide_again, number_notices, numbers
from pipeline.ledger.visits import answers_text
from pipeline.masking import mask_number
from pipeline.policy import Policy

# the figures of the law that stand in a notice
FIGURES = (
    "field.stop_after_months", "field.publicity_days", "field.review_days", "field.suit_months", "lists.stop_basis",
)  # fmt: skip
# scheme → what the household has, what it no longer fits, what is decided
_WORDS: Mapping[str, tuple[str, str, str]] = {
    "dibao": ("享受最低生活保障", "最低生活保障条件", "停止发放最低生活保障金"),
    "tekun": ("享受特困人员救助供养", "特困人员救助供养条件", "终止特困人员救助供养，停发救助供养金"),
    "borderline": ("认定为最低生活保障边缘家庭", "最低生活保障边缘家庭认定条件", "取消最低生活保障边缘家庭认定"),
    "expenditure": ("认定为支出型困难家庭", "支出型困难家庭认定条件", "取消支出型困难家庭认定"),
}


@dataclass(frozen=True)
class Stop:
    """A case with the conclusion 停保. `lacking`: what a notice still wants, none = it gets one. `number`: its own.

    `died`: the only person of the household is dead, so that it ends without a notice.
    """

    case: Case
    lacking: tuple[str, ...]
    number: Number | None
    died: bool = False

    @property
    def visited_on(self) -> dt.date:
        """The day of the visit: of one that lacks nothing."""
        assert self.case.visit is not None and self.case.visit.visited_on is not None
        return self.case.visit.visited_on

    @property
    def again(self) -> bool:
        """Whether it was decided about again, after another visit, under its number."""
        return self.number is not None and self.number.issued_on != self.number.numbered_on

    @property
    def changed(self) -> bool:
        """Whether the answers are others than the notice's decision rested on."""
        return self.number is not None and self.number.answers != answers_hash(self.case.visit)


@dataclass(frozen=True)
class Stops:
    """Every case that ends in 停保, and numbers given to households whose answers no longer say so."""

    all: tuple[Stop, ...]
    withdrawn: tuple[tuple[Case, Number], ...]

    @property
    def noticed(self) -> list[Stop]:
        """Those that get a notice, by number."""
        some = [s for s in self.all if not s.lacking and not s.died and s.number]
        return sorted(some, key=lambda s: (s.number or (0,))[:2])

    @property
    def died(self) -> list[Stop]:
        """Those that end without a notice."""
        return [s for s in self.all if s.died and not s.lacking]

    @property
    def waiting(self) -> list[Stop]:
        """Those that get none yet."""
        return [s for s in self.all if s.lacking]


def lacking(case: Case, *, died: bool = False) -> tuple[str, ...]:
    """What a case with the conclusion 停保 wants before it can end, in words. Who `died` need not be met nor sign."""
    visit = case.visit
    assert visit is not None
    out = []
    if visit.visited_on is None:
        out.append("没有入户日期")
    if died:
        return tuple(out)
    if visit.said("met") != YES and not (visit.said("met") == NO and visit.said("note")):
        out.append("没有填是否见到本人" if visit.said("met") != NO else "未见到本人，也没有写明原因")
    out.extend(_unsigned(visit))
    if not visit.said("note") and not case.of("ineligible"):
        out.append("没有写明停保的事实：核查说明为空，信息比对也没有未处理的疑点")
    return tuple(out)


def _unsigned(visit: Visit) -> list[str]:
    if visit.said("signature") not in (BY_NAME, BY_PRINT):
        return [f"核查记录{signature_words(visit)}"]
    if visit.said("signed_by") == IN_PERSON:
        return []
    if visit.said("signed_by") == BY_PROXY:
        return [] if visit.said("proxy_reason") else ["核查记录由他人代签，没有写明原因"]
    return ["核查记录没有注明签字人"]


def answers_hash(visit: Visit | None) -> str:
    """SHA-256 of the visit's answers as the ledger holds them."""
    return hashlib.sha256(answers_text(visit.answers if visit else {}).encode()).hexdigest()


def stops_of(cases: Sequence[Case], con: duckdb.DuckDBPyConnection, month: str, alone: Collection[str] = ()) -> Stops:
    """The stops as the ledger knows them, without giving numbers. `alone`: units of a single person, besides tekun."""
    return _stops(cases, numbers(con, month), alone)


def numbered(
    cases: Sequence[Case], con: duckdb.DuckDBPyConnection, month: str, issued_on: dt.date, alone: Collection[str] = ()
) -> Stops:
    """The stops, every one that gets a notice with its number: by the order of the cases where it had none before.

    A household that was visited again after its notice's day is decided about again on `issued_on`; its number stays.
    The caller holds the transaction. BadInput as `number_notices`, and for a day of decision before the visit.
    """
    wanted = []
    for s in stops_of(cases, con, month, alone).all:
        if s.lacking or s.died:
            continue
        later = s.number is not None and s.visited_on > s.number.issued_on
        if (later or s.number is None) and s.visited_on > issued_on:
            raise BadInput(
                f"a household with the conclusion 停保 was visited on {s.visited_on}, after the day of the decision",
                file=s.case.visit.source.partition("@")[0] if s.case.visit else None,
                remedy=f"give --issued {s.visited_on} or a later day, or correct the ledger",
            )
        if later:
            decide_again(con, month, s.case.stop.unit, issued_on, answers_hash(s.case.visit))
        wanted.append(Wanted(s.case.stop.unit, s.case.stop.town, answers_hash(s.case.visit)))
    return _stops(cases, number_notices(con, month, issued_on, wanted), alone)


def _stops(cases: Sequence[Case], known: Mapping[str, Number], alone: Collection[str]) -> Stops:
    ending = [c for c in cases if c.conclusion == STOPPED]
    gone = {c.stop.unit for c in ending if c.head_died and (c.stop.scheme == "tekun" or c.stop.unit in alone)}
    every = tuple(
        Stop(c, lacking(c, died=c.stop.unit in gone), known.get(c.stop.unit), c.stop.unit in gone) for c in ending
    )
    withdrawn = tuple((c, known[c.stop.unit]) for c in cases if c.conclusion != STOPPED and c.stop.unit in known)
    return Stops(every, withdrawn)


def number_zh(number: Number) -> str:
    """'停救〔2022〕3号'."""
    return f"停救〔{number.year}〕{number.number}号"


def notice_values(stop: Stop, entry: Entry, policy: Policy) -> dict[str, Any]:
    """What the template 停救通知书 may name. 说明.txt of `audit field templates` says what each is."""
    case, number = stop.case, stop.number
    visit = case.visit
    assert visit is not None and number is not None
    has, condition, decided = _WORDS[case.stop.scheme]
    year, month = first_month_unpaid(number.issued_on, policy).split("-")
    basis = dict(policy.lists["lists.stop_basis"])
    flags = [flag_words(f, for_household=True) for f in case.of("ineligible")]
    days = int(policy.figures["field.publicity_days"])
    head = entry.name or case.stop.name
    return {
        "县": COUNTY["county"],
        "年": number.year,
        "号": number.number,
        "户主": head,
        "收件人": f"{head}户的家庭成员" if case.head_died else head,
        "称呼": "你" if case.stop.scheme == "tekun" else "你户",
        "证件号": entry.id_number,
        "证件号遮盖": mask_number(entry.id_number),
        "类别": scheme_zh(case.stop.scheme),
        "家庭编号": case.stop.household_no,
        "镇街": case.stop.town,
        "住址": case.stop.address or f"{case.stop.town}{case.stop.village}",
        "享受": has,
        "起始月": month_words(entry.since),
        "保障人数": entry.covered if case.stop.scheme == "dibao" else 0,
        "月金额": "" if entry.amount is None else f"{entry.amount:,.2f}".removesuffix(".00"),
        "核查日期": day_zh(visit.visited_on),
        "核查人": visitors_words(visit),
        "见面": met_words(visit),
        "签字": signature_words(visit),
        "核查事实": found_words(visit),
        "比对": [{"说明": text, "依据": clause} for text, clause in flags],
        "条件": condition,
        "停止依据": basis.get(case.stop.scheme, ""),
        "停发月": f"{year}年{int(month)}月",
        "处理": decided,
        "公示日数": days if case.stop.scheme == "tekun" else 0,
        "复议日数": int(policy.figures["field.review_days"]),
        "诉讼月数": int(policy.figures["field.suit_months"]),
        "决定日期": day_zh(number.issued_on),
    }


def month_words(month: str) -> str:
    """'2022-10' → '2022年10月', '' stays."""
    return f"{month[:4]}年{int(month[5:])}月" if month else ""
