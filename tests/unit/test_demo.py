"""The demonstration county: same bytes, right accounts, every rule planted, and truth that the files bear out."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import sqlite3
from pathlib import Path

import numpy as np
import openpyxl
import polars as pl
import pytest
from stdnum.cn import ric

from pipeline.contract import DATASETS, TOWNS, heading_key, heading_map
from pipeline.demo import id_numbers, make_county
from pipeline.demo.layout import Sheet, split_book, split_sheet
from pipeline.demo.planting import VARIANTS
from pipeline.errors import BadInput

pytestmark = pytest.mark.xdist_group("demo")
PEOPLE = 3000


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("demo") / "county"
    make_county(out, people=PEOPLE, seed=3)
    return out


def truth(county: Path, name: str) -> pl.DataFrame:
    return pl.read_parquet(county / "truth" / f"{name}.parquet")


def digests(folder: Path) -> dict[str, str]:
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def text_lines(county: Path, file: str, encoding: str, separator: str = ",") -> list[list[str]]:
    """A text file's lines as cells; [] for an empty line."""
    text = (county / "drop" / file).read_bytes().decode(encoding)
    return [next(csv.reader(io.StringIO(line), delimiter=separator), []) for line in text.splitlines()]


def workbook_rows(county: Path, file: str, sheet: str) -> list[list[object]]:
    page = openpyxl.load_workbook(county / "drop" / file)[sheet]
    return [[cell.value for cell in row] for row in page.iter_rows()]


def column(rows: list[list[object]], dataset: str, wanted: str) -> int:
    """Where a column stands, by the first row that holds its heading."""
    known = heading_map(dataset)
    for row in rows:
        for i, cell in enumerate(row):
            if isinstance(cell, str) and known.get(heading_key(cell)) == wanted:
                return i
    raise AssertionError(f"no {wanted} in {dataset}")


