"""Files that lie clear or sealed: `x.parquet`, or `x.parquet.age`. A file is sealed whole or not at all."""

from __future__ import annotations

import glob
import hashlib
import io
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import BadInput
from pipeline.private import owner_only, private
from pipeline.vault.keys import KEY_FILE, Key, current

if TYPE_CHECKING:
    import polars as pl

SUFFIX = ".age"


def sealed_name(path: Path) -> Path:
    """Where the sealed form of `path` lies."""
    return path.with_name(path.name + SUFFIX)


def there(path: Path) -> bool:
    """Whether the file is there, clear or sealed."""
    return path.exists() or sealed_name(path).exists()


def on_disk(path: Path) -> Path:
    """The file as it lies on disk: itself, or its sealed form."""
    return path if path.exists() or not sealed_name(path).exists() else sealed_name(path)


def content(path: Path) -> bytes:
    """The clear bytes of a file that lies there clear or sealed. BadInput where the key in use does not open it."""
    lies = on_disk(path)
    return path.read_bytes() if lies == path else opened(lies, needed(path))


def opened(sealed: Path, key: Key) -> bytes:
    """The clear bytes of a sealed file. BadInput where the key does not open it."""
    return _opened(sealed.read_bytes(), key, sealed.name)


def opened_bytes(sealed: bytes, what: str) -> bytes:
    """The clear form of sealed bytes; `what` they are, for the message. BadInput where the key does not open them."""
    return _opened(sealed, needed(Path(what)), what)


def sealed_bytes(clear: bytes, key: Key) -> bytes:
    """These bytes, sealed."""
    import pyrage

    return bytes(pyrage.encrypt(clear, [key.recipient]))


def _opened(sealed: bytes, key: Key, name: str) -> bytes:
    import pyrage

    try:
        return bytes(pyrage.decrypt(sealed, list(key.identities)))
    except pyrage.DecryptError as e:
        raise BadInput(
            "the key in use does not open it, or it is damaged", file=name, remedy="give the key it was sealed with"
        ) from e


def sha256(path: Path) -> str:
    """Of the clear bytes of a file that lies there clear or sealed."""
    if on_disk(path) != path:
        return hashlib.sha256(content(path)).hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_parquet(path: Path, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """A table that lies there clear or sealed, as `polars.read_parquet` gives it."""
    import polars as pl

    source = path if on_disk(path) == path else io.BytesIO(content(path))
    return pl.read_parquet(source, columns=list(columns) if columns is not None else None)


def read_ipc(path: Path) -> pl.DataFrame:
    """A table of an Arrow file that lies there clear or sealed, as `polars.read_ipc` gives it."""
    import polars as pl

    return pl.read_ipc(path if on_disk(path) == path else content(path))


def put(path: Path, clear: bytes) -> None:
    """These bytes as `path` (0600), or as its sealed form where a key is in use: then nothing of them lies clear."""
    if key := current():
        replace_sealed(sealed_name(path), clear, key)
        return
    with private():
        path.write_bytes(clear)
    owner_only(path)


def seal(path: Path, key: Key) -> Path:
    """Put the sealed form in the clear file's place; where it lies then."""
    target = sealed_name(path)
    write_sealed(path, target, key)
    path.unlink()
    return target


def write_sealed(clear: Path, target: Path, key: Key) -> None:
    """Seal `clear` as `target`, which is there whole or as it was."""
    replace_sealed(target, clear.read_bytes(), key)


def replace_sealed(target: Path, clear: bytes, key: Key) -> None:
    """Seal these bytes as `target`, which is there whole or as it was."""
    with private():
        handle, name = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)
        beside = Path(name)
        try:
            # not pyrage's own `encrypt_file`: on a full disk it leaves half a file and says nothing
            with os.fdopen(handle, "wb") as file:
                file.write(sealed_bytes(clear, key))
                file.flush()
                os.fsync(file.fileno())
            beside.replace(target)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise


def forget_unfinished(target: Path) -> None:
    """Remove what was left of writing `target` by processes that were killed. Only for who alone may write it now."""
    for left in target.parent.glob(f".{glob.escape(target.name)}-*"):
        left.unlink(missing_ok=True)


def open_into(sealed: Path, target: Path, key: Key) -> None:
    """The clear form of a sealed file, written to `target` (0600). BadInput where the key does not open it."""
    with private():
        target.write_bytes(opened(sealed, key))


def needed(path: Path) -> Key:
    """The key in use. BadInput where there is none."""
    key = current()
    if key is None:
        raise BadInput(
            "it is sealed, and no key is in use", file=path.name, remedy=f"name the key's file in {KEY_FILE}"
        )
    return key
