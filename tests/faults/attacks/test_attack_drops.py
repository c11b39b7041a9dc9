"""Drops made to do harm: `audit.toml`, links, odd files, and a drop that changes while it is read."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from support.attack import DEATH, ID, NAME, ROSTER, laid, refused, tried
from support.workbooks import book, changed

from pipeline.engine.duck import DuckEngine
from pipeline.errors import BadInput
from pipeline.ingest import ingest

SECRET = "SECRET-OF-ANOTHER"


def source(**keys: str) -> str:
    return "[[source]]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items())


def outside(tmp_path: Path) -> Path:
    path = tmp_path / "outside"
    path.mkdir()
    (path / "死亡.csv").write_text(DEATH.replace(NAME, SECRET))
    return path


# audit.toml


@pytest.mark.parametrize(
    "glob", ["../outside/*.csv", "{}/outside/*.csv", "x/../../outside/*.csv", "**/../../outside/*.csv"]
)
def test_a_glob_out_of_the_drop_matches_nothing(tmp_path: Path, glob: str) -> None:
    outside(tmp_path)
    settings = source(glob=f"'{glob.format(tmp_path)}'", dataset="'death'")
    outcome = tried(laid(tmp_path, {"audit.toml": settings}))
    assert "death" not in outcome.rows
    assert "not a pattern" in outcome.refusal or any("没有与" in sentence for sentence in outcome.told)


@pytest.mark.parametrize("where", ["../outside/a.db", "{}/outside/a.db", "x/../../outside/a.db", "link.db"])
@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
def test_a_database_out_of_the_drop(tmp_path: Path, where: str, kind: str) -> None:
    (outside(tmp_path) / "a.db").write_bytes(b"x")
    drop = laid(
        tmp_path, {"audit.toml": source(database=f"'{kind}:{where.format(tmp_path)}'", table="'t'", dataset="'death'")}
    )
    (drop / "link.db").symlink_to(tmp_path / "outside" / "a.db")
    message = refused(drop)
    assert "outside the drop" in message or "out of the drop" in message


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "[" * 50_000,
        "x = " + "{a=" * 50_000,
        source(glob="'*'", header_row="9" * 10_000),
        source(glob="'*.csv'", constants="{ town = ['a', 'b'] }"),
        source(glob="'*.csv'", constants="{ town = { a = 1 } }"),
        "# " + "x" * (2 << 20),
        "\x00",
        "source = 1",
        source(glob="'" + "**/" * 3000 + "*'"),
    ],
    ids=lambda text: text[:24].encode("unicode_escape").decode(),
)
def test_settings_made_to_break_their_reader(tmp_path: Path, text: str) -> None:
    message = refused(laid(tmp_path, {"audit.toml": text}))
    assert "audit.toml" in message


@pytest.mark.parametrize(
    "encoding", ["rot13", "zip", "base64", "hex", "unicode_escape", "utf-7", "utf-32", "idna", "undefined", "x\\u0000"]
)
def test_an_encoding_that_is_a_program_or_knows_other_line_ends(tmp_path: Path, encoding: str) -> None:
    settings = source(glob="'死亡.csv'", encoding=f'"{encoding}"')
    assert "unknown encoding" in refused(laid(tmp_path, {"死亡.csv": DEATH, "audit.toml": settings}))


@pytest.mark.parametrize("times", [12, 2])
def test_a_glob_that_takes_for_ever_to_try(tmp_path: Path, times: int) -> None:
    deep = "/".join("a" * 100)
    settings = source(glob=f"'{'**/a/' * times}x.csv'", dataset="'death'")
    outcome = tried(laid(tmp_path, {f"{deep}/死亡.csv": DEATH, "audit.toml": settings}))
    assert "'**'" in outcome.refusal if times > 2 else outcome.accounts


@pytest.mark.parametrize(
    "sheet", ["../../x", "'; DROP TABLE dibao; --", "#1#2", "<script>", "a\u202eb", "$month", "=1+1", "x" * 5000]
)
def test_sheet_names_are_names_only(tmp_path: Path, sheet: str) -> None:
    """Also those that Excel itself would not take."""
    content = book(["姓名", "身份证号"], [NAME, ID], sheet="SHEET")
    named = changed(content, {"xl/workbook.xml": lambda xml: xml.replace(b"SHEET", escape(sheet).encode())})
    outcome = tried(laid(tmp_path, {"残疾.xlsx": named}))
    assert outcome.rows["disability"]["record_id"].to_list() == [f"残疾.xlsx#{sheet}#2"]


def test_names_that_would_move_a_terminals_cursor(tmp_path: Path) -> None:
    """In the names of files, of keys and of columns: a message stays one line of bounded length."""
    for n, files in enumerate([
        {"x\x1b[2Jy\n\u202e.csv": DEATH},
        {"audit.toml": source(glob="'*'") + '"\\u001b[2J\\n" = 1\n'},
        {"audit.toml": source(glob="'*'") + "k" * 100_000 + " = 1\n"},
        {"死亡.csv": "姓名,\"证件\n\x1b[2J编号\",死亡日期\n某,1,2\n"},
    ]):  # fmt: skip
        message = refused(laid(tmp_path / str(n), files))
        assert message.isprintable() and len(message) < 4000


# what lies in the drop


def test_a_link_to_a_file_elsewhere(tmp_path: Path) -> None:
    drop = laid(tmp_path, {})
    (drop / "死亡.csv").symlink_to(outside(tmp_path) / "死亡.csv")
    message = refused(drop)
    assert "死亡.csv" in message and "out of the drop" in message and SECRET not in message


@pytest.mark.parametrize("target", ["outside", "nowhere", "/dev/zero", "/proc/self/environ", "/etc/passwd", "死亡.csv"])
def test_other_links(tmp_path: Path, target: str) -> None:
    """To a folder, to nothing, to an endless file, to itself."""
    outside(tmp_path)
    drop = laid(tmp_path, {})
    (drop / "死亡.csv").symlink_to(target if target.startswith("/") or target == "死亡.csv" else tmp_path / target)
    assert "out of the drop" in refused(drop)


def test_settings_that_are_a_link(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text("# " + SECRET)
    drop = laid(tmp_path, {})
    (drop / "audit.toml").symlink_to(tmp_path / "own.toml")
    message = refused(drop)
    assert "audit.toml" in message and "out of the drop" in message


def test_a_link_within_the_drop_is_read(tmp_path: Path) -> None:
    drop = laid(tmp_path, {"alt/死亡.csv": DEATH})
    (drop / "alt" / "死亡.csv").rename(drop / ".死亡")
    (drop / "死亡.csv").symlink_to(".死亡")
    assert tried(drop).accounts["死亡.csv"] == (2, 1, 0, 1)


def test_a_pipe_that_nobody_writes_to(tmp_path: Path) -> None:
    drop = laid(tmp_path, {})
    os.mkfifo(drop / "死亡.csv")
    assert "neither a file nor a folder" in refused(drop)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read every file")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    drop = laid(tmp_path, {"死亡.csv": DEATH})
    (drop / "死亡.csv").chmod(0)
    assert "cannot be opened" in refused(drop)


def test_a_file_name_that_is_no_text(tmp_path: Path) -> None:
    drop = laid(tmp_path, {})
    (Path(os.fsdecode(os.fsencode(drop) + b"/\xcb\xc0\xcd\xf6.csv"))).write_text(DEATH)
    assert tried(drop).refusal


# a drop that changes


Change = Callable[[Path], None]


def _replace(drop: Path) -> None:
    (drop / "死亡.csv").write_text(DEATH.replace("2022-10-03", "2022-10-04"))


def _same_size_and_time(drop: Path) -> None:
    path = drop / "死亡.csv"
    about = path.stat()
    _replace(drop)
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))


def _remove(drop: Path) -> None:
    (drop / "死亡.csv").unlink()


def _add(drop: Path) -> None:
    (drop / "车辆.csv").write_text("姓名,身份证号,号牌\n")


@pytest.mark.parametrize("change", [_replace, _same_size_and_time, _remove, _add])
def test_a_drop_that_changes_while_it_is_read(tmp_path: Path, change: Change) -> None:
    """The change comes when the first file has been read, before the others."""
    drop = laid(tmp_path, {"死亡.csv": DEATH, "Z/特困.csv": ROSTER})
    scratch, engine, done = tmp_path / "scratch", DuckEngine(), []
    scratch.mkdir()

    def meddle(name: str, *_: int) -> None:
        if not done:
            done.append(name)
            change(drop)

    with pytest.raises(BadInput, match=r"changed while|came into the drop|cannot be") as caught:
        ingest(drop, engine, scratch=scratch, progress=meddle)
    assert done == ["Z/特困.csv"] and ID not in str(caught.value)
    assert not list(scratch.iterdir())
    assert engine.rows("SELECT * FROM duckdb_tables()").is_empty()


def test_a_file_that_is_still_being_copied(tmp_path: Path) -> None:
    """It grows while it is read."""
    drop = laid(tmp_path, {"死亡.csv": DEATH + f"{NAME},{ID},2022-10-03\n" * 400_000})
    stop = threading.Event()

    def write() -> None:
        with (drop / "死亡.csv").open("a") as file:
            while not stop.is_set():
                file.write(f"{NAME},{ID},2022-10-03\n")
                file.flush()
                time.sleep(0.005)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        message = refused(drop)
    finally:
        stop.set()
        writer.join()
    assert "死亡.csv" in message
