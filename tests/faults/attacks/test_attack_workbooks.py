"""Workbooks made to do harm, each as a real file: refused with one message, or read with its rows right."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from support.attack import ID, NAME, OTHER, laid, refused, tried
from support.workbooks import MAIN, SHEET, STRINGS, book, changed, overlapping, sheet_of, strings_of

GOOD = book(["姓名", "身份证号", "残疾等级"], [NAME, ID, "一级"], ["李四", OTHER, "二级"])
EVIL = "http://127.0.0.1:9/evil"


def read_right(tmp_path: Path, content: bytes, name: str = "残疾.xlsx") -> None:
    """The workbook's two rows come in as they are."""
    outcome = tried(laid(tmp_path, {name: content}))
    assert outcome.refusal == ""
    assert outcome.accounts[name] == (3, 2, 0, 1)
    assert outcome.rows["disability"]["id_number"].to_list() == [ID, OTHER]


def test_the_good_workbook_is_read(tmp_path: Path) -> None:
    read_right(tmp_path, GOOD)


# zip bombs (those that state a size or lie about it: tests/faults/test_bad_input_ingest.py)


def test_a_bomb_of_entries_over_each_other(tmp_path: Path) -> None:
    bomb = overlapping(GOOD, 600, 32 << 20)
    with zipfile.ZipFile(io.BytesIO(bomb)) as archive:
        assert sum(entry.file_size for entry in archive.infolist()) > 16 << 30
    assert len(bomb) < 200_000
    assert "bomb" in refused(laid(tmp_path, {"残疾.xlsx": bomb}))


def test_a_bomb_of_many_small_entries_over_each_other(tmp_path: Path) -> None:
    assert "bomb" in refused(laid(tmp_path, {"残疾.xlsx": overlapping(GOOD, 60_000, 10)}))


def test_a_bomb_inside_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", bytes(200 << 20))
    read_right(tmp_path, changed(GOOD, {"xl/embeddings/inner.zip": inner.getvalue()}))


def test_a_bomb_named_as_an_old_workbook(tmp_path: Path) -> None:
    bomb = changed(GOOD, {SHEET: bytes(80 << 20)})
    assert "bomb" in refused(laid(tmp_path, {"残疾.xls": bomb}))


def test_a_string_that_many_cells_refer_to(tmp_path: Path) -> None:
    """A hundred kilobytes that would be 10 GB of cells."""
    rows = "".join(f'<row r="{r}"><c r="A{r}" t="s"><v>0</v></c></row>' for r in range(1, 20_001))
    bomb = changed(GOOD, {SHEET: sheet_of(rows), STRINGS: strings_of("姓名" + "x" * 500_000)})
    assert len(bomb) < 200_000
    assert "bomb" in refused(laid(tmp_path, {"残疾.xlsx": bomb}))


def test_a_string_as_long_as_a_cell_may_be_that_many_cells_refer_to(tmp_path: Path) -> None:
    cells = "".join(
        f'<row r="{r}">' + "".join(f'<c r="{c}{r}" t="s"><v>{i}</v></c>' for i, c in enumerate("ABC")) + "</row>"
        for r in range(1, 100_001)
    )
    bomb = changed(GOOD, {SHEET: sheet_of(cells), STRINGS: strings_of("姓名", "身份证号", "x" * 32_767)})
    assert "bomb" in refused(laid(tmp_path, {"残疾.xlsx": bomb}))


# XML


def _laughs(levels: int = 12) -> str:
    entities = ['<!ENTITY a0 "ha">'] + [f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, levels)]
    return f"<!DOCTYPE x [{''.join(entities)}]>"


@pytest.mark.parametrize(
    "part", [SHEET, STRINGS, "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml"]
)
def test_entities_that_expand(tmp_path: Path, part: str) -> None:
    def laughing(xml: bytes) -> bytes:
        head, _, rest = xml.partition(b"?>")
        return head + b"?>" + _laughs().encode() + rest.replace("姓名".encode(), b"&a11;").replace(b"rId1", b"&a11;")

    message = refused(laid(tmp_path, {"残疾.xlsx": changed(GOOD, {part: laughing})}), mebibytes=600)
    assert "残疾.xlsx" in message and "document type" in message


def test_an_entity_that_names_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("SECRET")
    head = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]>'
    xml = strings_of("姓名", "身份证号", "残疾等级", "&e;", ID, "一级", "李四", OTHER, "二级", head=head)
    message = refused(laid(tmp_path, {"残疾.xlsx": changed(GOOD, {STRINGS: xml})}))
    assert "SECRET" not in message and "document type" in message


def test_entities_in_another_encoding(tmp_path: Path) -> None:
    xml = f'<?xml version="1.0" encoding="UTF-16"?>{_laughs()}<workbook xmlns="{MAIN}">&a11;</workbook>'.encode(
        "utf-16"
    )
    assert "document type" in refused(
        laid(tmp_path, {"残疾.xlsx": changed(GOOD, {"xl/workbook.xml": xml})}), mebibytes=600
    )


def test_elements_nested_without_end(tmp_path: Path) -> None:
    xml = sheet_of("<row>" * 300_000)
    assert "残疾.xlsx" in refused(laid(tmp_path, {"残疾.xlsx": changed(GOOD, {SHEET: xml})}))


