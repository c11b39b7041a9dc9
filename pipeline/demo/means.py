"""What the general population owns and earns: vehicles, homes, businesses, work, pensions, savings, taxes."""

from __future__ import annotations

import numpy as np
import polars as pl

from pipeline.demo.draws import Made, days, months, numbered, one_of, several, some, table, yuan
from pipeline.demo.model import County
from pipeline.demo.people import Flags

_VEHICLES = {
    "小型轿车": 52.0, "小型普通客车": 8.0, "摩托车": 26.0, "轻便摩托车": 3.0, "电动自行车": 2.0, "轻型货车": 5.0,
    "重型货车": 1.0, "残疾人机动轮椅车": 0.5,
}  # fmt: skip
_BANKS = ("乐昌农商银行", "邮储银行", "农业银行", "工商银行", "建设银行")
_EMPLOYERS = (
    "乐昌市电子制品厂", "粤北铸件公司", "坪石煤电公司", "乐昌市人民医院", "乐昌市供水公司", "韶关市物流公司",
    "东莞市精密五金厂", "深圳市某科技公司", "乐昌市百货商场", "粤北食品厂",
)  # fmt: skip
_UNITS = ("乐昌市第一中学", "乐昌市第三小学", "乐昌市人民医院", "乐昌市林业局", "坪石镇人民政府", "乐昌市交通局")


def vehicles(c: County, free: Flags) -> Made:
    """Cars, motorcycles, tractors and boats."""
    age = c.people.age
    pid = several(c, (free & (age >= 20) & (age < 68), 0.27), (free & (age >= 25), 0.05))
    n = len(pid)
    yield (
        "vehicle",
        table(
            pid,
            plate=numbered(c, n, "粤F{:06d}"),
            kind=one_of(c, tuple(_VEHICLES), n, tuple(_VEHICLES.values())),
            use=one_of(c, ("非营运", "营运", "货运"), n, (90, 4, 6)),
            registered_on=days(c, n, 20, 5000),
            status=one_of(c, ("正常", None, "注销", "报废", "转出"), n, (80, 11, 4, 3, 2)),
        ),
    )
    pid = some(c, free & (age >= 25) & (age < 75), 0.006)
    yield (
        "machinery",
        table(
            pid,
            registration_no=numbered(c, len(pid), "粤02{:06d}"),
            kind=one_of(c, ("拖拉机", "联合收割机", "微耕机", "渔船"), len(pid)),
            registered_on=days(c, len(pid), 60, 4000),
        ),
    )


def homes(c: County, free: Flags) -> Made:
    """A home for most heads, a second certificate for some; couples often own in common, one row each."""
    p = c.people
    heads = some(c, free & (p.role == "H") & (p.age >= 24), 0.62)
    owners = np.concatenate([heads, heads[c.rng.random(len(heads)) < 0.16]])
    n = len(owners)
    second = one_of(c, ("住宅", "商业", "车位", "办公"), n, (70, 14, 13, 3))
    frame = table(
        owners,
        certificate_no=numbered(c, n, "粤(2016)乐昌市不动产权第{:07d}号"),
        use=np.where(np.arange(n) < len(heads), "住宅", second).astype(object),
        area_m2=np.round(c.rng.uniform(40, 160, n), 1),
        location=np.char.add(p.address[p.home[owners]], "房"),
        registered_on=days(c, n, 30, 6000),
        share="单独所有",
    )
    married = (p.size[p.home[owners]] > 1) & (np.take(p.role, owners + 1, mode="clip") == "S")
    shared = frame.filter(pl.Series(married & (c.rng.random(n) < 0.45)))
    yield "property", pl.concat([frame, shared.with_columns(pl.col("pid") + 1, pl.lit("共同共有").alias("share"))])


