"""The console program in processes of its own, forked from one that has imported it: a second less of each run's time.

The moments of a run are then those of its work, not of Python's imports.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path

TESTS = Path(__file__).parents[1]


def warm_context() -> ForkServerContext:
    """Processes of this context are forked of one that has imported everything (`pipeline.warm`)."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pipeline.warm"])
    before = os.environ.get("PYTHONPATH")
    # where it is to find the module: Python hands the server no path
    os.environ["PYTHONPATH"] = os.pathsep.join([str(TESTS), str(TESTS.parent), *([before] if before else [])])
    try:
        forkserver.ensure_running()
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before
    return context


class Started:
    """`audit` with these words, at work in the folder `work`; it leads a group of its own. `wait` for its end."""

    def __init__(self, words: Sequence[str], work: Path, environment: Mapping[str, str] | None = None) -> None:
        self.words = tuple(words)
        self._said = tempfile.TemporaryDirectory(prefix="told-")
        at = Path(self._said.name)
        self._process: BaseProcess = warm_context().Process(
            target=_audit, args=(self.words, work, at, dict(environment or {}))
        )
        self._process.start()

    @property
    def returncode(self) -> int | None:
        """None while it runs; a signal's number negative."""
        return self._process.exitcode

    def wait(self, seconds: float | None = None) -> int | None:
        """Its exit code, None where it has not ended in time."""
        self._process.join(seconds)
        return self._process.exitcode

    def ended(self) -> subprocess.CompletedProcess[str]:
        """Its end, waited for: the code, and all that it printed."""
        code = self.wait()
        out, err = (_read(Path(self._said.name) / name) for name in ("out", "err"))
        self._said.cleanup()
        return subprocess.CompletedProcess(self.words, -1 if code is None else code, out, err)

    def kill(self) -> None:
        """Kill it and all that it has started."""
        pid = self._process.pid
        assert pid, "it was started"  # 0 would be this process's own group
        for kill in (os.killpg, os.kill):  # alone where it does not lead a group yet
            with suppress(ProcessLookupError):
                kill(pid, signal.SIGKILL)
        self.ended()


def _read(told: Path) -> str:
    return told.read_text(encoding="utf-8") if told.exists() else ""


def _audit(words: tuple[str, ...], work: Path, said: Path, environment: dict[str, str]) -> None:
    os.setsid()
    os.chdir(work)
    os.environ.update(environment)
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(said / name, os.O_WRONLY | os.O_CREAT, 0o600), number)
    sys.argv = ["audit", *words]
    from pipeline.cli import main

    main()
