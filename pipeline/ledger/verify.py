"""The ledger held against the folders of its runs: every file by hash, every finding by number and state."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from pipeline import vault
from pipeline.errors import BadInput
from pipeline.ledger.access import broken, head
from pipeline.ledger.folders import MANIFEST, RUNS, manifest_of
from pipeline.ledger.reading import read
from pipeline.ledger.show import missed

_RUN = "SELECT run_no, month, standing, findings, folder, manifest, findings_sha256, purged_at FROM run ORDER BY run_no"
# What must hold within any ledger: a query that gives a row for every breach, and what it means.
_WITHIN = {
    "SELECT month FROM run GROUP BY month HAVING count(*) FILTER (standing) <> 1":
        "{}: not exactly one run stands",
    "SELECT r.run_no FROM run r LEFT JOIN finding f USING (run_no) GROUP BY r.run_no, r.findings HAVING r.findings <> "
    "count(*) FILTER (f.status IN ('new', 'continuing', 'reopened', 'dismissed'))":
        "run {}: it counted another number of findings than it holds",
    "SELECT run_no FROM finding GROUP BY run_no HAVING count(*) <> count(DISTINCT fingerprint)":
        "run {}: a finding is there twice",
    "SELECT DISTINCT f.run_no FROM finding f LEFT JOIN run r USING (run_no) WHERE r.run_no IS NULL":
        "run {}: findings of a run that is not there",
    "SELECT DISTINCT f.run_no FROM finding f LEFT JOIN detail d ON d.no = f.detail "
    "WHERE f.detail IS NOT NULL AND d.no IS NULL":
        "run {}: what a finding said is not there",
}  # fmt: skip


def verify(path: Path) -> tuple[list[str], list[str]]:
    """What is wrong, a line each (none: all is as it was kept), and what was and could not be compared."""
    wrong: list[str] = []
    told: list[str] = []
    with read(path) as con:
        for query, words in _WITHIN.items():
            wrong += [words.format(row[0]) for row in con.execute(query).fetchall()]
        wrong += broken(con)
        runs = con.sql(_RUN).pl().to_dicts()
        files = 0
        for run in runs:
            if run["folder"] is None:
                told.append(f"run {run['run_no']} of {run['month']}: kept before folders were, not compared")
                continue
            if run["purged_at"] is not None:
                told.append(f"run {run['run_no']} of {run['month']}: its data were removed by a purge, not compared")
                continue
            folder = folder_of(path, run)
            if folder is None:
                wrong.append(f"run {run['run_no']} of {run['month']}: its folder is gone")
                continue
            found = list(_folder(folder, run))
            wrong += [f"run {run['run_no']} of {run['month']}: {line}" for line in found]
            about = manifest_of(folder)
            files += len(about["files"]) if about else 0
            if not found:
                wrong += _findings(con, folder, run)
        told.append(f"access record ends with: {head(con)}")
    told += [f"no run of {month}" for month in missed([r["month"] for r in runs])]
    told.append(f"compared: {len(runs)} runs, {files} files")
    return wrong, told


def folder_of(ledger: Path, run: dict[str, Any]) -> Path | None:
    """Where a run's outputs are; None where they are not. `run`: run_no, month, standing, folder."""
    out = ledger.resolve().parent / run["folder"]
    name = f"{run['month']}-{run['run_no']:04d}"
    places = (out / run["month"], out / f".run-{name}") if run["standing"] else (out / RUNS / name,)
    return next((p for p in places if (p / MANIFEST).is_file()), None)


def _folder(folder: Path, run: dict[str, Any]) -> Iterator[str]:
    if vault.sha256(folder / MANIFEST) != run["manifest"]:
        yield f"{MANIFEST} is not the one that was recorded"
        return
    about = manifest_of(folder)
    assert about is not None
    named = {f["path"]: f for f in about["files"]}
    for name, file in named.items():
        path = folder / name
        if not vault.there(path):
            yield f"{name} is gone"
        elif (digest := _digest(path)) is None:
            yield f"{name} is not opened by the key in use, or is damaged"
        elif digest != file["sha256"]:
            yield f"{name} is not as it was written"
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if named.get(name.removesuffix(vault.SUFFIX), {}).get("sealed"):
            name = name.removesuffix(vault.SUFFIX)
        if path.is_file() and name not in named and name != MANIFEST:
            yield f"{name} was added later"
    if named["findings.parquet"]["sha256"] != run["findings_sha256"]:
        yield "findings.parquet is not the one that was recorded"


def _digest(path: Path) -> str | None:
    """SHA-256 of a file's clear bytes; None where it is sealed and does not open."""
    try:
        return vault.sha256(path)
    except BadInput:
        return None


def _findings(con: duckdb.DuckDBPyConnection, folder: Path, run: dict[str, Any]) -> list[str]:
    """Whether the ledger holds of a run what its findings.parquet says."""
    columns = ["fingerprint", "rule_id", "status", "first_month"]
    theirs = set(vault.read_parquet(folder / "findings.parquet", columns).iter_rows())
    query = f"SELECT {', '.join(columns)} FROM finding WHERE run_no = ? AND status <> 'not_examined'"
    query += " AND (status <> 'resolved' OR detail IS NOT NULL)"
    ours = set(con.execute(query, [run["run_no"]]).fetchall())
    if n := len(ours ^ theirs):
        return [f"run {run['run_no']} of {run['month']}: {n} findings differ between ledger and findings.parquet"]
    return []
