"""The encoding of a text file, found from its bytes, and its bytes as UTF-8 blocks that end where a line ends.

UTF-8 with or without BOM, UTF-16 with BOM (or without, where clear), else GB18030; all strict: a byte that cannot
be decoded stops the run with its position and line, and so does a zero byte, a line without end, or a line that is
plainly in another encoding than the file.
"""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pipeline.errors import BadInput

BLOCK_BYTES = 16 << 20  # of a file read at a time: bounds the memory, whatever the file's size
MAX_LINE_BYTES = 8 << 20  # a longer line is no record: it would be held in memory whole
_SAMPLE = 1 << 16
# This many characters that read as UTF-8 before the first bad byte are no accident of another encoding.
_UTF8_EVIDENCE = 8
# A line of a GB18030 file whose characters beyond ASCII all read as UTF-8 Chinese, four or more: pasted from elsewhere.
_UTF8_LINE = re.compile(
    rb"^[\x00-\x09\x0b-\x7f]*+(?:[\xe4-\xe9][\x80-\xbf]{2}[\x00-\x09\x0b-\x7f]*+){4,}+$", re.MULTILINE
)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True)
class Encoding:
    """A codec name, how many bytes of BOM to skip, and whether lines end in a lone carriage return."""

    codec: str
    bom: int = 0
    cr: bool = False


def detect(path: Path, name: str, override: str | None = None) -> Encoding:
    """The encoding of a file. BadInput on an empty file, or bytes that no encoding explains."""
    with path.open("rb") as handle:
        sample = handle.read(_SAMPLE)
    if not sample.strip(b"\x00\xef\xbb\xbf\xff\xfe \t\r\n"):
        raise BadInput("the file is empty", file=name, remedy="export it again, or take it out of the drop")
    codec, bom = _codec(path, sample, name, override)
    line, back = ("\n".encode(codec), "\r".encode(codec)) if codec.startswith("utf-16") else (b"\n", b"\r")
    return Encoding(codec, bom, cr=line not in sample and back in sample)


def _codec(path: Path, sample: bytes, name: str, override: str | None) -> tuple[str, int]:
    for mark, codec in _BOMS:
        if sample.startswith(mark):
            return codec, len(mark)
    if override is not None:
        codec = codecs.lookup(override).name
        return {"utf-8-sig": "utf-8", "gbk": "gb18030", "gb2312": "gb18030", "utf-16": "utf-16-le"}.get(codec, codec), 0
    if b"\x00" in sample:
        for codec in ("utf-16-le", "utf-16-be"):
            if _is_utf16(sample, codec):
                return codec, 0
        raise BadInput(
            f"it is not a text file: a zero byte at position {sample.index(0) + 1}",
            file=name,
            remedy="export it again as .csv or .xlsx",
        )
    return ("utf-8", 0) if _is_utf8(path) else ("gb18030", 0)


def _is_utf16(sample: bytes, codec: str) -> bool:
    """Whether a BOM-less sample is clearly UTF-16: it decodes to lines or cells without control characters."""
    try:
        text = codecs.getincrementaldecoder(codec)("strict").decode(sample)
    except UnicodeDecodeError:
        return False
    return any(c in text for c in "\n\r,\t") and not any(c < " " and c not in "\n\r\t" for c in text)


def _is_utf8(path: Path) -> bool:
    """Whether a file is UTF-8, perhaps with a fault further on; GB18030 text does not look like UTF-8 for long."""
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    seen = 0
    with path.open("rb") as handle:
        while chunk := handle.read(_SAMPLE):
            try:
                text = decoder.decode(chunk)
            except UnicodeDecodeError as error:
                text = error.object[: error.start].decode("utf-8", "ignore")
                return seen + sum(c > "\x7f" for c in text) >= _UTF8_EVIDENCE
            seen += sum(c > "\x7f" for c in text)
            if seen >= _UTF8_EVIDENCE:
                return True
    return not decoder.getstate()[0]


def blocks(path: Path, encoding: Encoding, name: str, size: int = BLOCK_BYTES) -> Iterator[bytes]:
    """The file as UTF-8 blocks of whole lines ending in a newline (the last one as it ends). BadInput on bad bytes.

    GB18030's second bytes are never a newline, so it and UTF-8 are cut at newline bytes; UTF-16 is decoded first.
    """
    raw = _utf16_lines if encoding.codec.startswith("utf-16") else _byte_lines
    line = 1
    for block in raw(path, encoding, name, size):
        if b"\x00" in block:
            raise _zero_byte(name, line + block[: block.index(0)].count(b"\r" if encoding.cr else b"\n"))
        line += block.count(b"\r" if encoding.cr else b"\n")
        if encoding.cr:
            yield block.replace(b"\r", b"\n")
        elif b"\r" in block:  # what is left alone after \r\n stands inside a cell
            yield block.replace(b"\r\n", b"\n").replace(b"\r", b" ")
        else:
            yield block


