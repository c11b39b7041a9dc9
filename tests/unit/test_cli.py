"""The console program: help, exit codes, and what it says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest

from pipeline.cli import cli

AUDIT = Path(sys.executable).parent / "audit"


def audit(*args: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([AUDIT, *map(str, args)], capture_output=True, text=True, check=False)


def every_command(group: click.Group = cli, before: str = "") -> dict[str, click.Command]:
    """'run', 'model train', …: the commands that do something."""
    found: dict[str, click.Command] = {}
    for name, command in group.commands.items():
        inner = command if isinstance(command, click.Group) else None
        found |= every_command(inner, f"{before}{name} ") if inner else {f"{before}{name}": command}
    return found


@pytest.mark.parametrize("name", sorted(every_command()))
def test_every_command_has_help_with_an_example_and_every_option_is_explained(name: str) -> None:
    command = every_command()[name]
    assert command.help and f"Example: audit {name} " in command.help
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help or option.show_default, option.name


def test_every_command_stands_in_the_package_of_commands() -> None:
    elsewhere = {
        name: command.callback.__module__
        for name, command in every_command().items()
        if command.callback and not command.callback.__module__.startswith("pipeline.commands.")
    }
    assert not elsewhere


def test_help_imports_no_heavy_library() -> None:
    code = (
        "import sys; from pipeline.cli import cli; "
        "heavy = {'polars', 'duckdb', 'pandas', 'pyarrow', 'great_expectations', 'sqlglot', 'altair', 'rich'}; "
        "sys.exit(len(heavy & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_usage_error_exits_with_2() -> None:
    done = audit("run", "--month", "2022-10")
    assert done.returncode == 2 and "--drop" in done.stderr


@pytest.mark.parametrize("month", ["2022-13", "October", "2022-1", "202210"])
def test_an_unknown_month_is_refused_before_anything_is_written(tmp_path: Path, month: str) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    done = audit("run", "--drop", drop, "--month", month, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert f"'{month}' is not a month" in done.stderr and "YYYY-MM" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("out", ["out", "out/of", "out/of/it"])
def test_a_file_where_the_folder_should_be_is_named(tmp_path: Path, out: str) -> None:
    (tmp_path / "drop").mkdir()
    (tmp_path / "out").write_text("taken", encoding="utf-8")
    done = audit("run", "--drop", tmp_path / "drop", "--month", "2022-10", "--out", tmp_path / out)
    assert done.returncode == 2
    assert done.stderr == ("audit: file out: a file stands where a folder is wanted — give another --out or --ledger\n")
    assert (tmp_path / "out").read_text(encoding="utf-8") == "taken"


def test_a_month_that_no_policy_covers_is_an_error_not_a_guess(tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    done = audit("run", "--drop", drop, "--month", "1999-01", "--out", tmp_path / "out")
    assert done.returncode == 2 and "no policy pack covers month 1999-01" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_fault_of_the_program_exits_with_1_and_shows_no_cell(tmp_path: Path) -> None:
    script = (
        "import sys, pipeline.run\n"
        "def broken(*a, **k): raise ValueError('张三 440281199001011234')\n"
        "pipeline.run.run_audit = broken\n"
        f"sys.argv = ['audit', 'run', '--drop', '{tmp_path}', '--month', '2022-10', '--out', '{tmp_path}']\n"
        "from pipeline.cli import main\nmain()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "ValueError" in done.stderr and "440281" not in done.stderr and "张三" not in done.stderr
