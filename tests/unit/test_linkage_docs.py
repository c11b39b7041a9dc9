"""What is written kept true: the made parts of docs/linkage.md, the READMEs' commands, the list of `make help`."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import click
import pytest

from pipeline.cli import cli
from pipeline.engine.statements import SQL
from pipeline.linkage.county import county_spec
from pipeline.linkage.docs import PARTS, blocks, fields, guards, with_parts
from pipeline.linkage.explain.wording import block_zh

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "linkage.md"
READMES = ("README.md", "README.zh-CN.md", "docs/linkage.md")


def test_the_made_parts_are_up_to_date() -> None:
    kept = PAGE.read_text(encoding="utf-8")
    assert kept == with_parts(kept), "run: python -m pipeline.linkage.docs docs/linkage.md"


@pytest.mark.parametrize("part", PARTS)
def test_a_stale_part_is_made_anew(part: str) -> None:
    kept = PAGE.read_text(encoding="utf-8")
    made = PARTS[part]()
    assert made in kept
    assert with_parts(kept.replace(made, "| old |")) == kept


def test_a_page_that_lost_a_part_is_refused() -> None:
    with pytest.raises(ValueError, match="guards"):
        with_parts(PAGE.read_text(encoding="utf-8").replace("<!-- made: guards -->", ""))


def test_every_field_level_key_and_guard_is_there() -> None:
    spec = county_spec()
    for field in spec.fields:
        assert all(f"`{level}` {word}" in fields() for level, word in zip(field.levels, field.words, strict=True))
    assert all(f"| `{b.id}` | {block_zh(b.id)} |" in blocks() for b in spec.blocks)
    judged = (SQL / "linkage" / "82_judged.sql").read_text(encoding="utf-8")
    held = set(re.findall(r"THEN '([a-z]+)'$", judged.partition(" AS held")[0].partition("CASE")[2], re.MULTILINE))
    assert held and {f"held_{h}" for h in held} | {"held_namesake"} == set(re.findall(r"`(held_[a-z]+)`", guards()))


@pytest.mark.parametrize("name", READMES)
def test_every_command_named_is_one(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    named = re.findall(r"\baudit ([a-z]+)(?: ([a-z-]*[a-z])\b)?((?: [^`\n]*)?)", text)
    named = [n for n in named if n[0] in cli.commands or n[2].strip().startswith("--")]
    assert len({n[0] for n in named}) >= 5
    for command, second, rest in named:
        found = cli.commands[command]
        if isinstance(found, click.Group) and second:
            found = found.commands[second]
        options = {o for p in found.params for o in p.opts}
        assert set(re.findall(r"--[a-z][a-z-]*", rest)) <= options, f"{name}: audit {command} {second} {rest}"


def test_every_command_is_in_the_readme() -> None:
    for name in READMES[:2]:
        text = (ROOT / name).read_text(encoding="utf-8")
        assert [c for c in cli.commands if f"| `audit {c}` |" not in text] == []


def test_make_help_lists_every_target() -> None:
    said = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    listed = set(re.findall(r"^  make ([a-z-]+) ", said, re.MULTILINE))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert set(phony.split()) == listed
    assert "bench-linkage" in listed
