"""What the reserved households have besides what was planted on them: modest records that break no rule.

Also the bureau's own records of every case: payments, archives, patrols and assessments.
"""

from __future__ import annotations

from pipeline.demo.model import Case, County, Row
from pipeline.demo.months import day_in
from pipeline.demo.planting.care import assess
from pipeline.demo.planting.ineligible import hukou_no
from pipeline.demo.planting.missing import certify
from pipeline.demo.planting.payment import MONTHS_PAID, pay_usual
from pipeline.demo.rosters import relation_of

_CONDITIONS = ("正常", "身体一般，已叮嘱用药", "家中整洁", "住院，已电话联系")
_FAMILY_DOCUMENTS = (
    "申请书",
    "承诺书",
    "核对授权书",
    "身份证户口簿复印件",
    "核对报告",
    "入户调查表",
    "公示",
    "审核确认表",
    "银行账户",
)
_MORE_DOCUMENTS = {"expenditure": ("支出凭证",), "tekun": ("生活自理能力评估表", "供养协议", "赡养人情况")}
_GRANT_DOCUMENTS = ("申请书", "核对授权书", "审批表", "事由证明")


def reserved_background(c: County) -> None:
    """Register, marriage, pension, medical and small asset records of the reserved households."""
    for home in sorted(c.reserved):
        members = c.people.of_home(home)
        for pid in members:
            _person(c, pid)
        _home(c, list(members))
    for cases in c.cases.values():
        for case in cases:
            for row in case.rows:
                if row.get("disability_level") and ("disability", row["pid"]) not in c.own:
                    certify(c, int(row["pid"]), str(row["disability_type"]), str(row["disability_level"]))
    for case in c.cases["dibao"]:
        if not case.taken and c.rng.random() < 0.1 and all(("monitored", p) not in c.own for p in case.pids):
            number = f"JC{c.next_serial():06d}"
            kind = c.pick(("脱贫户", "脱贫不稳定户", "边缘易致贫户"))
            for pid in case.pids:
                c.add(
                    "monitored", pid, household_no=number, kind=kind, registered_month=c.month.back(14),
                    cleared=False, per_capita_income=420.0,
                )  # fmt: skip


def _person(c: County, pid: int) -> None:
    age = int(c.people.age[pid])
    if ("household_register", pid) not in c.own:
        c.add(
            "household_register",
            pid,
            hukou_no=hukou_no(c, pid),
            relation=relation_of(c, pid),
            status="正常",
            status_on=None,
        )
    if age >= 60 and ("pension", pid) not in c.own:
        c.add("pension", pid, kind="城乡居民", monthly_amount=float(c.between(180, 240)))
    if ("medical", pid) not in c.own and c.rng.random() < 0.85:
        paid = float(c.between(20, 2400)) + 0.5
        c.add("medical", pid, period=str(c.month.year), total_cost=paid * 3, self_paid=paid)
    if age >= 18 and ("deposit", pid) not in c.own and c.rng.random() < 0.6:
        c.add(
            "deposit",
            pid,
            institution="乐昌农商银行",
            balance=float(c.between(5, 1800)) + 0.37,
            as_of=c.month.day(1, 31),
        )
    if 20 <= age < 65 and ("vehicle", pid) not in c.own and c.rng.random() < 0.08:
        number = c.next_serial()
        c.add(
            "vehicle",
            pid,
            plate=f"粤F{number:06d}",
            kind="摩托车",
            use="非营运",
            registered_on=c.month.day(60),
            status="正常",
        )
    if 20 <= age < 58 and ("employment", pid) not in c.own and c.rng.random() < 0.12:
        c.add(
            "employment", pid, employer="乐昌市百货商场", insured_from=c.month.back(60),
            insured_to=c.month.back(c.between(14, 40)), wage_base=float(c.between(1900, 3200)),
        )  # fmt: skip


