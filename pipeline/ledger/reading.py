"""A ledger opened to be read: it must be there, and nothing about it changes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipeline import vault
from pipeline.errors import BadInput
from pipeline.ledger.store import opened


@contextmanager
def read(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection. BadInput when there is no ledger at `path`."""
    if not vault.there(path):
        raise BadInput("there is no such ledger", file=path.name, remedy="give the ledger's file (OUT/ledger.duckdb)")
    with opened(path, read_only=True, wait=10) as con:
        yield con
