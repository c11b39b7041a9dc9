"""脱贫、停救家庭走访、预警台账: who was stopped or lifted out of poverty, how pressing a visit is, and when it is due.

Grades, by what the month's data show of a household's members:
    红   in monitoring, and the risk is not cleared; or a need that nobody covers and nothing speaks against
    黄   in monitoring, the risk cleared or not said; or a need beside which something speaks against it
    绿   neither

A 脱贫户 is on the list for having been poor once. It is in no monitoring: that its risk is "not cleared" says nothing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from pipeline.contract import COUNTY, TOWNS, scheme_zh
from pipeline.draw.words import unit_id
from pipeline.monthly.gathered import Month
from pipeline.publish.leads import town_of
from pipeline.publish.sheets import Col, Sheet
from pipeline.publish.words import OPEN, UNKNOWN_TOWN, month_zh
from pipeline.publish.workbook import Block, Book

RED, YELLOW, GREEN = "红", "黄", "绿"
_DAYS = {RED: "visit_days_red", YELLOW: "visit_days_yellow", GREEN: "visit_days_green"}
STOPPED, LIFTED = "停救", "脱贫"

# Stopped households, and households of the monitoring list whose risk is cleared or that were lifted out of poverty,
# with nobody enrolled. `risk`: true not cleared, false cleared, null not said or in no monitoring. `kinds`: of those in
# monitoring; `lifted_only`: on the list, and every row of it 脱贫户.
_HOUSEHOLDS = """
WITH watched AS (
  SELECT m.person, m.household_no, m.record_id, m.name, m.town, m.village, m.kind, m.cleared,
         coalesce(m.kind, '') <> '脱贫户' AS followed
  FROM monitored m
  WHERE m.registered_month IS NULL OR m.registered_month <= $month
),
stopped AS (
  SELECT s.scheme, s.household_no, h.town, h.village, h.name, s.stopped_from, s.stop_reason,
         coalesce(bool_or(w.followed), false) AS watched, coalesce(bool_and(NOT w.followed), false) AS lifted_only,
         bool_or(NOT w.cleared) FILTER (w.followed) AS risk,
         string_agg(DISTINCT w.kind, '、' ORDER BY w.kind) FILTER (w.followed) AS kinds
  FROM stopped_household s
  JOIN household h ON h.scheme = s.scheme AND h.household_no = s.household_no
  LEFT JOIN roster r ON r.scheme = s.scheme AND r.household_no = s.household_no
  LEFT JOIN watched w ON w.person = r.person
  GROUP BY ALL
),
lifted AS (
  SELECT 'monitored' AS scheme, w.household_no, min_by(w.town, w.record_id) AS town,
         min_by(w.village, w.record_id) AS village, min_by(w.name, w.record_id) AS name,
         CAST(NULL AS VARCHAR) AS stopped_from, CAST(NULL AS VARCHAR) AS stop_reason,
         bool_or(w.followed) AS watched, bool_and(NOT w.followed) AS lifted_only,
         bool_or(NOT w.cleared) FILTER (w.followed) AS risk,
         string_agg(DISTINCT w.kind, '、' ORDER BY w.kind) FILTER (w.followed) AS kinds
  FROM watched w
  WHERE w.household_no IS NOT NULL
    AND w.person NOT IN (SELECT person FROM enrolled)
    AND w.person NOT IN (SELECT r.person FROM roster r SEMI JOIN stopped_household s
                         ON s.scheme = r.scheme AND s.household_no = r.household_no)
  GROUP BY w.household_no
  HAVING bool_or(w.cleared) OR bool_or(w.kind = '脱贫户')
)
SELECT * FROM stopped UNION ALL SELECT * FROM lifted ORDER BY ALL
"""
# The needs of the households' members: a lead of this month that is not dismissed.
_NEEDS = """
WITH lead AS (
  SELECT f.rule_id, f.screened, f.scheme, f.household_no, unnest(from_json(f.evidence, '["JSON"]')) AS piece
  FROM findings f WHERE f.category = 'missing' AND f.status IN ('new', 'continuing', 'reopened')
),
who AS (
  SELECT DISTINCT l.rule_id, l.screened, m.household_no AS watched_no, r.scheme, r.household_no
  FROM lead l
  JOIN person_record p ON p.record_id = l.piece ->> 'record_id'
  LEFT JOIN monitored m ON m.person = p.person
  LEFT JOIN roster r ON r.person = p.person
)
SELECT coalesce(scheme, 'monitored') AS scheme, coalesce(household_no, watched_no) AS household_no,
       bool_or(NOT coalesce(screened, false)) AS plain, list(DISTINCT rule_id ORDER BY rule_id) AS rules
