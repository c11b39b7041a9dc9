"""The linkage's pairs as lists: which records were taken for one person, which wait for a person to compare, which not.

Both sides masked: the number, file and row are enough to find them in the workbooks and in links.parquet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import polars as pl
from markupsafe import Markup

from pipeline.contract import DATASETS, ROSTERS, scheme_zh
from pipeline.masking import Masker, mask_name, mask_number
from pipeline.publish.concerned import filed_under
from pipeline.publish.leads import town_of
from pipeline.publish.pages.picture import Weights
from pipeline.publish.pages.shell import Site, chunked
from pipeline.publish.pages.ties import tie_of
from pipeline.publish.publication import Publication
from pipeline.publish.quality import BIN
from pipeline.publish.questions import asked_together
from pipeline.publish.words import TIERS, place

_DECISIONS = {"review": "待人工比对", "reject": "不认作同一人"}
_NOBODY: Mapping[str, Any] = {"name": None, "id_number": None, "town": None, "dataset": ""}


@dataclass(frozen=True)
class Pairs:
    """Some pairs under one heading."""

    id: str
    heading: str
    n: int
    chunks: Sequence[Markup] = ()


class Linked:
    """Every link of the month with its row for a page, and the towns that a pair in review belongs to."""

    def __init__(self, pub: Publication, masker: Masker) -> None:
        order = "dataset, roster_record_id, record_id"
        self.links = list(pub.engine.rows(f"SELECT * FROM links ORDER BY {order}").iter_rows(named=True))
        self._people = _people(pub)
        self._filed = filed_under(pub.engine)
        self._asked: dict[tuple[str, str], list[str]] = {}
        for together in asked_together(pub.engine)[0].values():
            towns = list(dict.fromkeys(town for link in together for town in self._towns_of(link)))
            self._asked |= {(k["roster_record_id"], k["record_id"]): towns for k in together}
        self._weights = Weights.of(pub.engine)
        self._masker = masker
        self._files: dict[str, str] = {}
        self._cells: dict[str, str] = {}
        self._rows: dict[int, str] = {}

    def row(self, link: Mapping[str, Any]) -> str:
        """The pair's row; the same text in every list."""
        if id(link) not in self._rows:
            self._rows[id(link)] = self._row(link)
        return self._rows[id(link)]

    def towns(self, link: Mapping[str, Any]) -> list[str]:
        """The towns whose workbook holds the pair: of it and of pairs that ask the same, that of the roster row, and
        of the other one where it is one too.
        """
        return self._asked.get((link["roster_record_id"], link["record_id"])) or self._towns_of(link)

    def _towns_of(self, link: Mapping[str, Any]) -> list[str]:
        both = link["roster_record_id"], link["record_id"]
        ours, theirs = (self._filed.get(r) or town_of(self._who(r)["town"]) for r in both)
        return [ours, theirs] if link["dataset"] in ROSTERS and theirs != ours else [ours]

    def _who(self, record: str) -> Mapping[str, Any]:
        return self._people.get(record, _NOBODY)

    def _row(self, link: Mapping[str, Any]) -> str:
        both = self._record(link["roster_record_id"]) + self._record(link["record_id"], link["dataset"])
        if link["tier"] == "exact_id" and link["decision"] == "link":
            return f'<tr class="row">{both}<td colspan="2">{TIERS["exact_id"]}</td></tr>\n'
        tie = tie_of(link, self._weights)
        # of those taken for one person there are thousands, and the cases that rest on them show theirs
        bars = f'<div class="bars">{tie.picture}</div>' if tie.picture and link["decision"] != "link" else ""
        return (
            f'<tr class="row">{both}<td class="nowrap">{escape(tie.tier)}<small>{escape(tie.chance)}</small></td>'
            f'<td class="told">{escape(tie.sentence)}{_folded(bars)}</td></tr>\n'
        )

    def _record(self, record: str, dataset: str = "") -> str:
        """A record's two cells: where it stands, and whose it is. Most stand in several pairs."""
        if record not in self._cells:
            who = self._who(record)
            number = f'<small class="id">{escape(mask_number(who["id_number"]))}</small>' if who["id_number"] else ""
            self._cells[record] = (
                f"<td>{escape(scheme_zh(dataset or who['dataset']))}<small>{self._place(record)}</small></td>"
                f'<td class="nowrap">{escape(mask_name(who["name"]))}{number}</td>'
            )
        return self._cells[record]

    def _place(self, record: str) -> str:
        file, mark, row = place(record).rpartition("第")
        if file not in self._files:
            self._files[file] = escape(self._masker.text(file))
        return self._files[file] + mark + row


