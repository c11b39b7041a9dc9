"""Linking two tables, or the duplicates of one, step by step: read, prepare, pair, train, decide, write."""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.engine.duck import DuckEngine
from pipeline.engine.statements import macro_statements
from pipeline.errors import BadInput
from pipeline.linkage.model import Model, read
from pipeline.linkage.tables import checks, report, write
from pipeline.linkage.tables.blocks import BlockReport, make_pairs, prepare_blocks
from pipeline.linkage.tables.clusters import clusters
from pipeline.linkage.tables.decide import Decided, decide
from pipeline.linkage.tables.levels import Levels
from pipeline.linkage.tables.load import load_records
from pipeline.linkage.tables.read import read_table
from pipeline.linkage.tables.read_spec import read_spec
from pipeline.linkage.tables.spec import LinkSpec
from pipeline.linkage.tables.train import train

Progress = Callable[[str, int, int], None]
_STEPS = 7


@dataclass(frozen=True)
class Outcome:
    """What came of it: counts, the files written, and how long it took. `not_examined`: one sentence each."""

    links: int
    reviews: int
    compared: int
    clusters: int | None
    files: tuple[Path, ...]
    not_examined: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class Linked:
    """Everything known when the pairs are decided. `ids`: the records' ids by number, a side each."""

    spec: LinkSpec
    levels: Levels
    decided: Decided
    trained: bool
    ids: list[pl.Series]
    blocks: list[BlockReport]

    @property
    def two(self) -> bool:
        return len(self.ids) == 2

    @property
    def rows(self) -> tuple[int, int]:
        return len(self.ids[0]), len(self.ids[-1])


