"""Files that were read before and have not changed: their rows as they were laid down then, not read again.

An entry is a folder, named by a hash of everything that its rows depend on: the file's bytes, its name and settings in
the drop, the contract, this program's reading code and the libraries behind it. It is there whole or not at all, and is
held against its own hashes before it is used; what does not agree is read anew. Entries hold personal data: 0600, 0700,
and sealed where a key is in use.
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

from pipeline import vault
from pipeline.ingest.claims import file_sha256
from pipeline.ingest.model import Counts, Piece, Source
from pipeline.ingest.scratch import Scratch
from pipeline.private import private
from pipeline.vault.sealed import replace_sealed

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
        if not all(_sound(entry / name, digest) for piece in about for name, digest in piece["files"].items()):
            return None
        return [_piece(entry, source, piece) for piece in about]
    except (OSError, ValueError, KeyError):
        return None


def _sound(path: Path, digest: str) -> bool:
    """Whether an entry's file is as it was kept; not one from before there was a key, nor one without the key."""
    lies = vault.on_disk(path)
    return (lies != path) == (vault.current() is not None) and file_sha256(lies) == digest


def _piece(entry: Path, source: Source, about: dict[str, Any]) -> Piece:
    paths: dict[str, list[Path]] = {"kept": [], "rejects": []}
    for name in about["files"]:
        paths[name.split(".")[1]].append(entry / name)
    return Piece(
        source, about["sheet"], about["sha256"], Counts(**about["counts"]), tuple(paths["kept"]),
        tuple(paths["rejects"]), tuple(about["told"]),
    )  # fmt: skip


def keep_only(folder: Path, pieces: Iterable[Piece], scratch: Scratch) -> None:
    """Keep these pieces, and no others: no month's data stay longer than until the next run.

    Where the cache cannot be written, a file is read again next time. A database server's rows are not kept.
    """
    of_source: dict[str, list[Piece]] = {}
    for piece in pieces:
        if piece.source.path.is_file():
            of_source.setdefault(key(piece.source, piece.sha256), []).append(piece)
    for name, some in of_source.items():
        if not any(path.is_relative_to(folder) for piece in some for path in (*piece.kept, *piece.rejects)):
            _remember(folder, name, some, scratch)
    for entry in folder.iterdir() if folder.is_dir() else ():
        if entry.name not in of_source and (_NAME.fullmatch(entry.name) or entry.name.startswith(".new-")):
            shutil.rmtree(entry, ignore_errors=True)


def _remember(folder: Path, name: str, pieces: Sequence[Piece], scratch: Scratch) -> None:
    with private():
        beside = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            beside = Path(tempfile.mkdtemp(prefix=".new-", dir=folder))
            about = [_keep(beside, piece, n, scratch) for n, piece in enumerate(pieces)]
            (beside / _ABOUT).write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")
            shutil.rmtree(folder / name, ignore_errors=True)
            beside.rename(folder / name)
        except OSError:
            if beside is not None:
                shutil.rmtree(beside, ignore_errors=True)


def _keep(entry: Path, piece: Piece, n: int, scratch: Scratch) -> dict[str, Any]:
    files, secret = {}, vault.current()
    for kind, paths in (("kept", piece.kept), ("rejects", piece.rejects)):
        for i, path in enumerate(paths):
            name = f"{n:03d}-{i:05d}.{kind}.arrow"
            clear = scratch.content(path).getvalue()
            if secret:
                replace_sealed(vault.sealed_name(entry / name), clear, secret)
            else:
                (entry / name).write_bytes(clear)
            files[name] = file_sha256(vault.on_disk(entry / name))
    return {"sheet": piece.sheet, "sha256": piece.sha256, "counts": asdict(piece.counts), "told": list(piece.told),
            "files": files}  # fmt: skip
