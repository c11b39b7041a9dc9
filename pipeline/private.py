"""Files and folders that only their owner can read: everything published holds personal data."""

from __future__ import annotations

import os
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
    """The folder, made when absent, 0700."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.chmod(0o700)
    return path


def owner_only(path: Path) -> Path:
    """A file just written, 0600 also where it overwrote one with wider rights."""
    path.chmod(0o600)
    return path
