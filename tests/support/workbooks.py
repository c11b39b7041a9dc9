"""Workbooks made to do harm: a good one whose parts are changed, byte by byte where it has to be."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping

import xlsxwriter

SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_XML = '<?xml version="1.0" encoding="UTF-8"?>'

Change = bytes | Callable[[bytes], bytes]


def book(*rows: list[object], sheet: str = "名单") -> bytes:
    """A workbook of one sheet."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False}) as workbook:
        page = workbook.add_worksheet(sheet)
        for r, row in enumerate(rows):
            page.write_row(r, 0, row)
    return buffer.getvalue()


def changed(content: bytes, parts: Mapping[str, Change], *, level: int = 9) -> bytes:
    """The workbook with parts replaced, changed or added."""
    out, left = io.BytesIO(), dict(parts)
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as new,
    ):
        for entry in old.infolist():
            change = left.pop(entry.filename, None)
            data = old.read(entry)
            new.writestr(
                entry.filename, data if change is None else change if isinstance(change, bytes) else change(data)
            )
        for name, change in left.items():
            assert isinstance(change, bytes)
            new.writestr(name, change)
    return out.getvalue()


def sheet_of(rows: str, *, head: str = "") -> bytes:
    """A sheet's XML around its rows."""
    return f'{_XML}{head}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'.encode()


def strings_of(*texts: str, head: str = "") -> bytes:
    """The table of shared strings."""
    body = "".join(f"<si><t>{text}</t></si>" for text in texts)
    return f'{_XML}{head}<sst xmlns="{MAIN}" count="{len(texts)}">{body}</sst>'.encode()


def overlapping(content: bytes, copies: int, size: int) -> bytes:
    """The workbook with `copies` entries more that all lie over one compressed block of `size` bytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(bytes(size)) + packer.flush()
    crc = zlib.crc32(bytes(size))
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        begin = old.start_dir
    name = b"xl/media/a.bin"
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 0, crc, len(packed), size, len(name), 0) + name + packed
    directory, end = content[begin : content.rindex(b"PK\5\6")], content[content.rindex(b"PK\5\6") :]
    entries = []
    for i in range(copies):
        other = b"xl/media/%05d.bin" % i
        entries.append(
            struct.pack(
                "<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 8, 0, 0, crc, len(packed), size, len(other), 0, 0, 0, 0, 0, begin
            )
            + other
        )
    whole = directory + b"".join(entries)
    count = struct.unpack("<H", end[10:12])[0] + copies
    tail = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(whole), begin + len(local), 0)
    return content[:begin] + local + whole + tail
