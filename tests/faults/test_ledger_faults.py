"""The ledger and its folders after a kill, on a full disk, damaged, or wanted by two: as before or as after."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from support.kills import MONTHS, ROOT, digest, disturbed, drops, undisturbed

from pipeline import vault
from pipeline.engine.duck import DuckEngine
from pipeline.errors import BadInput
from pipeline.findings.rows import FINDING_SCHEMA
from pipeline.ledger import Ledger, opened, workspace
from pipeline.ledger.compared import Comparison
from pipeline.ledger.folders import MANIFEST, appear, manifest_of, recover, seen_from, stage
from pipeline.ledger.keep import Kept
from pipeline.ledger.verify import verify

MONTH = "2022-10"


class Bureau:
    """An OUT with its ledger; `finish` makes a run up to its last step but one."""

    def __init__(self, out: Path, engine: DuckEngine) -> None:
        self.out, self.engine = out, engine
        out.mkdir(exist_ok=True)
        self.ledger = Ledger(out / "ledger.duckdb")

    def compare(self, found: str) -> Comparison:
        rows = [{"fingerprint": f * 32, "rule_id": "vehicle_owned", "town": "乐城", "record_id": f} for f in found]
        self.engine.drop("finding_rows")
        self.engine.load("finding_rows", pl.DataFrame(rows, schema=FINDING_SCHEMA))
        return self.ledger.compare(self.engine, MONTH)

    def staged(self, found: str) -> tuple[Path, str, Comparison]:
        comparison = self.compare(found)
        finished = self.out / "finished"
        finished.mkdir()
        self.engine.rows("SELECT * FROM findings").write_parquet(finished / "findings.parquet")
        return *stage(finished, self.out, self.ledger.path, MONTH, self.ledger.next_run()), comparison

    def record(self, staged: Path, manifest: str, comparison: Comparison) -> None:
        kept = Kept(seen_from(self.ledger.path, self.out), manifest, vault.sha256(staged / "findings.parquet"))
        self.ledger.record(comparison, "0", "policy", kept=kept)

    def run(self, found: str) -> None:
        staged, manifest, comparison = self.staged(found)
        self.record(staged, manifest, comparison)
        appear(staged, self.out, MONTH)

    def stands(self) -> int:
        about = manifest_of(self.out / MONTH)
        assert about is not None
        return int(about["run"])


@pytest.fixture(params=["clear", "sealed"])
def bureau(
    request: pytest.FixtureRequest, tmp_path: Path, engine: DuckEngine, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Bureau]:
    """All that is true of a ledger that lies clear is true of one that lies sealed."""
    key = None
    if request.param == "sealed":
        file = tmp_path / "bureau.key"
        vault.write_new_key(file)
        monkeypatch.setenv(vault.KEY_FILE, str(file))  # of the processes that are started
        key = vault.key_of(file.read_text(), "the test")
    with vault.in_use(key):
        yield Bureau(tmp_path / "out", engine)


def test_killed_before_it_was_recorded(bureau: Bureau) -> None:
    bureau.run("ab")
    before = digest(bureau.ledger.path)
    staged, _, _ = bureau.staged("abc")
    assert recover(bureau.out, bureau.ledger.path) == [f"a run of {MONTH} that was not recorded was found and removed"]
    assert not staged.exists() and bureau.stands() == 1 and digest(bureau.ledger.path) == before
    assert verify(bureau.ledger.path)[0] == []


def test_killed_before_its_outputs_were_in_place(bureau: Bureau) -> None:
    bureau.run("ab")
    bureau.record(*bureau.staged("abc"))
    assert bureau.stands() == 1 and verify(bureau.ledger.path)[0] != []
    told = recover(bureau.out, bureau.ledger.path)
    assert told == [f"run 2 of {MONTH} had been recorded: its outputs were put in place"]
    assert (
        bureau.stands() == 2 and verify(bureau.ledger.path)[0] == [] and recover(bureau.out, bureau.ledger.path) == []
    )


def test_killed_while_the_ledger_was_made(bureau: Bureau) -> None:
    """What lies beside a ledger that stands is nobody's any more; while there is none, somebody may be making it."""
    bureau.out.mkdir(parents=True, exist_ok=True)
    path = bureau.ledger.path
    begun = path.with_name(f".{path.name}-abc")
    begun.write_bytes(b"")
    with workspace(bureau.out, path, MONTH):
        assert begun.exists()
    bureau.run("ab")
    begun.write_bytes(b"")
    with workspace(bureau.out, path, MONTH):
        assert begun.exists() is (vault.current() is not None)


