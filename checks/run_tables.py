"""The tables that the suite over the run examines: its files, its columns, its links. Counts only, nobody's values.

- `check_run_files`, a row a file (and sheet): dataset, rows_read, rows_kept, rows_rejected, rows_skipped, `accounted`
  (their sum), `loaded` (rows of the typed table), `rejected_share`, `judged` (1 where enough rows were rejected).
- `check_run_columns`, a row a column of a dataset present, and of each of its files where several feed it (`file`,
  else null): `rows`, `blank`, `unread` (blank because the cell could not be read), `share`; `limited` = the dataset
  where the column is a key one with blanks enough to judge; `share_before`, `share_most` (that of the month before and
  the most it may be now), `compared` = 1 where both can be compared. The row of column `record_id` counts the
  dataset's rows: `rows_before`, `rows_least`.
- `check_run_links`, a row a dataset and town (and the whole county): `rows` of the rosters, `linked` among them,
  `rate`, `rate_before`, `rate_least`, `compared`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.contract import DATASETS, ROSTERS, TOWNS, Column, column_zh
from pipeline.engine.duck import DuckEngine
from pipeline.engine.quoting import identifier as name
from pipeline.engine.quoting import literal
from pipeline.ingest.model import InputAccount
from pipeline.linkage.records import typed_table
from pipeline.record_words import COUNTY_WIDE, UNKNOWN_TOWN

FILES, COLUMNS, LINKS = "check_run_files", "check_run_columns", "check_run_links"

# What a month leaves in the ledger: kind (column | link | data | archive), subject (dataset or roster), town ('' = the
# whole county), item (column, field or document), rows and how many of them are good (filled, linked, complete).
MEASURES: dict[str, Any] = {
    "kind": pl.String,
    "subject": pl.String,
    "town": pl.String,
    "item": pl.String,
    "rows": pl.Int64,
    "good": pl.Int64,
}

Before = Mapping[tuple[str, str, str, str], tuple[int, int]]  # (kind, subject, town, item) → (rows, good)


@cache
def spec() -> dict[str, Any]:
    """`run_checks.toml`: the rules' titles and the key columns."""
    return tomllib.loads((Path(__file__).parent / "run_checks.toml").read_text(encoding="utf-8"))


def key_columns(dataset_id: str) -> list[str]:
    """The columns that must not be blank in many rows: those the contract requires, and those of the data file."""
    shape = DATASETS[dataset_id]
    return list(dict.fromkeys([*shape.required, *spec()["columns"].get(dataset_id, ())]))


def before_of(measures: pl.DataFrame) -> Before:
    """The measures of the month before by what they measure."""
    return {(kind, subject, town, item): (rows, good) for kind, subject, town, item, rows, good in measures.iter_rows()}


def prepare_files(engine: DuckEngine, inputs: Sequence[InputAccount], limits: Mapping[str, float]) -> None:
    """Build `check_run_files`."""
    loaded: dict[tuple[str, str, str], int] = {}
    for dataset_id in dict.fromkeys(i.dataset for i in inputs):
        query = f"SELECT file, sheet, count(*) FROM {name(typed_table(engine, dataset_id))} GROUP BY ALL"
        loaded |= {(dataset_id, file, sheet): n for file, sheet, n in engine.rows(query).iter_rows()}
    rows = [
        {
            "file": i.path,
            "sheet": i.sheet,
            "dataset": i.dataset,
            "rows_read": i.rows_read,
            "rows_kept": i.rows_kept,
            "rows_rejected": i.rows_rejected,
            "rows_skipped": i.rows_skipped,
            "accounted": i.rows_kept + i.rows_rejected + i.rows_skipped,
            "loaded": loaded.get((i.dataset, i.path, i.sheet), 0),
            "rejected_share": i.rows_rejected / max(i.rows_kept + i.rows_rejected, 1),
            "judged": int(i.rows_rejected >= limits["least_rows"]),
        }
        for i in inputs
    ]
    counts = ("rows_read", "rows_kept", "rows_rejected", "rows_skipped", "accounted", "loaded", "judged")
    schema = {"file": pl.String, "sheet": pl.String, "dataset": pl.String} | dict.fromkeys(counts, pl.Int64)
    _put(engine, FILES, rows, schema | {"rejected_share": pl.Float64})


def prepare_columns(engine: DuckEngine, present: Sequence[str], limits: Mapping[str, float], before: Before) -> None:
    """Build `check_run_columns`."""
    unread: dict[tuple[str, str, str], int] = {}
    if engine.exists("rejects"):
        cells = 'SELECT file, sheet, "column", count(*) FROM rejects WHERE "column" <> \'\' GROUP BY ALL'
        unread = {(file, sheet, column): n for file, sheet, column, n in engine.rows(cells).iter_rows()}
    rows = [row for dataset_id in present for row in _column_rows(engine, dataset_id, limits, before, unread)]
    texts = ("dataset", "file", "sheet", "column", "zh", "limited")
    counts = ("rows", "blank", "unread", "rows_before", "compared")
    shares = ("share", "share_before", "share_most", "rows_least")
    schema = dict.fromkeys(texts, pl.String) | dict.fromkeys(counts, pl.Int64) | dict.fromkeys(shares, pl.Float64)
    _put(engine, COLUMNS, rows, schema)