def link_tables(
    left: Path,
    right: Path | None,
    spec_file: Path,
    out: Path,
    *,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Link `left` with `right` (None: find the duplicates within `left`) as `spec_file` says, into `out`.

    Writes OUT and, beside it, OUT's stem + `.report.json`, when deduplicating `.clusters` + suffix, and when a model
    was trained `.model.json`; all of them or none. `threads`: of the engine (default: all there are). Raises BadInput
    for anything wrong with files or specification.
    """
    begun = time.monotonic()
    steps = _Steps(progress)
    spec = read_spec(spec_file)
    checks.check_text(spec)
    files = [left] if right is None else [left, right]
    write.check_out(out, [*files, spec_file])
    if right is None and spec.decide.one_to_one:
        raise BadInput("'one_to_one' has no meaning within one table", file=spec.file, remedy="take it out of [decide]")
    levels = Levels(spec)
    saved = None if spec.model.file is None else read(spec_file.parent / spec.model.file, levels.labels)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".audit-link-") as folder, checks.told(spec):
        engine = DuckEngine(scratch=Path(folder) / "spill", threads=threads)
        try:
            linked = _link(engine, spec, levels, saved, files, steps)
            steps("writing")
            data = _report(engine, linked, files)
            paths = _write(linked, data, out, Path(folder))
        finally:
            engine.close()
    return Outcome(
        links=data["result"]["links"],
        reviews=data["result"]["reviews"],
        compared=data["pairs_compared"],
        clusters=data.get("clusters", {}).get("of_several"),
        files=paths,
        not_examined=tuple(data["not_examined"]),
        seconds=time.monotonic() - begun,
    )


class _Steps:
    """Progress, one call a step."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress, self._done = progress, 0

    def __call__(self, what: str) -> None:
        if self._progress:
            self._progress(what, self._done, _STEPS)
        self._done += 1


def _link(
    engine: DuckEngine, spec: LinkSpec, levels: Levels, saved: Model | None, files: list[Path], steps: _Steps
) -> Linked:
    two = len(files) == 2
    steps("reading")
    tables = [read_table(f, how) for f, how in zip(files, (spec.left, spec.right), strict=False)]
    steps("preparing")
    for statement in macro_statements(engine.name):
        engine.run(statement)
    ids = load_records(engine, spec, tables, [f.name for f in files])
    del tables
    checks.check_keys(engine, spec, two=two)
    rows = len(ids[0]), len(ids[-1])
    if min(rows) < (1 if two else 2):
        raise BadInput("there are no records to compare", file=files[0].name, remedy="check the file")
    steps("grouping")
    blocks = prepare_blocks(engine, spec.blocks, two=two)
    steps("comparing")
    make_pairs(engine, len(spec.blocks), levels, two=two)
    engine.run("SELECT mask, code, count(*) AS n FROM pair GROUP BY mask, code", into="pattern")
    steps("training")
    model = saved or train(engine, spec, levels, rows, two=two)
    steps("deciding")
    decided = decide(engine, spec, levels, model, rows, two=two, trained=saved is None)
    return Linked(spec, levels, decided, saved is None, ids, blocks)


def _report(engine: DuckEngine, linked: Linked, files: list[Path]) -> dict[str, Any]:
    model, n = linked.decided.model, len(linked.blocks)
    alone = report.blockless(engine, n, two=linked.two)
    data: dict[str, Any] = {
        "spec": {"file": linked.spec.file, "sha256": linked.spec.sha256},
        "left": _file(files[0]),
        "blocks": report.block_rows(engine, linked.blocks, linked.decided.pairs),
        "reach_estimated": report.reach(linked.decided.pairs, n),
        "pairs_compared": engine.count("pair"),
        "pairs_of_all": linked.rows[0] * linked.rows[1] if linked.two else linked.rows[0] * (linked.rows[0] - 1) // 2,
        "records_without_shared_key": alone,
        "not_examined": report.not_examined(linked.blocks, alone),
        "model": {
            "file": linked.spec.model.file,
            "version": model.version,
            "trained_on": model.trained_on,
            "sha256": model.sha256,
            "matched_share": model.matched_share,
            "link_at": model.link_at,
            "review_at": model.review_at,
            "expected": dict(model.expected_false),
            "never_seen_in_training": list(model.unseen),
        },
        "result": report.result(linked.decided, linked.rows, two=linked.two),
    }
    if linked.two:
        data["right"] = _file(files[1])
    if not linked.trained:
        data["drift"] = report.drift_rows(model, linked.levels, engine)
    return data


def _file(path: Path) -> dict[str, str]:
    with path.open("rb") as handle:
        return {"file": path.name, "sha256": hashlib.file_digest(handle, "sha256").hexdigest()}


def _write(linked: Linked, data: dict[str, Any], out: Path, folder: Path) -> tuple[Path, ...]:
    """All files, written aside and then moved to their places."""
    made: dict[Path, Path] = {}

    def aside(target: Path) -> Path:
        made[folder / target.name] = target
        return folder / target.name

    if not linked.two:
        links = linked.decided.pairs.filter(pl.col("decision") == "link")
        table = clusters(linked.ids[0], links)
        several = table.filter(pl.col("size") > 1)
        data["clusters"] = {
            "all": table["cluster"].n_unique(),
            "of_several": several["cluster"].n_unique(),
            "records_in_those": several.height,
            "largest": max(table["size"].to_list(), default=0),
        }
        write.write_table(table, aside(write.beside(out, "clusters")), "重复组", [])
    notes = report.notes_zh(data, linked.spec)
    write.write_table(_links(linked, zh=out.suffix.lower() == ".xlsx"), aside(out), "匹配结果", notes)
    if linked.trained:
        aside(write.beside(out, "model", ".json")).write_text(linked.decided.model.to_json(), encoding="utf-8")
    write.write_json(data, aside(write.beside(out, "report", ".json")))
    write.move_all(made)
    return tuple(sorted(made.values()))


def _links(linked: Linked, *, zh: bool) -> pl.DataFrame:
    """The rows that are written: links, reviews, and the rejects from `keep` on."""
    model = linked.decided.model
    keep = linked.spec.decide.keep
    least = model.review_at if keep is None else min(keep, model.review_at)
    pairs = linked.decided.pairs.filter(pl.col("p") >= least)
    words = {f.id: f.zh for f in linked.spec.fields} if zh else None
    left, right = linked.ids[0], linked.ids[-1]
    said = linked.levels.pattern_texts(pairs["code"], zh=words)
    pairs = pairs.join(said, on="code", how="left", maintain_order="left").sort("i", "j")
    return pairs.select(
        left.gather(pairs["i"]).alias("left_id"),
        right.gather(pairs["j"]).alias("right_id"),
        pl.col("weight").alias("match_weight"),
        pl.col("p").alias("match_probability"),
        pl.col("runner_up").alias("runner_up_weight"),
        "decision",
        "pattern",
    )
