"""The parts of docs/linkage.md that are made from the program: `python -m pipeline.linkage.docs docs/linkage.md`.

A part stands between `<!-- made: NAME -->` and `<!-- end -->`. A test fails when the page and the program differ.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from pipeline.contract import DATASETS
from pipeline.engine.statements import SQL
from pipeline.linkage.county import Block, county_spec

_PART = re.compile(r"(<!-- made: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_GUARD = re.compile(r"^--   ([a-z]+) {2,}(\S.*)$")
_MORE = re.compile(r"^-- {6,}(\S.*)$")


def with_parts(page: str) -> str:
    """The page with its made parts as they are now. ValueError for a part that nothing makes, or one that is absent."""
    named = [found[2] for found in _PART.finditer(page)]
    if sorted(named) != sorted(PARTS):
        raise ValueError(f"the page's made parts are {', '.join(named)}; the program makes {', '.join(PARTS)}")
    return _PART.sub(lambda found: f"{found[1]}{PARTS[found[2]]()}\n{found[3]}", page)


def fields() -> str:
    """What is compared: a row a field, its levels from the strongest."""
    rows = []
    for f in county_spec().fields:
        levels = [f"`{level}` {word}" for level, word in zip(f.levels, f.words, strict=True)]
        rows.append((f"`{f.id}`", f.zh, " · ".join(reversed(levels))))
    return _table(("field", "字段", "levels, the strongest first"), rows)


def blocks() -> str:
    """Where candidates come from: a row a blocking key, in the order in which they are tried."""
    rows = [
        (f"`{b.id}`", b.zh, b.family, _code(b.key), f"{b.cap:,}" if b.cap else "", "; ".join(_limits(b)))
        for b in county_spec().blocks
    ]
    return _table(("key", "含义", "family", "made of", "cap", "beside"), rows)


def lists() -> str:
    """Lists in which a person stands once, and lists that put people together."""
    spec = county_spec()
    lines = [f"- a person stands once in: {_datasets(spec.once)}"]
    for column, datasets in spec.households.values():
        lines.append(f"- one household numbering, in `{column}`: {_datasets(datasets)}")
    return "\n".join(lines)


def guards() -> str:
    """Why a pair is not linked whatever its weight: as the statements that hold it say."""
    rows: list[list[str]] = []
    files = [SQL / "linkage" / f"{name}.sql" for name in ("82_judged", "85_namesake_found")]
    for line in (line for file in files for line in file.read_text(encoding="utf-8").splitlines()):
        if found := _GUARD.match(line):
            rows.append([f"`held_{found[1]}`", found[2]])
        elif rows and (more := _MORE.match(line)):
            rows[-1][1] += " " + more[1]
    return _table(("reason", "what holds the pair"), rows)


PARTS: dict[str, Callable[[], str]] = {"fields": fields, "blocks": blocks, "lists": lists, "guards": guards}


def _limits(block: Block) -> list[str]:
    out = []
    if block.one_of:
        out.append(f"one side: {block.one_of}")
    if block.left:
        out.append(f"only records with {_code(block.left)}")
    if block.split:
        out.append(f"beyond the cap split by {_code(block.split)}")
    if block.strict:
        out.append("trains the model, but for " + ", ".join(f"`{f}`" for f in block.blind))
    return out


def _datasets(ids: Iterable[str]) -> str:
    return ", ".join(f"{DATASETS[d].zh} `{d}`" for d in ids)


def _code(sql: str) -> str:
    return "`" + sql.replace("|", "\\|") + "`"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        file = Path(name)
        file.write_text(with_parts(file.read_text(encoding="utf-8")), encoding="utf-8")
