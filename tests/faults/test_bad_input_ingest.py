"""Every bad input of a drop, fed as the real file: one message that says where and what to do, nothing written."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
import xlwt
from msoffcrypto.format.ooxml import OOXMLFile

from pipeline.engine.duck import DuckEngine
from pipeline.errors import BadInput
from pipeline.ingest import ingest, safety

ID = "440281199003071239"
NAME = "王小明"
ROSTER = f"家庭编号,姓名,身份证号,镇街\nDB1,{NAME},{ID},长来镇\n"
DEATH = f"姓名,身份证号,死亡日期\n{NAME},{ID},2022-10-03\n"


def refused(folder: Path, files: dict[str, bytes | str], *, roster: bool = True) -> str:
    """The one message with which a drop is refused; the engine and the scratch folder stay empty."""
    drop, scratch = folder / "drop", folder / "scratch"
    scratch.mkdir(parents=True)
    for name, content in {**({"低保.csv": ROSTER} if roster else {}), **files}.items():
        path = drop / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    drop.mkdir(exist_ok=True)
    before = sorted(p.relative_to(folder) for p in drop.rglob("*"))
    engine = DuckEngine()
    with pytest.raises(BadInput) as caught:
        ingest(drop, engine, scratch=scratch)
    message = str(caught.value)
    assert caught.value.exit_code == 2
    assert caught.value.remedy and caught.value.remedy in message
    assert "\n" not in message and ID not in message and NAME not in message
    assert engine.rows("SELECT table_name FROM information_schema.tables").is_empty()
    assert list(scratch.iterdir()) == []
    assert sorted(p.relative_to(folder) for p in drop.rglob("*")) == before
    return message


def book(*rows: list[object], sheet: str = "花名册") -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        page = workbook.add_worksheet(sheet)
        for r, row in enumerate(rows):
            page.write_row(r, 0, row)
    return buffer.getvalue()


GOOD_BOOK = book(["姓名", "身份证号"], *[[f"某{i}", f"44028119900307{i:04}"] for i in range(300)])


def test_nothing_claims_a_file(tmp_path: Path) -> None:
    message = refused(tmp_path, {"残疾证人员.csv": DEATH})
    assert "残疾证人员.csv" in message and "nothing claims" in message and "残疾" in message.split("nearest")[1]


@pytest.mark.parametrize("name", ["说明.docx", "低保.pdf", "死亡"])
def test_a_kind_of_file_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    assert "not a kind of file" in refused(tmp_path, {name: b"x"})


def test_two_claims_on_one_file(tmp_path: Path) -> None:
    entries = "[[source]]\nglob='死*'\ndataset='death'\n[[source]]\nglob='*亡.csv'\ndataset='tax'\n"
    message = refused(tmp_path, {"死亡.csv": DEATH, "audit.toml": entries})
    assert "死亡.csv" in message and "two claims" in message and "number 1" in message and "number 2" in message


def test_a_required_column_is_missing(tmp_path: Path) -> None:
    message = refused(tmp_path, {"死亡.csv": "名册\n姓名,证件编号,死亡日期\n某,1,2\n"})
    assert all(
        part in message for part in ("死亡.csv", "row 2", "身份证号 (id_number)", "headings found: 姓名, 证件编号")
    )
    assert "证件编号" in message.split("nearest:")[1]


def test_a_required_column_of_a_workbook_is_missing(tmp_path: Path) -> None:
    message = refused(tmp_path, {"残疾.xlsx": book(["姓名", "残疾等级"], ["某", "一级"], sheet="表一")})
    assert all(part in message for part in ("残疾.xlsx", "sheet 表一", "身份证号"))


def test_no_header_at_all_and_no_data_in_the_message(tmp_path: Path) -> None:
    assert "no header row" in refused(tmp_path, {"死亡.csv": f"{NAME},{ID},2022-10-03\n"})


def test_a_path_that_only_spark_reads(tmp_path: Path) -> None:
    entries = "[[source]]\nparquet='hdfs://county/tax'\ndataset='tax'\n"
    message = refused(tmp_path, {"audit.toml": entries})
    assert "[[source]] number 1" in message and "--engine spark" in message
    assert "two claims on one path: hdfs://county/tax" in refused(tmp_path / "twice", {"audit.toml": entries * 2})


def test_a_sheet_named_in_the_settings_is_not_there(tmp_path: Path) -> None:
    entries = "[[source]]\nglob='残疾.xlsx'\nsheet='表二'\n"
    message = refused(tmp_path, {"残疾.xlsx": GOOD_BOOK, "audit.toml": entries})
    assert "表二" in message and "花名册" in message


def test_a_constant_that_cannot_be_read(tmp_path: Path) -> None:
    entries = "[[source]]\nglob='死亡.csv'\nconstants={died_on='昨天'}\n"
    assert "died_on" in refused(tmp_path, {"死亡.csv": DEATH, "audit.toml": entries})


def test_the_drop_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="not a folder"):
        ingest(tmp_path / "nowhere", DuckEngine(), scratch=tmp_path)


def test_a_drop_without_any_roster(tmp_path: Path) -> None:
    message = refused(tmp_path, {"死亡.csv": DEATH}, roster=False)
    assert "no roster" in message and "dibao (低保)" in message


@pytest.mark.parametrize("name", ["死亡.csv", "残疾.xlsx", "残疾.xls", "残疾.parquet"])
def test_an_empty_file(tmp_path: Path, name: str) -> None:
    message = refused(tmp_path, {name: b""})
    assert name in message and "empty" in message


@pytest.mark.parametrize("content", [b"\xef\xbb\xbf", b"\xff\xfe", b"\n\n", b"  \r\n"])
def test_a_text_file_with_nothing_in_it(tmp_path: Path, content: bytes) -> None:
    assert "empty" in refused(tmp_path, {"死亡.csv": content})


def test_a_password_protected_workbook(tmp_path: Path) -> None:
    locked = io.BytesIO()
    OOXMLFile(io.BytesIO(GOOD_BOOK)).encrypt("secret", locked)
    message = refused(tmp_path, {"残疾.xlsx": locked.getvalue()})
    assert "残疾.xlsx" in message and "password" in message


def test_a_password_protected_old_workbook(tmp_path: Path) -> None:
    """xlwt cannot encrypt; the FILEPASS record that encryption puts after the stream's first record is what tells."""
    content = bytearray(_xls())
    begin = content.index(b"\x09\x08\x10\x00\x00\x06\x05\x00")  # BOF of the workbook globals
    after = begin + 20
    record = struct.pack("<HHHHH", 0x2F, 6, 0, 0x1234, 0x5678)  # FILEPASS, XOR obfuscation
    content[after : after + len(record)] = record
    message = refused(tmp_path, {"残疾.xls": bytes(content)})
    assert "残疾.xls" in message and "password" in message