def _home(c: County, members: list[int]) -> None:
    head = members[0]
    if len(members) > 1 and c.people.role[members[1]] == "S" and all(("marriage", p) not in c.own for p in members[:2]):
        c.add("marriage", head, spouse_pid=members[1], event="结婚", registered_on=c.month.day(c.between(60, 300)))
    if all(("property", p) not in c.own for p in members) and c.rng.random() < 0.3:
        c.add(
            "property", head, certificate_no=f"粤(2012)乐昌市不动产权第{c.next_serial():07d}号", use="住宅",
            area_m2=float(c.between(400, 1200)) / 10, location=str(c.people.address[c.people.home[head]]),
            registered_on=c.month.day(c.between(80, 200)), share="单独所有",
        )  # fmt: skip


def bureau_records(c: County) -> None:
    """Payments of dibao and tekun, archive lists of everybody, patrols and assessments of tekun people."""
    for cases in c.cases.values():
        for case in cases:
            if case.scheme in ("dibao", "tekun"):
                if not case.payments:
                    skip = tuple(ago for ago in range(MONTHS_PAID) if c.month.back(ago) in case.months_unpaid)
                    pay_usual(c, case, but=skip)
                c.records["payment"].extend(case.payments)
            stopped = all(r["stop_month"] is not None and str(r["stop_month"]) <= c.month.text for r in case.rows)
            _archive(
                c, case.scheme, case.no, case.head, [r["pid"] for r in case.rows if r.get("disability_level")], stopped
            )
            if case.scheme == "tekun":
                _care(c, case)
    for row in c.grants:
        month = row["granted_on"].isoformat()[:7]
        if c.month.back(MONTHS_PAID) < month <= c.month.text:
            c.records["payment"].append(
                {
                    "month": month, "scheme": "temporary", "household_no": row["grant_no"], "payee_pid": row["pid"],
                    "bank_account": row["bank_account"], "amount": row["amount"], "paid_on": row["granted_on"],
                }
            )  # fmt: skip
        _documents(c, "temporary", str(row["grant_no"]), int(row["pid"]), list(_GRANT_DOCUMENTS), row["granted_on"])


def _care(c: County, case: Case) -> None:
    row = case.head
    pid = int(row["pid"])
    if ("care_assessment", pid) not in c.own and row["assessed_on"] is not None and c.rng.random() < 0.65:
        assess(c, case, row["assessed_on"], int(row["failed"]))
    if row["support_mode"] == "分散" and ("patrol", pid) not in c.own:
        for ago in (2, 1, 0):
            c.records["patrol"].append(
                {
                    "pid": pid,
                    "household_no": case.no,
                    "visited_on": c.month.day(ago, c.between(3, 27)),
                    "condition": c.pick(_CONDITIONS),
                }
            )


def _archive(c: County, scheme: str, number: str, head: Row, disabled: list[int], stopped: bool) -> None:
    papers = [*_FAMILY_DOCUMENTS, *_MORE_DOCUMENTS.get(scheme, ())]
    if disabled:
        papers.append("残疾证")
    if stopped:
        papers.append("停救通知书")
    start = str(head["start_month"])
    _documents(
        c, scheme, number, int(head["pid"]), papers, c.month.day(0, 1) if start >= c.month.text else day_in(start, 8)
    )


def _documents(c: County, scheme: str, number: str, signer: int, papers: list[str], on: object) -> None:
    """The list of one file; about 1 in 100 files is empty, 3 in 100 papers are missing, 2 unsigned, 1 undated."""
    if c.rng.random() < 0.01:
        return
    for paper in papers:
        draw = c.rng.random()
        if draw < 0.01:
            continue
        present = draw >= 0.03
        c.records["archive"].append(
            {
                "scheme": scheme, "household_no": number, "document": paper, "present": present,
                "signer_pid": signer if present and not 0.03 <= draw < 0.05 else None,
                "signed_on": on if present and not 0.05 <= draw < 0.06 else None,
                "pages": c.between(1, 6) if present else None,
            }
        )  # fmt: skip
