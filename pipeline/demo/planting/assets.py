"""Planted for rules 6-12: vehicles, homes, shops, businesses, deposits, income, public payroll."""

from __future__ import annotations

from pipeline.demo.model import Case, County
from pipeline.demo.planting.ineligible import with_others
from pipeline.demo.planting.registry import near_miss, positive

_TURN = ("dibao", "borderline", "expenditure", "tekun", "dibao")
_LETTER = "ABCDEFGHJKLMNPQRSTUVWXYZ"


def turn(c: County) -> Case:
    """The next household, the four schemes by turns."""
    first = _TURN[c.next_serial() % len(_TURN)]
    return c.take(first, "dibao", "tekun")


def couple(case: Case) -> bool:
    return len(case.rows) > 1 and case.rows[1].get("relation") == "配偶"


def plate(c: County) -> str:
    number = c.next_serial()
    return f"粤F{_LETTER[number % 24]}{number % 10000:04d}{_LETTER[number // 24 % 24]}"


def certificate(c: County) -> str:
    return f"粤({c.month.year - c.between(0, 8)})乐昌市不动产权第{c.next_serial():07d}号"


# ------------------------------------------------------------------------------------------------ 6
@positive("vehicle_owned", "a car in use", kind="小型轿车", status="正常")
@positive("vehicle_owned", "a lorry, status empty", kind="轻型货车", status=None)
@near_miss("vehicle_owned", "an exempt motorcycle", kind="摩托车", status="正常")
@near_miss("vehicle_owned", "a disabled person's wheelchair", kind="残疾人机动轮椅车", status="正常")
@near_miss("vehicle_owned", "a cancelled car", kind="小型轿车", status="注销")
@near_miss("vehicle_owned", "a scrapped car", kind="小型普通客车", status="报废")
@near_miss("vehicle_owned", "a car transferred away", kind="小型轿车", status="转出")
def has_vehicle(c: County, kind: str, status: str | None) -> Case:
    case = turn(c)
    c.add(
        "vehicle",
        case.pids[-1],
        plate=plate(c),
        kind=kind,
        use="非营运",
        registered_on=c.month.day(c.between(3, 90)),
        status=status,
    )
    return case


@positive("vehicle_owned", "an uncovered member's car")
def uncovered_has_car(c: County) -> Case:
    case = c.take("dibao", need=with_others)
    case.rows[-1]["covered"] = False
    c.add(
        "vehicle",
        case.pids[-1],
        plate=plate(c),
        kind="小型轿车",
        use="非营运",
        registered_on=c.month.day(20),
        status="正常",
    )
    return case


# ------------------------------------------------------------------------------------------------ 7, 8
def owns(c: County, pid: int, number: str, use: str = "住宅", share: str = "单独所有") -> None:
    place = f"乐昌市{c.pick(('人民中路', '公园路', '大瑶山路', '站前路', '昌山中路'))}{c.between(1, 300)}号"
    c.add(
        "property", pid, certificate_no=number, use=use, area_m2=float(c.between(420, 1400)) / 10,
        location=place, registered_on=c.month.day(c.between(3, 120)), share=share,
    )  # fmt: skip


@positive("homes_over_limit", "two certificates of one member")
def two_homes(c: County) -> Case:
    case = turn(c)
    for _ in range(2):
        owns(c, case.pids[0], certificate(c))
    return case


@positive("homes_over_limit", "a certificate each of two spouses", shared=False)
@near_miss("homes_over_limit", "one certificate co-owned by two spouses", shared=True)
def spouses_own(c: County, shared: bool) -> Case:
    case = c.take("dibao", "borderline", need=couple)
    first = certificate(c)
    owns(c, case.pids[0], first, share="50%" if shared else "单独所有")
    owns(c, case.pids[1], first if shared else certificate(c), share="50%" if shared else "单独所有")
    return case


@near_miss("homes_over_limit", "one home, and someone outside the household owns another")
def outsider_owns(c: County) -> Case:
    case = turn(c)
    owns(c, case.pids[0], certificate(c))
    owns(c, c.take_home("HSA", "HSC")[0], certificate(c))
    return case