def _folded(bars: str) -> str:
    return f"<details><summary>证据的分量</summary>{bars}</details>" if bars else ""


def _people(pub: Publication) -> dict[str, Mapping[str, Any]]:
    """record_id → name, id_number, town, dataset of every record that a link names."""
    engine = pub.engine
    engine.run("SELECT roster_record_id AS record_id FROM links UNION SELECT record_id FROM links", into="page_record")
    out: dict[str, Mapping[str, Any]] = {}
    for dataset in DATASETS.values():
        if dataset.has("name") and dataset.has("id_number"):
            town = "town" if dataset.has("town") else "NULL AS town"
            frame = engine.rows(
                f"SELECT record_id, name, id_number, {town}, '{dataset.id}' AS dataset "
                f'FROM "{dataset.id}" SEMI JOIN page_record USING (record_id)'
            ).cast({"town": pl.String})
            out.update((r["record_id"], r) for r in frame.iter_rows(named=True))
    engine.drop("page_record")
    return out


def write_pairs(site: Site, linked: Linked) -> None:
    """A page a dataset, one of all pairs in review, and one of the model's pairs by weight."""
    of: dict[str, list[Mapping[str, Any]]] = {}
    for link in linked.links:
        of.setdefault(link["dataset"], []).append(link)
    for dataset, found in of.items():
        groups = [
            _group(linked, tier, name, [k for k in found if k["decision"] == "link" and k["tier"] == tier])
            for tier, name in TIERS.items()
        ]
        groups += [_group(linked, d, zh, [k for k in found if k["decision"] == d]) for d, zh in _DECISIONS.items()]
        _page(site, f"links/{dataset}", f"名册与{scheme_zh(dataset)}的比对",
              "花名册记录与该数据记录的逐对比对结果。", groups)  # fmt: skip
    waiting = [k for k in linked.links if k["decision"] == "review"]
    datasets = dict.fromkeys(k["dataset"] for k in waiting)
    _page(site, "list/review", "待人工比对的记录",
          "系统不能断定是否同一人的两条记录，按对方数据分列；由镇街在工作簿“待人工比对”中辨认。",
          [_group(linked, d, scheme_zh(d), [k for k in waiting if k["dataset"] == d]) for d in datasets])  # fmt: skip
    _weights(site, linked)


def _weights(site: Site, linked: Linked) -> None:
    bins: dict[tuple[int, str], list[Mapping[str, Any]]] = {}
    for k in linked.links:
        if k["match_probability"] is not None and k["match_weight"] is not None and k["decision"] != "reject":
            bins.setdefault((int(k["match_weight"] // BIN) * BIN, k["decision"]), []).append(k)
    names = {"link": "同一人", **_DECISIONS}
    groups = [
        _group(linked, anchor(at, decision), f"分量 {at}～{at + BIN}，{names[decision]}", found)
        for (at, decision), found in sorted(bins.items())
    ]
    _page(site, "links/weights", "由模型推算的比对，按证据分量", "分量越大，相符的信息越多。", groups)


def anchor(at: int, decision: str) -> str:
    """The anchor of the pairs of one bar of the histogram."""
    return f"{decision}-{'m' if at < 0 else ''}{abs(at)}"


def _group(linked: Linked, id: str, heading: str, found: Sequence[Mapping[str, Any]]) -> Pairs:
    return Pairs(id, heading, len(found), chunked(linked.row(k) for k in found))


def _page(site: Site, path: str, title: str, intro: str, groups: Iterable[Pairs]) -> None:
    some = [g for g in groups if g.n]
    site.write(f"pages/{path}.html", "pairs.html", title=title, intro=intro, groups=some)
