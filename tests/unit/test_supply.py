"""What the program is made of is written down: every direct dependency by hand, the others by the script."""

from __future__ import annotations

from packaging.utils import canonicalize_name

from bench.supply import PAGE, direct, table
from bench.vulnerabilities import judged


def test_every_direct_dependency_is_told_of_once() -> None:
    part = PAGE.read_text(encoding="utf-8").split("## Direct dependencies")[1].split("## Transitive")[0]
    rows = [line.split("|")[1:5] for line in part.splitlines() if line.startswith("| ") and "---" not in line][1:]
    named = [canonicalize_name(name.strip()) for cells in rows for name in cells[0].split(",")]
    assert sorted(named) == direct()
    assert all(cell.strip() for cells in rows for cell in cells)


def test_the_table_is_that_of_what_is_installed() -> None:
    assert table() in PAGE.read_text(encoding="utf-8"), "python -m bench.supply"


def test_what_was_not_asked_about_is_not_examined() -> None:
    good, bad = {"name": "a", "version": "1", "vulns": []}, {"name": "b", "skip_reason": "not found"}
    known = {"name": "c", "version": "2", "vulns": [{"id": "CVE-1", "fix_versions": ["3"]}]}
    assert judged({"dependencies": [good]})[0] == 0
    assert judged({"dependencies": [good, bad]}) == (3, ["not examined: 1 packages, among them b",
                                                         "1 of 2 packages examined, 0 findings"])  # fmt: skip
    assert judged({"dependencies": [good, known, bad]})[0] == 1
    assert judged({"dependencies": []})[0] == judged({})[0] == 3
