"""Sector records of the general population: the register households that nothing was planted on. Vectorised.

Rates are per person or household, believable rather than measured.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from pipeline.demo.draws import Made, days, months, numbered, one_of, some, table, yuan
from pipeline.demo.means import businesses, homes, money, vehicles, work
from pipeline.demo.model import County
from pipeline.demo.people import RELATIONS, Flags, Ints, Strings


def general_background(c: County) -> None:
    """Add to `c.frames` a frame for each sector dataset, over people of unreserved register households."""
    free = ~np.isin(c.people.home, np.fromiter(c.reserved, dtype=np.int64, count=len(c.reserved)))
    for make in (_register, _marriages, vehicles, homes, businesses, work, money, _health, _aid):
        for dataset, frame in make(c, free):
            c.frames[dataset] = frame


def _relations(c: County) -> Strings:
    out = np.full(len(c.people), "其他", dtype="U4")
    for role, word in RELATIONS.items():
        out[c.people.role == role] = word
    out[(c.people.role == "C") & ~c.people.male] = "女"
    return out


def _hukou_numbers(homes_: Ints) -> Strings:
    return np.array([f"440281{home:07d}" for home in homes_.tolist()], dtype="U13")


def _register(c: County, free: Flags) -> Made:
    """The register, and the deaths behind its cancellations: a few absent, some moved out or within the county."""
    p, n = c.people, len(c.people)
    rate = np.where(p.age >= 75, 0.05, np.where(p.age >= 55, 0.01, 0.0006))
    dead = some(c, free, rate)
    died_on = days(c, len(dead), 3, 900)
    status = np.full(n, "正常", dtype="U2")
    on = np.full(n, np.datetime64("NaT"), dtype="datetime64[D]")
    moved = some(c, free & (p.age >= 18) & (p.age < 50) & (p.role != "H"), 0.012)
    status[moved], on[moved] = "迁出", days(c, len(moved), 5, 2500)
    struck = c.rng.random(len(dead)) < 0.92
    status[dead[struck]] = "注销"
    on[dead[struck]] = died_on[struck] + c.rng.integers(0, 20, int(struck.sum())).astype("timedelta64[D]")
    known = free & (c.rng.random(n) >= 0.006)
    everybody = table(
        np.arange(n), hukou_no=_hukou_numbers(p.home), relation=_relations(c), status=status, status_on=on
    )
    within = moved[c.rng.random(len(moved)) < 0.35]  # moved to another village: a second row, in force
    again = table(
        within,
        hukou_no=_hukou_numbers(8_000_000 + np.arange(len(within))),
        relation="户主",
        status="正常",
        status_on=np.full(len(within), np.datetime64("NaT"), dtype="datetime64[D]"),
    )
    yield "household_register", pl.concat([everybody.filter(pl.Series(known)), again], how="vertical_relaxed")
    sources = []
    for origin, share, late in (("公安", 1.0, 0), ("殡葬", 0.6, 2), ("卫健", 0.7, 0)):
        told = c.rng.random(len(dead)) < share
        delay = c.rng.integers(0, late + 1, len(dead)).astype("timedelta64[D]")
        sources.append(table(dead[told], died_on=(died_on + delay)[told], origin=origin))
    yield "death", pl.concat(sources)


def _marriages(c: County, free: Flags) -> Made:
    """A row a couple, or a row a party."""
    p = c.people
    spouse = some(c, free & (p.role == "S"), 0.82)
    head = p.start[p.home[spouse]]
    years = np.clip(p.age[spouse] - c.rng.integers(19, 30, len(spouse)), 0, 60)
    on = days(c, len(spouse), 1, 300) - (years * 365).astype("timedelta64[D]")
    couple = table(head, spouse_pid=spouse, event="结婚", registered_on=on)
    both = couple.filter(pl.Series(c.rng.random(len(head)) < 0.3))
    turned = both.select(pl.col("spouse_pid").alias("pid"), pl.col("pid").alias("spouse_pid"), "event", "registered_on")
    yield "marriage", pl.concat([couple, turned])


def _health(c: County, free: Flags) -> Made:
    """Medical costs of three years, disability certificates, children in need, and people in prison."""
    p = c.people
    parts = []
    for ago, rate in ((0, 0.92), (1, 0.88), (2, 0.84)):
        who = some(c, free, rate)
        paid = yuan(c, len(who), 260, 1.35)
        cost = np.round(paid * c.rng.uniform(1.2, 4.0, len(who)), 2)
        parts.append(table(who, period=str(c.month.year - ago), total_cost=cost, self_paid=paid))
    yield "medical", pl.concat(parts)
    who = some(c, free, np.where(p.age >= 60, 0.05, 0.012))
    n = len(who)
    level = one_of(c, ("1", "2", "3", "4"), n, (2, 3, 40, 55))  # the severe ones are mostly on a roster
    kind = one_of(c, ("肢体", "视力", "听力", "言语", "智力", "精神", "多重"), n, (52, 14, 16, 4, 5, 6, 3))
    level[np.isin(kind.astype("U2"), ["智力", "精神"]) & (level == "3") & (c.rng.random(n) < 0.8)] = "4"
    yield (
        "disability",
        table(
            who,
            certificate_no=np.char.add(p.id_number[who], level.astype("U1")),
            kind=kind,
            level=level,
            issued_on=days(c, n, 60, 3600),
            status=one_of(c, ("正常", None, "注销", "过期", "冻结"), n, (70, 15, 6, 6, 3)),
        ),
    )
    child = some(c, free & (p.age < 16), 0.003)
    need = one_of(c, ("孤儿", "事实无人抚养儿童"), len(child))
    begun = months(days(c, len(child), 40, 1500))
    yield "child_welfare", table(child, kind=need, monthly_amount=1313.0, start_month=begun)
    jailed = some(c, free & (p.age >= 18) & (p.age < 65), 0.0009)
    begin = days(c, len(jailed), 10, 1500)
    term = c.rng.integers(200, 2500, len(jailed)).astype("timedelta64[D]")
    yield "prison", table(jailed, from_on=begin, until_on=begin + term)


def _aid(c: County, free: Flags) -> Made:
    """Households followed after poverty (all members), and those hit by disasters (the head)."""
    p = c.people
    heads = some(c, free & (p.role == "H"), 0.055)
    kind = one_of(c, ("脱贫户", "脱贫不稳定户", "边缘易致贫户", "突发严重困难户"), len(heads), (90, 4, 4, 2))
    size = p.size[p.home[heads]]
    at = np.repeat(np.arange(len(heads)), size)
    pid = heads[at] + np.arange(len(at)) - np.repeat(np.cumsum(size) - size, size)
    cleared = (kind != "脱贫户") & (c.rng.random(len(heads)) < 0.7)
    yield (
        "monitored",
        table(
            pid,
            household_no=np.array(numbered(c, len(heads), "JC{:06d}"), dtype=object)[at],
            kind=kind[at],
            registered_month=months(days(c, len(heads), 60, 1800))[at],
            cleared=cleared[at].astype(bool),
            per_capita_income=c.rng.integers(300, 1500, len(heads)).astype(float)[at],
        ),
    )
    hit = some(c, free & (p.role == "H"), 0.008)
    n = len(hit)
    event = one_of(c, ("洪涝", "火灾", "滑坡", "冰雹"), n)
    yield (
        "disaster",
        table(hit, event=event, loss=c.rng.integers(3, 60, n).astype(float) * 1000, happened_on=days(c, n, 5, 700)),
    )