def test_killed_before_the_superseded_was_put_aside(bureau: Bureau) -> None:
    bureau.run("ab")
    staged, manifest, comparison = bureau.staged("abc")
    bureau.record(staged, manifest, comparison)
    (bureau.out / MONTH).rename(bureau.out / "between")  # as after the exchange
    staged.rename(bureau.out / MONTH)
    (bureau.out / "between").rename(staged)
    assert recover(bureau.out, bureau.ledger.path) == [
        f"run 1 of {MONTH} had been superseded: its outputs were put aside"
    ]
    assert bureau.stands() == 2 and (bureau.out / "runs" / f"{MONTH}-0001").is_dir()
    assert verify(bureau.ledger.path)[0] == []


def test_killed_where_folders_cannot_change_places(bureau: Bureau) -> None:
    bureau.run("ab")
    bureau.record(*bureau.staged("abc"))
    (bureau.out / "runs").mkdir()
    (bureau.out / MONTH).rename(bureau.out / "runs" / f"{MONTH}-0001")  # the first of two renames
    recover(bureau.out, bureau.ledger.path)
    assert bureau.stands() == 2 and verify(bureau.ledger.path)[0] == []


def test_another_ledgers_outputs_are_left_alone(bureau: Bureau, tmp_path: Path) -> None:
    bureau.run("a")
    bureau.record(*bureau.staged("ab"))
    told = recover(bureau.out, tmp_path / "another.duckdb")
    assert len(told) == 1 and "another ledger" in told[0] and len(list(bureau.out.glob(".run-*"))) == 1


def test_outputs_of_before_there_was_a_ledger_are_kept(bureau: Bureau) -> None:
    (bureau.out / MONTH).mkdir()
    (bureau.out / MONTH / "index.html").write_text("十月")
    bureau.run("a")
    assert (bureau.out / "runs" / f"{MONTH}-before-1" / "index.html").read_text() == "十月"


def test_what_was_changed_by_hand_is_told(bureau: Bureau) -> None:
    bureau.run("ab")
    path = bureau.out / MONTH / "findings.parquet"
    fewer = vault.read_parquet(path).head(1)
    vault.on_disk(path).unlink()
    fewer.write_parquet(path)
    (bureau.out / MONTH / "note.txt").write_text("x")
    wrong, _ = verify(bureau.ledger.path)
    assert [line.partition(": ")[2] for line in wrong] == [
        "findings.parquet is not as it was written", "note.txt was added later",
    ]  # fmt: skip
    (bureau.out / MONTH / MANIFEST).write_text("{}")
    assert "not the one that was recorded" in verify(bureau.ledger.path)[0][0]


@pytest.mark.parametrize("cut", [100, 5_000, 200_000])
def test_a_truncated_ledger_is_told_and_left_as_it_is(bureau: Bureau, cut: int) -> None:
    bureau.run("ab")
    lies = vault.on_disk(bureau.ledger.path)
    whole = lies.read_bytes()
    lies.write_bytes(whole[:cut])
    with pytest.raises(BadInput, match=r"ledger\.duckdb.*: (not a ledger that can be opened|.*or it is damaged)"):
        bureau.ledger.check()
    assert lies.read_bytes() == whole[:cut]


