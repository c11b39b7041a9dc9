"""What a sheet's XML tells, however it comes in pieces."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from pipeline.ingest.safety import check_workbook
from pipeline.ingest.sheetscan import SheetScan

HEAD = '<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>身份证号</t></is></c></row><row r="2">'
PLAIN = '<c r="A2" t="s"><v>12</v></c><c r="AA2"><v>3.5</v></c>'


def scanned(xml: bytes, at: int | None = None) -> tuple[bool, bool]:
    """(odd, long numbers) of a sheet that comes in two pieces, cut at this byte."""
    scan = SheetScan()
    for piece in (xml,) if at is None else (xml[:at], xml[at:]):
        scan.feed(piece)
    scan.end()
    return scan.odd, scan.long_numbers


@pytest.mark.parametrize(
    ("cells", "odd", "long"),
    [
        (PLAIN, False, False),
        ('<c r="B2"><v>440281199003071234</v></c>', False, True),
        ('<c r="B2"><v>4.40281199003071E+17</v></c>', False, True),
        ('<c r="BA2"/>', True, False),
        ('<c r="AAA2"/>', True, False),
        ('<c r="A1048577"/>', True, False),
        ('<c s="1" r="A2"/>', True, False),
        ("<c><v>1</v></c>", True, False),
        ("<c/>", True, False),
        ("<c r='A2'/>", True, False),
        ('<c r="a2"/>', True, False),
        ('<x:c r="A2"><x:v>1</x:v></x:c>', False, False),
        ('<x:c r="BA2"/>', True, False),
        ("<x:c><x:v>1</x:v></x:c>", True, False),
        ('<x:c  r="A2"><x:v>440281199003071234</x:v></x:c>', False, True),
    ],
)
@pytest.mark.parametrize("ends", [True, False], ids=["whole", "cut off"])
def test_wherever_a_sheet_is_cut_it_is_the_same(cells: str, odd: bool, long: bool, ends: bool) -> None:
    xml = (HEAD + cells + ("</row></sheetData>" if ends else "")).encode()
    assert {scanned(xml, at) for at in (None, *range(len(xml) + 1))} == {(odd, long)}


@pytest.mark.parametrize("cells", ['<c r="BA2"/>', '<c r="B2"><v>440281199003071234</v></c>'])
def test_what_is_no_utf8_is_looked_through_all_the_same(cells: str) -> None:
    xml = b'<row r="1"><c r="A1"><is><t>\xc4\xe3\xba\xc3</t></is></c>' + cells.encode()
    assert scanned(xml) == ("BA" in cells, "BA" not in cells)


def test_a_tag_that_never_ends_is_not_kept() -> None:
    scan = SheetScan()
    for _ in range(4):
        scan.feed(b"<" + b"a" * 100_000)
    assert len(scan._tail) < 1 << 17
    scan.feed(b'<c r="BA2"/>')
    scan.end()
    assert scan.odd


def test_a_workbook_whose_sheet_breaks_off_is_looked_through_to_its_end(tmp_path: Path) -> None:
    """A reader may take the cell in which it breaks off for whole."""
    book = '<workbook><sheets xmlns="m"><sheet name="名单" xmlns:r="r" r:id="1"/></sheets></workbook>'
    parts = {
        "xl/workbook.xml": book,
        "xl/_rels/workbook.xml.rels": '<x><y Id="1" Target="worksheets/sheet1.xml"/></x>',
        "xl/worksheets/sheet1.xml": HEAD + '<c r="B2"><v>440281199003071234',
    }
    with zipfile.ZipFile(tmp_path / "名单.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    assert check_workbook(tmp_path / "名单.xlsx", "名单.xlsx").long_numbers == {"名单"}
