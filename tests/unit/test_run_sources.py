"""Two months' audits of a small drop, whose second has a half-empty export: named in everything that comes out."""

from __future__ import annotations

import csv
import html
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import openpyxl
import polars as pl
import pytest
from checks_county import id_number, member

ROOT = Path(__file__).parents[2]
SENTENCE = "车辆：身份证号为空40%（20/50行）"
REASON = f"部分核查：{SENTENCE}，本月只核查了其余部分"
PEOPLE = [member(n, f"DB{n}", name=f"甲{chr(0x4E00 + n)}乙", town=("长来", "廊田")[n % 2]) for n in range(1, 41)]


def drop(folder: Path, blank: int) -> Path:
    """Forty households; fifty vehicles of other people, but for one; `blank` of them without a number."""
    folder.mkdir(parents=True)
    heads = {"家庭编号": "household_no", "姓名": "name", "身份证号": "id_number", "镇街": "town", "村居": "village",
             "与户主关系": "relation", "性别": "sex", "健康状况": "health", "起保月份": "start_month"}  # fmt: skip
    lines = [",".join(heads)]
    lines += [",".join(str(p[c] or "") for c in heads.values()) for p in PEOPLE]
    (folder / "低保.csv").write_text("\n".join(lines), encoding="utf-8")
    owners = [PEOPLE[0]["id_number"], *(id_number(PEOPLE[0]["birth_date"], 900 - n) for n in range(49))]
    names = [PEOPLE[0]["name"], *(f"丙{chr(0x5E00 + n)}" for n in range(49))]
    cars = [
        f"{name},{'' if n >= 50 - blank else owner},粤F{n:05d}"
        for n, (name, owner) in enumerate(zip(names, owners, strict=True))
    ]
    (folder / "车辆.csv").write_text("\n".join(["姓名,身份证号,号牌", *cars]), encoding="utf-8")
    return folder


