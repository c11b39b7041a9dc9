"""Plants every gap on a household of its own and adds the rows to the frames that are about to be written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
import polars as pl

from pipeline.contract import ROSTERS
from pipeline.demo.gaps.case import GapCase, make_case
from pipeline.demo.gaps.registry import GAPS, Gap
from pipeline.demo.layout import WITHOUT_TOWN
from pipeline.demo.model import County, Row
from pipeline.demo.people import Flags
from pipeline.demo.planting.payment import pay_usual

_PLENTY = 20_000  # people; a smaller county has each variant once
# A household of one, or one of several where the gap needs a member who is not its head.
_SHAPES = {"tekun": ("elder", "H", "HSA"), "temporary": ("HSCC", "HSC", "HSA", "HSADGG")}
_APART = ("HSADG", "HSCCFM", "HC", "HG")
# Lists whose people may be leads, or be missed from one.
_TELLING = ("death", "prison", "disability", "monitored", "child_welfare", "disaster")
_COSTLY = 5_000
_MOST = 2_000  # strangers kept at hand
_FAMILY = ("HS", "HSCCC", "HSCM", "HSCCM", "HSC", "HSCC")


@dataclass(frozen=True)
class PlantedGap:
    """A gap or near-miss as planted; `record` is by household number, since files number the rows later."""

    rule_id: str
    kind: str
    variant: str
    scheme: str
    household_no: str
    item: str | None


def plant_gaps(c: County, frames: dict[str, pl.DataFrame]) -> list[PlantedGap]:
    """Add to `frames` the rows of every gap. Draws from a generator of its own, so that all else stays as it was."""
    mine, c.rng = c.rng, c.rng.spawn(1)[0]
    try:
        return _plant(c, frames)
    finally:
        c.rng = mine


def _plant(c: County, frames: dict[str, pl.DataFrame]) -> list[PlantedGap]:
    _ordinary_reports(c, frames)
    taken = _flags(c, frames, ROSTERS)
    taken[sorted(c.apart)] = True
    homes = _homes(c, taken)
    c.strangers = _strangers(c, frames, taken | _flags(c, frames, _TELLING))
    cases: list[GapCase] = []
    planted: list[PlantedGap] = []
    for _ in range(2 if len(c.people) >= _PLENTY else 1):
        for gaps in _shared():
            home = next(homes[_kind(gaps[0])], None)
            if home is None:  # a small county has the gaps that it has households for
                continue
            case = make_case(c, gaps[0].scheme, home)
            for gap in gaps:
                gap.plant(case)
            cases.append(case)
            planted += [_noted(gap, case) for gap in gaps]
    _add(c, frames, cases)
    return planted


def _shared() -> Iterator[tuple[Gap, ...]]:
    """The gaps household by household: one in the system data and one in the archive where neither must be alone."""
    for scheme in ROSTERS:
        mine = [g for g in GAPS if g.scheme == scheme]
        yield from ((g,) for g in mine if g.alone)
        of_data, of_archive = ([g for g in mine if not g.alone and g.of_archive == a] for a in (False, True))
        for pair in zip_longest(of_data, of_archive):
            yield tuple(g for g in pair if g is not None)


def _noted(gap: Gap, case: GapCase) -> PlantedGap:
    number = (case.archived_as if gap.rule_id == "archive_unmatched" else None) or case.no
    if gap.rule_id.endswith("_unmatched") and case.lists:
        number = str(next(iter(case.lists.values()))[0]["household_no"])
    return PlantedGap(gap.rule_id, gap.kind, gap.name, gap.scheme, number, gap.item)


def _kind(gap: Gap) -> str:
    return gap.scheme if gap.scheme in _SHAPES else "family"


def _flags(c: County, frames: dict[str, pl.DataFrame], names: tuple[str, ...]) -> Flags:
    """By pid: who has a record in any of these lists."""
    out = np.zeros(len(c.people), dtype=bool)
    for name in names:
        out[frames[name]["pid"].drop_nulls().to_numpy()] = True
    return out


def _strangers(c: County, frames: dict[str, pl.DataFrame], known: Flags) -> list[int]:
    """People of working age in the register whom no rule of leads could be about, of households that no gap is on."""
    p = c.people
    fit = np.zeros(len(p), dtype=bool)
    listed = frames["household_register"].filter(pl.col("noise") == "exact", pl.col("status") == "正常")
    fit[listed["pid"].to_numpy()] = True
    fit[frames["medical"].filter(pl.col("self_paid") >= _COSTLY)["pid"].to_numpy()] = False
    fit &= ~known & (p.age >= 20) & (p.age < 58) & np.isin(p.shape[p.home], _APART)
    fit &= ~np.isin(p.home, np.fromiter(c.reserved, dtype=np.int64, count=len(c.reserved)))
    return [int(i) for i in c.rng.permutation(np.flatnonzero(fit))[:_MOST]]


def _homes(c: County, taken: Flags) -> dict[str, Iterator[int]]:
    """Register households of the right shape, of nobody on a roster nor planted for a rule, in a drawn order."""
    by_shape: dict[str, list[int]] = {}
    for home in c.rng.permutation(len(c.people.size)).tolist():
        members = c.people.of_home(home)
        if home in c.reserved or taken[members.start : members.stop].any() or c.people.town[home] == WITHOUT_TOWN:
            continue
        shape = str(c.people.shape[home])
        if shape == "H" and int(c.people.age[members[0]]) >= 60:
            shape = "elder"
        by_shape.setdefault(shape, []).append(home)

    def drawn(*shapes: str) -> Iterator[int]:
        for shape in shapes:
            while by_shape.get(shape):
                yield by_shape[shape].pop()

    return {kind: drawn(*shapes) for kind, shapes in _SHAPES.items()} | {"family": drawn(*_FAMILY)}


def _ordinary_reports(c: County, frames: dict[str, pl.DataFrame]) -> None:
    """The report on means in the file of every ordinary grant that has a file."""
    ordinary = frames["temporary"].filter(pl.col("kind") == "支出型")["grant_no"]
    archive = frames["archive"]
    filed = archive.filter((pl.col("scheme") == "temporary") & pl.col("household_no").is_in(ordinary.implode()))
    first = filed.unique("household_no", keep="first", maintain_order=True)
    frames["archive"] = pl.concat([archive, first.with_columns(document=pl.lit("核对报告"), present=pl.lit(True))])


def _add(c: County, frames: dict[str, pl.DataFrame], cases: list[GapCase]) -> None:
    """The cases' rows, papers, payments and visits at the end of their frames."""
    for scheme in ROSTERS:
        if scheme == "dibao":  # a workbook a town: a row whose town is wrong stands in its household's
            frames[scheme] = frames[scheme].with_columns(pl.col("town").alias("file_town"))
            for g in cases:
                g.set(file_town=str(c.people.town[c.people.home[g.head["pid"]]]))
        _append(frames, scheme, [r for g in cases if g.scheme == scheme for r in g.rows])
    papers = [
        p | {"scheme": g.scheme, "household_no": g.archived_as or g.no} for g in cases for p in g.papers
    ]  # an archive under another number leaves its household without one
    _append(frames, "archive", papers)
    visits: list[Row] = []
    payments: list[Row] = []
    for g in cases:
        if g.case is not None and g.scheme in ("dibao", "tekun"):
            payments += _paid(c, g)
        if g.scheme == "tekun" and g.head["stop_month"] is None:
            visits += [_visit(c, g)]
        for dataset, records in g.lists.items():
            _append(frames, dataset, records)
    _append(frames, "patrol", visits)
    _append(frames, "payment", payments)


