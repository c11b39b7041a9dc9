"""What a table of a column store unpacks to, asked before it is read: kilobytes may state a billion rows, or one long
text a hundred thousand times.

DuckDB answers, which looks at a repeated text once and never lays it out.
"""

from __future__ import annotations

import glob
from collections.abc import Sequence
from pathlib import Path

import duckdb

from pipeline.engine.quoting import identifier, literal
from pipeline.errors import BadInput
from pipeline.ingest.model import Source
from pipeline.ingest.safety import MAX_RATIO, MAX_TEXT, RATIO_FLOOR

# A row that names somebody or a household takes more, however well it is packed; DuckDB packs less than Parquet.
ROWS_A_BYTE_PARQUET, ROWS_A_BYTE_DUCKDB = 4, 1
FEW_ROWS = 1_000_000  # below this many nothing is asked
_BATCH_BYTES = 256 << 20  # of a batch's texts, at the most
BATCH_ROWS = 100_000
# Nothing is fetched or loaded, no file but the one named is opened, and no variable of this program is a table.
LOCKED = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
}


def check_rows(source: Source, rows: int, a_byte: int) -> None:
    """BadInput for more rows than so small a file can hold."""
    if rows > FEW_ROWS and rows > source.path.stat().st_size * a_byte:
        raise BadInput(
            f"it states {rows} rows in {source.path.stat().st_size} bytes, which cannot be right",
            file=source.name,
            remedy="it may be made to do harm: ask for it again",
        )


def batch_rows(con: duckdb.DuckDBPyConnection, relation: str, texts: Sequence[str], source: Source) -> int:
    """How many rows of `relation` may be read at a time. BadInput for texts that are more than can be right."""
    if not texts:
        return BATCH_ROWS
    each = ", ".join(
        f"max(strlen({t})), sum(strlen({t}))" for t in (f"CAST({identifier(c)} AS VARCHAR)" for c in texts)
    )
    found = [int(n or 0) for n in con.execute(f"SELECT {each} FROM {relation}").fetchall()[0]]
    longest, total = max(found[::2]), sum(found[1::2])
    if longest > MAX_TEXT or (total > RATIO_FLOOR and total > MAX_RATIO * source.path.stat().st_size):
        raise BadInput(
            f"it unpacks to more than can be right (a cell of over {MAX_TEXT >> 20} MiB, or over {MAX_RATIO} times the "
            "file's size)",
            file=source.name,
            remedy="it may be made to do harm: ask for it again, or split it",
        )
    return max(min(BATCH_ROWS, _BATCH_BYTES // max(longest * len(texts), 1)), 1)


def batch_rows_of_parquet(path: Path, texts: Sequence[str], source: Source) -> int:
    """The same of a Parquet file."""
    with duckdb.connect(":memory:", config={**LOCKED, "memory_limit": "1GiB", "temp_directory": ""}) as con:
        return batch_rows(con, f"read_parquet({literal(glob.escape(str(path)))})", texts, source)