FROM who WHERE coalesce(household_no, watched_no) IS NOT NULL GROUP BY ALL
UNION
SELECT scheme, household_no, bool_or(NOT coalesce(screened, false)), list(DISTINCT rule_id ORDER BY rule_id)
FROM lead WHERE scheme IS NOT NULL AND household_no IS NOT NULL GROUP BY ALL
"""
_PATROLS = """
SELECT household_no, max(visited_on) AS day FROM patrol
WHERE household_no IS NOT NULL AND visited_on <= $as_of GROUP BY household_no
"""


@dataclass(frozen=True)
class Household:
    """A household to be visited: `due` the day by which, `late` days after it (0: not yet due)."""

    kind: str
    scheme: str
    number: str
    town: str
    village: str
    head: str
    stopped_from: str | None
    reason: str
    grade: str
    why: str
    visited: dt.date | None
    due: dt.date
    late: int


def visits_book(month: Month, visited: dict[str, dt.date]) -> tuple[Book, int]:
    """The workbook, and how many visits are overdue at the month's ledger day."""
    found = households(month, visited)
    head = f"{COUNTY['county']}　{month_zh(month.month)}"
    late = sum(h.late > 0 for h in found)
    facts: list[tuple[Any, ...]] = [
        ("核查月份", month_zh(month.month)),
        ("截止日", month.as_of.isoformat()),
        ("停救家庭", sum(h.kind == STOPPED for h in found)),
        ("脱贫（风险消除）家庭", sum(h.kind == LIFTED for h in found)),
        *((f"{grade}色预警", sum(h.grade == grade for h in found)) for grade in (RED, YELLOW, GREEN)),
        ("走访逾期", late),
        ("监测对象数据", "已报送" if "monitored" in month.datasets else "未报送：脱贫家庭没有列入，预警只按其余数据"),
    ]
    rules = [
        (f"停救家庭：近{int(month.policy.figures['limits.stopped_months'])}个月内整户停保（不是因死亡停保）、没有成员重新纳入的。"
         "脱贫家庭：监测对象中的脱贫户和风险已消除户，没有成员在册，也不在停救家庭之内的。",),
        ("红色：成员是监测对象（三类监测户，不含脱贫户）且风险未消除，或本月有疑似漏保线索（含回头看）而没有排除情形。",),
        ("黄色：成员是监测对象、风险已消除或未填，或有疑似漏保线索而同户有排除情形。绿色：以上都没有。",),
        (f"走访期限：自停保月份（停发的第一个月）1日起{month.days('first_visit_days')}天内首次走访；此后红色每{month.days('visit_days_red')}天、"
         f"黄色每{month.days('visit_days_yellow')}天、绿色每{month.days('visit_days_green')}天走访一次。"
         "这些天数是本程序自定的，待核，可由政策参数（monthly）更改。",),
        ("上次走访取自巡访记录和抽查走访台账；没有记录的按没有走访过算。脱贫家庭没有走访记录的，期限从本月初算起。",),
    ]  # fmt: skip
    sheets = [_list(found, head, month), _by_town(found, head), _look_back(month, head)]
    blocks = [
        Block("基本情况", facts, ("项目", "内容")),
        Block("本册各表", [(s.name, _ABOUT[s.name]) for s in sheets], ("工作表", "内容")),
        Block("怎样分级、怎样定期限", rules),
    ]
    title = f"{COUNTY['county']}脱贫、停救家庭走访、预警台账（{month_zh(month.month)}）"
    return Book(title, month.month, blocks, sheets, head), late


_ABOUT = {
    "走访预警": "每户的预警等级、上次走访和应走访日期，走访后填写结果",
    "各镇街": "每个镇街的户数、预警等级和逾期户数",
    "回头看": "停保后仍是监测对象、没有成员在册的家庭",
}


def households(month: Month, visited: dict[str, dt.date]) -> list[Household]:
    """Every household of the ledger, town by town, the most pressing first."""
    engine = month.pub.engine
    needs: dict[tuple[str, str], tuple[bool, list[str]]] = {}
    for scheme, number, plain, rules in engine.rows(_NEEDS).iter_rows():
        before = needs.get((scheme, number), (False, []))
        needs[scheme, number] = (before[0] or plain, sorted({*before[1], *rules}))
    patrols = dict(engine.rows(_PATROLS, {"as_of": month.as_of}).iter_rows())
    found = []
    for row in engine.rows(_HOUSEHOLDS, {"month": month.month}).iter_rows(named=True):
        grade, why = _grade(month, row, needs.get((row["scheme"], row["household_no"])))
        days = [patrols.get(row["household_no"]), visited.get(unit_id(row["scheme"], row["household_no"]))]
        known = [d for d in days if d is not None and d <= month.as_of]
        begun = dt.date.fromisoformat(f"{row['stopped_from'] or month.month}-01")
        last = max((d for d in known if d >= begun or row["stopped_from"] is None), default=None)
        wait = month.days(_DAYS[grade]) if last else month.days("first_visit_days")
        due = (last or begun) + dt.timedelta(days=wait)
        found.append(
            Household(
                LIFTED if row["scheme"] == "monitored" else STOPPED, row["scheme"], row["household_no"],
                town_of(row["town"]), row["village"] or "", row["name"] or "", row["stopped_from"],
                row["stop_reason"] or "", grade, why, last, due, max((month.as_of - due).days, 0),
            )
        )  # fmt: skip
    order = {t: i for i, t in enumerate((*TOWNS, UNKNOWN_TOWN))}
    grades = (RED, YELLOW, GREEN)
    return sorted(found, key=lambda h: (order[h.town], grades.index(h.grade), h.due, h.scheme, h.number))


