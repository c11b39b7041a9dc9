"""How much memory the database may take: what was asked for, else half of what the machine has free.

And whether a drop's tables will stand in it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from pipeline.errors import BadInput

_UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]i?B)", re.IGNORECASE)
_LEAST = 384 * 2**20  # below it not even a small county's many tables stand beside what is sorted
_MEMINFO = Path("/proc/meminfo")
# Bytes of tables in memory to a byte of a file, at most: Parquet and workbooks are packed, databases and texts are not.
_PACKED, _PLAIN = 10, 2
_PACKED_SUFFIXES = frozenset((".parquet", ".xlsx"))


def memory_limit(asked: str | None = None) -> str:
    """The limit in MiB, as DuckDB reads it: `asked` ("4GiB", "800MB"), else half of the free memory.

    Raises BadInput for what is no amount, or below 384 MiB.
    """
    size = _bytes(asked) if asked is not None else max(_free() // 2, _LEAST)
    if size < _LEAST:
        raise BadInput(f"--memory-limit {asked} is too little", remedy="give 384MiB or more")
    return f"{size // 2**20}MiB"


def stands_in_memory(drop: Path, limit: str) -> bool:
    """Whether a drop's typed tables will take half of the `limit` at most; the other half is for the work on them.

    Judged by the files' sizes: what a drop takes from a database elsewhere is not counted.
    """
    size = sum(
        file.stat().st_size * (_PACKED if file.suffix.lower() in _PACKED_SUFFIXES else _PLAIN)
        for file in drop.rglob("*")
        if file.is_file()
    )
    return size <= _bytes(limit) // 2


def _bytes(asked: str) -> int:
    found = _AMOUNT.fullmatch(asked.strip())
    if not found:
        raise BadInput(f"--memory-limit {asked!r} is not an amount of memory", remedy="write it like 4GiB or 800MB")
    unit = next(u for u in _UNITS if u.upper() == found[2].upper())
    return int(float(found[1]) * _UNITS[unit])


def _free() -> int:
    """Bytes that can be had without swapping; all of the machine's where the system does not tell."""
    if _MEMINFO.exists():
        for line in _MEMINFO.read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
