"""How much memory the database may take: what was asked for, else half of what the machine has free."""

from __future__ import annotations

import os
import re
from pathlib import Path

from pipeline.errors import BadInput

_UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]i?B)", re.IGNORECASE)
_LEAST = 256 * 2**20  # below it not even a small county's tables and indexes can be sorted
_MEMINFO = Path("/proc/meminfo")


def memory_limit(asked: str | None = None) -> str:
    """The limit in MiB, as DuckDB reads it: `asked` ("4GiB", "800MB"), else half of the free memory.

    Raises BadInput for what is no amount, or below 256 MiB.
    """
    size = _bytes(asked) if asked is not None else max(_free() // 2, _LEAST)
    if size < _LEAST:
        raise BadInput(f"--memory-limit {asked} is too little", remedy="give 256MiB or more")
    return f"{size // 2**20}MiB"


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
