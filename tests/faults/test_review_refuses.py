"""`audit review` with what it cannot use: one line, exit code 2, nothing written."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.desk import write_run

from pipeline.commands.review import review
from pipeline.errors import BadInput


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_run(tmp_path_factory.mktemp("made"), pairs=3, findings=2, rejects=2)


@pytest.fixture
def run(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made.parent, tmp_path / "out")
    return tmp_path / "out" / made.name


def refused(*arguments: str | Path) -> str:
    done = CliRunner().invoke(review, [str(a) for a in arguments])
    assert isinstance(done.exception, BadInput), done.exception
    return str(done.exception)


def no_reviewer(run: Path) -> list[str]:
    return ["--run", str(run)]


def a_name_of_two_lines(run: Path) -> list[str]:
    return ["--run", str(run), "--reviewer", "张三\n李四"]


def no_run(run: Path) -> list[str]:
    return ["--run", str(run.parent / "2022-11"), "--reviewer", "张三"]


def no_ledger(run: Path) -> list[str]:
    return ["--run", str(run), "--reviewer", "张三", "--ledger", str(run / "none.duckdb")]


def another_kind_of_ledger(run: Path) -> list[str]:
    (run.parent / "ledger.duckdb").write_text("a,b\n1,2\n")
    return ["--run", str(run), "--reviewer", "张三"]


def an_older_run(run: Path) -> list[str]:
    shutil.rmtree(run / "desk")
    return ["--run", str(run), "--reviewer", "张三"]


@pytest.mark.parametrize(
    ("case", "what"),
    [
        (no_reviewer, "there is no reviewer — give --reviewer NAME"),
        (a_name_of_two_lines, "no name of a reviewer"),
        (no_run, "file 2022-11: the folder holds no finished audit"),
        (no_ledger, "file none.duckdb: there is no such ledger"),
        (another_kind_of_ledger, "file ledger.duckdb: not a ledger that can be opened"),
        (an_older_run, "file 2022-10: the run left nothing for the review desk — run the month again"),
    ],
)
def test_what_cannot_be_used_is_refused(run: Path, case: Callable[[Path], list[str]], what: str) -> None:
    arguments = case(run)
    before = sorted(p.name for p in run.parent.rglob("*"))
    told = refused(*arguments)
    assert what in told and "张三" not in told and "\n" not in told
    assert sorted(p.name for p in run.parent.rglob("*")) == before


def test_a_port_that_is_taken_is_refused(run: Path) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        port = held.getsockname()[1]
        assert f"port {port} is taken" in refused("--run", run, "--reviewer", "张三", "--port", str(port))