def _xls() -> bytes:
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("名单")
    for r in range(400):
        sheet.write(r, 0, "姓名" if r == 0 else f"某{r}")
        sheet.write(r, 1, "身份证号" if r == 0 else f"44028119900307{r:04}")
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.95])
def test_a_workbook_cut_off(tmp_path: Path, share: float) -> None:
    message = refused(tmp_path, {"残疾.xlsx": GOOD_BOOK[: int(len(GOOD_BOOK) * share)]})
    assert "残疾.xlsx" in message and "cut off or damaged" in message


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_an_old_workbook_cut_off(tmp_path: Path, share: float) -> None:
    content = _xls()
    assert "cut off or damaged" in refused(tmp_path, {"残疾.xls": content[: int(len(content) * share)]})


def test_a_workbook_that_is_none(tmp_path: Path) -> None:
    assert "not an Excel workbook" in refused(
        tmp_path, {"残疾.xls": "<html><table><tr><td>姓名</td></tr></table></html>"}
    )
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("hello.txt", "hello")
    (tmp_path / "second").mkdir()
    assert "cut off or damaged" in refused(tmp_path / "second", {"残疾.xlsx": other.getvalue()})


def _with_sheet(xml: bytes) -> bytes:
    """The good workbook with its sheet replaced."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(GOOD_BOOK)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as new,
    ):
        for entry in old.infolist():
            new.writestr(entry.filename, xml if entry.filename.endswith("sheet1.xml") else old.read(entry))
    return out.getvalue()


def test_a_zip_bomb_by_its_stated_size(tmp_path: Path) -> None:
    bomb = _with_sheet(b" " * (safety.RATIO_FLOOR + (8 << 20)))
    assert len(bomb) < 200_000
    message = refused(tmp_path, {"残疾.xlsx": bomb})
    assert "残疾.xlsx" in message and "bomb" in message


def test_a_zip_bomb_that_lies_about_its_size(tmp_path: Path) -> None:
    bomb = bytearray(_with_sheet(b" " * (8 << 20)))
    true, small = struct.pack("<I", 8 << 20), struct.pack("<I", 1000)
    for match in list(re.finditer(re.escape(true), bytes(bomb))):
        bomb[match.start() : match.end()] = small
    with zipfile.ZipFile(io.BytesIO(bytes(bomb))) as archive:
        assert max(entry.file_size for entry in archive.infolist()) < 1 << 20, "the archive does lie"
    assert "bomb" in refused(tmp_path, {"残疾.xlsx": bytes(bomb)})


@pytest.mark.parametrize(
    ("row", "column", "size"), [(1_048_575, 16_383, "1048576 rows by 16384"), (20_000, 9_000, "20001")]
)
def test_a_stray_cell_far_outside_the_table(tmp_path: Path, row: int, column: int, size: str) -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        page = workbook.add_worksheet("表一")
        page.write_row(0, 0, ["姓名", "身份证号"])
        page.write(row, column, " ")
    message = refused(tmp_path, {"残疾.xlsx": buffer.getvalue()})
    assert "sheet 表一" in message and f"{row + 1} rows by {column + 1} columns" in message


def test_a_text_file_cut_off_in_a_quoted_cell(tmp_path: Path) -> None:
    text = f'姓名,身份证号,地址\n某,{ID},"一村\n二组"\n某,{ID},"三村\n'
    message = refused(tmp_path, {"死亡.csv": text})
    assert "死亡.csv, row 4" in message and "quotation mark" in message


def test_a_text_file_cut_off_in_a_record(tmp_path: Path) -> None:
    message = refused(tmp_path, {"死亡.csv": DEATH + f"某,{ID}"})
    assert "死亡.csv, row 3" in message and "2 of 3 cells" in message


@pytest.mark.parametrize("last", ["合计,2", "制表人：", "", "，".join(["某", "x"]).replace("，", ",") + ",2022-10-04"])
def test_a_text_file_that_ends_without_a_line_end_but_whole(tmp_path: Path, last: str) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    (drop / "低保.csv").write_text(ROSTER, encoding="utf-8")
    (drop / "死亡.csv").write_text(DEATH + last, encoding="utf-8")
    report = ingest(drop, DuckEngine(), scratch=tmp_path)
    assert report.present == {"dibao", "death"}


@pytest.mark.parametrize(("encoding", "label"), [("gb18030", "GB18030"), ("utf-8", "UTF-8"), ("utf-16", "UTF-16")])
def test_a_text_file_cut_off_in_a_character(tmp_path: Path, encoding: str, label: str) -> None:
    content = (DEATH + f"{NAME}，{NAME}，{NAME}").encode(encoding)[:-1]
    message = refused(tmp_path, {"死亡.csv": content})
    assert "row 3" in message and f"({label})" in message and "middle of a character" in message
    position = int(re.search(r"at byte (\d+)", message)[1])  # type: ignore[index]
    assert 0 < len(content) + 1 - position <= 3


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_byte_that_cannot_be_decoded(tmp_path: Path, encoding: str) -> None:
    head, tail = (DEATH * 3).encode(encoding), ("某,1,2022-10-03\n" * 3).encode(encoding)
    message = refused(tmp_path, {"死亡.csv": head + b"ab\xff\xff,1,\n" + tail})
    assert f"byte {len(head) + 3} (0xFF)" in message and "row 7" in message and encoding.upper() in message


def test_a_text_file_that_is_none(tmp_path: Path) -> None:
    assert "not a text file" in refused(tmp_path, {"死亡.csv": bytes(range(256)) * 4})


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_parquet_file_cut_off(tmp_path: Path, share: float) -> None:
    buffer = io.BytesIO()
    pl.DataFrame({"姓名": [f"某{i}" for i in range(99)], "身份证号": [str(i) for i in range(99)]}).write_parquet(buffer)
    content = buffer.getvalue()
    message = refused(tmp_path, {"残疾.parquet": content[: int(len(content) * share)]})
    assert "残疾.parquet" in message and "cut off" in message


def test_a_parquet_file_damaged_or_none(tmp_path: Path) -> None:
    assert "not a Parquet file" in refused(tmp_path, {"残疾.parquet": DEATH})
    (tmp_path / "second").mkdir()
    assert "damaged" in refused(tmp_path / "second", {"残疾.parquet": b"PAR1" + b"\x00" * 64 + b"PAR1"})
