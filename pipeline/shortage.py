"""Running out of disk, memory or rights in the middle of a run, told in one message that helps.

Libraries raise what they like for it; the reason is in the chain of causes or in their words.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path

from pipeline.engine.duck import NoRoom
from pipeline.errors import AuditError, BadInput, panicked

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_CLOSED = (errno.EROFS, errno.EACCES, errno.EPERM)
_WORDS = {
    "No space left on device": errno.ENOSPC,
    "Disk quota exceeded": errno.EDQUOT,
    "File too large": errno.EFBIG,
    "Read-only file system": errno.EROFS,
    "Permission denied": errno.EACCES,
}
# What Polars, DuckDB, LZ4, the dynamic loader and the interpreter's threads say where an allocation fails.
_NO_MEMORY = re.compile(
    r"allocation[ _](of \d+ bytes )?failed|failed to (allocate|map segment)|cannot allocate|bad[ _]alloc"
    r"|out of memory|not enough memory|can't start new thread|(failed to|could not) (spawn|create) thread",
    re.IGNORECASE,
)


@contextmanager
def enough(out: Path, limit: str) -> Iterator[None]:
    """BadInput where the disk of `out` is full or closed, or the memory (`limit`: the database's) is too little."""
    try:
        yield
    except AuditError:
        raise
    except BaseException as error:
        told = short_of(error, out, limit)
        if told is None:
            raise
        raise told from error


def check_writable(*folders: Path) -> None:
    """BadInput where one of the folders, or that in which it would be made, cannot be written to, or is a file."""
    for folder in folders:
        there = next((p for p in (folder.absolute(), *folder.absolute().parents) if p.exists()), None)
        if there is not None and not there.is_dir():
            raise BadInput(
                "a file stands where a folder is wanted", file=there.name, remedy="give another --out or --ledger"
            )
        if there is not None and not os.access(there, os.W_OK | os.X_OK):
            raise _closed(folder)


def _closed(folder: Path) -> BadInput:
    return BadInput(
        f"nothing can be written into {folder.name}: it is read-only, or belongs to somebody else",
        remedy="give this user the right to write there, or give another --out or --ledger",
    )


def short_of(error: BaseException, out: Path, limit: str) -> BadInput | None:
    """What to say where disk, memory or rights in `out` fell short, else None; `limit`: see `enough`."""
    number = _number(error)
    if number in _FULL:
        return BadInput(
            f"the disk that holds {out.name} is full, or a limit on it was reached",
            remedy="make room, or give another --out; nothing of this run was kept, and earlier runs are as they were",
        )
    if number in _CLOSED:
        return _closed(out)
    if isinstance(error, NoRoom):
        return BadInput(
            f"{limit} of memory and the free space in {out.name} are too little for this drop",
            remedy="give more with --memory-limit, or make room on the disk",
        )
    if number == errno.ENOMEM or isinstance(error, BrokenProcessPool):
        return BadInput(
            "the machine has too little memory left for this drop, and a part of the program was stopped",
            remedy="end other programs, give less to the database with --memory-limit, or take a larger machine",
        )
    return None


def _number(error: BaseException | None) -> int | None:
    """The system's error number: of the error, of one of its causes, or read from a library's words."""
    while error is not None:
        if isinstance(error, OSError) and error.errno is not None:
            return error.errno
        if not isinstance(error, OSError | Exception) and not panicked(error):
            return None
        words = str(error)
        for phrase, number in _WORDS.items():
            if phrase in words:
                return number
        if isinstance(error, MemoryError) or _NO_MEMORY.search(words):
            return errno.ENOMEM
        error = error.__cause__ or error.__context__
    return None
