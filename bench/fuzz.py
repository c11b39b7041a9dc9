"""`python -m bench.fuzz [N] [BOOKS]`: N spoilt files, cells and settings (20,000), BOOKS spoilt workbooks (500).

Every case is judged as in tests/property/test_fuzz.py, in a process of its own for every few hundred, whose memory is
measured. What fails is told with its kind and number, and can be tried again alone: `--again KIND NUMBER`.
bench/fuzz_coverage.py is the same with bytes chosen by atheris. Needs the tests' folder on the path:
PYTHONPATH=.:tests.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import resource
import sys
import time
import zlib
from collections import Counter

from support import fuzz

_BATCH = 250
_SECONDS = 20  # a case that takes longer is a failure
_JUDGES = {kind: judge for kind, (_, judge) in fuzz.CASES.items()} | {"book": fuzz.judge_book}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.fuzz")
    parser.add_argument("cases", type=int, nargs="?", default=20_000)
    parser.add_argument("books", type=int, nargs="?", default=500)
    parser.add_argument("--seed", type=int, default=0, help="other cases")
    parser.add_argument("--kinds", default=",".join(_JUDGES), help="only these, of all: %(default)s")
    parser.add_argument("--again", nargs=2, metavar=("KIND", "NUMBER"), help="one case alone, with its traceback")
    asked = parser.parse_args()
    if asked.again:
        kind, number = asked.again
        print(_JUDGES[kind](dice(kind, int(number))))
        return
    parts = sum(share for share, _ in fuzz.CASES.values())
    plan = {kind: asked.cases * share // parts for kind, (share, _) in fuzz.CASES.items()} | {"book": asked.books}
    failures = 0
    for kind in asked.kinds.split(","):
        count = plan[kind]
        begun, ends, slowest, most = time.monotonic(), Counter[str](), 0.0, 0.0
        for first in range(asked.seed * count, (asked.seed + 1) * count, _BATCH):
            numbers = range(first, min(first + _BATCH, (asked.seed + 1) * count))
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                told, seconds, peak, wrong = pool.apply(batch, (kind, numbers))
            ends += Counter(told)
            slowest, most = max(slowest, seconds), max(most, peak)
            failures += len(wrong)
            for line in wrong:
                print(line, flush=True)
        print(
            f"{kind}: {sum(ends.values())} cases, {dict(ends)}; slowest {slowest:.2f} s, at most {most:.0f} MiB, "
            f"{time.monotonic() - begun:.0f} s in all",
            flush=True,
        )
    print(f"{failures} failures")
    sys.exit(bool(failures))


def dice(kind: str, number: int) -> random.Random:
    return random.Random(zlib.crc32(f"{kind} {number}".encode()))


def batch(kind: str, numbers: range) -> tuple[dict[str, int], float, float, list[str]]:
    """How the cases ended, the slowest one's seconds, the peak in MiB, and those that failed."""
    ends, slowest, wrong = Counter[str](), 0.0, []
    for number in numbers:
        begun = time.monotonic()
        try:
            ends[_JUDGES[kind](dice(kind, number))] += 1
        except BaseException as error:
            wrong.append(f"{kind} {number}: {type(error).__name__}: {str(error)[:300]}")
        took = time.monotonic() - begun
        if took > _SECONDS:
            wrong.append(f"{kind} {number}: {took:.0f} s")
        slowest = max(slowest, took)
    return dict(ends), slowest, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, wrong


if __name__ == "__main__":
    main()
