"""Which files the month's drop consists of: dataset, format, encoding, sheets, and how untidy each one is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from pipeline.contract import DATASETS, TOWNS
from pipeline.demo.months import AuditMonth
from pipeline.demo.people import town_full

_FULL = ("name", "id_number", "sex", "birth_date", "town", "village", "address", "phone")
_MID = ("name", "id_number", "sex", "birth_date", "town", "village")
_LEAN = ("name", "id_number", "birth_date", "town")
_BARE = ("name", "id_number")

# The person columns each department's files carry.
PERSON_COLUMNS: dict[str, tuple[str, ...]] = {
    "dibao": _FULL, "tekun": _FULL, "borderline": _FULL, "expenditure": _FULL, "temporary": (*_MID, "phone"),
    "payment": (), "archive": (), "patrol": (*_BARE, "town"), "care_assessment": (*_BARE, "town"),
    "death": _MID, "household_register": (*_MID, "address"), "marriage": (*_BARE, "birth_date"),
    "vehicle": (*_BARE, "address"), "machinery": (*_LEAN, "phone"), "property": _BARE, "business": (*_BARE, "phone"),
    "employment": (*_LEAN, "sex"), "pension": _MID, "public_payroll": (*_BARE, "sex"), "housing_fund": _BARE,
    "tax": _BARE, "deposit": _BARE, "prison": (*_BARE, "sex", "birth_date", "address"),
    "disability": (*_MID, "address", "phone"), "medical": (*_BARE, "sex"), "monitored": _MID, "child_welfare": _MID,
    "disaster": (*_MID, "phone"),
}  # fmt: skip

# Columns that no rule reads, where a few unreadable cells are planted.
REJECT_COLUMNS: dict[str, tuple[str, ...]] = {
    "dibao": ("last_review_on",), "borderline": ("last_review_on",), "expenditure": ("rigid_expenditure",),
    "temporary": ("household_size",), "payment": ("paid_on",), "archive": ("signed_on",),
    "vehicle": ("registered_on",), "machinery": ("registered_on",), "property": ("registered_on", "area_m2"),
    "business": ("established_on", "capital"), "disability": ("issued_on",), "medical": ("total_cost",),
    "monitored": ("per_capita_income",), "disaster": ("loss",), "child_welfare": ("monthly_amount",),
}  # fmt: skip


SHEET_ROWS = 1_000_000  # what is put on one sheet at most: Excel holds 1,048,576 rows
BOOK_ROWS = 2_000_000  # and in one workbook: what unpacks to a gigabyte is refused as a bomb
WITHOUT_TOWN = "庆云"  # its dibao workbook lacks the town's column: the drop's audit.toml says it


@dataclass(frozen=True)
class Sheet:
    """One sheet (or the one table of a text file): its rows and how it is dressed."""

    name: str
    rows: np.ndarray  # positions in the dataset's frame
    title: str = ""
    unit: bool = False
    two_row_header: bool = False
    blanks: int = 0
    total: bool = False
    signature: bool = False
    orphans: int = 0


@dataclass(frozen=True)
class Plan:
    """One file of the drop. `kind`: xlsx, text, parquet or sqlite; `decoys`: a hidden sheet and a sheet of notes."""

    file: str
    dataset: str
    kind: str
    sheets: tuple[Sheet, ...]
    encoding: str = "utf-8"
    separator: str = ","
    decoys: bool = False
    table: str = ""
    omit: tuple[str, ...] = ()


def split_sheet(sheet: Sheet, most: int = SHEET_ROWS) -> list[Sheet]:
    """The sheet itself, or, where its rows are more than `most`, several that are numbered from 2 on."""
    if len(sheet.rows) <= most:
        return [sheet]
    parts = [sheet.rows[at : at + most] for at in range(0, len(sheet.rows), most)]
    names = [sheet.name, *(f"{sheet.name}{i}" for i in range(2, len(parts) + 1))]
    return [replace(sheet, name=name, rows=part) for name, part in zip(names, parts, strict=True)]


def split_book(sheets: Sequence[Sheet], most: int = BOOK_ROWS) -> list[tuple[Sheet, ...]]:
    """The sheets of each workbook: a further one begins where the rows would be more than `most`."""
    books: list[list[Sheet]] = [[]]
    for sheet in sheets:
        if books[-1] and sum(len(s.rows) for s in books[-1]) + len(sheet.rows) > most:
            books.append([])
        books[-1].append(sheet)
    return [tuple(sheets) for sheets in books]


def has_birth(dataset: str) -> bool:
    return "birth_date" in PERSON_COLUMNS[dataset]


def columns_of(plan: Plan) -> list[str]:
    """The columns a file carries, in the contract's order."""
    absent = set(_FULL) - set(PERSON_COLUMNS[plan.dataset]) | set(plan.omit)
    return [c.id for c in DATASETS[plan.dataset].columns if c.id not in absent]


