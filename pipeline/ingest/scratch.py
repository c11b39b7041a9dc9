"""The files that ingest lays down while it works: rows of people, unreadable to whoever copies the disk.

Each run has a key of its own that is never written anywhere: it lives in this process and, handed over a pipe, in its
workers. A file is a frame's Arrow bytes in parts, each under AES-256-GCM; a part's place in the file, and whether it is
the last, are sealed with it, so that a file that was cut, stirred or exchanged is noticed.
"""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from pipeline.errors import AuditError

_PART = 1 << 20  # bytes sealed at a time: what the processor keeps close
_NONCE, _TAG = 12, 16
_LENGTH = struct.Struct("<I")


@dataclass(frozen=True)
class Scratch:
    """A private folder, and the key of what this run lays down in it. It can be handed to a worker process."""

    folder: Path
    key: bytes = field(default_factory=lambda: AESGCM.generate_key(256), repr=False)

    def write(self, frame: pl.DataFrame, name: str) -> Path:
        """Lay a frame down as `folder`/`name`; readable by its owner only, and by him only with the key."""
        content = io.BytesIO()
        frame.write_ipc(content, compression="lz4")  # a quarter of the bytes to seal, to write, and to keep in a cache
        cipher, path = AESGCM(self.key), self.folder / name
        clear = content.getbuffer()
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for number, begin in enumerate(range(0, len(clear), _PART)):
                nonce = os.urandom(_NONCE)
                last = begin + _PART >= len(clear)
                part = cipher.encrypt(nonce, clear[begin : begin + _PART], _place(name, number, last))
                file.write(_LENGTH.pack(len(part)))
                file.write(nonce)
                file.write(part)
        return path

    def content(self, path: Path) -> io.BytesIO:
        """The Arrow bytes of a file that `write` laid down. AuditError where somebody has changed it since."""
        out, cipher = io.BytesIO(), AESGCM(self.key)
        try:
            with path.open("rb") as file:
                for number, (nonce, part, last) in enumerate(_parts(file)):
                    out.write(cipher.decrypt(nonce, part, _place(path.name, number, last)))
        except (InvalidTag, EOFError) as error:
            raise AuditError(
                f"the working file {path.name} was changed during the run — see who else writes there, run again"
            ) from error
        out.seek(0)
        return out

    def read(self, path: Path) -> pl.DataFrame:
        """The frame of a file that `write` laid down."""
        return pl.read_ipc(self.content(path))


def _place(name: str, number: int, last: bool) -> bytes:
    return f"{name}\n{number}\n{last}".encode()


def _parts(file: io.BufferedReader) -> Iterator[tuple[bytes, bytes, bool]]:
    """Nonce and sealed bytes of each part, and whether nothing follows it. EOFError where one is cut."""
    size = os.fstat(file.fileno()).st_size
    if not size:
        raise EOFError
    while head := file.read(_LENGTH.size):
        length = _LENGTH.unpack(head)[0] if len(head) == _LENGTH.size else 0
        nonce, part = file.read(_NONCE), file.read(min(length, size))
        if length < _TAG or len(part) != length:
            raise EOFError
        yield nonce, part, file.tell() == size
