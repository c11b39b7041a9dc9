"""TOML and JSON made to break their readers: one kind of error, wherever a file of the bureau's is read."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from checks import read_own_checks
from pipeline.draw import certificate
from pipeline.errors import BadInput
from pipeline.fieldwork.plan import read_plan
from pipeline.fieldwork.routing.groups import read_groups
from pipeline.fieldwork.workdays import read_workdays
from pipeline.linkage.model import read as read_model
from pipeline.linkage.tables.read_spec import read_spec
from pipeline.notation import json_of, toml
from pipeline.policy import pack_for
from pipeline.settings import load_drop_settings

HARD = ("[" * 100_000, '{"a":' * 100_000, "9" * 5000)
READERS: dict[str, Callable[[Path], object]] = {
    "audit.toml": lambda path: load_drop_settings(path.parent),
    "policy.toml": lambda path: pack_for("2022-10", path),
    "checks.toml": lambda path: read_own_checks(path.parent),
    "spec.toml": read_spec, "groups.toml": read_groups, "holidays.toml": read_workdays,
    "model.json": read_model, "plan.json": read_plan, "certificate.json": certificate.load,
}  # fmt: skip


@pytest.mark.parametrize("text", HARD)
def test_whatever_is_wrong_is_one_kind_of_error(text: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError):
        toml(f"x = {text}")
    with pytest.raises(json.JSONDecodeError):
        json_of(text)


def test_what_is_right_is_read() -> None:
    assert toml("x = [[1]]") == {"x": [[1]]}
    assert json_of('{"x": [[1]]}') == {"x": [[1]]}


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("text", ["[" * 100_000, "9" * 5000])
def test_every_reader_of_a_bureaus_file_refuses_it(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(f"x = {text}" if name.endswith(".toml") else text)
    with pytest.raises(BadInput) as caught:
        READERS[name](path)
    assert name in str(caught.value)
