"""Sector records of the general population: the register households that nothing was planted on. Vectorised.

Each function returns frames of `pid` and the dataset's own columns; rates are per person or household, believable
rather than measured.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from pipeline.demo.model import County
from pipeline.demo.people import RELATIONS, Flags, Ints

_CARS = ("小型轿车", "小型普通客车", "摩托车", "轻便摩托车", "电动自行车", "轻型货车", "重型货车", "残疾人机动轮椅车")
_BANKS = ("乐昌农商银行", "邮储银行", "农业银行", "工商银行", "建设银行")
_EMPLOYERS = (
    "乐昌市电子制品厂",
    "粤北铸件公司",
    "坪石煤电公司",
    "乐昌市人民医院",
    "乐昌市供水公司",
    "韶关市物流公司",
    "东莞市精密五金厂",
    "深圳市某科技公司",
    "乐昌市百货商场",
    "粤北食品厂",
)
_UNITS = ("乐昌市第一中学", "乐昌市第三小学", "乐昌市人民医院", "乐昌市林业局", "坪石镇人民政府", "乐昌市交通局")


def general_background(c: County) -> None:
    """Add to `c.frames` a frame for each sector dataset, over people of unreserved register households."""
    free = ~np.isin(c.people.home, np.fromiter(c.reserved, dtype=np.int64, count=len(c.reserved)))
    for make in (_register, _deaths, _marriages, _vehicles, _property, _business, _work, _money, _health, _aid):
        for dataset, frame in make(c, free):
            c.frames[dataset] = frame


Made = Iterator[tuple[str, pl.DataFrame]]


def _some(c: County, mask: Flags, rate: float | npt.NDArray[np.float64]) -> Ints:
    """pids under the mask, each with probability `rate`."""
    return np.flatnonzero(mask & (c.rng.random(len(mask)) < rate))


def _of(c: County, options: tuple[Any, ...], n: int, p: tuple[float, ...] | None = None) -> npt.NDArray[Any]:
    return c.rng.choice(np.array(options, dtype=object), n, p=None if p is None else np.array(p) / sum(p))


def _days(c: County, n: int, first: int, last: int) -> npt.NDArray[np.datetime64]:
    """Dates `first` to `last` days before as_of."""
    return np.datetime64(c.month.as_of, "D") - c.rng.integers(first, last + 1, n).astype("timedelta64[D]")


def _money_of(c: County, n: int, middle: float, spread: float, step: float = 0.01) -> npt.NDArray[np.float64]:
    raw = np.exp(c.rng.normal(np.log(middle), spread, n))
    return np.round(np.round(raw / step) * step, 2)


def _months(days: npt.NDArray[np.datetime64]) -> npt.NDArray[np.str_]:
    return np.datetime_as_string(days, unit="M")


def _numbers(c: County, n: int, text: str) -> list[str]:
    """`n` running numbers through a format text."""
    first = c.serial + 1
    c.serial += n
    return [text.format(i) for i in range(first, first + n)]


def _relation(c: County) -> npt.NDArray[np.str_]:
    out = np.full(len(c.people), "其他", dtype="U4")
    for role, word in RELATIONS.items():
        out[c.people.role == role] = word
    out[(c.people.role == "C") & ~c.people.male] = "女"
    return out


def hukou_numbers(homes: Ints) -> npt.NDArray[np.str_]:
    return np.char.add("440281", np.char.zfill(homes.astype("U7"), 7))


def _register(c: County, free: Flags) -> Made:
    p, n = c.people, len(c.people)
    absent = c.rng.random(n) < 0.006
    c.frames["_dead"] = _dead_people(c, free)
    dead = c.frames["_dead"]
    status = np.full(n, "正常", dtype="U2")
    on = np.full(n, np.datetime64("NaT"), dtype="datetime64[D]")
    moved = _some(c, free & (p.age >= 18) & (p.age < 50) & (p.role != "H"), 0.012)
    status[moved], on[moved] = "迁出", _days(c, len(moved), 5, 2500)
    gone = dead["pid"].to_numpy()[c.rng.random(dead.height) < 0.92]
    by_pid = dict(zip(dead["pid"].to_list(), dead["died_on"].to_numpy(), strict=True))
    status[gone] = "注销"
    if len(gone):
        on[gone] = np.array([by_pid[int(i)] for i in gone]) + c.rng.integers(0, 20, len(gone)).astype("timedelta64[D]")
    base = pl.DataFrame(
        {
            "pid": np.arange(n),
            "hukou_no": hukou_numbers(p.home),
            "relation": _relation(c),
            "status": status,
            "status_on": on,
        }
    )
    rows = base.filter(pl.Series(free & ~absent))
    within = moved[c.rng.random(len(moved)) < 0.35]  # moved to another village: a second row, in force
    again = pl.DataFrame(
        {
            "pid": within,
            "hukou_no": hukou_numbers(8_000_000 + np.arange(len(within))),
            "relation": np.full(len(within), "户主"),
            "status": np.full(len(within), "正常"),
            "status_on": np.full(len(within), np.datetime64("NaT"), dtype="datetime64[D]"),
        }
    )
    yield "household_register", pl.concat([rows, again], how="vertical_relaxed")


def _dead_people(c: County, free: Flags) -> pl.DataFrame:
    rate = np.where(c.people.age >= 75, 0.05, np.where(c.people.age >= 55, 0.01, 0.0006))
    pids = _some(c, free, rate)
    return pl.DataFrame({"pid": pids, "died_on": _days(c, len(pids), 3, 900)})


def _deaths(c: County, free: Flags) -> Made:
    """One to three sources a death; the funeral home's date may be two days late."""
    dead = c.frames.pop("_dead")
    n = dead.height
    parts = []
    for origin, rate, late in (("公安", 0.8, 0), ("殡葬", 0.6, 2), ("卫健", 0.7, 0)):
        delay = c.rng.integers(0, late + 1, n).astype("timedelta64[D]")
        part = dead.with_columns(
            pl.Series("died_on", dead["died_on"].to_numpy() + delay), pl.lit(origin).alias("origin")
        )
        parts.append(part.filter(pl.Series(c.rng.random(n) < (1.0 if origin == "公安" else rate))))
    yield "death", pl.concat(parts)


