"""Files that were read before and have not changed: their rows as they were laid down then, not read again.

An entry's name is a hash of everything that its rows depend on: the file's bytes, its name and settings in the drop,
the contract, this program's reading code and the libraries behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from pipeline import cache
from pipeline.cache import Cache, Entry
from pipeline.ingest.claims import file_sha256
from pipeline.ingest.model import Counts, Piece, Source
from pipeline.ingest.scratch import Scratch

_LIBRARIES = ("polars", "fastexcel", "opencc")
_CODE = ("pipeline/ingest", "pipeline/contract", "pipeline/identity")


def key(source: Source, sha256: str) -> str:
    """The entry's name for a file of these bytes."""
    settings = [source.name, source.dataset_id, source.kind, source.sheet, source.header_row, source.encoding,
                sorted(source.renames.items()), sorted(source.constants.items()),
                source.entry.table if source.entry else None]  # fmt: skip
    return cache.key(cache.program(_CODE, _LIBRARIES), sha256, settings)


def recall(kept: Cache, source: Source) -> list[Piece] | None:
    """The pieces of a file that has not changed, their rows inside its entry; None where it has to be read."""
    if not source.path.is_file():  # a database server has no bytes to go by
        return None
    entry = kept.recall(key(source, file_sha256(source.path)))
    return None if entry is None else [_piece(entry, source, about) for about in entry.about]


def _piece(entry: Entry, source: Source, about: dict[str, Any]) -> Piece:
    kept, rejects = (tuple(entry.files[name] for name in about[kind]) for kind in ("kept", "rejects"))
    return Piece(
        source, about["sheet"], about["sha256"], Counts(**about["counts"]), kept, rejects, tuple(about["told"])
    )


def keep_only(kept: Cache, pieces: Iterable[Piece], scratch: Scratch) -> None:
    """Keep these pieces, and no others. A database server's rows are not kept."""
    of_source: dict[str, list[Piece]] = {}
    for piece in pieces:
        if piece.source.path.is_file():
            of_source.setdefault(key(piece.source, piece.sha256), []).append(piece)
    for name, some in of_source.items():
        if not any(path.is_relative_to(kept.folder) for piece in some for path in (*piece.kept, *piece.rejects)):
            kept.keep(name, [_about(piece, n) for n, piece in enumerate(some)], _contents(some, scratch))
    kept.keep_only(of_source)


def _about(piece: Piece, n: int) -> dict[str, Any]:
    return {"sheet": piece.sheet, "sha256": piece.sha256, "counts": asdict(piece.counts), "told": list(piece.told),
            "kept": _names(piece, n, "kept"), "rejects": _names(piece, n, "rejects")}  # fmt: skip


def _names(piece: Piece, n: int, kind: str) -> list[str]:
    return [f"{n:03d}-{i:05d}.{kind}.arrow" for i in range(len(getattr(piece, kind)))]


def _contents(pieces: Sequence[Piece], scratch: Scratch) -> Iterator[tuple[str, bytes]]:
    for n, piece in enumerate(pieces):
        for kind in ("kept", "rejects"):
            for name, path in zip(_names(piece, n, kind), getattr(piece, kind), strict=True):
                yield name, scratch.content(path).getvalue()
