"""Which file belongs to which dataset: `audit.toml` first, else the file's name.

Every file of the drop is claimed by exactly one dataset; what is not stops the run before anything is read.
"""

from __future__ import annotations

import difflib
import hashlib
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from pipeline.contract import DATASETS, ROSTERS
from pipeline.errors import BadInput
from pipeline.ingest.model import EXCEL_SUFFIXES, PARQUET_SUFFIXES, TEXT_SUFFIXES, Source
from pipeline.settings import DROP_SETTINGS_FILE, DropSettings, SourceEntry

IGNORED_NAMES = frozenset({"thumbs.db", "desktop.ini", DROP_SETTINGS_FILE})
IGNORED_FOLDERS = frozenset({"__MACOSX"})
_MAX_GLOB, _MAX_DEEP = 500, 2  # each ** more multiplies the folders that are tried
_AFTER_STEM = frozenset("_- ()[]{}<>【】〔〕《》〈〉「」『』")
_KINDS = {
    **dict.fromkeys(TEXT_SUFFIXES, "text"),
    **dict.fromkeys(EXCEL_SUFFIXES, "excel"),
    **dict.fromkeys(PARQUET_SUFFIXES, "parquet"),
}


def claim(drop: Path, settings: DropSettings) -> tuple[list[Source], list[str]]:
    """All sources of a drop in the order of their names, and what to tell. BadInput when a claim fails."""
    if not drop.is_dir():
        raise BadInput(f"the drop '{drop}' is not a folder", remedy="give the folder that holds the month's files")
    files = _files(drop)
    told: list[str] = []
    entries: dict[str, list[SourceEntry]] = {}
    databases: list[Source] = []
    stored: dict[str, Source] = {}
    for entry in settings.sources:
        if entry.parquet is not None:
            if entry.parquet in stored:
                raise BadInput(
                    f"two claims on one path: {entry.parquet}", file=DROP_SETTINGS_FILE, remedy="take one entry out"
                )
            stored[entry.parquet] = _stored(drop, entry)
            continue
        if entry.database is not None:
            databases.append(_database(drop, entry, databases))
            if databases[-1].path != drop:
                files.pop(databases[-1].path.relative_to(drop.resolve()).as_posix(), None)
            continue
        names = _matching(drop, entry, files)
        if not names:
            told.append(f"{DROP_SETTINGS_FILE}（{entry.label}）：没有与 '{entry.glob}' 相符的文件")
        for name in names:
            entries.setdefault(name, []).append(entry)
    sources = [source for name, path in files.items() for source in _of_file(name, path, entries.get(name, []))]
    sources.extend(_told_apart(databases))
    sources.extend(stored.values())
    _check_roster(sources)
    return sorted(sources, key=lambda s: (s.name, s.sheet or "")), told


def _files(drop: Path) -> dict[str, Path]:
    """Path inside the drop → file, hidden and lock files left out."""
    out: dict[str, Path] = {}
    for path in sorted(drop.rglob("*")):
        inside = path.relative_to(drop)
        hidden = any(part.startswith((".", "~$")) or part in IGNORED_FOLDERS for part in inside.parts)
        if hidden:
            continue
        _check_kind(path, drop, inside.as_posix())
        if not path.is_file() or (path.name.lower() in IGNORED_NAMES):
            continue
        out[inside.as_posix()] = path
    return out


def _check_kind(path: Path, drop: Path, name: str) -> None:
    """A drop holds folders and files of its own: what leads out of it could be any file of this machine."""
    if path.is_symlink() and not (path.is_file() and path.resolve().is_relative_to(drop.resolve())):
        raise BadInput(
            "it is a link that leads out of the drop, to a folder, or to nothing",
            file=name,
            remedy="put the file itself into the drop, or take the link out",
        )
    if not path.is_file() and not path.is_dir():
        raise BadInput("it is neither a file nor a folder", file=name, remedy="take it out of the drop")


def _matching(drop: Path, entry: SourceEntry, files: dict[str, Path]) -> list[str]:
    if len(entry.glob or "") > _MAX_GLOB or (entry.glob or "").count("**") > _MAX_DEEP:
        raise BadInput(
            f"{entry.label}: a pattern of more than {_MAX_GLOB} characters, or with more than {_MAX_DEEP} '**'",
            file=DROP_SETTINGS_FILE,
            remedy="write it shorter, such as 低保/*.xlsx",
        )
    try:
        found = {p.relative_to(drop).as_posix() for p in drop.glob(entry.glob or "")}
    except (ValueError, NotImplementedError, OSError) as error:
        raise BadInput(
            f"{entry.label}: '{entry.glob}' is not a pattern of paths inside the drop",
            file=DROP_SETTINGS_FILE,
            remedy="write it relative to the drop, such as 低保/*.xlsx",
        ) from error
    return sorted(found & set(files))


def _of_file(name: str, path: Path, entries: list[SourceEntry]) -> list[Source]:
    kind = _KINDS.get(path.suffix.lower())
    if kind is None:
        raise BadInput(
            f"'{path.suffix or 'no suffix'}' is not a kind of file that can be read",
            file=name,
            remedy=f"take it out of the drop, or save it as one of {', '.join(_KINDS)}",
        )
    if not entries:
        return [Source(name=name, path=path, dataset_id=_by_stem(name, path), kind=kind)]
    sheets = [entry.sheet for entry in entries]
    if len(entries) > 1 and (kind != "excel" or None in sheets or len(set(sheets)) < len(sheets)):
        raise BadInput(
            f"two claims on one file: {' and '.join(e.label for e in entries)} of {DROP_SETTINGS_FILE}",
            file=name,
            remedy="narrow one glob, or give each entry a sheet of its own",
        )
    return [
        Source(
            name=name,
            path=path,
            dataset_id=entry.dataset or _by_stem(name, path),
            kind=kind,
            sheet=entry.sheet,
            header_row=entry.header_row,
            encoding=entry.encoding,
            renames=entry.renames,
            constants=entry.constants,
            entry=entry,
        )
        for entry in entries
    ]


