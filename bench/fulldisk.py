"""`python -m bench.fulldisk [N] [SEED] [--sealed]`: audits of a small county, N of which (50) fill their disk up.

Each disk is a tmpfs of a random size (so this needs the superuser) that holds an OUT with one month in it; the next
month's audit runs there. It must end whole, or be refused with one message while OUT and the ledger are as they were;
and once there is room, the same run must give what it gives on a disk that never filled. `--sealed`: with a key. Needs
the tests' folder on the path, where the months are made: PYTHONPATH=.:tests.
"""

from __future__ import annotations

import argparse
import random
import shutil
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path

from support.kills import digest
from support.life import MONTHS, month_of, write
from support.rooms import audited, disk, held, keyed, remount, size

from pipeline.ledger.verify import verify

_FIRST, _SECOND = 5, 6  # of the six months


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.fulldisk")
    parser.add_argument("times", type=int, nargs="?", default=50)
    parser.add_argument("seed", type=int, nargs="?", default=1)
    parser.add_argument("--sealed", action="store_true", help="with a key")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        with keyed(work) if asked.sealed else nullcontext():
            _fill(work, asked.times, random.Random(asked.seed))


def _fill(work: Path, times: int, dice: random.Random) -> None:
    first, second = (write(month_of(n), work / str(n) / "drop") for n in (_FIRST, _SECOND))
    quiet = work / "quiet"
    assert audited(first, MONTHS[_FIRST - 1], quiet) == ""
    start = work / "start"
    shutil.copytree(quiet, start, copy_function=shutil.copy2)
    before, files_before = digest(quiet / "ledger.duckdb"), held(quiet)
    assert audited(second, MONTHS[_SECOND - 1], quiet) == ""
    after, files_after = digest(quiet / "ledger.duckdb"), held(quiet)
    used, most = size(start), size(quiet)  # with that much it has room, but for what it needs while it works
    print(f"{used >> 10} KiB before, {size(quiet) >> 10} KiB after", flush=True)
    full, turn, begun, messages = 0, 0, time.monotonic(), dict[str, int]()
    while full < times:
        turn += 1
        room = used + dice.randrange(64 << 10, max(most - used, 128 << 10))
        with disk(work / "disk", room) as mounted:
            out = mounted / "out"
            shutil.copytree(start, out, copy_function=shutil.copy2)
            told = audited(second, MONTHS[_SECOND - 1], out)
            if told:
                full += 1
                messages[told] = messages.get(told, 0) + 1
                assert "is full" in told or "too little" in told, told
                assert digest(out / "ledger.duckdb") == before, f"{room}: the ledger is not as before"
                assert held(out) == files_before, f"{room}: OUT is not as before"
                remount(mounted, "size=1g")
                assert audited(second, MONTHS[_SECOND - 1], out) == ""
            assert digest(out / "ledger.duckdb") == after, f"{room}: the ledger is another than on a large disk"
            assert held(out) == files_after, f"{room}: the outputs are others than on a large disk"
            assert verify(out / "ledger.duckdb")[0] == []
        print(f"{turn}: {room >> 10} KiB, {'full, then whole' if told else 'whole'}", flush=True)
    for message, n in messages.items():
        print(f"  {n} × {message}")
    print(f"{turn} disks in {time.monotonic() - begun:.0f} s: {full} filled up, every one as before, then whole")


if __name__ == "__main__":
    main()
