"""The key, sealed files, the private room, and the change of a key."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from pipeline import vault
from pipeline.cli import cli
from pipeline.errors import BadInput
from pipeline.ledger.journal import append, journal_of
from pipeline.ledger.rulings import LINK, read_rulings
from pipeline.ledger.store import opened
from pipeline.vault.rooms import left_over, shelf
from pipeline.vault.rotate import rotate

ROOT = Path(__file__).parents[2]
MARKER = b"440281199003071239"


def made(tmp_path: Path, name: str = "a.key") -> vault.Key:
    vault.write_new_key(tmp_path / name)
    return vault.key_of((tmp_path / name).read_text(), name)


@pytest.fixture
def key(tmp_path: Path) -> Iterator[vault.Key]:
    made_key = made(tmp_path)
    with vault.in_use(made_key):
        yield made_key


def test_a_sealed_file_is_read_as_the_clear_one_was(tmp_path: Path, key: vault.Key) -> None:
    path = tmp_path / "t.parquet"
    frame = pl.DataFrame({"id_number": [MARKER.decode()], "n": [1]})
    frame.write_parquet(path, compression="uncompressed")
    digest, clear = vault.sha256(path), path.read_bytes()
    assert MARKER in clear
    sealed = vault.seal(path, key)
    assert not path.exists() and sealed.name == "t.parquet.age" and sealed.stat().st_mode & 0o777 == 0o600
    assert MARKER not in sealed.read_bytes()
    assert vault.there(path) and vault.content(path) == clear and vault.sha256(path) == digest
    assert vault.read_parquet(path).equals(frame) and vault.read_parquet(path, ["n"]).columns == ["n"]


def test_without_the_key_or_with_another_nothing_is_opened(tmp_path: Path, key: vault.Key) -> None:
    path = tmp_path / "x"
    path.write_bytes(MARKER)
    sealed = vault.seal(path, key)
    for other, words in ((None, "no key is in use"), (made(tmp_path, "b.key"), "does not open it")):
        with vault.in_use(other), pytest.raises(BadInput, match=words) as e:
            vault.content(path)
        assert MARKER.decode() not in str(e.value)
    sealed.write_bytes(sealed.read_bytes()[:-1])
    with pytest.raises(BadInput, match="damaged"):
        vault.content(path)


@pytest.mark.parametrize("text", ["", "# nothing\n", "AGE-SECRET-KEY-1NOTAKEY", "s3cr3t"])
def test_what_is_no_key_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(BadInput) as e:
        vault.key_of(text, "AUDIT_KEY")
    assert "AUDIT_KEY holds" in str(e.value) and (not text or text not in str(e.value))


def test_a_key_that_others_may_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vault.write_new_key(tmp_path / "a.key")
    assert (tmp_path / "a.key").stat().st_mode & 0o777 == 0o600
    with pytest.raises(BadInput, match="never overwritten"):
        vault.write_new_key(tmp_path / "a.key")
    monkeypatch.setenv(vault.KEY_FILE, str(tmp_path / "a.key"))
    monkeypatch.setattr("pipeline.vault.keys._in_use", [])
    assert vault.current() is not None
    (tmp_path / "a.key").chmod(0o640)
    monkeypatch.setattr("pipeline.vault.keys._in_use", [])
    with pytest.raises(BadInput, match="chmod 600"):
        vault.current()


def test_a_key_is_not_shown(tmp_path: Path) -> None:
    key = made(tmp_path)
    assert "SECRET" not in repr(key) + str(key)


def test_what_is_worked_on_lies_sealed_when_it_is_closed(tmp_path: Path, key: vault.Key) -> None:
    path = tmp_path / "ledger"
    with vault.worked_on(path) as file:
        assert file != path and not file.exists() and file.parent.parent == vault.room()
        file.write_bytes(b"one " + MARKER)
    sealed = vault.sealed_name(path)
    before = sealed.read_bytes()
    with vault.worked_on(path) as file:
        assert file.read_bytes() == b"one " + MARKER
    assert sealed.read_bytes() == before, "what did not change is not sealed anew"
    with pytest.raises(BadInput, match="held by another program"), vault.worked_on(path), vault.worked_on(path):
        pass
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.key", "ledger.age"]


def test_a_file_from_before_there_was_a_key_is_taken_over_when_it_was_found_sound(
    tmp_path: Path, key: vault.Key
) -> None:
    path = tmp_path / "ledger"
    path.write_bytes(MARKER)
    with pytest.raises(ValueError, match="no ledger"), vault.worked_on(path):
        raise ValueError("no ledger")
    assert path.read_bytes() == MARKER and not vault.sealed_name(path).exists()
    with vault.worked_on(path) as file:
        assert file.read_bytes() == MARKER
    assert not path.exists() and vault.content(path) == MARKER
    path.write_bytes(MARKER)  # as where the process was killed before it had removed it
    with vault.worked_on(path):
        pass
    assert not path.exists()
    path.write_bytes(b"another")
    with pytest.raises(BadInput, match="the two differ"), vault.worked_on(path):
        pass
    assert path.read_bytes() == b"another"


_HOLD = """
import sys, time
from pathlib import Path
from pipeline import vault
with vault.worked_on(Path(sys.argv[1])) as file:
    print(file, flush=True)
    if len(sys.argv) > 2: time.sleep(60)
