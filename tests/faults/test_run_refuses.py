"""Bad input through the console program: exit 2, one line, and no output folder left behind or touched."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import checks.validation  # noqa: F401  (a run begins this import beside; refused, it would go on in the next test)
from pipeline import vault
from pipeline.cli import main

ROSTER = "家庭编号,姓名,身份证号,镇街\nDB1,王小明,440281199003071239,长来镇\n"
DEATH = "姓名,身份证号,死亡日期\n王小明,440281199003071239,2022-10-03\n"


def audit(monkeypatch: pytest.MonkeyPatch, *args: str | Path) -> int | str | None:
    monkeypatch.setattr(sys, "argv", ["audit", *map(str, args)])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"死亡.csv": DEATH.encode()}, ["roster"]),
        ({"低保.csv": ROSTER.encode(), "工资表.csv": DEATH.encode()}, ["工资表.csv", "nothing claims"]),
        ({"低保.csv": ROSTER.encode(), "死亡.csv": b""}, ["死亡.csv", "empty"]),
        (
            {"低保.csv": ROSTER.encode(), "死亡.csv": "姓名,死亡日期\n甲,2022-10-03\n".encode()},
            ["死亡.csv", "id_number"],
        ),
        ({"低保.csv": ROSTER.encode(), "车辆.xlsx": b"PK\x03\x04 cut off"}, ["车辆.xlsx"]),
        ({"低保.csv": ROSTER.encode(), "死亡.csv": DEATH.encode()[:-12]}, ["死亡.csv", "cut off"]),
    ],
)
@pytest.mark.parametrize("earlier", [False, True])
def test_a_bad_drop_ends_with_one_line_and_leaves_no_trace(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    files: dict[str, bytes],
    words: list[str],
    earlier: bool,
) -> None:
    drop, out = tmp_path / "drop", tmp_path / "out"
    drop.mkdir()
    for name, content in files.items():
        (drop / name).write_bytes(content)
    if earlier:
        (out / "2022-09").mkdir(parents=True)
        (out / "2022-09" / "index.html").write_text("九月")
    assert audit(monkeypatch, "run", "--drop", drop, "--month", "2022-10", "--out", out) == 2
    told = capsys.readouterr()
    assert told.out == "" and len(told.err.strip().splitlines()) == 1
    assert all(word in told.err for word in words) and "440281" not in told.err and "王小明" not in told.err
    left = sorted(str(p.relative_to(out)) for p in out.rglob("*")) if out.exists() else None
    assert left == (["2022-09", "2022-09/index.html"] if earlier else None)


@pytest.mark.parametrize("ledger", ["nowhere/ledger.duckdb", "drop/低保.csv", "drop"])
def test_a_ledger_that_cannot_be_kept_is_refused_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], ledger: str
) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    (drop / "低保.csv").write_text(ROSTER)
    arguments = ["run", "--drop", drop, "--month", "2022-10", "--out", tmp_path / "out"]
    assert audit(monkeypatch, *arguments, "--ledger", tmp_path / ledger) == 2
    told = capsys.readouterr().err
    assert "ledger" in told and len(told.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists() and (drop / "低保.csv").read_text() == ROSTER


@pytest.mark.parametrize("where", [("out",), (), ("..", "out")])
def test_nothing_is_written_into_the_drop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], where: tuple[str, ...]
) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    (drop / "低保.csv").write_text(ROSTER, encoding="utf-8")
    out = drop.joinpath(*where)
    ledger = [] if ".." not in where else ["--ledger", drop / "ledger.duckdb"]
    assert audit(monkeypatch, "run", "--drop", drop, "--month", "2022-10", "--out", out, *ledger) == 2
    assert "what is written would lie in the drop" in capsys.readouterr().err
    assert [p.name for p in tmp_path.rglob("*")] == ["drop", "低保.csv"]


def test_a_policy_with_an_unknown_name_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "drop").mkdir()
    (tmp_path / "ours.toml").write_text("[limits]\nhomez = 2\n")
    arguments = ["run", "--drop", tmp_path / "drop", "--month", "2022-10", "--out", tmp_path / "out"]
    assert audit(monkeypatch, *arguments, "--policy", tmp_path / "ours.toml") == 2
    told = capsys.readouterr().err
    assert "ours.toml" in told and "limits.homez" in told and "limits.homes" in told
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("more", "key", "words"),
    [
        ((), False, ["[[source]] number 1", "--engine spark"]),
        (("--spark-out", "hdfs:///results"), False, ["--spark-out", "add --engine spark"]),
        (("--spark-conf", "none.conf"), False, ["--spark-conf", "add --engine spark"]),
        (("--engine", "spark", "--spark-out", "hdfs:///results"), True, ["a key is in use", "in the clear"]),
    ],
)
def test_what_is_spark_s_is_refused_where_it_cannot_be(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    more: tuple[str, ...],
    key: bool,
    words: list[str],
) -> None:
    drop, out = tmp_path / "drop", tmp_path / "out"
    drop.mkdir()
    (drop / "低保.csv").write_text(ROSTER)
    (drop / "audit.toml").write_text('[[source]]\nparquet = "hdfs://county/death"\ndataset = "death"\n')
    vault.write_new_key(tmp_path / "key")
    with vault.in_use(vault.key_of((tmp_path / "key").read_text(), "the test") if key else None):
        assert audit(monkeypatch, "run", "--drop", drop, "--month", "2022-10", "--out", out, *more) == 2
    told = capsys.readouterr()
    assert told.out == "" and len(told.err.strip().splitlines()) == 1 and all(word in told.err for word in words)
    assert not out.exists()
