"""`python -m bench.incremental DROP MONTH [ROUNDS [NEXT]]`: a month with a row in twenty new, with and without a cache.

The smallest text files that together hold 5 % of the drop's rows lose their last row, so that they are read anew; every
other file is as the cache has it. Runs with the cache and from nothing go by turns, each into an OUT and ledger of its
own, and must leave the same files, byte for byte (but for run.json and the manifest, which tell the time). The cache is
of a run of MONTH over the drop as it was; what is measured is MONTH again, as after a correction, or the month NEXT.
"""

from __future__ import annotations

import codecs
import hashlib
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from bench.measure import run
from bench.measure import told as figures
from pipeline.run import run_audit

_SHARE = 0.05
_TEXT = {".csv", ".tsv", ".txt"}
_TELL_THE_TIME = {"run.json", "manifest.json"}


def change(drop: Path) -> tuple[int, int]:
    """Take the last row off the text files that hold `_SHARE` of all rows; rows of those files, and of the drop."""
    import polars as pl

    texts = {p: p.read_bytes() for p in sorted(drop.rglob("*")) if p.suffix in _TEXT}
    known = {p: text.count(b"\n") for p, text in texts.items()}
    books = [p for p in drop.rglob("*.xlsx") if p.is_file()]
    rows = sum(known.values()) + sum(
        frame.height for p in books for frame in pl.read_excel(p, sheet_id=0, has_header=False).values()
    )
    changed = 0
    for path, count in sorted(known.items(), key=lambda item: item[1]):
        if changed >= _SHARE * rows:
            break
        if texts[path].startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            continue  # a row does not end at a byte there
        path.write_bytes(b"".join(texts[path].splitlines(keepends=True)[:-1]))
        changed += count
    return changed, rows


def digest(folder: Path) -> dict[str, str]:
    """The month's files and their hashes."""
    files = (p for p in folder.rglob("*") if p.is_file() and p.name not in _TELL_THE_TIME)
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def once(drop: Path, month: str, out: Path, cache: Path | None) -> None:
    """One audit, for `run`."""
    begun = time.perf_counter()
    run_audit(drop, month, out, cache=cache)
    used = os.times()
    busy = used.user + used.system + used.children_user + used.children_system
    print(figures(seconds=time.perf_counter() - begun, busy=busy))


def main() -> None:
    given, before, rounds = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 2
    month = sys.argv[4] if len(sys.argv) > 4 else before
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        drop, kept = work / "drop", work / "kept"
        shutil.copytree(given, drop)
        run("incremental", "--once", drop, before, work / "first", kept)  # fills the cache
        changed, rows = change(drop)
        print(f"{changed:,} of {rows:,} rows stand in files that changed")
        seconds: dict[str, list[float]] = {"from nothing": [], "with the cache": []}
        busy: dict[str, list[float]] = {name: [] for name in seconds}
        left: dict[str, dict[str, str]] = {}
        for turn in range(rounds):
            for name in seconds:
                out, cache = work / f"{turn}-{name}", work / f"cache-{turn}"
                where = []
                if name == "with the cache":
                    shutil.copytree(kept, cache)
                    where = [cache]
                told = run("incremental", "--once", drop, month, out, *where)
                seconds[name].append(told["seconds"])
                busy[name].append(told["busy"])
                left[name] = digest(out / month)
                shutil.rmtree(out)
                shutil.rmtree(cache, ignore_errors=True)
            assert left["from nothing"] == left["with the cache"], "the cache changed what an audit leaves"
        for name, each in seconds.items():
            pairs = zip(each, busy[name], strict=True)
            print(f"  {name:15} {', '.join(f'{s:.1f} s ({b:.1f} s of processor)' for s, b in pairs)}")
        ratios = [statistics.median(c / f for f, c in zip(*each.values(), strict=True)) for each in (seconds, busy)]
        print(
            f"the same bytes; with the cache {ratios[0]:.2f} times the run from nothing, {ratios[1]:.2f} of processor"
        )


if __name__ == "__main__":
    if sys.argv[1] == "--once":
        _, _, _drop, _month, _out, *_cache = sys.argv
        once(Path(_drop), _month, Path(_out), Path(_cache[0]) if _cache else None)
    else:
        main()
