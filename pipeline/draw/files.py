"""Files of a draw: evidence, so that what was once written is never written over, and never stands there by halves."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from pipeline.errors import BadInput
from pipeline.private import folder, write_whole

_SHA256 = re.compile(r"[0-9a-f]{64}")


def write(out: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Write files (name → content) into `out`, 0600; those there with the same content stay.

    BadInput, before anything is written, when one is there with another content.
    """
    if out.exists() and not out.is_dir():
        raise BadInput("the output is a file, not a folder", file=out.name, remedy="name a folder")
    for name, content in files.items():
        if (out / name).exists() and (out / name).read_bytes() != content:
            raise BadInput(
                "another one is there already, and a draw's papers are not written over",
                file=name,
                remedy="give another --out, or look whether it was drawn before",
            )
    folder(out)
    return [write_whole(out / name, content) for name, content in files.items()]


def sha256(path: Path) -> str:
    """A file's SHA-256. BadInput when it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as e:
        raise BadInput("the file cannot be read", file=path.name, remedy="give the path of a readable file") from e


def sum_line(name: str, digest: str) -> bytes:
    """What `sha256sum NAME` prints, so that `sha256sum -c` can check it."""
    return f"{digest}  {name}\n".encode()


def published(path: Path, given: str | None) -> str:
    """The SHA-256 that was published for a file: `given`, else what its own .sha256 says.

    BadInput when there is neither, or it is not a SHA-256.
    """
    if given is None:
        beside = path.with_name(path.name + ".sha256")
        if not beside.is_file():
            raise BadInput(
                "its SHA-256 is not known: there is no .sha256 beside it",
                file=path.name,
                remedy="give the published one by --frame-sha256",
            )
        given = beside.read_text(encoding="utf-8", errors="replace").partition(" ")[0]
    digest = given.strip().lower()
    if not _SHA256.fullmatch(digest):
        raise BadInput("the SHA-256 given for it is none", file=path.name, remedy="it has 64 hexadecimal digits")
    return digest