def _by_stem(name: str, path: Path) -> str:
    """The dataset a file's own name claims: the longest stem that begins it."""
    stem = unicodedata.normalize("NFKC", path.stem).casefold()
    claims: list[tuple[int, str]] = []
    for dataset in DATASETS.values():
        for word in dataset.stems:
            folded = unicodedata.normalize("NFKC", word).casefold()
            if stem.startswith(folded) and _ends_stem(stem[len(folded) :]):
                claims.append((len(folded), dataset.id))
    longest = max((length for length, _ in claims), default=0)
    found = sorted({dataset_id for length, dataset_id in claims if length == longest})
    if len(found) == 1:
        return found[0]
    if found:
        raise BadInput(
            f"two claims on one file: its name begins with names of {' and '.join(found)}",
            file=name,
            remedy=f"rename it, or name it in {DROP_SETTINGS_FILE}",
        )
    words = {word: dataset.id for dataset in DATASETS.values() for word in dataset.stems}
    near = difflib.get_close_matches(stem, list(words), n=3, cutoff=0.3)
    nearest = ", ".join(f"{word} ({words[word]})" if word != words[word] else word for word in near)
    raise BadInput(
        "nothing claims this file: its name begins with no dataset's id or Chinese name",
        file=name,
        remedy=f"rename it (nearest: {nearest or 'none'}), name it in {DROP_SETTINGS_FILE}, or take it out of the drop",
    )


def _ends_stem(rest: str) -> bool:
    return not rest or rest[0] in _AFTER_STEM or rest[0].isdigit()


def _told_apart(databases: list[Source]) -> list[Source]:
    """A table of a database file goes by the file's path alone, or with its name for a sheet beside other tables."""
    paths = [source.name for source in databases]
    return [
        replace(source, sheet=source.entry.table) if source.entry and paths.count(source.name) > 1 else source
        for source in databases
    ]


def _database(drop: Path, entry: SourceEntry, taken: list[Source]) -> Source:
    scheme, _, where = (entry.database or "").partition(":")
    path = drop
    if scheme in ("postgresql", "postgres"):
        name = f"{_address(entry.database or '')}/{entry.table}"
    else:
        path = (drop / where).resolve()
        if not path.is_relative_to(drop.resolve()):
            raise BadInput(
                f"{entry.label}: the database '{where}' lies outside the drop",
                file=DROP_SETTINGS_FILE,
                remedy="copy it into the drop",
            )
        if not path.is_file():
            raise BadInput(
                f"{entry.label}: there is no database '{where}' in the drop",
                file=DROP_SETTINGS_FILE,
                remedy="mend the path, which counts from the drop",
            )
        name = path.relative_to(drop.resolve()).as_posix()
    if any(other.name == name and other.entry and other.entry.table == entry.table for other in taken):
        raise BadInput(
            f"two claims on one table: {name}, {entry.table}", file=DROP_SETTINGS_FILE, remedy="take one entry out"
        )
    return Source(
        name=name,
        path=path,
        dataset_id=entry.dataset or "",
        kind="database",
        renames=entry.renames,
        constants=entry.constants,
        entry=entry,
    )


def _stored(drop: Path, entry: SourceEntry) -> Source:
    """A file or folder of a Hadoop file system; what files it is, Spark says."""
    return Source(
        name=entry.parquet or "",
        path=drop,
        dataset_id=entry.dataset or "",
        kind="stored",
        renames=entry.renames,
        constants=entry.constants,
        entry=entry,
    )


def _address(uri: str) -> str:
    """host/database of a PostgreSQL address: no user, no password, no options."""
    rest = uri.split("://", 1)[1].split("?", 1)[0]
    return rest.rsplit("@", 1)[-1].strip("/")


def _check_roster(sources: list[Source]) -> None:
    if not any(source.dataset_id in ROSTERS for source in sources):
        names = ", ".join(f"{r} ({DATASETS[r].zh})" for r in ROSTERS)
        raise BadInput("the drop has no roster", remedy=f"put at least one in, its name beginning with one of: {names}")


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def fingerprint(source: Source) -> str | None:
    """SHA-256 of the source's file. None of a database server, whose rows are hashed as they are read.

    BadInput for a file that is gone, or that this user may not read.
    """
    if not source.path.is_file() and source.kind == "database":
        return None
    with opening(source):
        return file_sha256(source.path)


@contextmanager
def opening(source: Source) -> Iterator[None]:
    """BadInput where the source's own file is gone, or may not be read by this user."""
    try:
        yield
    except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
        if error.filename is None or Path(error.filename) != source.path:
            raise
        raise BadInput(
            f"it cannot be read: {error.strerror}",
            file=source.name,
            remedy="see who owns it and whether something else writes into the drop, and run again",
        ) from error


def check_same_files(drop: Path, sources: list[Source]) -> None:
    """BadInput where a file came into the drop, or went, since it was claimed."""
    before = {source.name for source in sources if source.path != drop}
    now = _files(drop)
    changed = sorted((before - set(now)) | (set(now) - before))
    if changed:
        raise BadInput(
            "it came into the drop, or went, while the drop was read",
            file=changed[0],
            remedy="wait until nothing writes into the drop any more, and run again",
        )
