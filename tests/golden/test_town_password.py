"""A town's workbook with its password, opened by LibreOffice itself."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from support.kills import ROOT

from pipeline.contract import TOWNS
from pipeline.passwords import COUNTY, Passwords
from pipeline.publish.workbook import COVER, Book, write_book

PASSWORDS = Passwords({name: f"密码 of {name}" for name in (*TOWNS, COUNTY)})


def bridge() -> str | None:
    """A Python that has LibreOffice's bridge; None where there is none, or no LibreOffice."""
    if shutil.which("soffice") is None:
        return None
    for python in (sys.executable, shutil.which("python3", path=os.defpath)):
        if python and subprocess.run([python, "-c", "import uno"], capture_output=True).returncode == 0:
            return python
    return None


@pytest.mark.skipif(bridge() is None, reason="LibreOffice, or its bridge for Python (python3-uno), is not installed")
def test_libreoffice_opens_it_with_the_towns_password_alone(tmp_path: Path) -> None:
    town, other = list(TOWNS)[:2]
    (tmp_path / "towns").mkdir()
    path, pdf = tmp_path / "towns" / f"{town}.xlsx", tmp_path / "printed.pdf"
    write_book(Book(f"{town}　疑点核查表", "2022-10", [], [], "页脚"), path, PASSWORDS.of(path))
    pipe = f"audit-{os.getpid()}"
    command = ["soffice", "--headless", "--norestore", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
               f"--accept=pipe,name={pipe};urp"]  # fmt: skip
    python = bridge()
    assert python is not None
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, start_new_session=True, **quiet) as office:
        try:
            tried = [PASSWORDS.by_name[other], PASSWORDS.by_name[COUNTY], "", PASSWORDS.by_name[town]]
            ended = subprocess.run(
                [python, str(ROOT / "tests/support/office.py"), pipe, str(path), str(pdf), *tried],
                capture_output=True, text=True, check=True, timeout=300,
            )  # fmt: skip
            office.wait(60)
        finally:
            with suppress(ProcessLookupError):  # the office is more than one process
                os.killpg(office.pid, signal.SIGKILL)
    *refused, opened = [json.loads(line) for line in ended.stdout.splitlines()]
    assert refused == [None, None, None]
    assert opened == {"sheets": [COVER], "first": f"{town}　疑点核查表"}
    assert pdf.read_bytes().startswith(b"%PDF")