_TWICE = """
import sys
from contextlib import redirect_stdout
from pipeline.cli import main
for month, source, said in (("2022-09", "09", "first.txt"), ("2022-10", "10", "second.txt")):
    sys.argv = ["audit", "run", "--drop", source, "--month", month, "--out", "out"]
    with open(said, "w", encoding="utf-8") as out, redirect_stdout(out):
        main()
"""


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both months by the console program, in a process whose home and temporary folder are empty; what it printed."""
    work = tmp_path_factory.mktemp("sources")
    drop(work / "09", 0)
    drop(work / "10", 20)
    for empty in ("home", "tmp"):
        (work / empty).mkdir()
    done = subprocess.run(
        [sys.executable, "-c", _TWICE], capture_output=True, text=True, check=False, cwd=work,
        env=os.environ | {"HOME": str(work / "home"), "TMPDIR": str(work / "tmp"), "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return work


def cells(path: Path, sheet: str) -> list[str]:
    page = openpyxl.load_workbook(path)[sheet]
    return [str(c) for row in page.iter_rows(values_only=True) for c in row if c is not None]


def test_the_command_line_names_it(work: Path) -> None:
    second = (work / "second.txt").read_text(encoding="utf-8")
    assert "doubtful data: vehicle: column id_number is blank in 40.0 % of the rows (20 of 50)" in second
    assert "doubtful" not in (work / "first.txt").read_text(encoding="utf-8")


def test_the_tables_name_it_and_the_rule_that_reads_it(work: Path) -> None:
    with (work / "out/2022-10/not_run.csv").open(encoding="utf-8-sig", newline="") as file:
        told = {(r["id"], r["kind"]): r["reason"] for r in csv.DictReader(file)}
    assert told["column_blank", "check"] == SENTENCE
    assert told["vehicle_owned", "rule"] == REASON
    run = json.loads((work / "out/2022-10/run.json").read_text(encoding="utf-8"))
    (fault,) = run["doubtful_sources"]
    assert (fault["dataset"], fault["column"], fault["n"], fault["rows"], fault["share"]) == (
        "vehicle", "id_number", 20, 50, 0.4,
    )  # fmt: skip
    assert fault["sentence"] == SENTENCE and run["findings"]["by_rule"]["vehicle_owned"] == 1
    before = json.loads((work / "out/2022-09/run.json").read_text(encoding="utf-8"))
    assert before["doubtful_sources"] == []


def test_the_workbooks_name_it(work: Path) -> None:
    county = work / "out/2022-10/county.xlsx"
    assert SENTENCE in cells(county, "来源数据") and REASON in cells(county, "未核查")
    for town in ("长来", "廊田"):
        path = work / f"out/2022-10/towns/{town}.xlsx"
        assert {SENTENCE, REASON} <= set(cells(path, "说明"))
        assert f"名下有机动车（{REASON}）" in cells(path, "疑似不符合条件")[1]
    assert "本月无" in cells(work / "out/2022-09/county.xlsx", "来源数据")


def test_the_pages_name_it(work: Path) -> None:
    page = (work / "out/2022-10/index.html").read_text(encoding="utf-8")
    text = html.unescape(re.sub(r"<style.*?</style>", "", page, flags=re.S))
    assert "本月来源数据存疑：1 处" in text and text.count(SENTENCE) == 3 and REASON in text
    assert "来源数据存疑" not in (work / "out/2022-09/index.html").read_text(encoding="utf-8")
    checks = (work / "out/2022-10/checks/index.html").read_text(encoding="utf-8")
    assert "来源数据：栏目空白" in checks and "车辆：姓名、身份证号空白各不超过20%" in checks


def test_the_first_month_says_what_it_cannot_compare_and_the_second_compares(work: Path) -> None:
    def idle(month: str) -> set[str]:
        with (work / f"out/{month}/not_run.csv").open(encoding="utf-8-sig", newline="") as file:
            return {r["id"] for r in csv.DictReader(file) if "上月" in r["reason"]}

    assert idle("2022-09") == {"rows_fallen", "column_emptier", "links_fallen"} and idle("2022-10") == set()
    scores = pl.read_parquet(work / "out/2022-10/completeness.parquet")
    assert scores["share_before"].null_count() == 0 and scores["change"].abs().max() == 0
    assert pl.read_parquet(work / "out/2022-09/completeness.parquet")["share_before"].null_count() == scores.height


def test_what_a_month_measured_is_counts_and_nobody(work: Path) -> None:
    con = duckdb.connect(str(work / "out/ledger.duckdb"), read_only=True)
    kept = con.execute("SELECT * EXCLUDE (run_no) FROM measure").fetchall()
    con.close()
    assert {row[0] for row in kept} == {"2022-09", "2022-10"}
    assert {row[1] for row in kept} == {"column", "link", "data"}
    text = str(kept)
    assert not [
        p["name"] for p in PEOPLE if p["name"] in text or p["id_number"] in text or f"'{p['household_no']}'" in text
    ]


def test_nothing_is_left_in_the_home_the_temporary_or_the_working_folder(work: Path) -> None:
    assert [p.name for p in (work / "tmp").rglob("*")] == []
    assert [str(p.relative_to(work)) for p in (work / "home").rglob("*")] == []
    assert {p.name for p in work.iterdir()} == {"home", "tmp", "09", "10", "out", "first.txt", "second.txt"}
    assert {p.name for p in (work / "out").iterdir()} == {"2022-09", "2022-10", "ledger.duckdb"}
    assert {p.name for p in (work / "out/2022-10/checks").iterdir()} == {"index.html", "pages"}


def test_a_file_that_came_in_unchanged_is_told_everywhere_once(work: Path) -> None:
    note = "与上月文件完全相同"
    second = (work / "second.txt").read_text(encoding="utf-8")
    assert second.count("byte for byte as in 2022-09: 1 of the files (dibao)") == 1
    out = work / "out/2022-10"
    told = json.loads((out / "run.json").read_text(encoding="utf-8"))["repeated_inputs"]
    assert told == [{"path": "低保.csv", "dataset": "dibao", "month": "2022-09", "note": note}]
    page = openpyxl.load_workbook(out / "county.xlsx")["输入文件"]
    noted = {row[1]: row[8] for row in page.iter_rows(min_row=4, values_only=True)}
    assert noted["低保.csv"] == note and noted["车辆.csv"] is None
    about = (out / "pages/about/inputs.html").read_text(encoding="utf-8")
    (listed,) = re.findall(r'<section id="repeated".*?</section>', about, re.DOTALL)
    assert note in listed and "低保.csv" in listed and "车辆.csv" not in listed
    (line,) = re.findall(rf"<p>{note}.*?</p>", (out / "index.html").read_text(encoding="utf-8"))
    assert "pages/about/inputs.html#repeated" in line and "低保" in line


def test_in_the_first_month_nothing_came_in_before(work: Path) -> None:
    out = work / "out/2022-09"
    assert "byte for byte" not in (work / "first.txt").read_text(encoding="utf-8")
    assert json.loads((out / "run.json").read_text(encoding="utf-8"))["repeated_inputs"] == []
    for file in ("index.html", "pages/about/inputs.html"):
        assert "文件完全相同" not in (out / file).read_text(encoding="utf-8")
