"""`python -m bench.kills [N] [--sealed]`: six small months, N runs of them killed (200), held against quiet ones.

After every kill the ledger and what stands in OUT must be as before or as after the month; at the end both are equal to
those of runs in peace. `--sealed`: with a key. Then nothing may lie in OUT in the clear at any of these moments
(workbooks apart), and no private folder of a killed process outlives the next start; so nothing else of the program may
run beside. Needs the tests' folder on the path, where the months are made: PYTHONPATH=.:tests.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path

from support.kills import MONTHS, disturbed, drops, undisturbed
from support.life import month_of
from support.rooms import in_the_clear, keyed

from pipeline.ledger.verify import verify
from pipeline.vault.rooms import left_over


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.kills")
    parser.add_argument("kills", type=int, nargs="?", default=200)
    parser.add_argument("--sealed", action="store_true", help="with a key")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        with keyed(work) if asked.sealed else nullcontext():
            _kill(work, asked.kills, asked.sealed)


def _kill(work: Path, kills: int, sealed: bool) -> None:
    drops(work, MONTHS)
    held, seconds = undisturbed(work, work / "quiet")
    print(f"{len(MONTHS)} months in peace, {seconds:.1f} s each", flush=True)
    begun, done, turn, rooms = time.monotonic(), 0, 0, 0
    numbers = {home.id_number for n in range(1, len(MONTHS) + 1) for home in month_of(n).homes.values()}

    def look(out: Path) -> None:
        nonlocal rooms
        print(".", end="", flush=True)  # a kill, or the end of a turn
        if sealed:
            assert (found := in_the_clear(out, numbers)) == [], found
            rooms = max(rooms, len(left_over()))

    while done < kills:
        out = work / f"out-{turn}"
        found = disturbed(work, out, held, seconds, kills - done, turn, look=look)
        done += found.before + found.after
        turn += 1
        if sealed:
            code = "from pipeline.cli import main; main()"
            command = [sys.executable, "-c", code, "ledger", "verify", "--ledger", str(out / "ledger.duckdb")]
            subprocess.run(command, check=True, capture_output=True)
            assert (left := left_over()) == [], left
        assert (wrong := verify(out / "ledger.duckdb")[0]) == [], wrong
        print(f"\n{found.before} kills left the ledger as before, {found.after} as after, {found.staged} of them while")
        print("  finished outputs were staged; ledger and folders agree at the end", flush=True)
        for line in dict.fromkeys(found.told):
            print(f"  {found.told.count(line)} × {line}")
    print(f"{done} kills in {time.monotonic() - begun:.0f} s: OUT always as before or as after, every end as in peace")
    if sealed:
        print(
            f"nothing in the clear in OUT after any kill; at most {rooms} private folders left, wiped at the next start"
        )


if __name__ == "__main__":
    main()
