"""A password a town: what is written in the file, and workbooks that only it opens."""

from __future__ import annotations

from pathlib import Path

import msoffcrypto
import openpyxl
import pytest

from pipeline import contract
from pipeline.errors import BadInput
from pipeline.passwords import COUNTY, Passwords, read_passwords, without_password
from pipeline.publish.workbook import COVER, Book, write_book

TOWNS = tuple(contract.TOWNS)
BOOK = Book("疑点", "2022-10", [], [], "")
GIVEN = {name: f"password {n:02d}" for n, name in enumerate((*TOWNS, COUNTY))}


def written(path: Path, given: dict[str, object]) -> Path:
    path.touch(mode=0o600)
    path.write_text("".join(f'"{k}" = {v!r}\n' for k, v in given.items()), encoding="utf-8")
    return path


def test_every_town_has_one(tmp_path: Path) -> None:
    assert read_passwords(written(tmp_path / "p.toml", dict(GIVEN))).by_name == GIVEN


def test_it_may_begin_with_a_byte_order_mark_and_nothing_in_it_is_a_fault(tmp_path: Path) -> None:
    file = written(tmp_path / "p.toml", dict(GIVEN))
    text = file.read_text(encoding="utf-8")
    file.write_text(text, encoding="utf-8-sig")  # as Windows' own editor saves it
    assert read_passwords(file).by_name == GIVEN
    for wrong in (f"a = {'[' * 3000}", f"a = {'9' * 5000}"):
        file.write_text(text + wrong, encoding="utf-8")
        with pytest.raises(BadInput, match="cannot be read"):
            read_passwords(file)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({TOWNS[3]: None}, f"no password for {TOWNS[3]}"),
        ({COUNTY: None}, f"no password for {COUNTY}"),
        ({"别处": "password of elsewhere"}, "别处: no such town"),
        ({TOWNS[0]: "short"}, "8 characters"),
        ({TOWNS[0]: 12345678}, "no text"),
        ({TOWNS[0]: GIVEN[TOWNS[1]]}, "same password"),
    ],
)
def test_a_file_that_lacks_something_is_refused(tmp_path: Path, change: dict[str, object], words: str) -> None:
    given = {k: v for k, v in (dict(GIVEN) | change).items() if v is not None}
    with pytest.raises(BadInput, match=words) as e:
        read_passwords(written(tmp_path / "p.toml", given))
    assert not any(str(p) in str(e.value) for p in given.values())


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    file = written(tmp_path / "p.toml", dict(GIVEN))
    file.chmod(0o644)
    with pytest.raises(BadInput, match="chmod 600"):
        read_passwords(file)


def test_a_workbook_opens_with_its_towns_password_alone(tmp_path: Path) -> None:
    passwords = Passwords(GIVEN)
    town, stray = tmp_path / "towns" / f"{TOWNS[0]}.xlsx", tmp_path / "towns" / "未知镇街.xlsx"
    county, ledger = tmp_path / "county.xlsx", tmp_path / "monthly" / "比对台账.xlsx"
    for path, name in ((town, TOWNS[0]), (stray, COUNTY), (county, COUNTY), (ledger, COUNTY)):
        path.parent.mkdir(exist_ok=True)
        write_book(BOOK, path, passwords.of(path))
        assert path.stat().st_mode & 0o777 == 0o600
        with path.open("rb") as file:
            office = msoffcrypto.OfficeFile(file)
            assert office.is_encrypted()
            office.load_key(password=GIVEN[name], verify_password=True)
            with pytest.raises(msoffcrypto.exceptions.InvalidKeyError):
                office.load_key(password=GIVEN[TOWNS[1]], verify_password=True)


def test_what_comes_back_is_opened(tmp_path: Path) -> None:
    back = write_book(BOOK, tmp_path / "回复.xlsx", GIVEN[TOWNS[5]])
    clear = without_password(back, Passwords(GIVEN))
    assert openpyxl.load_workbook(clear)[COVER]["A1"].value == BOOK.title and clear.name == "回复.xlsx"
    assert not clear.is_relative_to(tmp_path)
    assert without_password(clear, Passwords(GIVEN)) == clear
    with pytest.raises(BadInput, match="none of the passwords"):
        without_password(back, Passwords({COUNTY: "something else"}))
