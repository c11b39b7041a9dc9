"""A look at the machine and at what lies on its disk: lines to read, nothing is changed."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import msoffcrypto

from pipeline import __version__, vault
from pipeline.errors import BadInput
from pipeline.ledger.journal import TAKEN, WAITING
from pipeline.ledger.store import FORM
from pipeline.vault.rooms import left_over, shelf

_SWAPS = Path("/proc/swaps")
# What lies there that holds people: ending → what it is.
_HOLDS = {
    ".duckdb": "a ledger", ".parquet": "tables", ".csv": "tables", ".arrow": "what was read from the drop",
    ".xlsx": "workbooks", ".docx": "papers",
}  # fmt: skip
_OF_NOBODY = ("not_run.csv",)
_PLAN = re.compile(r"plan-[0-9]{4}-[0-9]{2}-[0-9a-f]{8}\.json")


def examine(out: Path | None, ledger: Path | None, cache: Path | None) -> Iterator[str]:
    """What there is to say, a line each. BadInput where a place that was named is not there."""
    for place in (out, cache):
        if place is not None and not place.is_dir():
            raise BadInput("there is no such folder", file=place.name, remedy="name the folder of the runs")
    yield f"audit {__version__}, Python {platform.python_version()}, {sys.platform}"
    yield from _libraries()
    yield from _key()
    places = [p for p in (out, cache, ledger.parent if ledger and ledger.parent.is_dir() else None) if p is not None]
    files = sorted({path for place in places for path in place.rglob("*") if path.is_file()})
    if places:
        yield from _clear(files)
        yield from _rights(files)
        yield from _unfinished(places)
    if rooms := left_over():
        yield f"left open by processes that were killed: {len(rooms)} folders in {shelf()}; the next run removes them"
    if len(_SWAPS.read_text().splitlines() if _SWAPS.exists() else []) > 1:
        yield "swap is on: what is open in memory may be written to it, unless the swap is encrypted"


def _libraries() -> Iterator[str]:
    lacking = []
    for line in requires("county-audit") or ():
        name = line.partition(";")[0].strip().split("[")[0]
        for sign in "<>=!~ ":
            name = name.split(sign)[0]
        if "extra ==" not in line:
            try:
                version(name)
            except PackageNotFoundError:
                lacking.append(name)
    yield f"libraries that are not installed: {', '.join(lacking)}" if lacking else "all libraries are installed"


def _key() -> Iterator[str]:
    key = vault.current()
    if key is None:
        yield f"no key is in use: nothing is sealed (audit key new; {vault.KEY_FILE})"
    else:
        yield f"a key is in use, of {len(key.identities)} {'identity' if len(key.identities) == 1 else 'identities'}"


def _clear(files: list[Path]) -> Iterator[str]:
    found: dict[str, list[Path]] = {}
    for path in files:
        if (what := _held_in(path)) and not _protected(path):
            found.setdefault(what, []).append(path)
    for what, paths in found.items():
        size = sum(p.stat().st_size for p in paths) / 2**20
        yield f"in the clear, {what}: {len(paths)} files of {size:.1f} MB, like {paths[0].parent.name}/{paths[0].name}"
    if not found:
        yield "in the clear: nothing that holds people"
    if sealed := [p for p in files if p.suffix == vault.SUFFIX]:
        yield f"sealed: {len(sealed)} files"


def _held_in(path: Path) -> str | None:
    """What of people's lies clear in the file; None: nothing, or it is sealed."""
    if path.name in _OF_NOBODY or path.suffix == vault.SUFFIX:
        return None
    if f".duckdb{FORM}" in path.name:
        return "a ledger"
    if path.suffix in (WAITING, TAKEN):  # sealed or not line by line
        return "rulings that wait" if any(line[:1] == b"{" for line in path.read_bytes().splitlines()) else None
    return "a plan of visits" if _PLAN.fullmatch(path.name) else _HOLDS.get(path.suffix)


def _protected(path: Path) -> bool:
    if path.suffix != ".xlsx":
        return False
    try:
        with path.open("rb") as file:
            return bool(msoffcrypto.OfficeFile(file).is_encrypted())
    except Exception:  # msoffcrypto raises whatever its parsers raise: such a file is not protected
        return False


def _rights(files: list[Path]) -> Iterator[str]:
    wide = [p for p in files if p.stat().st_mode & 0o077]
    if wide:
        yield f"others than the owner may read {len(wide)} files, like {wide[0].parent.name}/{wide[0].name}: chmod 600"


def _unfinished(places: list[Path]) -> Iterator[str]:
    works = {p.resolve() for place in places for pattern in (".work-*", ".run-*") for p in place.glob(pattern)}
    if works:
        yield f"unfinished runs: {len(works)} folders; the next run finishes or removes them"
