"""`audit review` as a process of its own, asked by urllib."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).parents[2]
_MAIN = "from pipeline.cli import main; main()"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    text: str


@dataclass
class DeskServer:
    """A running desk. `log`: where its output goes."""

    process: subprocess.Popen[str]
    address: str
    log: Path
    session: str = ""

    @property
    def port(self) -> int:
        return int(self.address.split("/")[2].rpartition(":")[2])

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def token_path(self) -> str:
        return "/" + self.address.split("/", 3)[3]

    def ask(self, method: str, path: str, form: dict[str, str] | None = None, **headers: str) -> Answer:
        """One request; headers by name with `_` for `-`, '' leaves one out. The session goes along."""
        sent = {"Host": f"127.0.0.1:{self.port}"}
        if self.session:
            sent["Cookie"] = self.session
        body = urlencode(form).encode() if form is not None else None
        if body is not None:
            sent |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.base}
        sent |= {k.replace("_", "-"): v for k, v in headers.items()}
        con = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        con.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in sent.items():
            if value:
                con.putheader(name, value)
        if body is not None:
            con.putheader("Content-Length", str(len(body)))
        con.endheaders(body)
        answer = con.getresponse()
        found = Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read().decode())
        con.close()
        return found

    def enter(self) -> None:
        """Exchange the token for a session."""
        answer = self.ask("GET", self.token_path)
        assert answer.status == 303, answer
        self.session = answer.headers["set-cookie"].partition(";")[0]

    def kill(self) -> None:
        """As if the power went."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(20)

    def stop(self) -> str:
        """Ctrl-C; all that it printed."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(30)
        return self.log.read_text(encoding="utf-8")


def start_desk(run: Path, *arguments: str, log: Path) -> DeskServer:
    """A desk on a run's folder; `arguments`: as of `audit review`."""
    with log.open("w", encoding="utf-8") as out:
        process = subprocess.Popen(
            [sys.executable, "-u", "-c", _MAIN, "review", "--run", str(run), *arguments],
            stdout=subprocess.PIPE, stderr=out, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)},
        )  # fmt: skip
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("open "), line + log.read_text(encoding="utf-8")
    return DeskServer(process, line.split()[1], log)