def _marriages(c: County, free: Flags) -> Made:
    p = c.people
    spouse = _some(c, free & (p.role == "S"), 0.82)
    head = p.start[p.home[spouse]]
    years = np.clip(p.age[spouse] - c.rng.integers(19, 30, len(spouse)), 0, 60)
    on = _days(c, len(spouse), 1, 300) - (years * 365).astype("timedelta64[D]")
    couple = pl.DataFrame({"pid": head, "spouse_pid": spouse, "event": np.full(len(head), "结婚"), "registered_on": on})
    both = couple.filter(pl.Series(c.rng.random(len(head)) < 0.3))  # a row a party instead of a row a couple
    turned = both.select(pl.col("spouse_pid").alias("pid"), pl.col("pid").alias("spouse_pid"), "event", "registered_on")
    yield "marriage", pl.concat([couple, turned])


def _vehicles(c: County, free: Flags) -> Made:
    pids = np.sort(
        np.concatenate(
            [
                _some(c, free & (c.people.age >= 20) & (c.people.age < 68), 0.27),
                _some(c, free & (c.people.age >= 25), 0.05),
            ]
        )
    )
    n = len(pids)
    yield (
        "vehicle",
        pl.DataFrame(
            {
                "pid": pids,
                "plate": _numbers(c, n, "粤F{:06d}"),
                "kind": pl.Series(_of(c, _CARS, n, (52, 8, 26, 3, 2, 5, 1, 0.5)).tolist(), dtype=pl.String),
                "use": pl.Series(_of(c, ("非营运", "营运", "货运"), n, (90, 4, 6)).tolist(), dtype=pl.String),
                "registered_on": _days(c, n, 20, 5000),
                "status": pl.Series(
                    _of(c, ("正常", None, "注销", "报废", "转出"), n, (80, 11, 4, 3, 2)).tolist(), dtype=pl.String
                ),
            }
        ),
    )
    owners = _some(c, free & (c.people.age >= 25) & (c.people.age < 75), 0.006)
    yield (
        "machinery",
        pl.DataFrame(
            {
                "pid": owners,
                "registration_no": _numbers(c, len(owners), "粤02{:06d}"),
                "kind": pl.Series(
                    _of(c, ("拖拉机", "联合收割机", "微耕机", "渔船"), len(owners)).tolist(), dtype=pl.String
                ),
                "registered_on": _days(c, len(owners), 60, 4000),
            }
        ),
    )


