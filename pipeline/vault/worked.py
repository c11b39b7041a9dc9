"""A file that is written in while it is open, and lies sealed in between: the ledger.

Where a key is in use, the clear file is a copy in this process's room. It is sealed again, in one step, when whoever
opened it is done; until then, and whatever happens meanwhile, the sealed file is as it was. One process at a time has
it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import BadInput, Held
from pipeline.vault.keys import current
from pipeline.vault.rooms import room, shelf
from pipeline.vault.sealed import forget_unfinished, needed, open_into, opened, sealed_name, write_sealed

# Sealed file → its state on disk when it was last opened or written here, and the clear copy of that state.
_copies: dict[Path, tuple[tuple[int, int, int], Path]] = {}


@contextmanager
def worked_on(path: Path, *, kept: Callable[[], None] = lambda: None) -> Iterator[Path]:
    """The clear file to read and write, not there where `path` is not there yet; sealed again where it changed.

    `kept` is called when what was written is on the disk, before anybody else has the file. Without a key the clear
    file is `path` itself. BadInput where it is sealed and there is no key, where the key does not open it, where
    another process has it, or where what was written could not be ended for want of room: then all is as it was.
    """
    sealed = sealed_name(path)
    if current() is None and not sealed.exists():
        yield path
        kept()
        return
    key = needed(path)
    clear = path.exists()
    with alone(sealed) as known:
        if clear and known is not None:
            _drop_twin(path, sealed)
            clear = False
        file = _clear_copy(sealed, known)
        _copies.pop(sealed, None)  # good again only once what is in it is on the disk
        before = _state(file)
        if clear:  # from before there was a key: sealed once whoever opens it has found it sound
            _copy(path, file)
        sound = False
        try:
            yield file
            sound = True
        finally:
            # a journal is left where DuckDB could not end what it had begun: then all is as it was
            whole = not _journal(file).exists()
            if (after := _state(file)) is not None and after != before and whole and (sound or not clear):
                write_sealed(file, sealed, key)
            if clear and sound:
                _remove(path)
            if whole and sound:
                kept()
            if whole and sealed.exists() and _state(file) is not None:
                _copies[sealed] = (_known(sealed.stat()), file)
            else:
                shutil.rmtree(file.parent, ignore_errors=True)
            if sound and not whole:  # DuckDB closes without a word; what it had committed would be lost
                raise BadInput(
                    f"what was written could not be ended: there is no room left in {shelf()}",
                    file=sealed.name, remedy="make room there; the file is as it was before",
                )  # fmt: skip


def _clear_copy(sealed: Path, known: tuple[int, int, int] | None) -> Path:
    """Where the clear file is, or is to be."""
    if known is not None and sealed in _copies and _copies[sealed][0] == known and _copies[sealed][1].exists():
        return _copies[sealed][1]
    folder = Path(tempfile.mkdtemp(dir=room()))
    file = folder / sealed.stem
    if known is not None:
        open_into(sealed, file, needed(sealed))
    return file


def _drop_twin(path: Path, sealed: Path) -> None:
    """Remove a clear file that was just being sealed when its process was killed. BadInput where the two differ."""
    if opened(sealed, needed(path)) != path.read_bytes():
        raise BadInput(
            "it is there sealed and unsealed, and the two differ", file=path.name, remedy="put one of them away"
        )
    _remove(path)


def _journal(path: Path) -> Path:
    """What DuckDB has not yet taken into the file, where a process was killed."""
    return path.with_name(path.name + ".wal")


def _copy(path: Path, file: Path) -> None:
    shutil.copyfile(path, file)
    if _journal(path).exists():
        shutil.copyfile(_journal(path), _journal(file))


def _remove(path: Path) -> None:
    path.unlink()
    _journal(path).unlink(missing_ok=True)


@contextmanager
def alone(sealed: Path) -> Iterator[tuple[int, int, int] | None]:
    """The sealed file for this process alone; its state, None where it is not there yet. Held where another has it.

    What processes left beside it that were killed while they sealed it is removed.
    """
    while True:
        try:
            handle = os.open(sealed, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            yield None
            return
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as e:
                raise Held("it is held by another program", file=sealed.name, remedy="wait until it has ended") from e
            state = os.fstat(handle)
            # somebody may have put a new file in its place between the two
            if sealed.exists() and sealed.stat().st_ino == state.st_ino:
                forget_unfinished(sealed)
                yield _known(state)
                return
        finally:
            os.close(handle)


def _known(state: os.stat_result) -> tuple[int, int, int]:
    return state.st_ino, state.st_mtime_ns, state.st_size


def _state(file: Path) -> tuple[int, int, int] | None:
    return _known(file.stat()) if file.exists() else None
