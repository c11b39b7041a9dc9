"""Two months with a key and passwords, by the command line: nothing readable is left, and all is as in the clear."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msoffcrypto
import openpyxl
import polars as pl
import pytest
from support.life import MONTHS, month_of, write
from support.started import Started
from support.watched import marked_drop, watched_run

from pipeline import vault
from pipeline.contract import TOWNS
from pipeline.passwords import COUNTY

INPUTS = "pages/about/inputs.html"


@dataclass
class Bureau:
    """OUT after two months; `told`: what the runs printed."""

    work: Path
    told: list[str]

    @property
    def out(self) -> Path:
        return self.work / "out"

    def audit(self, *words: str, key: bool = True) -> subprocess.CompletedProcess[str]:
        return Started(words, self.work, {vault.KEY_FILE: str(self.work / "key")} if key else {}).ended()


@pytest.fixture(scope="module")
def bureau(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bureau]:
    work = tmp_path_factory.mktemp("bureau")
    made = Bureau(work, [])
    made.audit("key", "new", "--out", "key", key=False)
    passwords = work / "passwords.toml"
    passwords.touch(mode=0o600)
    names = (*TOWNS, COUNTY)
    passwords.write_text("".join(f'"{t}" = "long enough {n}"\n' for n, t in enumerate(names)), encoding="utf-8")
    for n, month in enumerate(MONTHS[:2], 1):
        drop = write(month_of(n), work / month / "drop")
        more = ["--passwords", "passwords.toml"] if n == 1 else []
        words = ("monthly", "--drop", str(drop), "--month", month, "--out", "out", "--cache", "out/cache", *more)
        ended = made.audit(*words)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        made.told.append(ended.stdout)
    with vault.in_use(vault.key_of((work / "key").read_text(), "the test")):
        yield made


def numbers(bureau: Bureau) -> set[bytes]:
    """Every ID number and name that came in."""
    people = [h for n in (1, 2) for h in month_of(n).homes.values()]
    return {text.encode(code) for h in people for text in (h.id_number, h.name) for code in ("utf-8", "utf-16-le")}


def test_no_name_and_no_number_can_be_read_from_what_lies_on_disk(bureau: Bureau) -> None:
    month = bureau.out / MONTHS[0]
    assert len(list(month.glob("*.age"))) == 6 and not list(bureau.out.rglob("*.parquet"))
    files = [p for p in bureau.out.rglob("*") if p.is_file()]
    # the second month's workbooks have no passwords: they are what a town is handed
    quiet = [p for p in files if not (p.suffix == ".xlsx" and p.is_relative_to(bureau.out / MONTHS[1]))]
    assert len(quiet) > 30 and any(p.suffix == ".arrow" or "cache" in p.parts for p in quiet)
    for path in quiet:
        content = path.read_bytes()
        assert not any(text in content for text in numbers(bureau)), path


def test_nothing_lies_in_the_clear_at_any_moment(bureau: Bureau, tmp_path: Path) -> None:
    """From the first file read to the last one written, in OUT, in temporary folders and at home."""
    more = ("--passwords", str(bureau.work / "passwords.toml"), "--cache", str(tmp_path / "out" / "cache"))
    run = watched_run(tmp_path, marked_drop(tmp_path / "drop"), *more, key=bureau.work / "key")
    assert run.code == 0, run.said
    seen = {Path(name).name for name in run.watch.seen}
    assert {"长来.xlsx", "findings.parquet.age", "record.parquet.age", "ledger.duckdb.age"} <= seen, seen
    assert run.watch.found == {} and run.watch.clear == set()


def test_the_ledger_goes_on_and_verifies(bureau: Bureau) -> None:
    assert "new=" in bureau.told[0] and "continuing=" in bureau.told[1]
    ended = bureau.audit("ledger", "verify", "--ledger", "out/ledger.duckdb")
    assert ended.returncode == 0 and "all is as it was kept" in ended.stdout, ended.stdout
    ended = bureau.audit("ledger", "show", "--ledger", "out/ledger.duckdb", key=False)
    assert ended.returncode == 2 and "it is sealed, and no key is in use" in ended.stderr


def test_every_damaged_file_is_told_of(bureau: Bureau, tmp_path: Path) -> None:
    out = shutil.copytree(bureau.out, tmp_path / "out")
    for name in ("links.parquet.age", "rejects.csv.age"):
        path = out / MONTHS[0] / name
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    (out / MONTHS[0] / "not_run.csv").write_text("x")
    ended = bureau.audit("ledger", "verify", "--ledger", str(out / "ledger.duckdb"))
    assert ended.returncode == 2 and "3 things are not as they were kept" in ended.stderr, ended.stderr
    for name in ("links.parquet", "rejects.csv"):
        assert f"{name} is not opened by the key in use, or is damaged" in ended.stdout
    assert "not_run.csv is not as it was written" in ended.stdout


def test_the_findings_are_those_of_a_run_without_a_key(bureau: Bureau, tmp_path: Path) -> None:
    drop = bureau.work / MONTHS[0] / "drop"
    ended = bureau.audit("run", "--drop", str(drop), "--month", MONTHS[0], "--out", str(tmp_path / "clear"), key=False)
    assert ended.returncode == 0 and "no key is in use" in ended.stdout
    for name in ("findings", "links", "rejects", "completeness"):
        clear = tmp_path / "clear" / MONTHS[0] / f"{name}.parquet"
        assert vault.read_parquet(bureau.out / MONTHS[0] / f"{name}.parquet").equals(pl.read_parquet(clear)), name
        assert vault.content(bureau.out / MONTHS[0] / f"{name}.parquet") == clear.read_bytes(), name
    assert "没有使用密钥" in (tmp_path / "clear" / MONTHS[0] / INPUTS).read_text(encoding="utf-8")
    assert "没有使用密钥" not in (bureau.out / MONTHS[0] / INPUTS).read_text(encoding="utf-8")


def test_a_town_opens_its_workbook_with_its_password(bureau: Bureau) -> None:
    with (bureau.out / MONTHS[0] / "towns" / "长来.xlsx").open("rb") as file:
        office, clear = msoffcrypto.OfficeFile(file), io.BytesIO()
        office.load_key(password=f"long enough {list(TOWNS).index('长来')}", verify_password=True)
        office.decrypt(clear)
    assert "疑似不符合条件" in openpyxl.load_workbook(clear).sheetnames
    assert (bureau.out / MONTHS[0] / "monthly").is_dir()


def test_another_key_is_taken_into_use(bureau: Bureau) -> None:
    old = (bureau.work / "key").read_text()
    bureau.audit("key", "new", "--out", "key2", key=False)
    new = (bureau.work / "key2").read_text()
    (bureau.work / "key").write_text(new + old)
    ended = bureau.audit("key", "rotate", "--out", "out")
    assert ended.returncode == 0 and ", 0 were already" in ended.stdout, ended.stderr
    (bureau.work / "key").write_text(new)
    assert bureau.audit("ledger", "verify", "--ledger", "out/ledger.duckdb").returncode == 0
    ended = bureau.audit("key", "open", f"out/{MONTHS[0]}/findings.parquet.age", "--to", "open")
    assert ended.returncode == 0 and pl.read_parquet(bureau.work / "open" / "findings.parquet").height > 0
