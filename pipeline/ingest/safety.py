"""Is a file safe and whole enough to open? Checked before any reader touches it.

A workbook is a zip archive whose stated sizes may lie: every entry is inflated here, counted and thrown away, under
a cap. The same pass refuses XML that declares entities, sees how far a sheet's cells lie apart, how often one string is
referred to, and whether a sheet holds numbers too long for a spreadsheet (`long_numbers`).
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from xml.etree import ElementTree

import msoffcrypto

from pipeline.errors import BadInput
from pipeline.ingest.sheetscan import Extent, SheetScan
from pipeline.ingest.strings import Strings, expanded, lengths

MAX_UNPACKED = 1 << 30  # bytes of all entries together; a sheet of a million rows stays below
MAX_RATIO = 250  # unpacked to packed; real sheets lie below 60
RATIO_FLOOR = 64 << 20  # below this many unpacked bytes the ratio does no harm
MAX_ENTRIES = 10_000
MAX_TEXT = 1 << 20  # bytes of one text; a cell holds 32,767 characters

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK"
_CHUNK = 1 << 20
_OVERLAP = 32
_XML = (".xml", ".rels", ".vml")
_MAX_INDEX = 8 << 20  # bytes of the parts that list the sheets


@dataclass(frozen=True)
class Workbook:
    """A workbook that may be opened. `long_numbers`: names of sheets with long number cells, None = not known."""

    zipped: bool
    long_numbers: frozenset[str] | None


def check_workbook(path: Path, name: str) -> Workbook:
    """BadInput for an empty, password-protected, foreign, broken or bomb-like workbook."""
    with path.open("rb") as handle:
        head = handle.read(8)
        if not head:
            raise BadInput("the file is empty", file=name, remedy="export it again, or take it out of the drop")
        if head == _OLE:
            _refuse_encrypted(handle, name)
            return Workbook(zipped=False, long_numbers=None)
        if not head.startswith(_ZIP):
            raise BadInput(
                "it is not an Excel workbook, whatever its name says",
                file=name,
                remedy="open it in Excel or WPS and save it as .xlsx",
            )
        try:
            with zipfile.ZipFile(handle) as archive:
                return Workbook(True, _inspect(archive, handle, name))
        except BadInput:
            raise
        # what a spoilt archive makes of sizes and places: seeks before the file's beginning, entries that overflow
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            NotImplementedError,
            OSError,
            ValueError,
            RuntimeError,
        ) as error:
            raise _broken(name) from error


def _broken(name: str) -> BadInput:
    return BadInput("the workbook is cut off or damaged", file=name, remedy="copy or save it again in full")


def _refuse_encrypted(handle: BinaryIO, name: str) -> None:
    handle.seek(0)
    try:
        encrypted = msoffcrypto.OfficeFile(handle).is_encrypted()
    except Exception as error:  # msoffcrypto raises whatever its parsers raise
        raise _broken(name) from error
    if encrypted:
        raise BadInput(
            "the workbook is protected by a password", file=name, remedy="open it, take the password off, and save it"
        )


def _inspect(archive: zipfile.ZipFile, handle: BinaryIO, name: str) -> frozenset[str] | None:
    entries = archive.infolist()
    stated = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries) or 1
    if any(entry.flag_bits & 1 for entry in entries):
        raise BadInput("the workbook is protected by a password", file=name, remedy="take the password off")
    if len(entries) > MAX_ENTRIES or stated > MAX_UNPACKED or _too_dense(stated, packed):
        raise _bomb(name)
    sheets = _sheet_names(archive)
    shared = any(_is_strings(entry) for entry in entries)
    found: set[str] = set()
    total, strings = 0, Strings()
    for entry in entries:
        sheet = sheets.get(entry.filename)
        xml, is_sheet = entry.filename.lower().endswith(_XML), _is_sheet(entry, sheets)
        size, scan, tail, run = 0, SheetScan(), b"", 0
        for chunk in _inflate(handle, entry):
            size += len(chunk)
            if size > entry.file_size or total + size > MAX_UNPACKED or _too_dense(total + size, packed):
                raise _bomb(name)
            if xml:
                _refuse_doctype(tail + chunk, name)
                tail = chunk[-_OVERLAP:]
                run = len(chunk) - at - 1 if (at := chunk.rfind(b"<")) >= 0 else run + len(chunk)
                if run > MAX_TEXT:
                    raise _too_long(sheet, name)
            if is_sheet:
                scan.feed(chunk)
                if shared:
                    strings.feed_sheet(chunk)
            elif _is_strings(entry):
                strings.feed_strings(chunk)
        if size != entry.file_size:
            raise _broken(name)
        total += size
        scan.end()
        if is_sheet and scan.odd:
            _check_extent(handle, entry, sheet, name)
        if sheet is not None and scan.long_numbers:
            found.add(sheet)
    if strings.most > MAX_UNPACKED:
        _check_expanded(handle, entries, sheets, name)
    return frozenset(found) if sheets else None


def _is_sheet(entry: zipfile.ZipInfo, sheets: dict[str, str]) -> bool:
    return entry.filename in sheets or entry.filename.lower().startswith("xl/worksheets/")


def _is_strings(entry: zipfile.ZipInfo) -> bool:
    return entry.filename.lower().endswith("sharedstrings.xml")


def _refuse_doctype(xml: bytes, name: str) -> None:
    # with zero bytes it is UTF-16
    if b"<!DOCTYPE" in xml or (b"\0" in xml and (b"<\0!\0D" in xml or b"\0<\0!" in xml)):
        raise BadInput(
            "a part of the workbook has a document type declaration, which no spreadsheet program writes",
            file=name,
            remedy="it may be made to do harm: do not open it; ask for it again",
        )


def _check_extent(handle: BinaryIO, entry: zipfile.ZipInfo, sheet: str | None, name: str) -> None:
    extent = Extent()
    for chunk in _inflate(handle, entry):
        extent.feed(chunk)
    if extent.too_large:
        raise BadInput(
            f"its used area is {extent.rows} rows by {extent.columns} columns: cells lie far outside the table",
            file=name,
            sheet=sheet,
            remedy="delete the rows and columns beyond the table, and save it",
        )


def _check_expanded(handle: BinaryIO, entries: list[zipfile.ZipInfo], sheets: dict[str, str], name: str) -> None:
    sizes = [size for entry in entries if _is_strings(entry) for size in lengths(_inflate(handle, entry))]
    left = MAX_UNPACKED
    for entry in entries:
        if _is_sheet(entry, sheets):
            left -= expanded(_inflate(handle, entry), sizes, left)
    if left < 0:
        raise _bomb(name)


def _too_dense(unpacked: int, packed: int) -> bool:
    return unpacked > RATIO_FLOOR and unpacked > packed * MAX_RATIO


def _too_long(sheet: str | None, name: str) -> BadInput:
    return BadInput(
        f"a cell holds more than {MAX_TEXT} bytes, which no spreadsheet program writes",
        file=name,
        sheet=sheet,
        remedy="take that cell out, or ask for the workbook again",
    )


def _bomb(name: str) -> BadInput:
    return BadInput(
        f"the workbook unpacks to more than can be right (over {MAX_UNPACKED >> 20} MiB, over {MAX_RATIO} times its "
        "size, or more than it states)",
        file=name,
        remedy="it may be a zip bomb: do not open it; ask for it again, or split it",
    )


def _inflate(handle: BinaryIO, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """An entry's real bytes, whatever size it states: zipfile itself stops at the stated size."""
    handle.seek(entry.header_offset)
    header = handle.read(30)
    if len(header) < 30 or header[:4] != b"PK\x03\x04":
        raise zipfile.BadZipFile("no local header")
    handle.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
    left = entry.compress_size
    if entry.compress_type == zipfile.ZIP_STORED:
        while left > 0 and (chunk := handle.read(min(left, _CHUNK))):
            left -= len(chunk)
            yield chunk
        return
    if entry.compress_type != zipfile.ZIP_DEFLATED:
        raise zipfile.BadZipFile(f"compression {entry.compress_type}")
    inflater = zlib.decompressobj(-15)
    while left > 0 and not inflater.eof:
        data = handle.read(min(left, _CHUNK // 4))
        if not data:
            raise EOFError
        left -= len(data)
        while data:
            if chunk := inflater.decompress(data, _CHUNK):
                yield chunk
            data = inflater.unconsumed_tail
    if chunk := inflater.flush():
        yield chunk


def _sheet_names(archive: zipfile.ZipFile) -> dict[str, str]:
    """Entry of the archive → the sheet's name; empty when the workbook does not say (then nothing is known)."""
    index = ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")
    if any(entry.file_size > _MAX_INDEX for entry in archive.infolist() if entry.filename in index):
        return {}
    try:
        book = ElementTree.fromstring(archive.read(index[0]))
        links = ElementTree.fromstring(archive.read(index[1]))
    except (KeyError, ElementTree.ParseError):
        return {}
    targets = {link.get("Id"): (link.get("Target") or "") for link in links}
    out: dict[str, str] = {}
    for sheet in book.iter():
        if not sheet.tag.endswith("}sheet"):
            continue
        ident = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), None)
        target = targets.get(ident, "")
        path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        out[path] = sheet.get("name", "")
    return out