def test_same_arguments_same_bytes(county: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    make_county(again, people=PEOPLE, seed=3)
    assert digests(again) == digests(county)


def test_another_seed_is_another_county(county: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    make_county(other, people=PEOPLE, seed=4, month="2023-02")
    assert digests(other)["truth/persons.parquet"] != digests(county)["truth/persons.parquet"]
    planted = truth(other, "planted")
    assert set(planted["rule_id"]) == {v.rule_id for v in VARIANTS}
    assert not disagreements(other)


def test_every_dataset_comes_and_every_file_is_claimed(county: Path) -> None:
    files = truth(county, "files")
    assert set(files["dataset"]) == set(DATASETS)
    assert {p.name for p in (county / "drop").iterdir()} == {f.split("/")[0] for f in files["file"]} | {"audit.toml"}
    towns = [f for f in files.filter(pl.col("dataset") == "dibao")["file"] if f.endswith(".xlsx")]
    assert len(towns) == len(TOWNS)
    suffixes = {Path(f.split("/")[0]).suffix for f in files["file"]}
    assert suffixes == {".xlsx", ".csv", ".tsv", ".txt", ".parquet", ".sqlite"}


def disagreements(county: Path) -> list[dict[str, object]]:
    """Planted subjects that the independent reading of the rules sees otherwise."""
    findings = truth(county, "findings").filter("holds")
    out = []
    for row in truth(county, "planted").iter_rows(named=True):
        mine = findings.filter(pl.col("rule_id") == row["rule_id"])
        pids = {p for pids in mine["pids"].to_list() for p in pids}
        houses = {h for houses in mine["households"].to_list() for h in houses}
        hit = row["pid"] in pids if row["pid"] is not None else f"{row['scheme']}|{row['household_no']}" in houses
        if hit != (row["kind"] == "positive"):
            out.append(row)
    return out


def test_positives_are_found_and_near_misses_are_not(county: Path) -> None:
    assert disagreements(county) == []


def test_every_rule_has_positives_and_near_misses(county: Path) -> None:
    planted = truth(county, "planted")
    rules = {v.rule_id for v in VARIANTS}
    assert len(rules) == 38
    for rule in rules:
        mine = planted.filter(pl.col("rule_id") == rule)
        assert mine.filter(pl.col("kind") == "positive").height >= 2, rule
        assert mine.filter(pl.col("kind") == "near-miss").height >= 3, rule
    assert set(truth(county, "findings").filter("holds")["rule_id"]) == rules


def test_true_numbers_pass_the_check(county: Path) -> None:
    numbers = truth(county, "persons")["id_number"].unique().to_list()
    assert all(ric.calc_check_digit(n) == n[17] for n in numbers)
    assert len(numbers) > PEOPLE * 0.95


def test_check_digits_agree_with_stdnum() -> None:
    rng = np.random.default_rng(5)
    birth = np.array(["1953-02-28", "1988-12-31", "2004-02-29", "2019-10-01"], dtype="datetime64[D]")
    area = np.array(["440281", "440225", "810000", "431022"])
    numbers = id_numbers.build(area, birth, np.array([1, 22, 999, 130]))
    assert all(ric.calc_check_digit(n) == n[17] for n in numbers.tolist())
    many = np.repeat(numbers, 200)
    for spoilt in (id_numbers.slip(many, rng), id_numbers.swap(many, rng)):
        assert not id_numbers.valid(spoilt).any()
        # no place is spared, the birth date within the number neither
        assert set(np.flatnonzero((id_numbers.letters(spoilt, 18) != id_numbers.letters(many, 18)).any(axis=0))) == {
            *range(17)
        }
    assert id_numbers.old_form(numbers).tolist()[0] == numbers[0][:6] + numbers[0][8:17]


TEXTS = [
    ("特困.csv", "gb18030", ",", "tekun"),
    ("支出型(认定名单).csv", "utf-8-sig", ",", "expenditure"),
    ("婚姻_登记.tsv", "utf-16", "\t", "marriage"),
    ("农机船舶.txt", "gb18030", "\t", "machinery"),
    ("户籍.csv", "utf-8", ",", "household_register"),
]


@pytest.mark.parametrize(("file", "encoding", "separator", "dataset"), TEXTS)
def test_text_files_hold_what_the_truth_says(
    county: Path, file: str, encoding: str, separator: str, dataset: str
) -> None:
    lines = text_lines(county, file, encoding, separator)
    check_rows(county, file, "-", dataset, [list(line) for line in lines])


@pytest.mark.parametrize(
    ("file", "sheet", "dataset"),
    [
        ("低保_梅办.xlsx", "花名册", "dibao"),
        ("低保_坪石镇.xlsx", "名单", "dibao"),
        ("临时救助_台账.xlsx", "本期", "temporary"),
        ("死亡_殡葬卫健.xlsx", "殡葬", "death"),
        ("监测对象.xlsx", "监测户", "monitored"),
        ("残疾.xlsx", "持证", "disability"),
    ],
)
def test_workbooks_hold_what_the_truth_says(county: Path, file: str, sheet: str, dataset: str) -> None:
    check_rows(county, file, sheet, dataset, workbook_rows(county, file, sheet))


def check_rows(county: Path, file: str, sheet: str, dataset: str, rows: list[list[object]]) -> None:
    """Account, row numbers and clean numbers of one sheet, read by other means than the project's."""
    account = truth(county, "files").filter((pl.col("file") == file) & (pl.col("sheet") == sheet)).row(0, named=True)
    rejects = truth(county, "rejects").filter((pl.col("file") == file) & (pl.col("sheet") == sheet))
    last = max(i for i, row in enumerate(rows, start=1) if any(c not in (None, "") for c in row))
    assert last == account["kept"] + account["rejected"] + account["skipped"]
    at = column(rows, dataset, "id_number")
    name = column(rows, dataset, "name")
    place = f"{file}#{sheet}#"
    people = truth(county, "persons").filter(pl.col("record_id").str.starts_with(place))
    assert people.height == account["kept"]
    for record_id, number, noise in people.select("record_id", "id_number", "noise").iter_rows():
        row = rows[int(record_id.removeprefix(place)) - 1]
        assert row[name] not in (None, "")
        if noise == "exact":
            written = str(row[at]).translate(str.maketrans("０１２３４５６７８９Ｘ", "0123456789X"))
            assert written.replace("'", "").replace(" ", "").upper() == number
    whole = [r for r, c in rejects.select("row", "column").iter_rows() if not c]
    assert len(whole) == account["rejected"]
    for r in whole:
        assert rows[r - 1][at] in (None, "") and rows[r - 1][name] in (None, "") and any(rows[r - 1])


def test_big_sheets_are_read_back_by_another_program(tmp_path: Path) -> None:
    from pipeline.demo.cells import DATE, NUMBER, TEXT, Cells
    from pipeline.demo.sheets import Written
    from pipeline.demo.writers import note_sheet, write_workbook

    n = 9000
    names = pl.Series(["张<伟>", "李&梅", None] * (n // 3))
    kinds = np.array([NUMBER, DATE, TEXT] * (n // 3), dtype=np.uint8)
    values = Cells(pl.Series(["1", "2022-10-03", "无"] * (n // 3)), np.array([1.5, 44837.0, 0.0] * (n // 3)), kinds)
    sheet = Written(
        "表", [["题", ""]], [["姓名", "数"]], [Cells(names), values], [2, 5], [["合计", ""]], [(0, 0, 0, 1)]
    )
    tall = Written("两行", [], [["编号", "人员"], ["", "姓名"]], [Cells(names)] * 2, [], [], [(0, 0, 1, 0)])
    write_workbook(tmp_path / "big.xlsx", [sheet, note_sheet("2022年10月"), tall])
    book = openpyxl.load_workbook(tmp_path / "big.xlsx")
    page = book["表"]
    rows = [[c.value for c in row] for row in page.iter_rows()]
    assert len(rows) == 2 + n + 2 + 1
    assert rows[1] == ["姓名", "数"] and rows[-1] == ["合计", None] and rows[4] == [None, None]
    assert rows[2] == ["张<伟>", 1.5] and rows[3][0] == "李&梅" and str(rows[3][1])[:10] == "2022-10-03"
    assert rows[5] == [None, "无"] and rows[n + 3] == [None, "无"]
    assert any(cell.value for row in book.worksheets[1] for cell in row)  # a sheet of notes has no columns
    heads = [[cell.value for cell in row] for row in book["两行"].iter_rows(max_row=3)]
    assert heads == [["编号", "人员"], [None, "姓名"], ["张<伟>", "张<伟>"]]


def test_database_and_parquet_rows_count_from_one(county: Path) -> None:
    with sqlite3.connect(county / "drop" / "税务共享.sqlite") as con:
        rows = con.execute('SELECT * FROM "个税"').fetchall()
    people = truth(county, "persons").filter(pl.col("dataset") == "tax", pl.col("noise") == "exact")
    wanted = {int(r.split("#")[2]): n for r, n in people.select("record_id", "id_number").iter_rows()}
    for row, number in wanted.items():
        assert number in {str(c).replace("'", "").replace(" ", "").upper() for c in rows[row - 1]} or any(
            "０" <= ch <= "９" for c in rows[row - 1] for ch in str(c)
        )
    fund = pl.read_parquet(county / "drop" / "公积金.parquet")
    account = truth(county, "files").filter(pl.col("dataset") == "housing_fund").row(0, named=True)
    assert fund.height == account["kept"] + account["rejected"] and account["skipped"] == 0


def test_links_are_the_pairs_of_one_person(county: Path) -> None:
    people = truth(county, "persons")
    pid = dict(people.select("record_id", "pid").iter_rows())
    links = truth(county, "links")
    assert links.height > 1000
    assert all(pid[a] == pid[b] == p for a, b, p in links.select("roster_record_id", "record_id", "pid").iter_rows())
    assert links.select("roster_record_id", "record_id").is_unique().all()
    assert set(links["hard"]) == {"exact_id", "repaired", "name_noise", "no_id"}
    assert set(links["scope"]) == {"sector", "roster", "temporary", "bureau"}


def test_too_few_people_for_all_that_is_planted_are_refused_by_name(tmp_path: Path) -> None:
    """Three thousand are enough by most seeds; by this one no household of one planted shape is left."""
    with pytest.raises(BadInput, match="3000 people by seed 0 is too small") as refused:
        make_county(tmp_path / "demo", people=3_000, seed=0, month="2022-10")
    assert refused.value.remedy == "give more --people, or another --seed"
    assert not (tmp_path / "demo").exists()


def test_refuses_a_folder_that_is_not_its_own(county: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("kept", encoding="utf-8")
    with pytest.raises(BadInput, match="not empty"):
        make_county(tmp_path / "mine", people=PEOPLE)
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["letter.txt"]
    with pytest.raises(BadInput, match="other arguments"):
        make_county(county, people=PEOPLE, seed=99)
    assert json.loads((county / "demo.json").read_text(encoding="utf-8"))["seed"] == 3


def test_refuses_a_month_without_policy_and_a_tiny_county(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="month"):
        make_county(tmp_path / "a", people=PEOPLE, month="2022-13")
    with pytest.raises(BadInput, match="too small"):
        make_county(tmp_path / "b", people=100)
    assert list(tmp_path.iterdir()) == []


def test_says_that_all_is_made_up(county: Path) -> None:
    assert "虚构" in (county / "README.txt").read_text(encoding="utf-8")


def test_more_rows_than_a_sheet_holds_stand_on_several() -> None:
    sheet = Sheet("余额", np.arange(25), "金融资产", total=True)
    parts = split_sheet(sheet, most=10)
    assert [(p.name, p.rows.tolist()) for p in parts] == [
        ("余额", [*range(10)]), ("余额2", [*range(10, 20)]), ("余额3", [*range(20, 25)]),
    ]  # fmt: skip
    assert all(p.title == "金融资产" and p.total for p in parts)
    assert split_sheet(sheet, most=25) == [sheet]
    assert [[p.name for p in book] for book in split_book(parts, most=20)] == [
        [parts[0].name, parts[1].name],
        [parts[2].name],
    ]
    assert split_book(parts, most=25) == [tuple(parts)]
    assert split_book([sheet], most=10) == [(sheet,)]
