"""A new key taken into use: what earlier identities sealed is sealed again for the first one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import BadInput
from pipeline.vault.keys import Key
from pipeline.vault.sealed import SUFFIX, needed, opened, replace_sealed
from pipeline.vault.worked import alone


def sealed_files(*places: Path) -> Iterator[Path]:
    """Every sealed file at these places: in a folder, with its folders; beside a file, of that name."""
    seen: set[Path] = set()
    for place in places:
        folder, pattern = (place, f"*{SUFFIX}") if place.is_dir() else (place.parent, f"{place.name}*{SUFFIX}")
        for path in sorted(folder.rglob(pattern) if place.is_dir() else folder.glob(pattern)):
            if path.is_file() and path.resolve() not in seen:
                seen.add(path.resolve())
                yield path


def rotate(*places: Path) -> tuple[int, int]:
    """Seal for the key's first identity what is not yet; how many files were, and how many had been.

    File by file, each in one step: stopped in between, it goes on where it was. BadInput, before anything is changed,
    where a file is opened by none of the identities; where another program has one, when its turn comes.
    """
    todo, done = [], 0
    for path in sealed_files(*places):
        key = needed(path)
        if _opens(path, Key(key.identities[:1])):
            done += 1
        else:
            opened(path, key)  # BadInput: before anything is changed
            todo.append(path)
    for path in todo:
        with alone(path):
            replace_sealed(path, opened(path, needed(path)), needed(path))
    return len(todo), done


def _opens(path: Path, key: Key) -> bool:
    try:
        opened(path, key)
    except BadInput:
        return False
    return True
