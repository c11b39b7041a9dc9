"""The tables as files: columns, order, the same bytes, nothing a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import os
import random
import stat
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from publish_sample import MONTH, RULES, finding, sample

from pipeline.publish import write_tables
from pipeline.publish.tables import FINDINGS, LINKS, NOT_RUN, REJECTS

FILES = (
    "findings.parquet", "findings.csv", "links.parquet", "rejects.parquet", "rejects.csv", "not_run.csv",
)  # fmt: skip


def risky() -> dict[str, object]:
    texts = {"name": "=HYPERLINK(1)", "summary": "@cmd", "village": "\tx", "basis": "-1"}
    return finding(9000, RULES[1], "长来", random.Random(1), **texts)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tables") / MONTH
    risky = [
        finding(
            9000, RULES[1], "长来", random.Random(1), name="=HYPERLINK(1)", summary="@cmd", village="\tx", basis="-1"
        ),
    ]
    write_tables(sample(extra=risky), folder)
    return folder


def read_csv(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


def test_columns_and_rows_are_the_contract_s(out: Path) -> None:
    findings = pl.read_parquet(out / "findings.parquet")
    assert tuple(findings.columns) == FINDINGS and findings.height == 401
    assert findings.schema["screened"] == pl.Boolean
    assert tuple(pl.read_parquet(out / "links.parquet").columns) == LINKS
    assert tuple(pl.read_parquet(out / "rejects.parquet").columns) == REJECTS
    assert tuple(read_csv(out / "not_run.csv")[0]) == NOT_RUN
    assert [r["reason"] for r in read_csv(out / "not_run.csv")] == ["缺少服刑数据", "缺少巡访记录"]
    assert len(read_csv(out / "findings.csv")) == 401 and len(read_csv(out / "rejects.csv")) == 3


def test_rows_stand_in_the_fixed_order(out: Path) -> None:
    findings = pl.read_parquet(out / "findings.parquet")
    keys = ["rule_id", "scheme", "household_no", "record_id", "fingerprint"]
    assert findings.select(keys).rows() == findings.sort(keys, nulls_last=False).select(keys).rows()


def test_csv_opens_in_chinese_and_runs_nothing(out: Path) -> None:
    assert (out / "findings.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    row = next(r for r in read_csv(out / "findings.csv") if "HYPERLINK" in r["name"])
    assert (row["name"], row["summary"], row["village"], row["basis"]) == ("'=HYPERLINK(1)", "'@cmd", "'\tx", "'-1")
    for name in ("findings.csv", "rejects.csv"):
        cells = [cell for r in read_csv(out / name) for cell in r.values()]
        assert not [c for c in cells if c[:1] in set("=+-@\t\r\n")]
    assert "=1+1" in pl.read_parquet(out / "rejects.parquet")["raw"].to_list()  # Parquet keeps what was read


def test_only_the_owner_can_read(out: Path) -> None:
    assert stat.S_IMODE(out.stat().st_mode) == 0o700
    assert {stat.S_IMODE((out / name).stat().st_mode) for name in FILES} == {0o600}


def test_the_same_rows_in_another_order_give_the_same_bytes(out: Path, tmp_path: Path) -> None:
    code = """
import sys
sys.path[:0] = sys.argv[1:3]
from pathlib import Path
from publish_sample import sample
from test_publish_tables import risky
from pipeline.publish import write_tables
pub = sample(extra=[risky()], threads=1)
for table in ("findings", "links", "rejects", "not_run"):
    pub.engine.run(f"SELECT * FROM {table} ORDER BY hash({table}::VARCHAR)", into="mixed")
    pub.engine.run("SELECT * FROM mixed", into=table)
write_tables(pub, Path(sys.argv[3]))
"""
    here = Path(__file__).parent
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, str(here), str(here.parents[1]), str(tmp_path)],
        check=True,
        env={**os.environ, "POLARS_MAX_THREADS": "1"},
    )
    assert [n for n in FILES if (out / n).read_bytes() != (tmp_path / n).read_bytes()] == []
