"""Large workbooks written by helper processes, two at a time, while the county goes on being made.

A helper reads the laid-out sheets from a pickle that this program made itself, and writes one workbook.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

from pipeline.demo.sheets import Written
from pipeline.demo.writers import write_workbook
from pipeline.errors import AuditError

_AT_ONCE = 2
_HELPER = "import sys; from pipeline.demo.spool import main; main(sys.argv[1])"


class Spool:
    """Workbooks handed out; `finish` waits for all of them. Leave the `with` block early and helpers are stopped."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.running: list[tuple[Path, subprocess.Popen[bytes]]] = []

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_: object) -> None:
        for _, process in self.running:
            process.kill()
            process.wait()

    def write(self, path: Path, sheets: list[Written]) -> None:
        """Have `path` written. Waits while two helpers are busy."""
        while len(self.running) >= _AT_ONCE:
            self._wait_for_first()
        job = self.scratch / f"{path.stem}.pickle"
        with job.open("wb") as out:
            pickle.dump((path, sheets), out, protocol=5)
        self.running.append((job, subprocess.Popen([sys.executable, "-c", _HELPER, str(job)])))

    def finish(self) -> None:
        """Wait for every helper. AuditError when one failed."""
        while self.running:
            self._wait_for_first()

    def _wait_for_first(self) -> None:
        job, process = self.running.pop(0)
        if process.wait() != 0:
            raise AuditError(f"the workbook {job.stem}.xlsx could not be written")
        job.unlink()


def main(job: str) -> None:
    """Write the workbook of one pickle."""
    with Path(job).open("rb") as source:
        path, sheets = pickle.load(source)
    write_workbook(path, sheets)
