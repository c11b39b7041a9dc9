"""`python -m bench.kills [N]`: six small months, N runs of them killed (200), the ledger held against a quiet one.

Needs the tests' folder on the path, where the months are made: PYTHONPATH=.:tests.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from support.kills import MONTHS, disturbed, drops, undisturbed

from pipeline.ledger.verify import verify


def main() -> None:
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        drops(work, MONTHS)
        held, seconds = undisturbed(work, work / "quiet")
        print(f"{len(MONTHS)} months in peace, {seconds:.1f} s each", flush=True)
        begun, done, turn = time.monotonic(), 0, 0
        while done < kills:
            out = work / f"out-{turn}"
            found = disturbed(work, out, held, seconds, kills - done, turn)
            done += found.before + found.after
            turn += 1
            wrong, _ = verify(out / "ledger.duckdb")
            print(
                f"{found.before} kills left the ledger as before, {found.after} as after, {found.staged} of them while"
            )
            print(
                f"  finished outputs were staged; ledger and folders differ in {len(wrong)} things at the end",
                flush=True,
            )
            for line in dict.fromkeys(found.told):
                print(f"  {found.told.count(line)} × {line}")
        print(f"{done} kills in {time.monotonic() - begun:.0f} s: every final ledger equal to the quiet one")


if __name__ == "__main__":
    main()
