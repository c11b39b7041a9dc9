"""The bureau's ledger: every run, every finding's life, and what people ruled.

`compare` gives this month's findings their state, beside the latest month before; `record` keeps the run, whole or not
at all. A month that is run again stands on the new run from then on; the superseded one stays readable.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipeline import vault
from pipeline.engine.duck import DuckEngine
from pipeline.errors import BadInput
from pipeline.ledger.compared import Comparison, compared
from pipeline.ledger.facts import Facts
from pipeline.ledger.keep import Kept, keep
from pipeline.ledger.links import ruled_pairs
from pipeline.ledger.past import read_past
from pipeline.ledger.store import opened
from pipeline.linkage.ruled import RuledPair
from pipeline.months import last_day

_MEASURE = "kind, subject, town, item, rows, good"
_BEFORE = "(SELECT max(month) FROM run WHERE standing AND month < $1)"


@dataclass(frozen=True)
class Ledger:
    """The ledger at `path`, made when a run is first kept."""

    path: Path

    def __post_init__(self) -> None:
        if self.path.is_dir():
            raise BadInput(
                "the ledger must be a file, this is a folder", file=self.path.name, remedy="give a file's path"
            )

    def check(self) -> None:
        """Refuse, before any work, a ledger that could not be read or kept at the end of it."""
        if vault.there(self.path):
            with opened(self.path):
                pass
        elif not self.path.parent.is_dir():
            raise BadInput(
                "the ledger's folder does not exist",
                file=str(self.path.parent),
                remedy="make it, or give another --ledger",
            )

    def _read(self, sql: str, month: str) -> pl.DataFrame:
        if not vault.there(self.path):
            return pl.DataFrame()
        with opened(self.path) as con:
            frame: pl.DataFrame = con.sql(sql, params=[month]).pl()
            return frame

    def compare(self, engine: DuckEngine, month: str, facts: Facts | None = None) -> Comparison:
        """Make `findings` and `unexamined` of the engine's `finding_rows`: see `compared`.

        Without `facts` every rule counts as examined, and no cause is told but what the rulings say.
        """
        found = engine.rows("SELECT fingerprint FROM finding_rows")
        return compared(engine, month, facts, read_past(self.path, month, found))

    def record(
        self,
        comparison: Comparison,
        version: str,
        policy: str,
        measures: pl.DataFrame | None = None,
        kept: Kept | None = None,
    ) -> int:
        """Keep a run: its findings, measures, and where its outputs are. Its number."""
        with opened(self.path, wait=30) as con:
            return keep(con, comparison, version, policy, measures, kept or Kept())

    def previous(self, month: str) -> pl.DataFrame | None:
        """Counts of the latest earlier month: month, rule_id, town, status, n. None when there is none."""
        found = self._read(
            "SELECT f.month, f.rule_id, f.town, f.status, count(*) AS n FROM finding f JOIN run r USING (run_no) "
            f"WHERE r.standing AND r.month = {_BEFORE} GROUP BY ALL ORDER BY ALL",
            month,
        )
        return found if found.height else None

    def measures(self, month: str) -> pl.DataFrame | None:
        """What the latest earlier month measured: kind, subject, town, item, rows, good.

        None when there is no earlier month, or it was kept by a version that did not measure.
        """
        found = self._read(
            f"SELECT {_MEASURE} FROM measure JOIN run USING (run_no) "
            f"WHERE run.standing AND run.month = {_BEFORE} ORDER BY ALL",
            month,
        )
        return found if found.height else None

    def ruled_pairs(self, month: str) -> list[RuledPair]:
        """What people ruled about pairs of records, for a run of `month`."""
        return ruled_pairs(self.path, last_day(month))

    def visited(self) -> dict[str, datetime.date]:
        """Unit of a draw → the day of its last visit."""
        if not vault.there(self.path):
            return {}
        with opened(self.path) as con:
            query = "SELECT unit, max(visited_on) FROM visit WHERE visited_on IS NOT NULL GROUP BY unit"
            return dict(con.execute(query).fetchall())

    def months(self) -> list[str]:
        """The months that have a run."""
        if not vault.there(self.path):
            return []
        with opened(self.path) as con:
            return [r[0] for r in con.execute("SELECT month FROM run WHERE standing ORDER BY month").fetchall()]

    def next_run(self) -> int:
        """The number that the next run will bear."""
        if not vault.there(self.path):
            return 1
        with opened(self.path) as con:
            return int(con.execute("SELECT coalesce(max(run_no), 0) + 1 FROM run").fetchall()[0][0])
