"""One whole audit of a small county with marked people, without a network, and everything that it leaves on the disk
looked at while it runs: what stands in clear bytes where it should not, and who tried to connect.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from pipeline import vault
from support.life import month_of, write
from support.people import number
from support.workbooks import book

ROOT = Path(__file__).parents[2]
MONTH = "2022-10"
# People of one town, whom several sources know; nothing else in the county looks like them.
NAME, OTHER_NAME, MOVED_NAME = "麤龘靐", "爨龘靐", "齉龘靐"
ID, OTHER_ID, MOVED_ID = number("@371"), number("@372"), number("@373")
ACCOUNT, PHONE, ADDRESS, TORN = "6217009988776655443", "13988887777", "齾齾村九十九号", "4402811990O3O7"
MARKERS = (NAME, OTHER_NAME, MOVED_NAME, ID, OTHER_ID, MOVED_ID, ACCOUNT, PHONE, ADDRESS, TORN)
# Parts of them that must not be left over either: a birth date with its sequence, an account's end.
PARTS = (ID[6:17], OTHER_ID[6:17], MOVED_ID[6:17], ACCOUNT[-12:], PHONE[-8:])

_OPEN = (b"PAR1", b"ARROW1", b"PK\x03\x04", b"SQLite format 3")
_DUCK = b"DUCK"  # eight bytes into every file of DuckDB's

_HOOK = """
import os, sys
def told(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        where = args[1] if event == "socket.connect" else args
        if not isinstance(where, (str, bytes)):  # a path is a socket of this machine
            with open(os.environ["CALLS"], "a") as file:
                file.write(f"{event} {where!r}\\n")
sys.addaudithook(told)
"""


def silent() -> list[str]:
    """The command before a command that takes the network away from it; empty where the kernel refuses."""
    for command in (["unshare", "-rn"], ["unshare", "-n"]):
        if shutil.which("unshare") and subprocess.run([*command, "true"], capture_output=True).returncode == 0:
            return command
    return []


# Values that a spreadsheet, a page, a statement, a template or a file system could take for something else.
HOSTILE = (
    "=HYPERLINK('x')", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "<script>alert(7)</script>", "{{7*7}}", "${7*7}",
    "'; DROP TABLE dibao; --", "../../../../evil", "a\u202eb", "con", "%s%n{0}", "]]>&lt;", "$month", "x" * 3000,
)  # fmt: skip


def hostile_drop(drop: Path) -> None:
    """A household for each of them, all its texts being it, with a vehicle; under a file name of the kind."""
    lines = ["家庭编号,姓名,身份证号,镇街,村居,家庭住址,与户主关系,致贫原因,开户人"]
    cars = ["姓名,身份证号,号牌,车辆类型,登记日期"]
    for n, value in enumerate(HOSTILE, 381):
        cell = '"' + value.replace('"', '""') + '"'
        # every other one under a real town, the rest under a town that is the value
        lines.append(f"DB{n},{cell},{number(f'@{n}')},{'廊田镇' if n % 2 else cell}" + f",{cell}" * 5)
        cars.append(f"{cell},{number(f'@{n}')},{cell},{cell},2021-03-01")
    (drop / "低保 <b>'; DROP TABLE x; --=1+1.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (drop / "车辆 {{7*7}}.csv").write_text("\n".join(cars) + "\n", encoding="utf-8")


def marked_drop(drop: Path) -> Path:
    """A small county's month in which the marked people stand in files of every kind."""
    write(month_of(6), drop)
    head = "家庭编号,姓名,身份证号,镇街,村居,家庭住址,联系电话,银行账号,与户主关系,起保月份,户月保障金"
    rows = [
        f"DB901,{NAME},{ID},长来镇,塘头,{ADDRESS},{PHONE},{ACCOUNT},户主,2020-01,500",
        f"DB901,{OTHER_NAME},{OTHER_ID},长来镇,塘头,{ADDRESS},{PHONE},{ACCOUNT},配偶,2020-01,500",
        f"DB902,{MOVED_NAME},{MOVED_ID},长来镇,塘头,{ADDRESS},{PHONE},,户主,2020-01,500",
        f"DB903,,,长来镇,塘头,{ADDRESS},{PHONE},{ACCOUNT},户主,{NAME},{ID}",  # without identity: rejected whole
        f"DB904,{NAME}{OTHER_NAME},{TORN}E+17,长来镇,塘头,,,,户主,{OTHER_ID},{ACCOUNT}元整",
    ]
    (drop / "低保_标记.csv").write_bytes("\n".join([head, *rows, ""]).encode("gb18030"))
    everyone = [(NAME, ID), (OTHER_NAME, OTHER_ID), (MOVED_NAME, MOVED_ID)]
    cars = [[n, i, f"粤F9999{k}", "2021-03-01"] for k, (n, i) in enumerate(everyone)]
    (drop / "车辆_标记.xlsx").write_bytes(book(["姓名", "身份证号", "号牌", "登记日期"], *cars))
    pl.DataFrame({"姓名": [n for n, _ in everyone], "身份证号": [i for _, i in everyone], "余额": [99_999.0] * 3,
                  "机构": ["农信社"] * 3}).write_parquet(drop / "金融资产_标记.parquet")  # fmt: skip
    register = ["户号,姓名,身份证号,镇街,户籍地址,与户主关系"]
    register += [f"H{i},{n},{i},{'廊田镇' if i == MOVED_ID else '长来镇'},{ADDRESS},户主" for n, i in everyone]
    (drop / "户籍.csv").write_text("\n".join(register) + "\n", encoding="utf-8")
    (drop / "死亡_标记.csv").write_bytes(f"姓名,身份证号,死亡日期\n{NAME},{ID},{OTHER_NAME}\n".encode("utf-16"))
    return drop


@dataclass
class Watch:
    """Files looked at again and again: where a marker stood in clear bytes, and what was seen at all.

    `clear`: tables, workbooks and databases that nothing keeps from being opened; their bytes are compressed.
    """

    folders: Iterable[Path]
    left_out: tuple[str, ...] = ()  # parts of paths that are not looked at
    found: dict[str, set[str]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    clear: set[str] = field(default_factory=set)
    _done: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Watch:
        self._needles = {e: v for m in (*MARKERS, *PARTS) for v in (m,) for e in encoded(m)}
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        self.look()

    def _run(self) -> None:
        while not self._done.is_set():
            self.look()
            time.sleep(0.02)

    def look(self) -> None:
        for folder in self.folders:
            for where, _, names in os.walk(folder):  # which does not mind what vanishes meanwhile
                for path in (Path(where) / name for name in names):
                    self._look_at(path, path.relative_to(folder).as_posix())

    def _look_at(self, path: Path, name: str) -> None:
        if any(part in name for part in self.left_out):
            return
        try:
            raw = path.read_bytes()
        except OSError:
            return
        if raw:
            self.seen.add(name)
        if raw.startswith(_OPEN) or raw[8:12] == _DUCK:
            self.clear.add(name)
        for needle, marker in self._needles.items():
            if needle in raw:
                self.found.setdefault(name, set()).add(marker)


def encoded(text: str) -> set[bytes]:
    """The bytes of a text in every encoding in which it could lie about."""
    return {text.encode(e) for e in ("utf-8", "gb18030", "utf-16-le", "utf-16-be", "utf-32-le")}


@dataclass(frozen=True)
class Run:
    """What a watched run left."""

    out: Path
    said: str
    code: int
    calls: str
    watch: Watch
    temporary: Path
    home: Path


def watched_run(folder: Path, drop: Path, *more: str, before: list[str] | None = None, key: Path | None = None) -> Run:
    """`audit run` of the drop in a process of its own, watched; with a key in use, its outputs and ledger too."""
    out, temporary, home, hook = folder / "out", folder / "tmp", folder / "home", folder / "hook"
    for made in (temporary, home, hook):
        made.mkdir()
    (hook / "sitecustomize.py").write_text(_HOOK)
    environment = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")} | {
        "PYTHONPATH": f"{hook}:{ROOT}", "TMPDIR": str(temporary), "HOME": str(home), "CALLS": str(folder / "calls"),
    }  # fmt: skip
    if key:
        environment[vault.KEY_FILE] = str(key)
    command = [sys.executable, "-c", "from pipeline.cli import main; main()", "run", "--drop", str(drop), "--month",
               MONTH, "--out", str(out), *more]  # fmt: skip
    # without a key a run's own outputs are what it is for: they appear in `.work-…/out`, then in the month
    left_out = () if key else ("/out/", f"{MONTH}/", ".run-", "runs/", "ledger.duckdb")
    with Watch([out, temporary, home], left_out) as watch:
        ended = subprocess.run(
            [*(before or []), *command], env=environment, capture_output=True, text=True, cwd=folder, check=False
        )
    calls = folder / "calls"
    return Run(out, ended.stdout + ended.stderr, ended.returncode, calls.read_text() if calls.exists() else "", watch,
               temporary, home)  # fmt: skip
