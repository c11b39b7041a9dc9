"""Rosters before anything is planted: which register households are on which scheme, and their rows.

About 4 % of a county's people are on rosters; a small county gets enough households to plant every rule on.
"""

from __future__ import annotations

import numpy as np

from pipeline.demo.model import Case, County, NothingLeft, Row
from pipeline.demo.people import RELATIONS

_SCARCE = 60
_CODE = {"dibao": "DB", "tekun": "TK", "borderline": "BY", "expenditure": "ZC"}
_CAUSES = ("因病", "因残", "缺劳动力", "因学", "年老体弱", "因灾")
_REASONS = ("突发重大疾病", "交通意外", "火灾", "子女就学", "短期失业", "意外伤害")
_SPENDING = ("医疗支出", "教育支出", "残疾康复支出")
_HOMES = ("乐昌市第一敬老院", "坪石镇敬老院", "廊田镇敬老院", "乐昌市社会福利院")
_KINDS = ("肢体", "肢体", "视力", "听力", "智力", "精神", "多重", "言语")
STOP_REASONS = ("家庭收入超过标准", "就业后收入增加", "主动申请退出", "子女有赡养能力")


def make_rosters(c: County) -> None:
    """Fill `c.cases` and `c.grants`, and reserve the register households used."""
    n = round(len(c.people) * c.enrolled)
    order = c.rng.permutation(len(c.people.size)).tolist()
    shapes = c.people.shape.tolist()
    elders: list[int] = []
    for home in order:
        elder = shapes[home] == "H" and int(c.people.age[c.people.start[home]]) >= 60
        (elders if elder else c.spare.setdefault(shapes[home], [])).append(home)
    c.spare["elder"] = elders
    wanted = max(round(n * 0.006), 96)
    old = min(wanted // 2, len(elders) * 2 // 5)
    homes = [_pop(c, "elder") for _ in range(old)] + [_pop(c, "H") for _ in range(wanted - old)]
    c.cases["tekun"] = [tekun_case(c, home, list(c.people.of_home(home))) for home in homes]
    # children with one adult are few, and child_alone_uncovered is planted on them
    scarce = {s for s in ("HC", "HG") if len(c.spare.get(s, [])) < _SCARCE}
    families = [s for s in c.spare if s not in {"elder", "H", "HSADGG"} | scarce]
    weights = np.array([len(c.spare[s]) / len(s) ** 2 for s in families])  # poor households are small ones
    for scheme, share, least in (("dibao", 0.0108, 170), ("borderline", 0.0019, 42), ("expenditure", 0.0012, 26)):
        count = max(round(n * share), least)
        drawn = c.rng.choice(np.array(families), count, p=weights / weights.sum()).tolist()
        singles = count // 6 if scheme == "dibao" else 0
        chosen = [_pop(c, "H" if i < singles else s) for i, s in enumerate(drawn)]
        made = [family_case(c, scheme, home, list(c.people.of_home(home))) for home in chosen]
        c.cases[scheme] = [made[i] for i in c.rng.permutation(len(made))]
    stopped = [family_case(c, "dibao", _pop(c, "HSC", "HSCC", "HS"), None) for _ in range(max(round(n * 0.0012), 26))]
    for case in stopped:
        stop_case(c, case, c.between(1, 18))
    c.cases["stopped"] = stopped
    _background_grants(c, max(round(n * 0.004), 40))


def _pop(c: County, *shapes: str) -> int:
    for shape in (*shapes, *[s for s in c.spare if s not in ("elder", "HG", "HC")]):
        if c.spare.get(shape):
            home = c.spare[shape].pop()
            c.reserved.add(home)
            return home
    raise NothingLeft("no register household is left for the rosters")


def household_no(c: County, scheme: str) -> str:
    """A new household number of a scheme."""
    return f"{_CODE[scheme]}440281{c.next_serial():06d}"


def relation_of(c: County, pid: int) -> str:
    """A person's relation to the head of the register household."""
    role = str(c.people.role[pid])
    return "女" if role == "C" and not c.people.male[pid] else RELATIONS[role]


def account(c: County) -> str:
    return f"621728{c.between(10, 99)}{c.next_serial():011d}"


def _person_fields(c: County, pid: int) -> Row:
    severe = c.rng.random()
    disabled = c.people.age[pid] > 15 and c.rng.random() < 0.14
    kind = c.pick(_KINDS) if disabled else None
    level = None if not disabled else str(c.pick("12" if severe < 0.5 else "34"))
    return {"pid": pid, "disability_type": kind, "disability_level": level}


def family_case(c: County, scheme: str, home: int, pids: list[int] | None) -> Case:
    """A dibao, borderline or expenditure household of these people (the whole register household when None)."""
    members = list(c.people.of_home(home)) if pids is None else pids
    area = "城市" if c.people.urban[home] else "农村"
    standard = c.figures.line(area)
    limit = standard if scheme == "dibao" else standard * 1.4
    income = round(float(c.rng.uniform(0.2, 0.85)) * limit, 0)
    start = c.month.back(c.between(1, 11) if scheme == "expenditure" else c.between(2, 70))
    number, bank = household_no(c, scheme), account(c)
    holder = members[0]
    rows: list[Row] = []
    for pid in members:
        row = _person_fields(c, pid) | {"household_no": number, "relation": relation_of(c, pid), "area": area}
        working = 18 <= int(c.people.age[pid]) < 60 and row["disability_level"] is None
        row |= {
            "per_capita_income": income, "start_month": start, "stop_month": None, "stop_reason": None,
            "last_review_on": c.month.day(c.between(0, 4), c.between(1, 28)),
            "employment_status": c.pick(("务农", "灵活就业", "无业")) if working else "无",
        }  # fmt: skip
        if scheme == "dibao":
            row |= {
                "covered": True, "category": None, "cause": None,
                "health": "残疾" if row["disability_level"] else c.pick(("健康", "健康", "一般", "慢性病", "重病")),
                "labour_capacity": "有" if working else c.pick(("无", "部分")),
                "bank_account": bank, "holder_pid": holder, "account_holder": None,
            }  # fmt: skip
        else:
            row["valid_until"] = c.month.day(-c.between(1, 11), 31)
        if scheme == "expenditure":
            row |= {"expenditure_kind": c.pick(_SPENDING), "rigid_expenditure": float(c.between(20, 80) * 1000)}
        rows.append(row)
    if rows[0]["relation"] != "户主":
        rows[0]["relation"] = "户主"
    case = Case(scheme, number, home, rows)
    if scheme == "dibao":
        last = rows[-1]
        if len(rows) > 2 and last["employment_status"] == "务农" and c.rng.random() < 0.5:
            last["covered"] = False  # a grown-up member who counts, but is not paid for
        paid = sum(bool(r["covered"]) for r in rows)
        able = sum(r["labour_capacity"] == "有" for r in rows)
        case.set(
            monthly_amount=float(round((standard - income) * paid)),
            category="A" if able == 0 else c.pick("BC"),
            cause=c.pick(_CAUSES),
        )
    return case


def tekun_case(c: County, home: int, pids: list[int]) -> Case:
    """A tekun person: a household of one, assessed this year, with carer and patrols where that is due."""
    pid = pids[0]
    area = "城市" if c.people.urban[home] else "农村"
    failed = int(c.rng.choice([0, 2, 5], p=[0.62, 0.26, 0.12]))
    care = {0: "全自理", 2: "半护理", 5: "全护理"}[failed]
    inside = c.rng.random() < 0.3
    carer_needed = not inside and failed > 0
    institution = c.pick(_HOMES) if inside else None
    assessed = c.month.day(c.between(0, min(8, c.month.number - 1)), c.between(1, 25))
    row: Row = {
        "pid": pid, "household_no": household_no(c, "tekun"), "area": area,
        "support_mode": "集中" if inside else "分散", "institution": institution,
        "self_care": {0: "全自理", 2: "半失能", 5: "失能"}[failed], "care_level": care, "assessed_on": assessed,
        "carer_pid": c.between(0, len(c.people) - 1) if carer_needed else None,
        "care_agreement_on": c.month.day(c.between(2, 30), c.between(1, 28)) if carer_needed else None,
        "monthly_amount": float(round(c.figures.line(area) * 1.6)), "care_amount": c.figures.care_pay[care],
        "start_month": c.month.back(c.between(2, 90)), "stop_month": None, "stop_reason": None,
        "bank_account": institution_account(institution) if institution else account(c),
        "account_holder": institution, "holder_pid": None if institution else pid,
        "failed": failed,  # not a column: what the latest assessment finds
    }  # fmt: skip
    return Case("tekun", str(row["household_no"]), home, [row])


def institution_account(institution: str) -> str:
    return f"80020000000{_HOMES.index(institution):04d}"


def stop_case(c: County, case: Case, months_ago: int, reason: str | None = None) -> None:
    """Stop every row of a household; its start is moved back where that is needed."""
    stop = c.month.back(months_ago)
    case.set(stop_month=stop, stop_reason=reason or c.pick(STOP_REASONS))
    for row in case.rows:
        row["start_month"] = min(str(row["start_month"]), c.month.back(months_ago + 12))
        if row.get("valid_until"):
            row["valid_until"] = c.month.day(months_ago - 2, 31)


def grant(c: County, pid: int, **values: object) -> Row:
    """A temporary grant; `values` override its columns."""
    given = c.month.day(c.between(0, 11), c.between(1, 28))
    row: Row = {
        "pid": pid, "grant_no": f"LS{c.next_serial():07d}", "kind": c.pick(("急难型", "支出型")),
        "reason": c.pick(_REASONS),
        "amount": float(c.between(5, 60) * 100), "granted_on": given,
        "household_size": int(c.people.size[c.people.home[pid]]), "bank_account": account(c),
        "account_holder": str(c.people.name[pid]),
    }  # fmt: skip
    row |= values
    c.grants.append(row)
    return row


def _background_grants(c: County, count: int) -> None:
    """One grant each to people on rosters and to people of households that nothing will be planted on."""
    enrolled = [case.head["pid"] for s in ("dibao", "borderline") for case in c.cases[s]]
    for pid in c.rng.permutation(np.array(enrolled))[: count // 3].tolist():
        grant(c, pid)
    for _ in range(count - count // 3):
        home = c.spare["HSCC"].pop()
        c.reserved.add(home)
        grant(c, c.people.of_home(home)[0])