def test_a_clock_set_back_changes_nothing(bureau: Bureau) -> None:
    bureau.run("ab")
    with opened(bureau.ledger.path) as con:
        con.execute("UPDATE run SET recorded_at = TIMESTAMP '2099-01-01'")
    rows = {r.state.fingerprint[0]: r.state.status for r in bureau.compare("bc").rows}
    bureau.run("bc")
    assert rows == {"b": "new", "c": "new"} and bureau.stands() == 2


@pytest.fixture
def holder(bureau: Bureau) -> Iterator[subprocess.Popen[str]]:
    """Another run in the same OUT, at work."""
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom pipeline.ledger import workspace\n"
        "out = Path(sys.argv[1])\n"
        "with workspace(out, out / 'ledger.duckdb', '2022-09'):\n    print('held', flush=True)\n    time.sleep(60)\n"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code, str(bureau.out)],
        stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert other.stdout is not None and other.stdout.readline() == "held\n"
    yield other
    other.kill()
    other.communicate()


def test_of_two_runs_at_once_the_second_is_refused(bureau: Bureau, holder: subprocess.Popen[str]) -> None:
    with (
        pytest.raises(BadInput, match="another run is at work"),
        workspace(bureau.out, bureau.ledger.path, MONTH),
    ):
        pass
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with workspace(bureau.out, bureau.ledger.path, MONTH) as (_, told):
        assert told == ["an unfinished run of 2022-09 was found and removed"], "the lock went with its holder"


_FULL = """
import resource, signal, sys
from pathlib import Path
import polars as pl
from pipeline.engine.duck import DuckEngine
from test_ledger_faults import Bureau
bureau = Bureau(Path(sys.argv[1]), DuckEngine())
comparison = bureau.compare("abcdef")
numbers = pl.DataFrame({"rows": range(300_000)}).with_columns(
    kind=pl.lit("rows"), town=pl.lit(""), good=pl.col("rows"),
    item=pl.col("rows").hash(1).cast(pl.String), subject=pl.col("rows").hash(2).cast(pl.String))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))  # no file may grow beyond
bureau.ledger.record(comparison, "0", "policy", numbers)
"""


def test_a_full_disk_leaves_the_ledger_as_it_was(bureau: Bureau) -> None:
    bureau.run("ab")
    before, size = digest(bureau.ledger.path), vault.on_disk(bureau.ledger.path).stat().st_size
    paths = os.pathsep.join(str(ROOT / p) for p in (".", "tests", "tests/faults"))
    ended = subprocess.run(
        [sys.executable, "-c", _FULL, str(bureau.out), str(size)],
        capture_output=True, text=True, check=False, timeout=100, env=os.environ | {"PYTHONPATH": paths},
    )  # fmt: skip
    assert ended.returncode != 0 and "Error" in ended.stderr
    assert digest(bureau.ledger.path) == before
    bureau.run("abc")
    assert bureau.stands() == 2 and verify(bureau.ledger.path)[0] == []


_NO_ROOM = """
import resource, signal, sys
from pathlib import Path
from pipeline.errors import BadInput
from pipeline.ledger import opened
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
try:
    with opened(Path(sys.argv[1]) / "ledger.duckdb"):
        pass
except BadInput as e:
    print(e)
"""


def test_a_disk_without_room_for_a_ledger_is_not_called_damage(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _NO_ROOM, str(tmp_path)], capture_output=True, text=True, check=True, timeout=100,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert f"the disk that holds {tmp_path.name} is full" in ended.stdout and "damaged" not in ended.stdout
    assert not list(tmp_path.iterdir())


def test_runs_killed_at_random_moments_end_in_the_same_ledger(tmp_path: Path) -> None:
    months = MONTHS[:2]
    drops(tmp_path, months)
    held, seconds = undisturbed(tmp_path, tmp_path / "quiet", months)
    found = disturbed(tmp_path, tmp_path / "out", held, seconds, 3, 3, months)
    assert found.before + found.after >= 2
    assert verify(tmp_path / "out" / "ledger.duckdb")[0] == []
