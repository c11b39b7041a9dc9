"""Which files the month's drop consists of, and how each one is dressed, by whom they come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from pipeline.contract import TOWNS
from pipeline.demo.layout import PERSON_COLUMNS, WITHOUT_TOWN, Plan, Sheet, split_book, split_sheet
from pipeline.demo.months import AuditMonth
from pipeline.demo.people import town_full


def plan_drop(frames: Mapping[str, pl.DataFrame], month: AuditMonth) -> list[Plan]:
    """Every file of the drop. `frames`: dataset → its rows."""
    drop = _Drop(frames, month)
    for part in (_rosters, _bureau, _registers, _possessions, _incomes, _money, _hardship):
        part(drop)
    return drop.plans


@dataclass
class _Drop:
    """The files planned so far, and how more are added."""

    frames: Mapping[str, pl.DataFrame]
    month: AuditMonth
    plans: list[Plan] = field(default_factory=list)

    @property
    def label(self) -> str:
        return f"{self.month.year}年{self.month.number}月"

    def whole(self, dataset: str) -> np.ndarray:
        return np.arange(self.frames[dataset].height)

    def where(self, dataset: str, condition: pl.Expr) -> np.ndarray:
        return np.flatnonzero(self.frames[dataset].select(condition).to_series().to_numpy())

    def text(
        self, file: str, dataset: str, encoding: str, separator: str = ",", rows: np.ndarray | None = None,
        **dress: object,
    ) -> None:  # fmt: skip
        at = self.whole(dataset) if rows is None else rows
        sheet = Sheet("-", at, orphans=0 if not PERSON_COLUMNS[dataset] else 1 + len(at) // 4000, **dress)  # type: ignore[arg-type]
        self.plans.append(Plan(file, dataset, "text", (sheet,), encoding, separator))

    def book(self, file: str, dataset: str, *sheets: Sheet, decoys: bool = False) -> None:
        parts = [part for sheet in sheets for part in split_sheet(sheet)]
        for n, some in enumerate(split_book(parts), 1):
            name = file if n == 1 else f"{file.removesuffix('.xlsx')}_{n}.xlsx"
            self.plans.append(Plan(name, dataset, "xlsx", some, decoys=decoys))

    def file(self, file: str, dataset: str, kind: str, sheet: Sheet, table: str = "") -> None:
        self.plans.append(Plan(file, dataset, kind, (sheet,), table=table))


def _rosters(drop: _Drop) -> None:
    label, text, book, whole = drop.label, drop.text, drop.book, drop.whole
    drop.plans += [_town_workbook(drop.frames["dibao"], i, town, label) for i, town in enumerate(TOWNS)]
    text(
        "特困.csv", "tekun", "gb18030",
        title=f"乐昌市特困人员花名册（{label}）", unit=True, blanks=2, total=True, signature=True,
    )  # fmt: skip
    book(
        f"低保边缘 {drop.month.text}.xlsx", "borderline",
        Sheet(
            "花名册", whole("borderline"), f"乐昌市低保边缘家庭花名册（{label}）",
            two_row_header=True, blanks=1, total=True, signature=True, orphans=1,
        ),
        decoys=True,
    )  # fmt: skip
    text("支出型(认定名单).csv", "expenditure", "utf-8-sig", title="支出型困难家庭认定名单", total=True)
    rows = whole("temporary")
    middle = len(rows) // 2
    book(
        "临时救助_台账.xlsx", "temporary",
        Sheet("前期", rows[:middle], "临时救助台账", unit=True, total=True, orphans=1),
        Sheet("本期", rows[middle:], "临时救助台账", unit=True, total=True, signature=True),
        decoys=True,
    )  # fmt: skip


def _bureau(drop: _Drop) -> None:
    drop.text("发放明细-一卡通.csv", "payment", "gb18030", blanks=2)
    drop.text("档案目录.tsv", "archive", "utf-16", "\t")
    sheet = Sheet("巡访", drop.whole("patrol"), "分散供养特困人员巡访记录", orphans=1)
    drop.book(f"patrol {drop.month.text}.xlsx", "patrol", sheet)
    drop.text("护理评估_特困.csv", "care_assessment", "utf-8-sig")


def _registers(drop: _Drop) -> None:
    """Who died, lives where, is married to whom."""
    of = {origin: drop.where("death", pl.col("origin") == origin) for origin in ("公安", "殡葬", "卫健")}
    drop.text(f"death {drop.month.text}.csv", "death", "utf-8", rows=of["公安"])
    drop.book(
        "死亡_殡葬卫健.xlsx", "death",
        Sheet("殡葬", of["殡葬"], "火化登记", blanks=1, orphans=1), Sheet("卫健", of["卫健"]),
    )  # fmt: skip
    drop.text("户籍.csv", "household_register", "utf-8", blanks=3)
    drop.text("婚姻_登记.tsv", "marriage", "utf-16", "\t")


def _possessions(drop: _Drop) -> None:
    drop.book("车辆.xlsx", "vehicle", Sheet("机动车", drop.whole("vehicle"), blanks=2, orphans=2))
    drop.text("农机船舶.txt", "machinery", "gb18030", "\t", title="农机、渔船登记")
    drop.text("不动产.txt", "property", "utf-8", "\t")
    sheet = Sheet("登记", drop.whole("business"), "市场主体登记信息", signature=True, orphans=1)
    drop.book("市场主体_企业.xlsx", "business", sheet, decoys=True)


def _incomes(drop: _Drop) -> None:
    drop.text("employment.csv", "employment", "gb18030", blanks=1)
    sheet = Sheet("待遇", drop.whole("pension"), "养老待遇发放名册", unit=True, total=True, orphans=1)
    drop.book("养老待遇.xlsx", "pension", sheet)
    drop.book(
        "财政供养.xlsx", "public_payroll",
        Sheet(
            "Sheet1", drop.whole("public_payroll"), "财政供养人员",
            two_row_header=True, total=True, signature=True, orphans=1,
        ),
    )  # fmt: skip


def _money(drop: _Drop) -> None:
    drop.file("公积金.parquet", "housing_fund", "parquet", Sheet("-", drop.whole("housing_fund"), orphans=1))
    drop.file("税务共享.sqlite", "tax", "sqlite", Sheet("-", drop.whole("tax"), orphans=1), table="个税")
    latest = pl.col("as_of") >= drop.month.day(2, 1)
    drop.book("金融资产_本期.xlsx", "deposit", Sheet("余额", drop.where("deposit", latest), blanks=1, orphans=2))
    drop.file("金融资产 往期.parquet", "deposit", "parquet", Sheet("-", drop.where("deposit", ~latest)))


def _hardship(drop: _Drop) -> None:
    """Who is in prison, disabled, ill, watched, a child in need, struck by a disaster."""
    whole, book = drop.whole, drop.book
    book("服刑.xlsx", "prison", Sheet("名单", whole("prison"), "服刑人员名单", orphans=1))
    sheet = Sheet("持证", whole("disability"), "持证残疾人名册", blanks=2, total=True, orphans=1)
    book("残疾.xlsx", "disability", sheet)
    this_year = pl.col("period") == str(drop.month.year)
    book(
        "医保_结算.xlsx", "medical",
        Sheet(f"{drop.month.year}年", drop.where("medical", this_year), orphans=2),
        Sheet("往年", drop.where("medical", ~this_year), "往年结算", blanks=1, orphans=1),
    )  # fmt: skip
    book(
        "监测对象.xlsx", "monitored",
        Sheet(
            "监测户", whole("monitored"), "防返贫监测对象名册",
            unit=True, two_row_header=True, signature=True, orphans=1,
        ),
    )  # fmt: skip
    drop.text("困境儿童.tsv", "child_welfare", "utf-8-sig", "\t")
    sheet = Sheet("受灾群众", whole("disaster"), "受灾群众登记表", blanks=2, total=True, signature=True, orphans=1)
    book("受灾.xlsx", "disaster", sheet)


def _town_workbook(dibao: pl.DataFrame, i: int, town: str, label: str) -> Plan:
    rows = np.flatnonzero((dibao["file_town" if "file_town" in dibao.columns else "town"] == town).to_numpy())
    sheet = Sheet(
        ("花名册", "名单", "Sheet1")[i % 3],
        rows,
        f"乐昌市{town_full(town)}{label}最低生活保障对象花名册",
        unit=i % 2 == 0,
        two_row_header=i % 4 == 3,
        blanks=i % 3,
        total=True,
        signature=True,
        orphans=1 if i % 2 else 0,
    )
    omit = ("town",) if town == WITHOUT_TOWN else ()
    return Plan(
        f"低保_{town_full(town) if i % 2 else town}.xlsx", "dibao", "xlsx", (sheet,), decoys=i % 5 == 0, omit=omit
    )