def _property(c: County, free: Flags) -> Made:
    p = c.people
    heads = _some(c, free & (p.role == "H") & (p.age >= 24), 0.62)
    second = heads[c.rng.random(len(heads)) < 0.16]
    owners = np.concatenate([heads, second])
    n = len(owners)
    use = np.where(
        np.arange(n) < len(heads), "住宅", _of(c, ("住宅", "商业", "车位", "办公"), n, (70, 14, 13, 3))
    ).tolist()
    frame = pl.DataFrame(
        {
            "pid": owners,
            "certificate_no": _numbers(c, n, "粤(2016)乐昌市不动产权第{:07d}号"),
            "use": pl.Series(use, dtype=pl.String),
            "area_m2": np.round(c.rng.uniform(40, 160, n), 1),
            "location": np.char.add(p.address[p.home[owners]], "房"),
            "registered_on": _days(c, n, 30, 6000),
            "share": np.full(n, "单独所有"),
        }
    )
    married = (p.size[p.home[owners]] > 1) & (np.take(p.role, owners + 1, mode="clip") == "S")
    shared = frame.filter(pl.Series(married & (c.rng.random(n) < 0.45))).with_columns(
        pl.col("pid") + 1, pl.lit("共同共有").alias("share")
    )
    yield "property", pl.concat([frame, shared])


def _business(c: County, free: Flags) -> Made:
    pids = _some(c, free & (c.people.age >= 20) & (c.people.age < 70), 0.045)
    n = len(pids)
    kind = _of(c, ("公司", "个体工商户", "农民专业合作社"), n, (25, 68, 7))
    number = _numbers(c, n, "{:08d}")
    yield (
        "business",
        pl.DataFrame(
            {
                "pid": pids,
                "uscc": [f"92440281MA{i}" for i in number],
                "company": [f"乐昌市第{int(i)}号{k[:2]}" for i, k in zip(number, kind.tolist(), strict=True)],
                "role": pl.Series(
                    np.where(kind == "个体工商户", "经营者", _of(c, ("法定代表人", "股东"), n)).tolist(),
                    dtype=pl.String,
                ),
                "kind": pl.Series(kind.tolist(), dtype=pl.String),
                "capital": c.rng.integers(1, 300, n).astype(float),
                "status": pl.Series(_of(c, ("存续", "注销", "吊销"), n, (72, 22, 6)).tolist(), dtype=pl.String),
                "established_on": _days(c, n, 60, 6000),
            }
        ),
    )


