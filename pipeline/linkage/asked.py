"""What an analyst asks of linkage beside the audit: to explain a pair, to train a model."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.engine.duck import DuckEngine
from pipeline.errors import BadInput
from pipeline.identity import make_comparable
from pipeline.ingest import ingest
from pipeline.linkage.model import default_model, read_county_model
from pipeline.private import owner_only, private

Progress = Callable[[str, int, int], None]


@contextmanager
def _comparable(drop: Path, progress: Progress | None) -> Iterator[tuple[DuckEngine, set[str]]]:
    """A drop's typed and identity tables, gone again when done."""
    if not drop.is_dir():
        raise BadInput("the drop is not a folder", file=drop.name, remedy="give the folder with the month's files")
    with private(), tempfile.TemporaryDirectory() as scratch:
        engine = DuckEngine(scratch=Path(scratch) / "spill")
        try:
            present = ingest(drop, engine, scratch=Path(scratch), progress=progress).present
            make_comparable(engine, present)
            yield engine, present
        finally:
            engine.close()


def explain_pair(
    drop: Path,
    a: str,
    b: str,
    *,
    out: Path | None = None,
    model_file: Path | None = None,
    masked: bool = False,
    progress: Progress | None = None,
) -> str:
    """The table of a pair of records as text; with `out` also the page or picture, by its suffix."""
    from pipeline.linkage.compare import compare_records
    from pipeline.linkage.explain import SUFFIXES, explain_file, explain_text
    from pipeline.linkage.stage import link

    if out and out.suffix.lower() not in SUFFIXES:
        raise BadInput("there is no such kind of page", file=out.name, remedy=f"let it end in {', '.join(SUFFIXES)}")
    if out:
        _check_place(out)
    model = read_county_model(model_file) if model_file else default_model()
    with _comparable(drop, progress) as (engine, present):
        link(engine, present, model)
        compared = compare_records(engine, model, a, b)
    if out:
        content = explain_file(compared, out.suffix, masked, (model.review_at, model.link_at))
        with private():
            out.write_bytes(content)
        owner_only(out)
    return explain_text(compared)


def train_model(drop: Path, out: Path, version: str, *, progress: Progress | None = None) -> str:
    """Train a model on a drop and write it to `out`; the model as text."""
    from pipeline.linkage.model_text import show
    from pipeline.linkage.train import train

    _check_place(out)
    with _comparable(drop, progress) as (engine, present):
        model = train(engine, present, version=version, trained_on=_origin(drop))
    with private():
        out.write_text(model.to_json(), encoding="utf-8")
    owner_only(out)
    return show(model)


def _check_place(out: Path) -> None:
    """BadInput where the file could not be written, before minutes of work that would be lost with it."""
    if out.is_dir():
        raise BadInput("the output is a folder, not a file", file=out.name, remedy="give --out a file's name in it")
    if not out.parent.is_dir():
        raise BadInput("the folder of --out is not there", file=str(out), remedy="make it first")
    if not os.access(out if out.exists() else out.parent, os.W_OK):
        raise BadInput("it cannot be written there", file=str(out), remedy="give another --out")


def _origin(drop: Path) -> str:
    """What a model trained on this drop says of itself: a made-up county is told by the note that stands beside it."""
    note = drop.resolve().parent / "demo.json"
    if note.is_file():
        made = json.loads(note.read_text(encoding="utf-8"))
        return f"demonstration data: a made-up county of {made['people']} people, seed {made['seed']}"
    return f"the files of the drop {drop.resolve().name}"
