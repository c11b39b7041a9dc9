"""The ledger as files that any program reads: a Parquet file a table, and a copy of the ledger itself."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from pipeline import vault
from pipeline.engine.quoting import identifier, literal
from pipeline.errors import BadInput
from pipeline.ledger.access import note
from pipeline.ledger.reading import read
from pipeline.ledger.store import opened
from pipeline.private import private


def export(path: Path, out: Path) -> list[Path]:
    """Write every table and a copy of the ledger into the new folder `out`. BadInput where it is there already."""
    if out.exists():
        raise BadInput("the output is there already", file=out.name, remedy="name a folder that is not there yet")
    if not out.parent.is_dir():
        raise BadInput("the folder above the output does not exist", file=out.parent.name, remedy="make it")
    with private():
        beside = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
        try:
            with read(path) as con:
                tables = [r[0] for r in con.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall()]
                for table in tables:
                    target = literal(beside / f"{table}.parquet")
                    con.execute(f"COPY (FROM {identifier(table)} ORDER BY ALL) TO {target} (FORMAT parquet)").fetchall()
                shutil.copyfile(vault.on_disk(path), beside / vault.on_disk(path).name)
            with opened(path, wait=10) as con:
                note(con, "export", folder=out.name, tables=len(tables))
            beside.rename(out)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise
    return sorted(out.iterdir())