def _column_rows(
    engine: DuckEngine,
    dataset_id: str,
    limits: Mapping[str, float],
    before: Before,
    unread: Mapping[tuple[str, str, str], int],
) -> Iterator[dict[str, Any]]:
    columns, keys = DATASETS[dataset_id].columns, set(key_columns(dataset_id))
    filled = ", ".join(f"count({_said(c)}) AS {name(c.id)}" for c in columns)
    counted = engine.rows(
        f"SELECT file, sheet, count(*) AS rows_, grouping(file) AS whole_, {filled} "
        f"FROM {name(typed_table(engine, dataset_id))} GROUP BY GROUPING SETS ((), (file, sheet)) ORDER BY ALL"
    )
    places = list(counted.iter_rows(named=True))
    files = [(p["file"], p["sheet"]) for p in places if not p["whole_"]]
    if len(places) == 2:
        places = [p for p in places if p["whole_"]]  # one file is its dataset
    for place in places:
        rows = place["rows_"]
        base = {"dataset": dataset_id, "file": place["file"], "sheet": place["sheet"], "rows": rows}
        if place["whole_"]:
            known = before.get(("column", dataset_id, "", "record_id"))
            yield base | {"column": "record_id", "zh": "行数", "blank": 0, "share": 0.0} | _fewer(rows, known, limits)
        for column in columns:
            blank = rows - place[column.id]
            share = blank / rows if rows else 0.0
            limited = column.id in keys and blank >= limits["least_rows"]
            row = base | {"column": column.id, "zh": column_zh(dataset_id, column.id), "blank": blank, "share": share}
            where = files if place["whole_"] else [(place["file"], place["sheet"])]
            row["unread"] = min(sum(unread.get((*f, column.id), 0) for f in where), blank)
            row["limited"] = dataset_id if limited else None
            known = before.get(("column", dataset_id, "", column.id))
            if known and known[0]:
                was = 1 - known[1] / known[0]
                row |= {"share_before": was, "share_most": was + limits["blank_rise"]}
                told = limited and share > limits["blank"]  # once is enough
                many = blank - was * rows >= limits["compared_rows"]
                row["compared"] = 1 if many and not told else None
            yield row


def _said(column: Column) -> str:
    """The cell, null where it holds nothing but blanks."""
    return f"nullif(trim({name(column.id)}), '')" if column.sql_type == "VARCHAR" else name(column.id)


def _fewer(rows: int, known: tuple[int, int] | None, limits: Mapping[str, float]) -> dict[str, Any]:
    """What the dataset's row says of its rows against the month before."""
    if known is None:
        return {}
    judged = known[0] - rows >= limits["compared_rows"]
    return {"rows_before": known[0], "rows_least": (1 - limits["rows_fall"]) * known[0] if judged else None}


def prepare_links(engine: DuckEngine, present: Sequence[str], limits: Mapping[str, float], before: Before) -> None:
    """Build `check_run_links`."""
    others = [d for d in present if d not in ROSTERS and "name" in DATASETS[d].by_id]
    towns = ", ".join(literal(t) for t in TOWNS)
    town = f"CASE WHEN town IN ({towns}) THEN town ELSE {literal(UNKNOWN_TOWN)} END"
    people = " UNION ALL ".join(
        f"SELECT record_id, {town} AS town FROM {name(typed_table(engine, r))}" for r in ROSTERS
    )
    listed = ", ".join(literal(d) for d in others) or "NULL"
    linked = f"SELECT DISTINCT dataset, roster_record_id FROM links WHERE decision = 'link' AND dataset IN ({listed})"
    asked = dict(engine.rows(f"SELECT town, count(*) FROM ({people}) GROUP BY 1 ORDER BY 1").iter_rows())
    query = (
        f"SELECT l.dataset, p.town, count(*) FROM ({linked}) l JOIN ({people}) p ON p.record_id = l.roster_record_id"
    )
    found = {(d, t): n for d, t, n in engine.rows(f"{query} GROUP BY ALL").iter_rows()}
    rows = []
    for d in others:
        whole = sum(found.get((d, t), 0) for t in asked)
        by_town = [(t, found.get((d, t), 0), asked[t]) for t in asked]
        for place, n, of in [(COUNTY_WIDE, whole, sum(asked.values())), *by_town]:
            row: dict[str, Any] = {"dataset": d, "town": place, "rows": of, "linked": n, "rate": n / of if of else 0.0}
            known = before.get(("link", d, "" if place == COUNTY_WIDE else place, ""))
            if known and known[0]:
                was = known[1] / known[0]
                row |= {"rate_before": was, "rate_least": (1 - limits["link_fall"]) * was}
                row["compared"] = 1 if was * of - n >= limits["compared_rows"] else None
            rows.append(row)
    schema = dict.fromkeys(("dataset", "town"), pl.String) | dict.fromkeys(("rows", "linked", "compared"), pl.Int64)
    _put(engine, LINKS, rows, schema | dict.fromkeys(("rate", "rate_before", "rate_least"), pl.Float64))


def measures(engine: DuckEngine) -> pl.DataFrame:
    """What this month's columns and links leave for the next (`MEASURES`)."""
    return pl.concat(
        [
            engine.rows(
                "SELECT 'column' AS kind, dataset AS subject, '' AS town, \"column\" AS item, rows, "
                f"rows - blank AS good FROM {COLUMNS} WHERE file IS NULL ORDER BY ALL"
            ),
            engine.rows(
                f"SELECT 'link' AS kind, dataset AS subject, CASE WHEN town = {literal(COUNTY_WIDE)} THEN '' ELSE town "
                f"END AS town, '' AS item, rows, linked AS good FROM {LINKS} ORDER BY ALL"
            ),
        ]
    ).cast(pl.Schema(MEASURES))


def _put(engine: DuckEngine, table: str, rows: list[dict[str, Any]], schema: Mapping[str, Any]) -> None:
    engine.drop(table)
    engine.load(table, pl.DataFrame(rows, schema=dict(schema)))