def _append(frames: dict[str, pl.DataFrame], name: str, rows: list[Row]) -> None:
    schema = frames[name].schema
    more = pl.DataFrame({k: pl.Series(k, [r.get(k) for r in rows], dtype=t) for k, t in schema.items()})
    frames[name] = pl.concat([frames[name], more])


def _paid(c: County, g: GapCase) -> list[Row]:
    """What the roster's row says is due, paid in every month that it is active in."""
    if any(g.head.get(k) is None or float(g.head[k]) < 0 for k in ("monthly_amount",)) or g.case is None:
        return []
    g.case.payments.clear()
    pay_usual(c, g.case)
    p = c.people
    return [
        row | {"payee_name": str(p.name[row["payee_pid"]]), "payee_id_number": str(p.id_number[row["payee_pid"]])}
        for row in g.case.payments
    ]


def _visit(c: County, g: GapCase) -> Row:
    head = g.head
    keep = ("pid", "name", "id_number", "town", "id_as_number", "id_lost", "broken")
    who = {k: head[k] for k in keep} | {"noise": "exact", "error": "none", "broken": False}
    who |= {
        "id_written": head["id_number"],
        "name_written": head["name"],
        "town": str(c.people.town[c.people.home[head["pid"]]]),
    }
    return who | {"household_no": g.no, "visited_on": c.month.day(0, 16), "condition": "正常", "visitor": "巡访员"}