@near_miss("homes_over_limit", "one certificate listed twice")
def listed_twice(c: County) -> Case:
    case = turn(c)
    number = certificate(c)
    owns(c, case.pids[0], number)
    owns(c, case.pids[0], number)
    return case


@positive("shop_owned", "a shop", use="商业")
@positive("shop_owned", "a parking space", use="车位")
@positive("shop_owned", "an office", use="办公")
@near_miss("shop_owned", "one home only", use="住宅")
def owns_one(c: County, use: str) -> Case:
    case = turn(c)
    owns(c, case.pids[-1], certificate(c), use=use)
    return case


@near_miss("shop_owned", "the shop of someone outside the household")
def shop_elsewhere(c: County) -> Case:
    case = turn(c)
    owns(c, c.take_home("HSC", "HSCC")[0], certificate(c), use="商业")
    return case


@near_miss("shop_owned", "the household is stopped")
def stopped_has_shop(c: County) -> Case:
    case = c.take("stopped")
    owns(c, case.pids[0], certificate(c), use="商业")
    return case


# ------------------------------------------------------------------------------------------------ 9
@positive("business_registered", "a shareholder of a company", kind="公司", role="股东", status="存续")
@positive("business_registered", "a sole trader", kind="个体工商户", role="经营者", status="存续")
@positive("business_registered", "a company's representative", kind="公司", role="法定代表人", status="存续")
@near_miss("business_registered", "a cancelled company", kind="公司", role="法定代表人", status="注销")
@near_miss("business_registered", "a revoked sole trader", kind="个体工商户", role="经营者", status="吊销")
@near_miss("business_registered", "an exempt cooperative", kind="农民专业合作社", role="股东", status="存续")
def has_business(c: County, kind: str, role: str, status: str) -> Case:
    case = turn(c)
    number = c.next_serial()
    ending = {"公司": "有限公司", "个体工商户": "商店", "农民专业合作社": "种养专业合作社"}[kind]
    # some names look like formulas to a spreadsheet
    mark, first, second = c.pick(("", "", "", "@", "+", "=")), c.pick("兴顺丰和鑫"), c.pick("达发旺源")
    c.add(
        "business", case.pids[0], uscc=f"91440281MA{number:08d}", role=role, kind=kind,
        company=f"{mark}乐昌市{first}{second}{number % 1000}{ending}", capital=float(c.between(1, 100)),
        status=status, established_on=c.month.day(c.between(4, 100)),
    )  # fmt: skip
    return case


# ------------------------------------------------------------------------------------------------ 10
def limit_of(c: County, case: Case) -> float:
    """The household's whole allowance of deposits, yuan."""
    return c.figures.asset_months[case.scheme] * c.figures.standard["urban"] * len(case.rows)


def saves(c: County, pid: int, balance: float, bank: str = "乐昌农商银行", months: int = 1) -> None:
    c.add("deposit", pid, institution=bank, balance=round(balance, 2), as_of=c.month.day(months, 31))


@positive("assets_over_limit", "over by five yuan", more=5.0)
@positive("assets_over_limit", "far over", more=60_000.0)
@near_miss("assets_over_limit", "the limit met exactly", more=0.0)
def saves_about_limit(c: County, more: float) -> Case:
    case = turn(c)
    c.without("deposit", case.pids)
    saves(c, case.pids[0], limit_of(c, case) + more)
    return case


@positive("assets_over_limit", "two balances at one institution on one date add up")
def two_balances(c: County) -> Case:
    case = turn(c)
    c.without("deposit", case.pids)
    for share in (0.6, 0.7):
        saves(c, case.pids[0], limit_of(c, case) * share)
    return case


@near_miss("assets_over_limit", "an older balance was larger", months=4)
@near_miss("assets_over_limit", "a balance after as_of is larger", months=-1)
def other_date_larger(c: County, months: int) -> Case:
    case = turn(c)
    c.without("deposit", case.pids)
    saves(c, case.pids[0], limit_of(c, case) * 1.8, months=months)
    saves(c, case.pids[0], limit_of(c, case) * 0.3, months=1)
    return case


