"""One small DuckDB database of the bureau: every month's findings by fingerprint, and what its data measured.

A month that is run again takes the place of its former entry. States: `new` (never seen in an earlier month),
`continuing` (in the latest month before this one), `reopened` (seen before, but not in the latest month).

The measures are counts (rows and how many of them are good, by dataset or scheme, town, column or document), so that a
later month can say what changed; nobody's name or number is among them.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from pipeline.engine.duck import DuckEngine
from pipeline.errors import BadInput
from pipeline.ledger.store import opened

_MEASURE = "kind, subject, town, item, rows, good"


class Ledger:
    """The ledger at `path`, made when absent. `record` is called once a run is whole."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if path.is_dir():
            raise BadInput("the ledger must be a file, this is a folder", file=path.name, remedy="give a file's path")

    def check(self) -> None:
        """Refuse, before any work, a ledger that could not be read or kept at the end of it."""
        if self.path.exists():
            with opened(self.path):
                pass
        elif not self.path.parent.is_dir():
            raise BadInput(
                "the ledger's folder does not exist",
                file=str(self.path.parent),
                remedy="make it, or give another --ledger",
            )

    def _read(self, sql: str, month: str) -> pl.DataFrame:
        if not self.path.exists():
            return pl.DataFrame()
        with opened(self.path) as con:
            frame: pl.DataFrame = con.sql(sql, params=[month]).pl()
            return frame

    def compare(self, engine: DuckEngine, month: str) -> None:
        """Make `findings` from `finding_rows`: with `status` and `first_month` from the months before `month`."""
        seen = self._read(
            "SELECT fingerprint, min(month) AS first_month, max(month) AS last_month, "
            "(SELECT max(month) FROM run WHERE month < $1) AS latest "
            "FROM finding WHERE month < $1 GROUP BY fingerprint",
            month,
        )
        schema = dict.fromkeys(("fingerprint", "first_month", "last_month", "latest"), pl.String)
        engine.drop("seen")
        engine.load("seen", seen if seen.width else pl.DataFrame(schema=schema))
        engine.run(
            "SELECT f.*, CASE WHEN s.fingerprint IS NULL THEN 'new' WHEN s.last_month = s.latest THEN 'continuing' "
            "ELSE 'reopened' END AS status, coalesce(s.first_month, $month) AS first_month "
            "FROM finding_rows f LEFT JOIN seen s ON s.fingerprint = f.fingerprint "
            "ORDER BY f.rule_id, f.scheme, f.household_no, f.record_id, f.fingerprint",
            {"month": month},
            into="findings",
        )

    def previous(self, month: str) -> pl.DataFrame | None:
        """Counts of the latest earlier month: month, rule_id, town, status, n. None when there is none."""
        found = self._read(
            "SELECT month, rule_id, town, status, count(*) AS n FROM finding "
            "WHERE month = (SELECT max(month) FROM run WHERE month < $1) GROUP BY ALL ORDER BY ALL",
            month,
        )
        return found if found.height else None

    def measures(self, month: str) -> pl.DataFrame | None:
        """What the latest earlier month measured: kind, subject, town, item, rows, good.

        None when there is no earlier month, or it was kept by a version that did not measure.
        """
        found = self._read(
            f"SELECT {_MEASURE} FROM measure WHERE month = (SELECT max(month) FROM run WHERE month < $1) ORDER BY ALL",
            month,
        )
        return found if found.height else None

    def record(
        self, engine: DuckEngine, month: str, version: str, policy: str, measures: pl.DataFrame | None = None
    ) -> None:
        """Keep this month's findings and measures, in place of what was kept of it before."""
        rows = engine.rows("SELECT fingerprint, rule_id, town, status FROM findings ORDER BY ALL")
        with opened(self.path) as con:
            con.execute("BEGIN")
            con.execute("DELETE FROM finding WHERE month = ?", [month])
            con.execute("DELETE FROM run WHERE month = ?", [month])
            con.execute("DELETE FROM measure WHERE month = ?", [month])
            con.execute("INSERT INTO run VALUES (?, ?, ?, ?)", [month, version, policy, rows.height])
            arrow = rows.to_arrow()
            con.register("rows", arrow)
            con.execute("INSERT INTO finding SELECT ?, fingerprint, rule_id, town, status FROM rows", [month])
            if measures is not None and measures.height:
                con.register("measured", measures.to_arrow())
                con.execute(f"INSERT INTO measure SELECT ?, {_MEASURE} FROM measured", [month])
            con.execute("COMMIT")
