"""Files and folders that only their owner can read: everything published holds personal data."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def private() -> Iterator[None]:
    """While this lasts, whatever the process creates is 0600 (files) or 0700 (folders), temporary files too."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def folder(path: Path) -> Path:
    """The folder, made when absent, 0700. One that is there keeps its rights: others may use it too."""
    if not path.is_dir():
        with private():
            path.mkdir(parents=True, exist_ok=True)
    return path


def write_whole(path: Path, content: bytes) -> Path:
    """The file (0600), there whole or as it was: written beside its place, then renamed."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        return beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def owner_only(path: Path) -> Path:
    """A file just written, 0600 also where it overwrote one with wider rights."""
    path.chmod(0o600)
    return path
