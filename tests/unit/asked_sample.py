"""A case in a text grid as a publication: linked, with these findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
from support.grid import load_tables, read_grid

from pipeline.engine.duck import DuckEngine
from pipeline.findings.rows import FINDING_SCHEMA
from pipeline.identity import make_comparable
from pipeline.ledger.compared import STATE_SCHEMA
from pipeline.linkage import link
from pipeline.publish.publication import Publication
from tests.unit.publish_sample import sample


def published(engine: DuckEngine, tmp_path: Path, case: str, findings: Sequence[dict[str, Any]] = ()) -> Publication:
    """A finished audit of the case so far as the towns' workbooks and the replies to them need one."""
    grid = tmp_path / "case.spec"
    grid.write_text(case, encoding="utf-8")
    tables = read_grid(grid)[0].tables
    load_tables(engine, tables)
    make_comparable(engine, set(tables))
    link(engine, set(tables))
    for table in ("findings", "not_run"):
        engine.drop(table)
    engine.load("findings", pl.DataFrame(list(findings), schema=FINDING_SCHEMA | STATE_SCHEMA))
    engine.load("not_run", pl.DataFrame(schema=dict.fromkeys(("id", "title", "category", "kind", "reason"), pl.String)))
    return replace(sample(0), engine=engine)
