"""Files that were read before and have not changed: their rows as they were laid down then, not read again.

An entry is a folder, named by a hash of everything that its rows depend on: the file's bytes, its name and settings in
the drop, the contract, this program's reading code and the libraries behind it. It is there whole or not at all, and is
held against its own hashes before it is used; what does not agree is read anew. Entries hold personal data: 0600, 0700.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pipeline.ingest.claims import file_sha256
from pipeline.ingest.model import Counts, Piece, Source
from pipeline.ingest.scratch import Scratch
from pipeline.private import private

_ABOUT = "about.json"
_NAME = re.compile(r"[0-9a-f]{64}")
_LIBRARIES = ("polars", "fastexcel", "opencc")
_CODE = ("ingest", "contract", "identity")


@cache
def _reader() -> str:
    """A hash of whatever decides how a file is read."""
    told = hashlib.sha256(" ".join(version(name) for name in _LIBRARIES).encode())
    root = Path(__file__).parents[1]
    for folder in _CODE:
        for path in sorted((root / folder).glob("*.*")):
            if path.suffix in (".py", ".toml"):
                told.update(path.name.encode() + path.read_bytes())
    return told.hexdigest()


def key(source: Source, sha256: str) -> str:
    """The entry's name for a file of these bytes."""
    settings = [source.name, source.dataset_id, source.kind, source.sheet, source.header_row, source.encoding,
                sorted(source.renames.items()), sorted(source.constants.items()),
                source.entry.table if source.entry else None]  # fmt: skip
    return hashlib.sha256(json.dumps([_reader(), sha256, settings], ensure_ascii=False).encode()).hexdigest()


def recall(folder: Path, source: Source) -> list[Piece] | None:
    """The pieces of a file that has not changed, their rows inside its entry; None where it has to be read."""
    if not source.path.is_file():  # a database server has no bytes to go by
        return None
    entry = folder / key(source, file_sha256(source.path))
    try:
        about: list[dict[str, Any]] = json.loads((entry / _ABOUT).read_text(encoding="utf-8"))
        if any(file_sha256(entry / name) != digest for piece in about for name, digest in piece["files"].items()):
            return None
        return [_piece(entry, source, piece) for piece in about]
    except (OSError, ValueError, KeyError):
        return None


def _piece(entry: Path, source: Source, about: dict[str, Any]) -> Piece:
    paths: dict[str, list[Path]] = {"kept": [], "rejects": []}
    for name in about["files"]:
        paths[name.split(".")[1]].append(entry / name)
    return Piece(
        source, about["sheet"], about["sha256"], Counts(**about["counts"]), tuple(paths["kept"]),
        tuple(paths["rejects"]), tuple(about["told"]),
    )  # fmt: skip


def remember(folder: Path, source: Source, pieces: Sequence[Piece], scratch: Scratch) -> None:
    """Keep what was just read. Where the cache cannot be written, the file is read again next time."""
    entry = folder / key(source, pieces[0].sha256)
    with private():
        beside = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            beside = Path(tempfile.mkdtemp(prefix=".new-", dir=folder))
            about = [_keep(beside, piece, n, scratch) for n, piece in enumerate(pieces)]
            (beside / _ABOUT).write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")
            shutil.rmtree(entry, ignore_errors=True)
            beside.rename(entry)
        except OSError:
            if beside is not None:
                shutil.rmtree(beside, ignore_errors=True)


def _keep(entry: Path, piece: Piece, n: int, scratch: Scratch) -> dict[str, Any]:
    files = {}
    for kind, paths in (("kept", piece.kept), ("rejects", piece.rejects)):
        for i, path in enumerate(paths):
            name = f"{n:03d}-{i:05d}.{kind}.arrow"
            (entry / name).write_bytes(scratch.content(path).getbuffer())
            files[name] = file_sha256(entry / name)
    return {"sheet": piece.sheet, "sha256": piece.sha256, "counts": asdict(piece.counts), "told": list(piece.told),
            "files": files}  # fmt: skip


def forget_others(folder: Path, pieces: Iterable[Piece]) -> None:
    """Drop every entry but those of these pieces: no month's data stay longer than until the next run."""
    used = {key(piece.source, piece.sha256) for piece in pieces}
    for entry in folder.iterdir() if folder.is_dir() else ():
        if entry.name not in used and (_NAME.fullmatch(entry.name) or entry.name.startswith(".new-")):
            shutil.rmtree(entry, ignore_errors=True)