def plan_drop(frames: dict[str, pl.DataFrame], month: AuditMonth) -> list[Plan]:
    """Every file of the drop."""
    m, label = month.text, f"{month.year}年{month.number}月"
    plans = [_town_workbook(frames["dibao"], i, town, label) for i, town in enumerate(TOWNS)]

    def whole(dataset: str) -> np.ndarray:
        return np.arange(frames[dataset].height)

    def where(dataset: str, condition: pl.Expr) -> np.ndarray:
        return np.flatnonzero(frames[dataset].select(condition).to_series().to_numpy())

    def text(
        file: str, dataset: str, encoding: str, separator: str = ",", rows: np.ndarray | None = None, **dress: object
    ) -> None:
        at = whole(dataset) if rows is None else rows
        sheet = Sheet("-", at, orphans=0 if not PERSON_COLUMNS[dataset] else 1 + len(at) // 4000, **dress)  # type: ignore[arg-type]
        plans.append(Plan(file, dataset, "text", (sheet,), encoding, separator))

    def book(file: str, dataset: str, *sheets: Sheet, decoys: bool = False) -> None:
        parts = [part for sheet in sheets for part in split_sheet(sheet)]
        for n, some in enumerate(split_book(parts), 1):
            name = file if n == 1 else f"{file.removesuffix('.xlsx')}_{n}.xlsx"
            plans.append(Plan(name, dataset, "xlsx", some, decoys=decoys))

    text(
        "特困.csv",
        "tekun",
        "gb18030",
        title=f"乐昌市特困人员花名册（{label}）",
        unit=True,
        blanks=2,
        total=True,
        signature=True,
    )
    book(
        f"低保边缘 {m}.xlsx", "borderline",
        Sheet(
            "花名册", whole("borderline"), f"乐昌市低保边缘家庭花名册（{label}）",
            two_row_header=True, blanks=1, total=True, signature=True, orphans=1,
        ),
        decoys=True,
    )  # fmt: skip
    text("支出型(认定名单).csv", "expenditure", "utf-8-sig", title="支出型困难家庭认定名单", total=True)
    middle = frames["temporary"].height // 2
    book(
        "临时救助_台账.xlsx", "temporary",
        Sheet("前期", whole("temporary")[:middle], "临时救助台账", unit=True, total=True, orphans=1),
        Sheet("本期", whole("temporary")[middle:], "临时救助台账", unit=True, total=True, signature=True),
        decoys=True,
    )  # fmt: skip
    text("发放明细-一卡通.csv", "payment", "gb18030", blanks=2)
    text("档案目录.tsv", "archive", "utf-16", "\t")
    book(f"patrol {m}.xlsx", "patrol", Sheet("巡访", whole("patrol"), "分散供养特困人员巡访记录", orphans=1))
    text("护理评估_特困.csv", "care_assessment", "utf-8-sig")
    text(f"death {m}.csv", "death", "utf-8", rows=where("death", pl.col("origin") == "公安"))
    book(
        "死亡_殡葬卫健.xlsx", "death",
        Sheet("殡葬", where("death", pl.col("origin") == "殡葬"), "火化登记", blanks=1, orphans=1),
        Sheet("卫健", where("death", pl.col("origin") == "卫健")),
    )  # fmt: skip
    text("户籍.csv", "household_register", "utf-8", blanks=3)
    text("婚姻_登记.tsv", "marriage", "utf-16", "\t")
    book("车辆.xlsx", "vehicle", Sheet("机动车", whole("vehicle"), blanks=2, orphans=2))
    text("农机船舶.txt", "machinery", "gb18030", "\t", title="农机、渔船登记")
    text("不动产.txt", "property", "utf-8", "\t")
    book(
        "市场主体_企业.xlsx",
        "business",
        Sheet("登记", whole("business"), "市场主体登记信息", signature=True, orphans=1),
        decoys=True,
    )
    text("employment.csv", "employment", "gb18030", blanks=1)
    book(
        "养老待遇.xlsx",
        "pension",
        Sheet("待遇", whole("pension"), "养老待遇发放名册", unit=True, total=True, orphans=1),
    )
    book(
        "财政供养.xlsx",
        "public_payroll",
        Sheet(
            "Sheet1",
            whole("public_payroll"),
            "财政供养人员",
            two_row_header=True,
            total=True,
            signature=True,
            orphans=1,
        ),
    )
    plans.append(Plan("公积金.parquet", "housing_fund", "parquet", (Sheet("-", whole("housing_fund"), orphans=1),)))
    plans.append(Plan("税务共享.sqlite", "tax", "sqlite", (Sheet("-", whole("tax"), orphans=1),), table="个税"))
    latest = pl.col("as_of") >= month.day(2, 1)
    book("金融资产_本期.xlsx", "deposit", Sheet("余额", where("deposit", latest), blanks=1, orphans=2))
    plans.append(Plan("金融资产 往期.parquet", "deposit", "parquet", (Sheet("-", where("deposit", ~latest)),)))
    book("服刑.xlsx", "prison", Sheet("名单", whole("prison"), "服刑人员名单", orphans=1))
    book(
        "残疾.xlsx", "disability", Sheet("持证", whole("disability"), "持证残疾人名册", blanks=2, total=True, orphans=1)
    )
    this_year = pl.col("period") == str(month.year)
    book(
        "医保_结算.xlsx", "medical",
        Sheet(f"{month.year}年", where("medical", this_year), orphans=2),
        Sheet("往年", where("medical", ~this_year), "往年结算", blanks=1, orphans=1),
    )  # fmt: skip
    book(
        "监测对象.xlsx",
        "monitored",
        Sheet(
            "监测户",
            whole("monitored"),
            "防返贫监测对象名册",
            unit=True,
            two_row_header=True,
            signature=True,
            orphans=1,
        ),
    )
    text("困境儿童.tsv", "child_welfare", "utf-8-sig", "\t")
    book(
        "受灾.xlsx",
        "disaster",
        Sheet("受灾群众", whole("disaster"), "受灾群众登记表", blanks=2, total=True, signature=True, orphans=1),
    )
    return plans


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
