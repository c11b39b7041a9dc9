"""Whole audits of a small county in processes of their own, on disks, in memory and at times made difficult."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline import vault
from pipeline.ledger.folders import SEALED
from support.started import warm_context

# What a run's own moment decides.
_MOMENT = ("manifest.json", "run.json")


def audited(drop: Path, month: str, out: Path, *, address_space: int = 0, file_size: int = 0) -> str:
    """Run the month's audit; '' when it is whole, else the message.

    `address_space`: bytes that it may take beside what the libraries have; `file_size`: of any one file.
    """
    context = warm_context()
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=_child, args=(drop, month, out, address_space, file_size, there))
    child.start()
    there.close()
    try:
        told: str = here.recv()
    except EOFError:
        child.join()
        told = f"ended by signal or code {child.exitcode}"
    child.join()
    return told


def _child(drop: Path, month: str, out: Path, address_space: int, file_size: int, back: Any) -> None:
    from pipeline.errors import BadInput
    from pipeline.run import run_audit

    if address_space:
        now = next(int(x.split()[1]) for x in Path("/proc/self/status").read_text().splitlines() if x[:6] == "VmSize")
        most = (now << 10) + address_space
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    if file_size:
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))
    policy = drop.parent / "policy.toml"
    try:
        run_audit(drop, month, out, policy_file=policy if policy.exists() else None)
        back.send("")
    except BadInput as refusal:
        back.send(str(refusal))
    except BaseException as fault:
        back.send(f"fault: {type(fault).__name__}: {fault}")


def can_mount() -> bool:
    """Whether this user may make disks of any size."""
    return os.geteuid() == 0 and subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode == 0


@contextmanager
def disk(at: Path, room: int, *options: str) -> Iterator[Path]:
    """A disk of so many bytes, in memory."""
    at.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", ",".join([f"size={room}", *options]), "tmpfs", str(at)], check=True)
    try:
        yield at
    finally:
        subprocess.run(["umount", "-l", str(at)], check=True)


def remount(at: Path, *options: str) -> None:
    """The same disk with other options."""
    subprocess.run(["mount", "-o", ",".join(["remount", *options]), str(at)], check=True)


def held(out: Path) -> dict[str, str]:
    """Every file of OUT but the ledger, with the hash of what is in it (sealed or not) where no moment decides it."""
    return {
        p.relative_to(out).as_posix(): "" if p.name in _MOMENT else vault.sha256(p.with_name(_clear(p.name)))
        for p in sorted(out.rglob("*"))
        if p.is_file() and "ledger.duckdb" not in p.name and p.name != ".lock"
    }


def stands(out: Path) -> dict[str, str]:
    """`held` of what a reader of OUT finds, without what a run has yet to finish or to put in place."""
    return {name: digest for name, digest in held(out).items() if not name.startswith(".")} if out.exists() else {}


def in_the_clear(out: Path, numbers: Iterable[str]) -> list[str]:
    """What lies in OUT in the clear and should not with a key: tables, ledgers, files that hold one of the numbers.

    Workbooks are not looked into: they are what towns are handed.
    """
    wanted = [n.encode(code) for n in numbers for code in ("utf-8", "utf-16-le")]
    found = []
    for path in sorted(p for p in out.rglob("*") if p.is_file() and p.suffix not in (vault.SUFFIX, ".xlsx")):
        name = path.relative_to(out).as_posix()
        content = path.read_bytes()
        table = path.suffix in (".parquet", ".duckdb", ".wal") or name.endswith(SEALED)
        if table or any(n in content for n in wanted):
            found.append(name)
    return found


@contextmanager
def keyed(work: Path) -> Iterator[None]:
    """While this lasts, a new key is in use, here and in the processes that are started."""
    file = work / "bureau.key"
    vault.write_new_key(file)
    os.environ[vault.KEY_FILE] = str(file)
    try:
        with vault.in_use(vault.key_of(file.read_text(), file.name)):
            yield
    finally:
        del os.environ[vault.KEY_FILE]


def _clear(name: str) -> str:
    return name.removesuffix(vault.SUFFIX)


def size(folder: Path) -> int:
    """Bytes on the disk, in whole blocks."""
    return sum((p.stat().st_size + 4095) // 4096 * 4096 + 4096 for p in folder.rglob("*"))