def test_a_book_index_nested_without_end(tmp_path: Path) -> None:
    xml = b"<workbook>" + b"<a>" * 1_000_000 + b"</a>" * 1_000_000 + b"</workbook>"
    assert "残疾.xlsx" in refused(laid(tmp_path, {"残疾.xlsx": changed(GOOD, {"xl/workbook.xml": xml})}))


# links, macros, formulas


def test_links_to_other_books_are_never_followed(tmp_path: Path) -> None:
    link = f'<externalLink xmlns="{MAIN}"><externalBook r:id="rId1" xmlns:r="x"/></externalLink>'.encode()
    rels = f'<Relationships><Relationship Id="rId1" Target="{EVIL}" TargetMode="External"/></Relationships>'.encode()
    read_right(
        tmp_path,
        changed(
            GOOD, {"xl/externalLinks/externalLink1.xml": link, "xl/externalLinks/_rels/externalLink1.xml.rels": rels}
        ),
    )


@pytest.mark.parametrize("target", [EVIL, "../../../../etc/passwd", "/etc/passwd", "file:///etc/passwd"])
def test_a_sheet_that_lies_elsewhere(tmp_path: Path, target: str) -> None:
    def astray(xml: bytes) -> bytes:
        return xml.replace(b"worksheets/sheet1.xml", target.encode())

    message = refused(laid(tmp_path, {"残疾.xlsx": changed(GOOD, {"xl/_rels/workbook.xml.rels": astray})}))
    assert "残疾.xlsx" in message and "root:" not in message


def test_a_macro_is_never_run(tmp_path: Path) -> None:
    read_right(tmp_path, changed(GOOD, {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096)}))


def test_a_formula_gives_the_value_it_was_saved_with(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        page = workbook.add_worksheet("名单")
        page.write_row(0, 0, ["姓名", "身份证号", "残疾等级"])
        page.write_formula(1, 0, f'=WEBSERVICE("{EVIL}")', None, NAME)
        page.write_string(1, 1, ID)
        page.write_formula(1, 2, "=cmd|' /C calc'!A0", None, "一级")
        page.write_row(2, 0, ["李四", OTHER, "二级"])
    read_right(tmp_path, buffer.getvalue())


# size and shape


def test_a_sheet_of_ten_million_columns(tmp_path: Path) -> None:
    cells = "".join(f'<c r="{c}1" t="inlineStr"><is><t>姓名</t></is></c>' for c in ("A", "NTPC"))
    message = refused(laid(tmp_path, {"残疾.xlsx": changed(GOOD, {SHEET: sheet_of(f'<row r="1">{cells}</row>')})}))
    assert "残疾.xlsx" in message


def test_rows_and_columns_beyond_counting(tmp_path: Path) -> None:
    far = '<row r="4294967295"><c r="A4294967295"><v>1</v></c></row>'
    assert "残疾.xlsx" in refused(laid(tmp_path, {"残疾.xlsx": changed(GOOD, {SHEET: sheet_of(far)})}))


def test_two_cells_as_far_apart_as_is_let_pass(tmp_path: Path) -> None:
    """Fifty million empty cells between them."""
    rows = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>姓名</t></is></c>'
        '<c r="B1" t="inlineStr"><is><t>身份证号</t></is></c></row>'
        '<row r="1048576"><c r="AZ1048576"><v>1</v></c></row>'
    )
    outcome = tried(laid(tmp_path, {"残疾.xlsx": changed(GOOD, {SHEET: sheet_of(rows)})}))
    assert "used area" in outcome.refusal


def test_a_cell_of_many_megabytes(tmp_path: Path) -> None:
    """Kept small enough to be no bomb; one of a gigabyte is."""
    text = "姓" * (20 << 20)
    xml = sheet_of(f'<row r="1"><c r="A1" t="inlineStr"><is><t>{text}</t></is></c></row>')
    message = refused(laid(tmp_path, {"残疾.xlsx": changed(GOOD, {SHEET: xml}, level=1)}))
    assert "sheet 名单" in message and "a cell holds more" in message


def test_a_cell_of_a_gigabyte(tmp_path: Path) -> None:
    assert "bomb" in refused(laid(tmp_path, {"残疾.xlsx": overlapping(GOOD, 1, 1 << 30)}))


def test_a_cell_longer_than_a_spreadsheet_holds(tmp_path: Path) -> None:
    """It is rejected by itself; the rest of its row and of the sheet is read."""
    long = strings_of("姓名", "身份证号", "残疾等级", "张" * 300_000, ID, "一级", "李四", OTHER, "二级")
    outcome = tried(laid(tmp_path, {"残疾.xlsx": changed(GOOD, {STRINGS: long})}))
    assert outcome.rows["disability"]["name"].to_list() == [None, "李四"]
    rejects = outcome.rows["rejects"]
    assert rejects["row"].to_list() == [2] and rejects["column"].to_list() == ["name"]
    assert rejects["raw"][0] == "张" * 200 and "过长" in rejects["reason"][0]


def test_a_name_turned_around_and_one_with_a_hole_in_it(tmp_path: Path) -> None:
    spoilt = strings_of(
        "姓\u200b名", "身份证号", "残疾等级", "王\u202e小\u2067明\u00ad", ID, "一级", "李\u200b四", OTHER, "二级"
    )
    rows = tried(laid(tmp_path, {"残疾.xlsx": changed(GOOD, {STRINGS: spoilt})})).rows["disability"]
    assert rows["name"].to_list() == [NAME, "李四"]