# ------------------------------------------------------------------------------------------------ 11, 12
def income_limit(c: County, case: Case) -> float:
    """The household's whole monthly income at which its line is reached, yuan."""
    return c.figures.income_line[case.scheme] * c.figures.line(str(case.head["area"])) * len(case.rows)


def insured(c: County, pid: int, base: float, *, to: str | None = None) -> None:
    c.add(
        "employment",
        pid,
        employer="乐昌市电子制品厂",
        insured_from=c.month.back(26),
        insured_to=to,
        wage_base=round(base, 2),
    )


@positive("income_over_line", "a wage over the line", more=800.0)
@positive("income_over_line", "a wage exactly on the line", more=0.0)
@positive("income_over_line", "insured to M itself", more=500.0, last=0)
@near_miss("income_over_line", "a wage just below the line", more=-1.0)
@near_miss("income_over_line", "insurance ended last month", more=2000.0, last=1)
def earns(c: County, more: float, last: int | None = None) -> Case:
    case = c.take("dibao", "borderline") if c.next_serial() % 3 else c.take("borderline", "dibao")
    insured(c, case.pids[0], income_limit(c, case) + more, to=None if last is None else c.month.back(last))
    c.without("pension", case.pids)
    return case


@positive("income_over_line", "an employee's pension", kind="城镇职工")
@near_miss("income_over_line", "a residents' pension", kind="城乡居民")
def draws_pension(c: County, kind: str) -> Case:
    case = c.take("tekun")
    c.without("pension", case.pids)
    c.add("pension", case.pids[0], kind=kind, monthly_amount=round(income_limit(c, case) + 312.5, 2))
    return case


@positive("income_over_line", "last year's taxed income", years=1)
@near_miss("income_over_line", "taxed income of the year before last", years=2)
def taxed(c: County, years: int) -> Case:
    case = c.take("borderline", "dibao")
    c.without("pension", case.pids)
    c.add("tax", case.pids[0], year=c.month.year - years, income=round((income_limit(c, case) + 400) * 12, 2))
    return case


@near_miss("income_over_line", "wage and taxed income are the same money")
def wage_and_tax(c: County) -> Case:
    case = c.take("dibao")
    c.without("pension", case.pids)
    insured(c, case.pids[0], income_limit(c, case) * 0.7)
    c.add("tax", case.pids[0], year=c.month.year - 1, income=round(income_limit(c, case) * 0.8 * 12, 2))
    return case


@near_miss("income_over_line", "the expenditure scheme has another test")
def expenditure_earns(c: County) -> Case:
    case = c.take("expenditure")
    insured(c, case.pids[0], 9000.0)
    return case


@positive("on_public_payroll", "a member on the payroll")
def on_payroll(c: County) -> Case:
    case = turn(c)
    c.add(
        "public_payroll",
        case.pids[-1],
        unit="乐昌市环境卫生所",
        post=c.pick(("工勤", "管理", "专业技术")),
        monthly_amount=float(c.between(21, 60) * 100),
    )
    return case


@near_miss("on_public_payroll", "someone outside the household on the payroll")
def outsider_on_payroll(c: County) -> Case:
    case = turn(c)
    c.add("public_payroll", c.take_home("HSC", "HSA")[0], unit="乐昌市第三小学", post="专业技术", monthly_amount=5200.0)
    return case


@near_miss("on_public_payroll", "a retired civil servant's small pension")
def retired_official(c: County) -> Case:
    case = c.take("dibao", need=with_others)
    c.without("pension", case.pids)
    c.add("pension", case.pids[0], kind="机关事业", monthly_amount=80.0)
    return case


@near_miss("on_public_payroll", "the household is stopped")
def stopped_on_payroll(c: County) -> Case:
    case = c.take("stopped")
    c.add("public_payroll", case.pids[0], unit="乐昌市档案馆", post="工勤", monthly_amount=2600.0)
    return case
