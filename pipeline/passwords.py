"""Passwords of the workbooks that leave the bureau: a TOML file, a line a town and one for the county's own.

    乐城 = "…"
    全市 = "…"      # county.xlsx and the month's ledgers
    未知镇街 = "…"   # rows whose town is not known; without it, the county's

Workbooks are encrypted as Office does it (ECMA-376 agile encryption): Excel, WPS and LibreOffice ask for the password.
"""

from __future__ import annotations

import io
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipeline import vault
from pipeline.contract import TOWNS
from pipeline.errors import BadInput
from pipeline.notation import toml
from pipeline.record_words import UNKNOWN_TOWN

COUNTY = "全市"
_SHORTEST = 8


@dataclass(frozen=True)
class Passwords:
    """Town, or `COUNTY` → its password."""

    by_name: Mapping[str, str] = field(repr=False)

    def of(self, workbook: Path) -> str:
        """The password of towns/<town>.xlsx; of any other workbook the county's."""
        return self.by_name.get(workbook.stem if workbook.parent.name == "towns" else COUNTY, self.by_name[COUNTY])


def read_passwords(file: Path) -> Passwords:
    """Every town's password and the county's. BadInput where one is missing, short, there twice, or for nobody."""
    try:
        rights = file.stat().st_mode & 0o077
        found = toml(file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as e:
        raise BadInput(
            "the passwords cannot be read", file=file.name, remedy='write lines of TOML such as 长来 = "…"'
        ) from e
    if rights:
        raise BadInput("others than its owner may read the passwords", file=file.name, remedy="chmod 600 the file")
    wanted, known = {*TOWNS, COUNTY}, {*TOWNS, COUNTY, UNKNOWN_TOWN}
    if lacking := sorted(wanted - set(found)):
        raise BadInput(f"no password for {'、'.join(lacking)}", file=file.name, remedy="give every town one")
    if strange := sorted(set(found) - known):
        raise BadInput(f"{'、'.join(strange)}: no such town", file=file.name, remedy=f"towns are {'、'.join(TOWNS)}")
    for name, password in found.items():
        if not isinstance(password, str) or len(password) < _SHORTEST:
            raise BadInput(
                f"the password of {name} is no text of {_SHORTEST} characters or more", file=file.name,
                remedy="give a longer one",
            )  # fmt: skip
        if sum(other == password for other in found.values()) > 1:
            raise BadInput(f"{name} has the same password as another", file=file.name, remedy="give each its own")
    return Passwords(found)


def protected(workbook: bytes, password: str) -> bytes:
    """The workbook encrypted, in memory: its clear form need not have been on the disk."""
    from msoffcrypto.format.ooxml import OOXMLFile

    made = io.BytesIO()
    OOXMLFile(io.BytesIO(workbook)).encrypt(password, made)
    return made.getvalue()


def without_password(path: Path, passwords: Passwords) -> Path:
    """A workbook that a town sent back, in the clear: itself, or a copy of that name in this process's private room.

    BadInput where none of the passwords opens it.
    """
    import msoffcrypto

    with path.open("rb") as file:
        try:
            office = msoffcrypto.OfficeFile(file)
            if not office.is_encrypted():
                return path
        except Exception:  # msoffcrypto raises whatever its parsers raise; what it is, the reader will say
            return path
        likely = sorted(passwords.by_name, key=lambda name: name not in path.stem)
        for name in likely:
            clear = io.BytesIO()
            try:
                office.load_key(password=passwords.by_name[name], verify_password=True)
                office.decrypt(clear)
            except Exception:  # a wrong password is told apart from a damaged file only by trying the others
                continue
            copy = Path(tempfile.mkdtemp(prefix="returned-", dir=vault.room())) / path.name
            copy.write_bytes(clear.getvalue())
            return copy
    raise BadInput("none of the passwords opens it", file=path.name, remedy="ask the town which one it used")
