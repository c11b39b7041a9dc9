"""`python -m bench.supply`: the table of transitive dependencies in docs/supply-chain.md, from the installed metadata.

What is installed is what `requirements.lock` names; a distribution that no direct dependency leads to is left out.
"""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "supply-chain.md"
_BEGIN, _END = "<!-- made by python -m bench.supply -->\n", "<!-- end -->\n"


def direct() -> list[str]:
    """Names of the run's direct dependencies, as pip compares them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return sorted(canonicalize_name(Requirement(line).name) for line in project["dependencies"])


def transitive() -> dict[str, tuple[Distribution, set[str]]]:
    """Every other distribution that the direct ones need here → it, and which distributions ask for it."""
    found: dict[str, tuple[Distribution, set[str]]] = {}
    todo = [(name, frozenset[str]()) for name in direct()]
    seen: set[tuple[str, frozenset[str]]] = set()
    while todo:
        name, extras = todo.pop()
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        try:
            asked_by = distribution(name)
        except PackageNotFoundError:  # for another system, or an extra that is not installed
            continue
        for line in asked_by.requires or ():
            need = Requirement(line)
            if need.marker and not any(need.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
                continue
            other = canonicalize_name(need.name)
            todo.append((other, frozenset(need.extras)))
            try:
                found.setdefault(other, (distribution(other), set()))[1].add(name)
            except PackageNotFoundError:
                continue
    return {name: entry for name, entry in sorted(found.items()) if name not in direct()}


def licence(of: Distribution) -> str:
    """The licence in few words: the SPDX expression, a classifier, or the first line of the field."""
    about = of.metadata
    if expression := about.get("License-Expression"):
        return str(expression)
    classes = [c.rpartition(" :: ")[2] for c in about.get_all("Classifier") or () if c.startswith("License ::")]
    named = [c for c in classes if c != "OSI Approved"]
    first = (about.get("License") or "").strip().splitlines()[:1]
    return ", ".join(named) or (first[0][:60] if first else "not stated")


def table() -> str:
    """The table, in Markdown."""
    rows = [
        f"| {of.metadata['Name']} | {of.version} | {licence(of)} | {', '.join(sorted(by))} |"
        for of, by in transitive().values()
    ]
    return "\n".join(["| distribution | version | licence | asked for by |", "|---|---|---|---|", *rows]) + "\n"


def main() -> None:
    text = PAGE.read_text(encoding="utf-8")
    made = re.sub(f"(?s){re.escape(_BEGIN)}.*{re.escape(_END)}", lambda _: f"{_BEGIN}\n{table()}\n{_END}", text)
    PAGE.write_text(made, encoding="utf-8")
    print(f"{len(transitive())} transitive dependencies: {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