def _size(handle: BinaryIO) -> int:
    """A file's size as reading begins: what is appended meanwhile is not run after."""
    return os.fstat(handle.fileno()).st_size


def _byte_lines(path: Path, encoding: Encoding, name: str, size: int) -> Iterator[bytes]:
    end = b"\r" if encoding.cr else b"\n"
    position, line, carry = encoding.bom, 1, b""
    with path.open("rb") as handle:
        left = _size(handle) - handle.seek(encoding.bom)
        while True:
            chunk = handle.read(max(0, min(left, size if encoding.codec == "utf-8" else size // 2)))
            left -= len(chunk)
            data = carry + chunk
            cut = data.rfind(end) + 1 if chunk else len(data)
            head, carry = data[:cut], data[cut:]
            _check_line(len(carry), name, line + head.count(end))
            if head:
                yield _decoded(head, encoding.codec, name, position, line)
                position += len(head)
                line += head.count(end)
            if not chunk:
                return


def _decoded(block: bytes, codec: str, name: str, position: int, line: int) -> bytes:
    try:
        text = block.decode(codec)
    except UnicodeDecodeError as error:
        raise _bad_byte(error, block, codec, name, position, line) from error
    if codec == "gb18030" and (strange := _UTF8_LINE.search(block)):
        raise BadInput(
            "this line is UTF-8 text in a file that is otherwise GB18030",
            file=name,
            row=line + block[: strange.start()].count(b"\n"),
            remedy="two files were joined: export it again as one, or state its encoding in audit.toml",
        )
    return block if codec == "utf-8" else text.encode()


def _check_line(length: int, name: str, row: int) -> None:
    if length > MAX_LINE_BYTES:
        raise BadInput(
            f"a line of more than {MAX_LINE_BYTES >> 20} MiB",
            file=name,
            row=row,
            remedy="it is no table, or its line ends are lost: export it again",
        )


def _zero_byte(name: str, row: int) -> BadInput:
    return BadInput(
        "a zero byte: it is not a text file, or damaged", file=name, row=row, remedy="export it again as .csv or .xlsx"
    )


def _bad_byte(error: UnicodeDecodeError, block: bytes, codec: str, name: str, position: int, line: int) -> BadInput:
    at, row = position + error.start + 1, line + block[: error.start].count(b"\n")
    label = codec.upper()
    # a fault that reaches the end of the file is a character cut in two, not a wrong byte
    if error.end >= len(block) and ("incomplete" in error.reason or "unexpected end" in error.reason):
        return BadInput(
            f"the file is cut off in the middle of a character at byte {at} ({label})",
            file=name,
            row=row,
            remedy="copy or export it again in full",
        )
    return BadInput(
        f"byte {at} (0x{block[error.start]:02X}) cannot be decoded as {label}",
        file=name,
        row=row,
        remedy="export it again, or state its encoding in audit.toml",
    )


def _utf16_lines(path: Path, encoding: Encoding, name: str, size: int) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding.codec)("strict")
    end = "\r" if encoding.cr else "\n"
    position, line, carry = encoding.bom, 1, ""
    with path.open("rb") as handle:
        left = _size(handle) - handle.seek(encoding.bom)
        while True:
            chunk = handle.read(max(0, min(left, size // 2)))
            left -= len(chunk)
            pending = len(decoder.getstate()[0])
            try:
                text = carry + decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                at = position - pending + error.start + 1
                cut = "truncated" in error.reason or "unexpected end" in error.reason
                what = (
                    f"the file is cut off in the middle of a character at byte {at} (UTF-16)"
                    if cut
                    else f"byte {at} cannot be decoded as UTF-16"
                )
                row = line + carry.count(end)
                raise BadInput(what, file=name, row=row, remedy="copy or export it again in full") from error
            position += len(chunk)
            at_end = text.rfind(end) + 1 if chunk else len(text)
            head, carry = text[:at_end], text[at_end:]
            _check_line(len(carry), name, line + head.count(end))
            if head:
                yield head.encode()
                line += head.count(end)
            if not chunk:
                return