def _grade(month: Month, row: dict[str, Any], need: tuple[bool, list[str]] | None) -> tuple[str, str]:
    """The grade and what it rests on."""
    why = []
    if row["watched"]:
        risk = "风险未消除" if row["risk"] else "风险已消除" if row["risk"] is False else "风险是否消除未填"
        why.append(f"监测对象（{row['kinds'] or '类别未填'}），{risk}")
    if need:
        titles = "、".join(month.pub.titles.get(rule, rule) for rule in need[1])
        why.append(f"{titles}{'' if need[0] else '（有排除情形）'}")
    if row["risk"] or (need and need[0]):
        return RED, "；".join(why)
    if why:
        return YELLOW, "；".join(why)
    return GREEN, "脱贫户，没有漏保线索" if row["lifted_only"] else "没有监测记录，没有漏保线索"


def _list(found: list[Household], head: str, month: Month) -> Sheet:
    columns = (
        Col("序号", 5, "centre"), Col("镇街", 8), Col("村居", 9), Col("类别", 6, "centre"),
        Col("原救助类别", 9, "centre"), Col("家庭编号", 16, "id"), Col("户主", 8),
        Col("停保月份", 9, "centre"), Col("停保原因", 14), Col("预警", 6, "centre"), Col("预警依据", 28),
        Col("上次走访", 11, "centre"),
        Col("应走访日期", 11, "centre"), Col("逾期天数", 7, "count"), Col("走访日期", 10, "reply"),
        Col("走访人", 9, "reply"), Col("走访情况及处理", 18, "reply"),
    )  # fmt: skip
    rows = [
        (i, h.town, h.village, h.kind, "监测对象" if h.kind == LIFTED else scheme_zh(h.scheme), h.number, h.head,
         h.stopped_from or "", h.reason, h.grade, h.why, h.visited.isoformat() if h.visited else "无记录",
         h.due.isoformat(), h.late)
        for i, h in enumerate(found, 1)
    ]  # fmt: skip
    remark = f"共{len(rows)}户，截止{month.as_of.isoformat()}；红色在前，其次按应走访日期。"
    return Sheet("走访预警", f"{head}　脱贫、停救家庭走访、预警台账", columns, rows, remark, "本月没有这样的家庭")


def _by_town(found: list[Household], head: str) -> Sheet:
    names = ("户数", STOPPED, LIFTED, "红色", "黄色", "绿色", "逾期")
    columns = (Col("序号", 5, "centre"), Col("镇街", 12), *(Col(n, 10, "count") for n in names))
    towns = [*TOWNS, *([UNKNOWN_TOWN] if any(h.town == UNKNOWN_TOWN for h in found) else [])]
    rows: list[tuple[Any, ...]] = []
    for i, town in enumerate(towns, 1):
        mine = [h for h in found if h.town == town]
        rows.append(
            (i, town, len(mine), *(sum(h.kind == k for h in mine) for k in (STOPPED, LIFTED)),
             *(sum(h.grade == g for h in mine) for g in (RED, YELLOW, GREEN)), sum(h.late > 0 for h in mine))
        )  # fmt: skip
    sums = ("", "合计", *(sum(row[c] for row in rows) for c in range(2, 9)))
    return Sheet("各镇街", f"{head}　各镇街走访、预警情况", columns, [*rows, sums], total_rows=1)


def _look_back(month: Month, head: str) -> Sheet:
    columns = (
        Col("序号", 5, "centre"), Col("镇街", 8), Col("疑点编号", 12, "id"), Col("救助类别", 8, "centre"),
        Col("家庭编号", 16, "id"), Col("姓名", 9), Col("情况", 50), Col("首次发现", 9, "centre"),
        Col("回头看结果", 12, "reply", choices=("重新纳入", "不符合条件", "正在核实")), Col("说明", 18, "reply"),
    )  # fmt: skip
    lines = [line for line in month.lines if line.row.about.rule == "wrongly_stopped" and line.status in OPEN]
    towns = {t: i for i, t in enumerate((*TOWNS, UNKNOWN_TOWN))}
    lines.sort(key=lambda line: (towns[line.town], line.said["household_no"] or "", line.row.state.fingerprint))
    rows = [
        (i, line.town, line.number, scheme_zh(line.said["scheme"] or ""), line.said["household_no"] or "",
         line.said["name"] or "", line.said["summary"] or "", line.row.state.first_month)
        for i, line in enumerate(lines, 1)
    ]  # fmt: skip
    return Sheet("回头看", f"{head}　停保家庭回头看名单", columns, rows, f"共{len(rows)}户。",
                 month.pub.nothing("missing"))  # fmt: skip
