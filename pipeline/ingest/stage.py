"""The ingest stage: claim every file, check every heading, lay every row down in scratch, then load the tables.

Nothing reaches the engine before all files have been read, so bad input leaves no table half filled.
Worker processes help with the workbooks.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from pipeline import vault
from pipeline.contract import DATASETS
from pipeline.ingest import stored
from pipeline.ingest.cache import keep_only, recall
from pipeline.ingest.claims import check_same_files, claim, fingerprint
from pipeline.ingest.model import IngestReport, InputAccount, Piece, Source
from pipeline.ingest.pieces import lay_down, probe
from pipeline.ingest.scratch import Scratch
from pipeline.ingest.settle import REJECTS_SCHEMA
from pipeline.ingest.workers import Workers
from pipeline.settings import load_drop_settings

if TYPE_CHECKING:
    from pipeline.cache import Cache
    from pipeline.engine.duck import DuckEngine
    from pipeline.engine.spark import SparkEngine

LOAD_ROWS = 100_000  # of one load
_THREADS = 2

Progress = Callable[[str, int, int], None]


def ingest(
    drop: Path,
    engine: DuckEngine,
    *,
    scratch: Path,
    progress: Progress | None = None,
    cache: Cache | None = None,
    second: SparkEngine | None = None,
    rosters_only: bool = False,
) -> IngestReport:
    """Read a drop into the engine: every dataset's typed table, empty where the drop has none of it, and `rejects`.

    `scratch`: an existing folder for intermediate files, which are gone afterwards. `progress(file, done, total)` is
    called as files are read. `cache`: what was read before, for files that have not changed since; it keeps what is
    read now. `second`: gets the rows of Parquet on Hadoop's file systems instead of `engine`; `rosters_only`: such
    paths are passed over, as if the drop did not name them. BadInput when a file cannot be used; AuditError when an
    account does not add up.
    """
    sources, told = claim(drop, load_drop_settings(drop))
    apart = [source for source in sources if source.kind == "stored"]
    sources = [source for source in sources if source.kind != "stored"]
    opened = [] if rosters_only else [stored.probe(source, second) for source in apart]
    stored.check_apart(opened)
    known = _recalled(sources, cache)
    sums = {n: fingerprint(source) for n, source in enumerate(sources) if n not in known}
    folder = Path(tempfile.mkdtemp(prefix="ingest-", dir=scratch))  # readable by its owner only
    laid = Scratch(folder)
    try:
        pieces = _lay_all(sources, sums, known, laid, progress, len(opened))
        check_same_files(drop, sources)
        for number, one in enumerate(opened, len(sources)):
            assert second is not None
            pieces += stored.read(one, second, laid, number)
            if progress is not None:
                progress(one.source.name, number + 1, len(sources) + len(opened))
        pieces.sort(key=lambda piece: piece.source.name)
        accounts = [_account(piece) for piece in pieces]
        if cache is not None:
            keep_only(cache, pieces, laid)
        _load(pieces, engine, laid)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return IngestReport(
        inputs=accounts,
        told=[*told, *(sentence for piece in pieces for sentence in piece.told)],
        present={source.dataset_id for source in (*sources, *(one.source for one in opened))},
    )


def _recalled(sources: list[Source], cache: Cache | None) -> dict[int, list[Piece]]:
    """Number of a source → its pieces, of those that the cache has."""
    if cache is None:
        return {}
    with ThreadPoolExecutor(_THREADS) as threads:  # hashing holds no lock
        found = threads.map(lambda source: recall(cache, source), sources)
        return {n: pieces for n, pieces in enumerate(found) if pieces}


def _lay_all(
    sources: list[Source],
    sums: dict[int, str | None],
    known: dict[int, list[Piece]],
    laid: Scratch,
    progress: Progress | None,
    more: int,
) -> list[Piece]:
    """Every source's pieces, in the order of the sources, whoever reads them; `known` are not read.

    No row is read before every heading was looked at. `more`: how many sources are read after these.
    """
    done: dict[int, list[Piece]] = {}

    def finished(number: int, pieces: list[Piece]) -> None:
        done[number] = pieces
        if progress is not None:
            progress(sources[number].name, len(done), len(sources) + more)

    for number, pieces in known.items():
        finished(number, pieces)
    left = {n: source for n, source in enumerate(sources) if n not in known}
    with Workers(left, sums, laid) as workers:
        plans = {number: probe(source) for number, source in left.items()}
        workers.begin()
        for number, source in left.items():
            if source.kind != "excel":
                finished(number, lay_down(source, plans[number], laid, number, sums[number]))
        for number in workers.left():
            finished(number, lay_down(sources[number], None, laid, number, sums[number]))
        for number, pieces in workers.results():
            finished(number, pieces)
    return [piece for number in range(len(sources)) for piece in done[number]]


def _account(piece: Piece) -> InputAccount:
    return InputAccount(
        path=piece.source.name,
        sheet=piece.sheet,
        dataset=piece.source.dataset_id,
        sha256=piece.sha256,
        rows_read=piece.counts.read,
        rows_kept=piece.counts.kept,
        rows_rejected=piece.counts.rejected,
        rows_skipped=piece.counts.skipped,
    )


def _load(pieces: list[Piece], engine: DuckEngine, laid: Scratch) -> None:
    """Fill the tables; the files laid down go as they are loaded, those that the cache keeps stay."""
    for dataset in DATASETS.values():
        engine.create(dataset.id, dataset.table_schema())
    engine.create("rejects", REJECTS_SCHEMA)
    paths = {d: [path for p in pieces if p.source.dataset_id == d for path in p.kept] for d in DATASETS}
    paths["rejects"] = [path for piece in pieces for path in piece.rejects]
    with ThreadPoolExecutor(_THREADS) as threads:  # a table is filled by one thread alone, so that its rows keep order
        list(threads.map(lambda table: _load_batches(table, paths[table], engine, laid), paths))


def _load_batches(table: str, paths: list[Path], engine: DuckEngine, laid: Scratch) -> None:
    """Append Arrow files to a table, many small ones at a time: each load costs a commit."""
    other = engine.beside()
    batch: list[pl.DataFrame] = []
    for path in paths:
        ours = path.parent == laid.folder
        batch.append(laid.read(path) if ours else vault.read_ipc(path))
        if ours:
            path.unlink()
        if sum(frame.height for frame in batch) >= LOAD_ROWS or path == paths[-1]:
            other.load(table, pl.concat(batch, how="diagonal"))
            batch = []
    other.close()
