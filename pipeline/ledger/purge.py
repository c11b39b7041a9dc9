"""Old months' data removed: what departments sent about people goes, what was counted and decided stays.

Of a month before the given one go the files of its runs but for `run.json`, `not_run.csv` and the manifest, and in the
ledger who was on a roster, which pairs were asked, and what findings said that no later month says too; and the copies
of the whole ledger that migrations left, which hold all of that. The findings themselves stay, as fingerprints with
rule, town and state; so do rulings, visits, notices and the access record.
"""

from __future__ import annotations

import glob
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipeline import vault
from pipeline.errors import BadInput
from pipeline.ledger.access import note
from pipeline.ledger.folders import MANIFEST
from pipeline.ledger.lock import locked
from pipeline.ledger.store import FORM, opened, rewrite
from pipeline.ledger.verify import folder_of

_KEPT = (MANIFEST, "run.json", "not_run.csv")
_RUNS = "SELECT run_no, month, standing, folder FROM run WHERE month < ? AND folder IS NOT NULL ORDER BY run_no"
_OLD = "(SELECT run_no FROM run WHERE month < $before)"
# What old runs alone refer to. Hashes stay: they hold nothing, and tell whether evidence is what it was.
_THEIRS = f"""
no IN (SELECT detail FROM finding WHERE run_no IN {_OLD})
AND no NOT IN (SELECT detail FROM finding WHERE detail IS NOT NULL AND run_no NOT IN {_OLD}) AND summary IS NOT NULL
"""
_EMPTY = f"""
UPDATE detail SET village = NULL, household_no = NULL, name = NULL, id_number = NULL, evidence = NULL, summary = NULL,
    records = '[]'
WHERE {_THEIRS}
"""
_COUNT = f"""
SELECT (SELECT count(*) FROM roster_row WHERE run_no IN {_OLD})
     + (SELECT count(*) FROM link_asked WHERE run_no IN {_OLD}) + (SELECT count(*) FROM detail WHERE {_THEIRS})
"""


@dataclass(frozen=True)
class Purged:
    """What a purge removed: runs, files and their bytes, and rows of the ledger."""

    runs: int
    files: int
    bytes: int
    rows: int


def purge(ledger: Path, out: Path, before: str, *, keep_from: str, dry: bool = False) -> Purged:
    """Remove the data of the months before `before` (YYYY-MM); `dry`: only say what would be.

    `keep_from`: the first month that the policy still keeps; BadInput where `before` is later. Stopped in between, it
    is done again by the next purge.
    """
    if before > keep_from:
        raise BadInput(
            f"the policy keeps {keep_from} and later (limits.kept_months)",
            remedy=f"give --before {keep_from} or earlier",
        )
    if not vault.there(ledger):
        raise BadInput("there is no such ledger", file=ledger.name, remedy="give the ledger's file (OUT/ledger.duckdb)")
    with locked(out, ledger):
        with opened(ledger) as con:
            runs = con.sql(_RUNS, params=[before]).pl().to_dicts()
            gone = [path for run in runs for path in _data_of(ledger, run)]
            gone += sorted(ledger.parent.glob(f"{glob.escape(ledger.name)}{FORM}*")) if runs else []
            size = sum(path.stat().st_size for path in gone)
            rows = int(con.execute(_COUNT, {"before": before}).fetchall()[0][0])
            if not dry and (gone or rows):
                _forget(con, before, runs=len(runs), files=len(gone), bytes=size, rows=rows)
        if not dry and (gone or rows):
            rewrite(ledger)  # what is deleted stays readable in the file's free blocks
            for path in gone:
                path.unlink()
            for folder in {f for run in runs if (f := folder_of(ledger, run))}:
                for empty in sorted((p for p in folder.rglob("*") if p.is_dir()), reverse=True):
                    shutil.rmtree(empty)
    return Purged(len(runs), len(gone), size, rows)


def _data_of(ledger: Path, run: dict[str, Any]) -> Iterator[Path]:
    folder = folder_of(ledger, run)
    if folder is None:
        return
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.relative_to(folder).as_posix() not in _KEPT:
            yield path


def _forget(con: duckdb.DuckDBPyConnection, before: str, **told: int) -> None:
    con.execute("BEGIN")
    con.execute(f"DELETE FROM roster_row WHERE run_no IN {_OLD}", {"before": before})
    con.execute(f"DELETE FROM link_asked WHERE run_no IN {_OLD}", {"before": before})
    con.execute(_EMPTY, {"before": before})
    con.execute("UPDATE run SET purged_at = now() AT TIME ZONE 'UTC' WHERE month < ? AND purged_at IS NULL", [before])
    note(con, "purge", before=before, **told)
    con.execute("COMMIT")
