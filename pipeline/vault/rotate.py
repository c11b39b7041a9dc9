"""A new key taken into use: what earlier identities sealed is sealed again for the first one."""

from __future__ import annotations

import glob
from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import BadInput
from pipeline.vault.keys import Key
from pipeline.vault.sealed import SUFFIX, needed, opened, replace_sealed, there
from pipeline.vault.worked import alone


def sealed_files(*places: Path) -> Iterator[Path]:
    """Every sealed file at these places: in a folder, with its folders; beside a file, of that name.

    BadInput where there is no such folder or file: a slip in a name must not look like work done.
    """
    seen: set[Path] = set()
    for place in places:
        if not there(place):
            raise BadInput(
                "there is no such folder or file", file=place.name, remedy="name where the runs, ledger or cache are"
            )
        named = f"{glob.escape(place.name)}*{SUFFIX}"
        folder, pattern = (place, f"*{SUFFIX}") if place.is_dir() else (place.parent, named)
        for path in sorted(folder.rglob(pattern) if place.is_dir() else folder.glob(pattern)):
            if path.is_file() and path.resolve() not in seen:
                seen.add(path.resolve())
                yield path


def rotate(*places: Path) -> tuple[int, int]:
    """Seal for the key's first identity what is not yet; how many files were, and how many had been.

    File by file, each in one step: stopped in between, it goes on where it was. BadInput, before anything is changed,
    where a place is not there or a file is opened by none of the identities; where another program has one, when its
    turn comes.
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