def _work(c: County, free: Flags) -> Made:
    p = c.people
    working = free & (p.age >= 19) & (p.age < 60)
    pids = np.sort(np.concatenate([_some(c, working, rate) for rate in (0.55, 0.45, 0.35, 0.25)]))
    n = len(pids)
    begin = _days(c, n, 90, 3600)
    closed = c.rng.random(n) < 0.45
    end = np.minimum(
        begin + c.rng.integers(60, 1500, n).astype("timedelta64[D]"), np.datetime64(c.month.back(1) + "-01")
    )
    yield (
        "employment",
        pl.DataFrame(
            {
                "pid": pids,
                "employer": pl.Series(_of(c, _EMPLOYERS, n).tolist(), dtype=pl.String),
                "insured_from": _months(begin),
                "insured_to": pl.Series(np.where(closed, _months(end), ""), dtype=pl.String).replace("", None),
                "wage_base": np.maximum(_money_of(c, n, 4300, 0.3, 1), 1900.0),
            }
        ),
    )
    old = _some(c, free & np.where(p.male, p.age >= 60, p.age >= 55), 0.86)
    kind = _of(c, ("城乡居民", "城镇职工", "机关事业"), len(old), (72, 22, 6))
    lonely = (p.size[p.home[old]] == 1) & (c.rng.random(len(old)) < 0.8)
    kind = np.where(lonely, "城镇职工", kind)
    sum_ = np.where(
        kind == "城乡居民", c.rng.integers(180, 260, len(old)), c.rng.integers(1900, 6000, len(old))
    ).astype(float)
    yield (
        "pension",
        pl.DataFrame({"pid": old, "kind": pl.Series(kind.tolist(), dtype=pl.String), "monthly_amount": sum_}),
    )
    paid = _some(c, free & (p.age >= 23) & (p.age < 60), 0.022)
    yield (
        "public_payroll",
        pl.DataFrame(
            {
                "pid": paid,
                "unit": pl.Series(_of(c, _UNITS, len(paid)).tolist(), dtype=pl.String),
                "post": pl.Series(_of(c, ("工勤", "管理", "专业技术"), len(paid)).tolist(), dtype=pl.String),
                "monthly_amount": _money_of(c, len(paid), 5200, 0.25, 1),
            }
        ),
    )


def _money(c: County, free: Flags) -> Made:
    p = c.people
    fund = _some(c, free & (p.age >= 22) & (p.age < 60), 0.11)
    n = len(fund)
    yield (
        "housing_fund",
        pl.DataFrame(
            {
                "pid": fund,
                "employer": pl.Series(_of(c, _EMPLOYERS, n).tolist(), dtype=pl.String),
                "monthly_deposit": _money_of(c, n, 900, 0.4, 1),
                "balance": _money_of(c, n, 22000, 0.9),
            }
        ),
    )
    taxed = _some(c, free & (p.age >= 22) & (p.age < 60), 0.24)
    parts = [
        pl.DataFrame(
            {
                "pid": taxed,
                "year": np.full(len(taxed), c.month.year - ago),
                "income": _money_of(c, len(taxed), 68000, 0.35),
            }
        )
        for ago in (1, 2, 3)
    ]
    yield "tax", pl.concat(parts)
    savers = np.sort(
        np.concatenate(
            [
                _some(c, free & (p.age >= 16), 0.82),
                _some(c, free & (p.age >= 25), 0.42),
                _some(c, free & (p.age >= 40), 0.2),
            ]
        )
    )
    n = len(savers)
    bank = _of(c, _BANKS, n)
    latest = np.datetime64(c.month.day(1, 31), "D")
    earlier = np.datetime64(c.month.day(4, 31), "D")
    as_of = np.where(c.rng.random(n) < 0.9, latest, earlier)
    now = pl.DataFrame(
        {
            "pid": savers,
            "institution": pl.Series(bank.tolist(), dtype=pl.String),
            "balance": _money_of(c, n, 5200, 1.5),
            "as_of": as_of,
        }
    )
    past = now.filter(pl.Series((as_of == latest) & (c.rng.random(n) < 0.3)))
    then = pl.Series("balance", _money_of(c, past.height, 5200, 1.5))
    yield "deposit", pl.concat([now, past.with_columns(then, pl.lit(c.month.day(4, 31)).alias("as_of"))])


