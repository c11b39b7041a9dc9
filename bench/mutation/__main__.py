"""`python -m bench.mutation [RULE …] [--category C] [--shared]`: rules broken on purpose, and who notices.

Every mutant of a rule file (`mutants`) runs through the rule's spec grids; one that no scenario notices survives. With
--shared the named tables of `sql/findings/` are broken as well, each noticed by the specs of any rule that reads it.
Mutants that cannot be told from the original are declared in `equivalent.toml`, each with its reason. Exits 1 when a
mutant survives, or when a declared one is noticed or is no more.
"""

from __future__ import annotations

import argparse
import sys
import time
import tomllib
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from multiprocessing import get_context
from pathlib import Path

from bench.mutation.mutants import Mutant, mutants
from bench.mutation.trial import SPECS, Told, examined, rules_by_id
from pipeline.findings.rules import shared_tables


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rules", nargs="*", help="rule ids (default: all)")
    parser.add_argument("--category", help="the rules of one category")
    parser.add_argument("--shared", action="store_true", help="break the shared tables too")
    parser.add_argument("--only-shared", nargs="*", metavar="TABLE", help="break these shared tables alone")
    parser.add_argument("--specs", type=Path, default=SPECS, help="the folder of the spec grids (default: tests/spec)")
    parser.add_argument("--jobs", type=int, default=2, help="processes (default: 2)")
    options = parser.parse_args()
    rules = rules_by_id()
    if unknown := [r for r in options.rules if r not in rules]:
        parser.error(f"there is no rule '{unknown[0]}'")
    chosen = [r for r in options.rules or rules if options.category in (None, rules[r].category)]
    tables = {s.name: s for s in shared_tables()}
    only = options.only_shared
    if unknown := [t for t in only or [] if t not in tables]:
        parser.error(f"there is no shared table '{unknown[0]}'")
    names = only or (tables if options.shared or only is not None else [])
    shared = {name: mutants(tables[name]) for name in names}
    begun = time.perf_counter()
    results = _all(chosen, only is None, shared, options.specs, options.jobs)
    alive = _print(results, _declared())
    print(f"{time.perf_counter() - begun:.0f} s")
    sys.exit(1 if alive else 0)


def _all(chosen: list[str], own: bool, shared: dict[str, list[Mutant]], specs: Path, jobs: int) -> Told:
    """Every rule in a process of the pool; a shared table's mutant is tried until one rule notices it."""
    out: Told = {}
    left = {name: list(some) for name, some in shared.items()}
    waiting = list(chosen)
    running: set[Future[Told]] = set()
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), max_tasks_per_child=4) as pool:
        while waiting or running:
            while waiting and len(running) < jobs:
                running.add(pool.submit(examined, waiting.pop(0), own, left, specs))
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                for file, told in future.result().items():
                    _merge(out, file, told)
                    name = file.removeprefix("findings/")
                    if file.startswith("findings/"):
                        noticed = {m.sql for m, killed in told if killed is not False}
                        left[name] = [m for m in left[name] if m.sql not in noticed]
    return out


def _merge(out: Told, file: str, told: list[tuple[Mutant, bool | None]]) -> None:
    known = {m.sql: (m, killed) for m, killed in out.get(file, [])}
    for mutant, killed in told:
        before = known.get(mutant.sql, (mutant, False))[1]
        known[mutant.sql] = (mutant, before or killed if killed is not None else None)
    out[file] = sorted(known.values(), key=lambda pair: (pair[0].line, pair[0].what))


def _declared() -> dict[str, dict[str, str]]:
    """File → mutant in words → why it cannot be told from the original."""
    data = tomllib.loads((Path(__file__).parent / "equivalent.toml").read_text(encoding="utf-8"))
    return {file: {m: e["why"] for e in entries for m in e["mutants"]} for file, entries in data.items()}


def _print(results: Told, declared: dict[str, dict[str, str]]) -> int:
    """Survivors by file and line, and the sums. Returns how many there are, wrong declarations among them."""
    alive = total = equal = 0
    for file in sorted(results):
        known = declared.get(file, {})
        counted = [(m, killed) for m, killed in results[file] if killed is not None]
        total += len(counted)
        survivors = [m for m, killed in counted if not killed]
        equal += sum(m.what in known for m in survivors)
        for m in survivors:
            if m.what not in known:
                alive += 1
                print(f"{file}, line {m.line}: survives: {' '.join(m.what.split())}")
        for what in sorted(set(known) - {m.what for m in survivors}):
            alive += 1
            print(f"{file}: declared equivalent, but noticed or no more: {what}")
    print(f"{total} mutants of {len(results)} files; {equal} equivalent; survivors and wrong declarations: {alive}")
    return alive


if __name__ == "__main__":
    main()
