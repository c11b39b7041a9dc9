"""The bureau's key: an age identity, from a file, from the environment or typed in; never an argument, never logged.

A key's file may hold several identities, a line each: the first seals, all of them open. So a new key is taken into use
by writing it above the old one.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import BadInput
from pipeline.private import private

if TYPE_CHECKING:
    from pyrage.x25519 import Identity, Recipient

KEY_FILE, KEY_TEXT = "AUDIT_KEY_FILE", "AUDIT_KEY"


@dataclass(frozen=True)
class Key:
    """Identities that open what is sealed; the first one's recipient is what is sealed for."""

    identities: tuple[Identity, ...] = field(repr=False)

    @property
    def recipient(self) -> Recipient:
        return self.identities[0].to_public()


_in_use: list[Key | None] = []  # the last one counts; empty: nobody has said, the environment is asked


def current() -> Key | None:
    """The key in use: what `use` was told, else what the environment names; None where there is none.

    BadInput where the environment names a key that cannot be read.
    """
    if not _in_use:
        _in_use.append(_from_environment())
    return _in_use[-1]


def use(key: Key | None) -> None:
    """From now on this key (None: none) is in use in this process."""
    _in_use[:] = [key]


@contextmanager
def in_use(key: Key | None) -> Iterator[None]:
    """While this lasts, this key (None: none) is in use."""
    _in_use.append(key)
    try:
        yield
    finally:
        _in_use.pop()


def _from_environment() -> Key | None:
    if file := os.environ.get(KEY_FILE):
        return key_of(_read(Path(file)), KEY_FILE)
    if text := os.environ.get(KEY_TEXT):
        return key_of(text, KEY_TEXT)
    return None


def _read(file: Path) -> str:
    try:
        rights = file.stat().st_mode & 0o077
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as e:
        raise BadInput("the key's file cannot be read", file=file.name, remedy=f"mend {KEY_FILE}") from e
    if rights:
        raise BadInput("others than its owner may read the key", file=file.name, remedy="chmod 600 the file")
    return text


def key_of(text: str, where: str) -> Key:
    """The key that a text holds: lines of age identities, among comments. BadInput, which does not repeat the text."""
    from pyrage import IdentityError
    from pyrage.x25519 import Identity

    lines = [line.strip() for line in text.splitlines()]
    try:
        found = tuple(Identity.from_str(line) for line in lines if line and not line.startswith("#"))
    except IdentityError as e:
        raise BadInput(f"{where} holds something that is not a key", remedy="`audit key new` makes one") from e
    if not found:
        raise BadInput(f"{where} holds no key", remedy="`audit key new` makes one")
    return Key(found)


def write_new_key(file: Path) -> None:
    """Make a key and write its file (0600). BadInput where the file is there already, or cannot be written."""
    from pyrage.x25519 import Identity

    made, day = Identity.generate(), datetime.date.today().isoformat()
    told = f"# made {day}: whoever has this file can read all that is sealed with it\n# for {made.to_public()}"
    try:
        with private(), file.open("x", encoding="utf-8") as f:
            f.write(f"{told}\n{made}\n")
    except FileExistsError as e:
        raise BadInput("the file is there already", file=file.name, remedy="a key is never overwritten") from e
    except OSError as e:
        raise BadInput("the key cannot be written there", file=file.name, remedy="name another place") from e