def businesses(c: County, free: Flags) -> Made:
    """Companies, sole traders and cooperatives, a row a person concerned."""
    pid = some(c, free & (c.people.age >= 20) & (c.people.age < 70), 0.045)
    n = len(pid)
    kind = one_of(c, ("公司", "个体工商户", "农民专业合作社"), n, (25, 68, 7))
    number = numbered(c, n, "{:08d}")
    yield (
        "business",
        table(
            pid,
            uscc=[f"92440281MA{i}" for i in number],
            company=[f"乐昌市第{int(i)}号{k[:2]}" for i, k in zip(number, kind.tolist(), strict=True)],
            role=np.where(kind == "个体工商户", "经营者", one_of(c, ("法定代表人", "股东"), n)),
            kind=kind,
            capital=c.rng.integers(1, 300, n).astype(float),
            status=one_of(c, ("存续", "注销", "吊销"), n, (72, 22, 6)),
            established_on=days(c, n, 60, 6000),
        ),
    )


def work(c: County, free: Flags) -> Made:
    """Spells of insured work, pensions, and the public payroll."""
    p = c.people
    working = free & (p.age >= 19) & (p.age < 60)
    pid = several(c, *((working, rate) for rate in (0.55, 0.45, 0.35, 0.25)))
    n = len(pid)
    begin = days(c, n, 90, 3600)
    last = np.datetime64(c.month.back(1) + "-01")
    end = np.minimum(begin + c.rng.integers(60, 1500, n).astype("timedelta64[D]"), last)
    until = months(end).astype(object)
    until[c.rng.random(n) < 0.55] = None
    yield (
        "employment",
        table(
            pid,
            employer=one_of(c, _EMPLOYERS, n),
            insured_from=months(begin),
            insured_to=until,
            wage_base=np.maximum(yuan(c, n, 4300, 0.3, 1), 1900.0),
        ),
    )
    old = some(c, free & np.where(p.male, p.age >= 60, p.age >= 55), 0.86)
    kind = one_of(c, ("城乡居民", "城镇职工", "机关事业"), len(old), (72, 22, 6))
    lonely = p.size[p.home[old]] == 1  # few old people live alone unprovided
    kind[lonely & (c.rng.random(len(old)) < 0.8)] = "城镇职工"
    basic, earned = c.rng.integers(180, 260, len(old)), c.rng.integers(1900, 6000, len(old))
    yield "pension", table(old, kind=kind, monthly_amount=np.where(kind == "城乡居民", basic, earned).astype(float))
    paid = some(c, free & (p.age >= 23) & (p.age < 60), 0.022)
    n = len(paid)
    posts = one_of(c, ("工勤", "管理", "专业技术"), n)
    yield "public_payroll", table(paid, unit=one_of(c, _UNITS, n), post=posts, monthly_amount=yuan(c, n, 5200, 0.25, 1))


def money(c: County, free: Flags) -> Made:
    """Housing fund, taxed income of three years, and balances at one or two dates."""
    age = c.people.age
    grown = free & (age >= 22) & (age < 60)
    fund = some(c, grown, 0.11)
    n = len(fund)
    deposit, balance = yuan(c, n, 900, 0.4, 1), yuan(c, n, 22000, 0.9)
    yield "housing_fund", table(fund, employer=one_of(c, _EMPLOYERS, n), monthly_deposit=deposit, balance=balance)
    taxed = some(c, grown, 0.24)
    years = [c.month.year - ago for ago in (1, 2, 3)]
    yield "tax", pl.concat([table(taxed, year=year, income=yuan(c, len(taxed), 68000, 0.35)) for year in years])
    savers = several(c, (free & (age >= 16), 0.82), (free & (age >= 25), 0.42), (free & (age >= 40), 0.2))
    n = len(savers)
    latest, earlier = np.datetime64(c.month.day(1, 31), "D"), np.datetime64(c.month.day(4, 31), "D")
    as_of = np.where(c.rng.random(n) < 0.9, latest, earlier)
    now = table(savers, institution=one_of(c, _BANKS, n), balance=yuan(c, n, 5200, 1.5), as_of=as_of)
    past = now.filter(pl.Series((as_of == latest) & (c.rng.random(n) < 0.3)))
    then = pl.Series("balance", yuan(c, past.height, 5200, 1.5))
    yield "deposit", pl.concat([now, past.with_columns(then, pl.lit(c.month.day(4, 31)).alias("as_of"))])
