"""The doctor says what lies in the clear, and what does not."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter

from pipeline import vault
from pipeline.doctor import examine
from pipeline.errors import BadInput
from pipeline.ledger.journal import append
from pipeline.passwords import protected


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    (folder / "2022-10" / "towns").mkdir(parents=True)
    for name in ("findings.parquet", "not_run.csv", "index.html"):
        (folder / "2022-10" / name).write_text("x")
        (folder / "2022-10" / name).chmod(0o600)
    book = xlsxwriter.Workbook(folder / "2022-10" / "towns" / "长来.xlsx")
    book.add_worksheet("x")
    book.close()
    (folder / "2022-10" / "towns" / "长来.xlsx").chmod(0o600)
    return folder


def said(out: Path) -> str:
    return "\n".join(examine(out, out / "ledger.duckdb", None))


def test_what_lies_in_the_clear_is_told(out: Path) -> None:
    text = said(out)
    assert "no key is in use" in text and "all libraries are installed" in text
    assert "in the clear, tables: 1 files of 0.0 MB, like 2022-10/findings.parquet" in text
    assert "in the clear, workbooks: 1 files" in text and "others than the owner" not in text
    (out / "2022-10" / "index.html").chmod(0o644)
    (out / ".work-2022-10-abc").mkdir()
    text = said(out)
    assert "others than the owner may read 1 files, like 2022-10/index.html" in text and "unfinished runs: 1" in text


def test_what_is_sealed_is_not(out: Path, tmp_path: Path) -> None:
    vault.write_new_key(tmp_path / "key")
    for book in out.rglob("*.xlsx"):
        book.write_bytes(protected(book.read_bytes(), "some password"))
    with vault.in_use(vault.key_of((tmp_path / "key").read_text(), "the test")) as _:
        key = vault.current()
        assert key is not None
        vault.seal(out / "2022-10" / "findings.parquet", key)
        text = said(out)
    assert "a key is in use, of 1 identity" in text
    assert "in the clear: nothing that holds people" in text and "sealed: 1 files" in text


def test_copies_waiting_rulings_and_plans_hold_people_too(out: Path, tmp_path: Path) -> None:
    ruling = {"kind": "link", "subject": "a|b|death", "verdict": "same", "reason": "王小明的表弟", "source": "no. 1"}
    (out / "ledger.duckdb.form5").write_bytes(b"x")
    (out / "field").mkdir()
    (out / "field" / "plan-2022-10-1a2b3c4d.json").write_text("{}")
    append(out / "ledger.duckdb", [ruling])
    text = said(out)
    assert "in the clear, a ledger: 1 files of 0.0 MB, like out/ledger.duckdb.form5" in text
    assert "in the clear, rulings that wait: 1 files" in text and "in the clear, a plan of visits: 1 files" in text
    (out / "ledger.duckdb.rulings").unlink()
    vault.write_new_key(tmp_path / "key")
    with vault.in_use(vault.key_of((tmp_path / "key").read_text(), "the test")):
        append(out / "ledger.duckdb", [ruling])
    assert "rulings that wait" not in said(out)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such folder"):
        said(tmp_path / "nowhere")