def _health(c: County, free: Flags) -> Made:
    p = c.people
    parts = []
    for ago, rate in ((0, 0.92), (1, 0.88), (2, 0.84)):
        who = _some(c, free, rate)
        paid = _money_of(c, len(who), 260, 1.35)
        cost = np.round(paid * c.rng.uniform(1.2, 4.0, len(who)), 2)
        parts.append(
            pl.DataFrame(
                {
                    "pid": who,
                    "period": np.full(len(who), str(c.month.year - ago)),
                    "total_cost": cost,
                    "self_paid": paid,
                }
            )
        )
    yield "medical", pl.concat(parts)
    who = _some(c, free, np.where(p.age >= 60, 0.05, 0.012))
    level = _of(c, ("1", "2", "3", "4"), len(who), (2, 3, 40, 55))
    kind = _of(c, ("肢体", "视力", "听力", "言语", "智力", "精神", "多重"), len(who), (52, 14, 16, 4, 5, 6, 3))
    mind = np.isin(kind, ["智力", "精神"]) & (level == "3") & (c.rng.random(len(who)) < 0.8)
    level = np.where(mind, "4", level)
    yield (
        "disability",
        pl.DataFrame(
            {
                "pid": who,
                "certificate_no": np.char.add(p.id_number[who], level.astype("U1")),
                "kind": pl.Series(kind.tolist(), dtype=pl.String),
                "level": pl.Series(level.tolist(), dtype=pl.String),
                "issued_on": _days(c, len(who), 60, 3600),
                "status": pl.Series(
                    _of(c, ("正常", None, "注销", "过期", "冻结"), len(who), (70, 15, 6, 6, 3)).tolist(),
                    dtype=pl.String,
                ),
            }
        ),
    )
    child = _some(c, free & (p.age < 16), 0.003)
    yield (
        "child_welfare",
        pl.DataFrame(
            {
                "pid": child,
                "kind": pl.Series(_of(c, ("孤儿", "事实无人抚养儿童"), len(child)).tolist(), dtype=pl.String),
                "monthly_amount": np.full(len(child), 1313.0),
                "start_month": _months(_days(c, len(child), 40, 1500)),
                "stop_month": pl.Series([None] * len(child), dtype=pl.String),
            }
        ),
    )
    jailed = _some(c, free & (p.age >= 18) & (p.age < 65), 0.0009)
    begin = _days(c, len(jailed), 10, 1500)
    yield (
        "prison",
        pl.DataFrame(
            {
                "pid": jailed,
                "from_on": begin,
                "until_on": begin + c.rng.integers(200, 2500, len(jailed)).astype("timedelta64[D]"),
            }
        ),
    )


def _aid(c: County, free: Flags) -> Made:
    """Households followed after poverty, and those hit by disasters: all members, or the head."""
    p = c.people
    heads = _some(c, free & (p.role == "H"), 0.055)
    kind = _of(c, ("脱贫户", "脱贫不稳定户", "边缘易致贫户", "突发严重困难户"), len(heads), (90, 4, 4, 2))
    size = p.size[p.home[heads]]
    at = np.repeat(np.arange(len(heads)), size)
    pids = heads[at] + np.arange(len(at)) - np.repeat(np.cumsum(size) - size, size)
    cleared = (kind != "脱贫户") & (c.rng.random(len(heads)) < 0.7)
    number = np.array(_numbers(c, len(heads), "JC{:06d}"), dtype=object)
    yield (
        "monitored",
        pl.DataFrame(
            {
                "pid": pids,
                "household_no": pl.Series(number[at].tolist(), dtype=pl.String),
                "kind": pl.Series(kind[at].tolist(), dtype=pl.String),
                "registered_month": _months(_days(c, len(heads), 60, 1800))[at],
                "cleared": cleared[at],
                "per_capita_income": c.rng.integers(300, 1500, len(heads)).astype(float)[at],
            }
        ),
    )
    hit = _some(c, free & (p.role == "H"), 0.008)
    yield (
        "disaster",
        pl.DataFrame(
            {
                "pid": hit,
                "event": pl.Series(_of(c, ("洪涝", "火灾", "滑坡", "冰雹"), len(hit)).tolist(), dtype=pl.String),
                "loss": c.rng.integers(3, 60, len(hit)).astype(float) * 1000,
                "happened_on": _days(c, len(hit), 5, 700),
            }
        ),
    )