"""


def test_a_killed_process_leaves_nothing_open_for_long(
    tmp_path: Path, key: vault.Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(vault.KEY_FILE, str(tmp_path / "a.key"))
    path = tmp_path / "ledger"
    with vault.worked_on(path) as file:
        file.write_bytes(MARKER)
    command = [sys.executable, "-c", _HOLD, str(path)]
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    ended = subprocess.run(command, capture_output=True, text=True, env=env, check=True)
    assert not Path(ended.stdout.strip()).parent.exists(), "a process that ends wipes its room"
    other = subprocess.Popen([*command, "wait"], stdout=subprocess.PIPE, text=True, env=env)
    assert other.stdout is not None
    clear = Path(other.stdout.readline().strip())
    assert clear.read_bytes() == MARKER and clear.is_relative_to(shelf())
    assert clear.parents[1] not in left_over(), "held by a process that lives"
    with pytest.raises(BadInput, match="held by another program"), vault.worked_on(path):
        pass
    other.kill()
    other.communicate()
    assert clear.parents[1] in left_over()
    assert vault.tidy() >= 1 and not clear.exists() and vault.room().exists()


def test_what_could_not_be_sealed_is_forgotten(tmp_path: Path, key: vault.Key) -> None:
    """A disk that is full: whoever opens it next in this process sees what is on the disk."""
    path, more = tmp_path / "ledger", MARKER * 100
    with vault.worked_on(path) as file:
        file.write_bytes(MARKER)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(more) + 20, hard))  # too little for the sealed form
    try:
        with pytest.raises(OSError), vault.worked_on(path) as file:
            file.write_bytes(more)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    with vault.worked_on(path) as file:
        assert file.read_bytes() == MARKER


_SEAL = """
import os, signal, sys
from pathlib import Path
from pipeline import vault
with vault.worked_on(Path(sys.argv[1])) as file:
    file.write_bytes(b"another")
    os.fsync = lambda handle: os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_process_left_that_was_killed_while_it_sealed_is_removed(
    tmp_path: Path, key: vault.Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(vault.KEY_FILE, str(tmp_path / "a.key"))
    path, folder = tmp_path / "out" / "ledger", tmp_path / "out"
    folder.mkdir()
    with vault.worked_on(path) as file:
        file.write_bytes(MARKER)
    ended = subprocess.run([sys.executable, "-c", _SEAL, str(path)], env=os.environ | {"PYTHONPATH": str(ROOT)})
    assert ended.returncode == -signal.SIGKILL and len(list(folder.iterdir())) == 2
    with vault.worked_on(path) as file:
        assert file.read_bytes() == MARKER
    assert list(folder.iterdir()) == [vault.sealed_name(path)]


def test_a_new_key_is_not_taken_over_while_somebody_works(tmp_path: Path, key: vault.Key) -> None:
    path = tmp_path / "out" / "ledger"
    path.parent.mkdir()
    with vault.worked_on(path) as file:
        file.write_bytes(MARKER)
    vault.write_new_key(tmp_path / "b.key")
    both = vault.key_of((tmp_path / "b.key").read_text() + (tmp_path / "a.key").read_text(), "the test")
    with vault.worked_on(path), vault.in_use(both), pytest.raises(BadInput, match="held by another program"):
        rotate(tmp_path / "out")
    with vault.in_use(both):
        assert rotate(tmp_path / "out") == (1, 0)


def test_a_new_key_takes_over(tmp_path: Path, key: vault.Key) -> None:
    out = tmp_path / "out"
    (out / "2022-10").mkdir(parents=True)
    for name in ("ledger.duckdb", "2022-10/findings.parquet"):
        (out / name).write_bytes(name.encode())
        vault.seal(out / name, key)
    new = made(tmp_path, "b.key")
    with vault.in_use(new), pytest.raises(BadInput, match="does not open it"):
        rotate(out)
    with vault.in_use(vault.Key((*new.identities, *key.identities))):
        assert rotate(out, out / "ledger.duckdb") == (2, 0)
        assert rotate(out) == (0, 2)
    with vault.in_use(new):
        assert vault.content(out / "2022-10/findings.parquet") == b"2022-10/findings.parquet"
    with pytest.raises(BadInput, match="does not open it"):
        vault.content(out / "ledger.duckdb")


def test_a_place_that_is_not_there_is_no_work_done(tmp_path: Path, key: vault.Key) -> None:
    """Else somebody takes the old key out of the file, and nothing opens any more."""
    (tmp_path / "out[1]").mkdir()
    (tmp_path / "out[1]" / "a").write_bytes(MARKER)
    vault.seal(tmp_path / "out[1]" / "a", key)
    for place in (tmp_path / "ou", tmp_path / "out[1]" / "b"):
        with pytest.raises(BadInput, match="no such folder or file"):
            rotate(tmp_path / "out[1]", place)
    assert rotate(tmp_path / "out[1]", tmp_path / "out[1]" / "a") == (0, 1)


def test_rulings_that_wait_are_sealed_for_the_new_key_too(tmp_path: Path) -> None:
    old, new = made(tmp_path), made(tmp_path, "b.key")
    ledger = tmp_path / "out" / "ledger.duckdb"
    ledger.parent.mkdir()
    with vault.in_use(old):
        with opened(ledger):
            pass
        append(ledger, [{"kind": LINK, "subject": "a|b|death", "verdict": "same", "source": "no. 1"}])
    with vault.in_use(vault.Key((*new.identities, *old.identities))):
        ended = CliRunner().invoke(cli, ["key", "rotate", "--out", str(ledger.parent)], catch_exceptions=False)
    assert ended.exit_code == 0 and not journal_of(ledger).exists()
    with vault.in_use(new), opened(ledger) as con:
        assert read_rulings(con, LINK).height == 1


@pytest.mark.parametrize("journal", [True, False])
def test_what_the_database_could_not_end_is_not_sealed_and_nothing_is_forgotten(
    tmp_path: Path, key: vault.Key, journal: bool
) -> None:
    """A journal beside the file: a write broke off. Without one, what was committed before an error stays."""
    path, told = tmp_path / "ledger", []
    with vault.worked_on(path, kept=lambda: told.append("kept")) as file:
        file.write_bytes(b"as before")
    with pytest.raises(OSError, match="no room"), vault.worked_on(path, kept=lambda: told.append("again")) as file:
        file.write_bytes(b"half of a page and no more")
        if journal:
            file.with_name(file.name + ".wal").write_bytes(b"begun")
        raise OSError("no room")
    assert told == ["kept"]
    assert vault.content(path) == (b"as before" if journal else b"half of a page and no more")
    with vault.worked_on(path) as file:
        assert file.read_bytes() == vault.content(path)


def test_what_was_committed_and_could_not_be_ended_is_told(tmp_path: Path, key: vault.Key) -> None:
    """No room where the ledger is open: DuckDB leaves its journal and says nothing; the ledger would be as before."""
    path = tmp_path / "ledger.duckdb"
    insert = "INSERT INTO handed_in VALUES ('d', 1, DATE '2022-10-27', now()::TIMESTAMP)"
    with opened(path):
        pass
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))  # a journal, but no page of the file
    try:
        with pytest.raises(BadInput, match="no room left"), opened(path) as con:
            con.execute(insert)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    with opened(path) as con:
        assert con.execute("SELECT count(*) FROM handed_in").fetchone() == (0,)
        con.execute(insert)
    with opened(path) as con:
        assert con.execute("SELECT count(*) FROM handed_in").fetchone() == (1,)
