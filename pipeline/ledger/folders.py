"""The folders of a ledger's runs: OUT/<month> is the run that stands, OUT/runs/<month>-<run> those superseded.

A run's folder is never written into once it is finished; its manifest names every file with its hash, and the ledger
holds the manifest's hash. A finished run is staged as OUT/.run-<month>-<run>, recorded, and then changes places with
OUT/<month>. Whatever stops the program, `recover` finds out from the ledger which of the two it was to be.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline import vault
from pipeline.errors import BadInput
from pipeline.ledger.lock import locked
from pipeline.ledger.store import opened
from pipeline.private import folder as made_folder
from pipeline.private import owner_only, private
from pipeline.vault import sha256

MANIFEST = "manifest.json"
# What no town and no department is handed: sealed where there is a key.
SEALED = (
    "findings.parquet", "findings.csv", "links.parquet", "rejects.parquet", "rejects.csv", "completeness.parquet",
    "desk/pair.parquet", "desk/record.parquet", "desk/rival.parquet", "desk/weight.parquet",
)  # fmt: skip
RUNS = "runs"
_STAGED, _WORK = ".run-", ".work-"
_AT_CWD, _EXCHANGE = -100, 2  # of renameat2


@contextmanager
def workspace(out: Path, ledger: Path, month: str) -> Iterator[tuple[Path, list[str]]]:
    """OUT locked, tidied after whatever was killed, and a private folder in it for the work; what was found, in words.

    The folder goes away whatever happens, and so does an OUT that was made for a run that failed.
    """
    made = not out.exists()
    if out.exists() and not out.is_dir():
        raise BadInput("the output is not a folder", file=out.name, remedy="give another --out")
    out.mkdir(parents=True, exist_ok=True)
    try:
        with locked(out, ledger):
            told = recover(out, ledger)
            if ledger.is_file():  # nobody is making it: what lies beside it was left by a process that was killed at it
                vault.forget_unfinished(ledger)
            work = Path(tempfile.mkdtemp(prefix=f"{_WORK}{month}-", dir=out))
            try:
                yield work, told
            finally:
                shutil.rmtree(work, ignore_errors=True)
    except BaseException:
        if made and not any(out.iterdir()):
            out.rmdir()
        raise


def seen_from(ledger: Path, out: Path) -> str:
    """OUT as the ledger keeps it: relative to its own folder, so that both can be moved together."""
    return Path(os.path.relpath(out.resolve(), ledger.resolve().parent)).as_posix()


def stage(finished: Path, out: Path, ledger: Path, month: str, number: int) -> tuple[Path, str]:
    """Close a finished folder with its manifest and put it beside OUT/<month>. Its path, and the manifest's SHA-256.

    Where a key is in use its tables are sealed, those too that were written clear; the manifest names what is in them,
    which another key does not change.
    """
    key, files = vault.current(), []
    for path in sorted(p for p in finished.rglob("*") if p.is_file()):
        name = path.relative_to(finished).as_posix().removesuffix(vault.SUFFIX)
        content = vault.content(finished / name)
        file = {"path": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        if key and name in SEALED:
            if path == finished / name:
                vault.seal(path, key)
            file["sealed"] = True
        files.append(file)
    text = json.dumps(
        {"month": month, "run": number, "ledger": seen_from(out / "x", ledger), "files": files},
        ensure_ascii=False, indent=1,
    )  # fmt: skip
    with private():
        (finished / MANIFEST).write_text(text + "\n", encoding="utf-8")
    owner_only(finished / MANIFEST)
    staged = out / f"{_STAGED}{month}-{number:04d}"
    finished.rename(staged)
    return staged, sha256(staged / MANIFEST)


def appear(staged: Path, out: Path, month: str) -> Path:
    """Let a staged run take the month's place; what stood there goes to OUT/runs. The month's folder."""
    target = out / month
    if not target.exists():
        staged.rename(target)
    elif _exchange(staged, target):
        put_aside(staged, out, month)
    else:
        put_aside(target, out, month)
        staged.rename(target)
    return target


def put_aside(folder: Path, out: Path, month: str) -> Path:
    """Move a superseded run to OUT/runs, under its number; one without a manifest under the first free name."""
    runs = made_folder(out / RUNS)
    about = manifest_of(folder)
    if about and not (runs / f"{month}-{about['run']:04d}").exists():
        return folder.rename(runs / f"{month}-{about['run']:04d}")
    n = 1
    while (runs / f"{month}-before-{n}").exists():
        n += 1
    return folder.rename(runs / f"{month}-before-{n}")


def recover(out: Path, ledger: Path) -> list[str]:
    """Finish or undo what a killed run left in OUT, as the ledger has it. What was found, a sentence each.

    Only under the lock: whatever is unfinished then is nobody's.
    """
    told = []
    for work in sorted(out.glob(f"{_WORK}*")):
        shutil.rmtree(work, ignore_errors=True)
        told.append(f"an unfinished run of {work.name[len(_WORK) :][:7]} was found and removed")
    ours = seen_from(out / "x", ledger)
    for staged in sorted(out.glob(f"{_STAGED}*")):
        about = manifest_of(staged)
        if about is None or about["ledger"] != ours:
            told.append(f"{staged.name} belongs to another ledger and was left as it is")
            continue
        month, number = about["month"], about["run"]
        stands = _stands(ledger, number, sha256(staged / MANIFEST))
        if stands is None:
            shutil.rmtree(staged)
            told.append(f"a run of {month} that was not recorded was found and removed")
        elif stands:
            appear(staged, out, month)
            told.append(f"run {number} of {month} had been recorded: its outputs were put in place")
        else:
            put_aside(staged, out, month)
            told.append(f"run {number} of {month} had been superseded: its outputs were put aside")
    return told


def manifest_of(folder: Path) -> dict[str, Any] | None:
    """A run folder's manifest; None where it has none that can be read."""
    try:
        about: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return about


def _stands(ledger: Path, number: int, manifest: str) -> bool | None:
    """Whether the run stands in the ledger; None: it is not there."""
    if not vault.there(ledger):
        return None
    with opened(ledger) as con:
        rows = con.execute("SELECT standing FROM run WHERE run_no = ? AND manifest = ?", [number, manifest]).fetchall()
    return bool(rows[0][0]) if rows else None


def _exchange(a: Path, b: Path) -> bool:
    """Let two paths change places in one step. False where the system or the file system cannot."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    return bool(rename(_AT_CWD, os.fsencode(a), _AT_CWD, os.fsencode(b), _EXCHANGE) == 0)
