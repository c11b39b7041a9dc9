"""Private folders for what is open just now: gone at the end of the process, and cleaned up after one that was killed.

They lie in memory (/dev/shm) where the system has that, so that what is opened reaches no disk but as swap; else in
the system's folder for temporary files. Each is held by a lock that ends with its process, however that ends; `tidy`
removes those that nobody holds.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import tempfile
import time
from functools import cache
from pathlib import Path

_MEMORY = Path("/dev/shm")
_DISK = Path(
    tempfile.gettempdir()
)  # as it was at the start: others have tempfile use a folder of their own for a while
_PREFIX = f"audit-room-{os.getuid()}-"
_LOCK = ".held"


def shelf() -> Path:
    """The folder in which rooms are made."""
    return _MEMORY if os.access(_MEMORY, os.W_OK | os.X_OK) else _DISK


@cache
def room() -> Path:
    """This process's room, 0700: made at the first asking, wiped when the process ends."""
    tidy()
    made = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=shelf()))
    handle = os.open(made / _LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX)  # never let go of: it ends with the process
    atexit.register(_wipe, made, os.getpid())
    return made


def _wipe(path: Path, owner: int) -> None:
    if os.getpid() == owner:  # a fork's end is not its parent's
        shutil.rmtree(path, ignore_errors=True)


def left_over() -> list[Path]:
    """Rooms of this user that no process holds."""
    return [found for found in sorted(shelf().glob(f"{_PREFIX}*")) if not _held(found)]


def tidy() -> int:
    """Remove the rooms that killed processes left. How many there were."""
    found = left_over()
    for path in found:
        shutil.rmtree(path, ignore_errors=True)
    return len(found)


def _held(path: Path) -> bool:
    try:
        handle = os.open(path / _LOCK, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        # it may be just being made; without a lock and older than a minute it is nobody's
        return not path.exists() or path.stat().st_mtime > time.time() - 60
    except OSError:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
