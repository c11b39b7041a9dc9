"""What earlier runs made and a later one may take over: entries in a folder, each under a hash of all it was made from.

An entry is there whole or not at all, and is held against its own hashes before it is used; what does not agree is made
anew. Entries hold personal data: 0600, 0700, and sealed where a key is in use. Each stage has a cache of its own and
keeps what it used in this run, nothing else: no month's data stay longer than until the next run.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pipeline import vault
from pipeline.private import private
from pipeline.vault.sealed import replace_sealed

_ABOUT = "about.json"
_NAME = re.compile(r"[0-9a-f]{64}")
_UNFINISHED = ".new-"
_PACKAGES = Path(__file__).parents[1]


@cache
def program(folders: tuple[str, ...], libraries: tuple[str, ...]) -> str:
    """A hash of whatever decides how something is made: this program's folders, and the versions of the libraries."""
    told = hashlib.sha256(" ".join(version(name) for name in libraries).encode())
    for folder in folders:
        for path in sorted((_PACKAGES / folder).rglob("*.*")):
            if path.suffix in (".py", ".toml", ".html", ".css"):
                told.update(path.relative_to(_PACKAGES).as_posix().encode() + path.read_bytes())
    return told.hexdigest()


def key(*made_from: Any) -> str:
    """An entry's name: the hash of what it is made from, as JSON has it."""
    return hashlib.sha256(json.dumps(made_from, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True)
class Entry:
    """What was kept: `about` as it was given, the files by name, to be read with `vault`."""

    about: Any
    files: dict[str, Path]

    def text(self, name: str) -> str:
        """The text of a file."""
        return vault.content(self.files[name]).decode()


@dataclass(frozen=True)
class Cache:
    """The entries of one stage in `folder`. `told` gains a line for each that was damaged."""

    folder: Path
    told: list[str] = field(default_factory=list)

    def recall(self, name: str) -> Entry | None:
        """The entry of that name; None where there is none, or none that can be used."""
        entry = self.folder / name
        if not entry.is_dir():
            return None
        try:
            kept = json.loads((entry / _ABOUT).read_text(encoding="utf-8"))
            about, digests = kept["about"], kept["files"]
            files = {file: entry / file for file in digests}
            if any(_lies_sealed(path) != (vault.current() is not None) for path in files.values()):
                return None  # from before there was a key, or without the one it was sealed with
            if kept["whole"] == key(about, digests) and all(_digest(files[f]) == d for f, d in digests.items()):
                return Entry(about, files)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            pass
        self.told.append(f"the cache's entry {self.folder.name}/{name[:12]} was damaged; it was made anew")
        return None

    def keep(self, name: str, about: Any, files: Iterable[tuple[str, bytes]]) -> None:
        """Keep this; where the cache cannot be written it is made again next time."""
        with private():
            beside = None
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                beside = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=self.folder))
                digests = {file: _write(beside / file, clear) for file, clear in files}
                kept = {"about": about, "files": digests, "whole": key(about, digests)}
                (beside / _ABOUT).write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")
                shutil.rmtree(self.folder / name, ignore_errors=True)
                beside.rename(self.folder / name)
            except OSError:
                if beside is not None:
                    shutil.rmtree(beside, ignore_errors=True)

    def keep_only(self, names: Collection[str]) -> None:
        """Drop every entry but these."""
        for entry in self.folder.iterdir() if self.folder.is_dir() else ():
            known = _NAME.fullmatch(entry.name) or entry.name.startswith(_UNFINISHED)
            if known and entry.name not in names:
                shutil.rmtree(entry, ignore_errors=True)


def _lies_sealed(path: Path) -> bool:
    return vault.on_disk(path) != path


def _write(path: Path, clear: bytes) -> str:
    if secret := vault.current():
        replace_sealed(vault.sealed_name(path), clear, secret)
    else:
        path.write_bytes(clear)
    return _digest(path)


def _digest(path: Path) -> str:
    """Of the file as it lies on the disk, clear or sealed."""
    with vault.on_disk(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
