"""Gaps in the archives, read plainly in Polars: the papers a household must have, by the names they bear here."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from pipeline.demo.truth.gap_fields import FAMILIES, by_household, told

_ALL = (
    "申请书", "承诺书", "核对授权书", "身份证户口簿复印件", "核对报告", "入户调查表", "公示", "审核确认表", "银行账户",
)  # fmt: skip
ASKED: dict[str, tuple[str, ...]] = {
    "dibao": _ALL,
    "borderline": _ALL,
    "expenditure": (*_ALL, "支出凭证"),
    "tekun": (*_ALL, "生活自理能力评估表", "供养协议或照料协议", "赡养人情况"),
    "temporary": ("申请书", "审批表", "事由证明"),
}
_SEALED = ("入户调查表", "审核确认表", "生活自理能力评估表", "审批表")
# A name on the list → what it is, in parts: "1/2" is half of a document.
_NAMES: dict[str, tuple[tuple[str, int], ...]] = {
    "供养协议": (("供养协议或照料协议", 1),),
    "委托照料协议": (("供养协议或照料协议", 1),),
    "医疗费用发票": (("支出凭证", 1),),
    "疾病诊断证明书": (("事由证明", 1),),
    "书面申请（申请表）": (("申请书", 1),),
    "申请及承诺书": (("申请书", 1), ("承诺书", 1)),
    "家庭经济状况核对查询授权书": (("核对授权书", 1),),
    "第二代残疾人证复印件": (("残疾证", 1),),
    "户主身份证复印件": (("身份证户口簿复印件", 2),),
    "户口簿复印件": (("身份证户口簿复印件", 3),),
}


def paper_gaps(scheme: str, rows: pl.DataFrame, archive: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """`archive`: the scheme's items, blanks in `present` meaning there."""
    houses = by_household(
        rows, pl.col("active").any().alias("live"), pl.col("stopped").any().alias("stopped"),
        pl.col("declared").any().alias("declared"), pl.col("kind").first().alias("kind"),
    )  # fmt: skip
    here = archive.filter(pl.col("present").fill_null(True))
    filed = houses["household_no"].is_in(here["household_no"].unique().implode())
    live = houses.filter("live")
    yield told("archive_absent", scheme, live.filter(~filed.filter(houses["live"])), None)
    have = _documents(here, rows)
    kept = live.filter(filed.filter(houses["live"]))
    for document in ASKED[scheme]:
        yield from _asked(scheme, kept, have, document)
    if scheme in FAMILIES:
        yield from _asked(scheme, kept.filter("declared"), have, "残疾证")
    if scheme == "temporary":
        ordinary = kept.filter(pl.col("kind").is_null() | (pl.col("kind") != "急难型"))
        yield from _asked(scheme, ordinary, have, "核对授权书")
        yield from _asked(scheme, kept.filter(pl.col("kind") == "支出型"), have, "核对报告")
    else:
        yield from _asked(scheme, houses.filter(~pl.col("live"), pl.col("stopped")), have, "停救通知书")
    strange = here.filter(~pl.col("household_no").is_in(rows["household_no"].drop_nulls().unique().implode()))
    yield told("archive_unmatched", scheme, by_household(strange), None)


def _documents(here: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """household_no, document, signed, dated: each whole document that a household has."""
    parts = [
        (name, *part) for name in here["document"].unique().sort() for part in _NAMES.get(name, ((name, 1),))
    ]  # 1: the whole; 2 and 3: its halves
    meaning = pl.DataFrame(parts, schema=["document", "is", "part"], orient="row")
    items = here.join(meaning, on="document").group_by("household_no", "is", maintain_order=True).agg(
        (pl.col("part").eq(1).any() | (pl.col("part").eq(2).any() & pl.col("part").eq(3).any())).alias("whole"),
        pl.col("signed_by").is_not_null().any().alias("signed"), pl.col("signed_on").is_not_null().any().alias("dated"),
    )  # fmt: skip
    # an authorisation that names a member is that member's: whole where each member has one
    mine = here.with_columns(pl.col("document").str.extract("^核对授权书（(.*)）$").alias("name")).drop_nulls("name")
    people = rows.filter("active").select("household_no", "name")
    lacking = people.join(mine.select("household_no", "name"), on=["household_no", "name"], how="anti")["household_no"]
    named = mine.filter(~pl.col("household_no").is_in(lacking.unique().implode())).unique(
        "household_no", maintain_order=True
    )
    each = named.select(
        "household_no", pl.lit("核对授权书").alias("is"), *(pl.lit(True).alias(k) for k in ("whole", "signed", "dated"))
    )
    return pl.concat([items, each]).filter("whole")


def _asked(scheme: str, houses: pl.DataFrame, have: pl.DataFrame, document: str) -> Iterator[pl.DataFrame]:
    mine = houses.join(have.filter(pl.col("is") == document), on="household_no", how="left")
    rule = "authorisation_missing" if document == "核对授权书" else "document_missing"
    yield told(rule, scheme, mine.filter(pl.col("whole").is_null()), document)
    if document in _SEALED:
        for rule, column in (("document_unsigned", "signed"), ("document_undated", "dated")):
            yield told(rule, scheme, mine.filter(~pl.col(column).fill_null(True)), document)
