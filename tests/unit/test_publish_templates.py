"""The blank workbooks: recognised again by the contract, with drop-downs, text cells and notes."""

from __future__ import annotations

import datetime as dt
import stat
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils import get_column_letter

from pipeline import templates
from pipeline.contract import CODES, DATASETS, TOWNS, heading_key, heading_map
from pipeline.engine.duck import DuckEngine
from pipeline.errors import BadInput
from pipeline.ingest import ingest


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("templates") / "blank"
    assert [p.stem for p in templates.write_templates(folder)] == [d.zh for d in DATASETS.values()]
    return folder


def test_every_heading_is_recognised_as_its_column(out: Path) -> None:
    assert len(list(out.iterdir())) == len(DATASETS) == 28
    for dataset in DATASETS.values():
        book = openpyxl.load_workbook(out / f"{dataset.zh}.xlsx")
        assert book.sheetnames == [dataset.zh, "填写说明"]
        headings = [c.value for c in book[dataset.zh][1]]
        known = heading_map(dataset.id)
        assert [known.get(heading_key(str(h))) for h in headings] == [c.id for c in dataset.columns]
        notes = list(book["填写说明"].iter_rows(min_row=2, values_only=True))[: len(dataset.columns)]
        assert [n[0] for n in notes] == [c.zh for c in dataset.columns]
        assert [c.id for c, n in zip(dataset.columns, notes, strict=True) if n[1] == "必填"] == [
            c.id for c in dataset.columns if c.required
        ]
        assert all(n[2] for n in notes)


def test_drop_downs_hold_the_canonical_values(out: Path) -> None:
    for dataset in DATASETS.values():
        page = openpyxl.load_workbook(out / f"{dataset.zh}.xlsx")[dataset.zh]
        lists = {
            str(v.sqref).split(":")[0]: v.formula1 for v in page.data_validations.dataValidation if v.type == "list"
        }
        for i, column in enumerate(dataset.columns, 1):
            offered = lists.get(f"{get_column_letter(i)}2", "").strip('"').split(",")
            if column.type == "town":
                assert offered == list(TOWNS)
            elif column.type == "boolean":
                true, false = offered
                assert true in CODES["boolean"]["true"] and false in CODES["boolean"]["false"]
            elif column.codes:
                for code, text in zip(CODES[column.codes], offered, strict=True):
                    assert text == code or text in CODES[column.codes][code], (dataset.id, column.id)
            else:
                assert offered == [""]


def test_numbers_are_text_dates_are_checked_and_the_heading_stays(out: Path) -> None:
    page = openpyxl.load_workbook(out / "低保.xlsx")["低保"]
    by_id = {c.id: i for i, c in enumerate(DATASETS["dibao"].columns, 1)}
    columns = list(page.column_dimensions.values())
    for column in ("id_number", "bank_account", "phone", "household_no", "start_month", "stop_month"):
        (style,) = (d for d in columns if d.min <= by_id[column] <= d.max)
        assert style.number_format == "@", column
    kinds = {str(v.sqref).split(":")[0]: v for v in page.data_validations.dataValidation}
    assert kinds[f"{get_column_letter(by_id['birth_date'])}2"].type == "date"
    assert "2022-10" in kinds[f"{get_column_letter(by_id['start_month'])}2"].prompt
    assert kinds[f"{get_column_letter(by_id['monthly_amount'])}2"].type == "decimal"
    assert page.freeze_panes == "A2" and page.auto_filter.ref
    fills = {c: page.cell(1, i).fill.fgColor.rgb for c, i in by_id.items()}
    assert fills["household_no"] == fills["town"] != fills["sex"]
    assert stat.S_IMODE((out / "低保.xlsx").stat().st_mode) == 0o600


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("x")
    with pytest.raises(BadInput, match="not empty"):
        templates.write_templates(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["x.txt"]
    with pytest.raises(BadInput, match="not a folder"):
        templates.write_templates(tmp_path / "x.txt")


def test_a_filled_in_template_comes_in_whole(tmp_path: Path) -> None:
    drop, scratch = tmp_path / "drop", tmp_path / "scratch"
    scratch.mkdir()
    filled = {
        "id_number": "440281196001010047", "month": "2022-10", "period": "2021", "year": 2021, "integer": 4,
        "money": 12.5, "number": 3.5, "date": dt.date(2020, 1, 2), "date_or_month": dt.date(2023, 1, 31),
    }  # fmt: skip
    for dataset, path in zip(DATASETS.values(), templates.write_templates(drop), strict=True):
        book = openpyxl.load_workbook(path)
        for row in (2, 3):
            for i, column in enumerate(dataset.columns, 1):
                offered = templates.choices(column)
                book[dataset.zh].cell(row, i).value = offered[-1] if offered else filled.get(column.type, "黄春花")
        book.save(path)
    engine = DuckEngine()
    ingest(drop, engine, scratch=scratch)
    assert engine.count("rejects") == 0
    for dataset in DATASETS.values():
        frame = engine.rows(f'SELECT * FROM "{dataset.id}"')
        assert frame.height == 2, dataset.id
        assert [c for c in frame.columns if frame[c].null_count()] == [], dataset.id
