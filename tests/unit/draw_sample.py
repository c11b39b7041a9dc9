"""Small drops and frames for the draw's tests: rosters written as CSV, and the console program run on them."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

from pipeline.draw.files import sum_line, write
from pipeline.draw.frame import Frame, PolicyMark, rates_of
from pipeline.draw.words import DRAWS
from pipeline.findings.spec.people import valid
from pipeline.policy import pack_for

TOWNS = ("长来", "坪石", "乐城")
MONTH = "2022-10"


def person(n: int) -> str:
    """A made-up ID number that is sound; another for each n."""
    return valid("440281", f"19{40 + n % 60:02d}{1 + n % 12:02d}{1 + n % 28:02d}", n % 999)


def write_roster(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    """A roster as a CSV file, its headings those of the first row."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, list(rows[0]))
        out.writeheader()
        out.writerows(rows)


def small_drop(folder: Path) -> Path:
    """Three towns: dibao old and new, tekun of every care class, borderline, expenditure; some stopped."""
    folder.mkdir()
    dibao, tekun, borderline, expenditure = [], [], [], []
    for i in range(60):
        town, start = TOWNS[i % 3], "2022-03" if i < 45 else "2019-05"
        for who in range(2):
            dibao.append(
                {"家庭编号": f"DB{i:03d}", "姓名": f"甲{i}乙{who}", "身份证号": person(2 * i + who), "镇街": town,
                 "与户主关系": "户主" if who == 0 else "子", "起保月份": start if who == 0 else "2022-09",
                 "停保月份": "2022-10" if i % 20 == 19 else ""}
            )  # fmt: skip
    for i in range(30):
        care = ("全自理", "全自理", "半失能", "失能", "全自理")[i % 5]
        tekun.append(
            {"特困编号": f"TK{i:03d}", "姓名": f"丙{i}", "身份证号": person(200 + i), "镇街": TOWNS[i % 3],
             "生活自理能力": care, "起保月份": "2018-01", "停保月份": ""}
        )  # fmt: skip
    for i in range(12):
        row = {"家庭编号": f"BY{i:03d}", "姓名": f"丁{i}", "身份证号": person(300 + i), "镇街": TOWNS[i % 3]}
        borderline.append(row)
        expenditure.append(row | {"家庭编号": f"ZC{i:03d}", "身份证号": person(400 + i)})
    for name, rows in (("低保", dibao), ("特困", tekun), ("低保边缘", borderline), ("支出型", expenditure)):
        write_roster(folder / f"{name}.csv", rows)
    return folder


def audit(*args: str | Path, ok: bool = True) -> subprocess.CompletedProcess[str]:
    """The console program; with `ok` it must have succeeded."""
    code = "from pipeline.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, args)], capture_output=True, text=True, check=False, env=os.environ
    )
    assert not ok or done.returncode == 0, done.stderr
    return done


def units(draw: str, sizes: Mapping[str, int], care: str = "-") -> list[tuple[str, str, str, str]]:
    """Units of a draw: so many a town."""
    scheme = {"new_dibao": "dibao", "care": "tekun"}.get(draw, draw)
    return [(draw, town, care, f"{scheme}:{town}{i:04d}") for town, n in sizes.items() for i in range(n)]


FIFTH = {("tekun", "-"): Fraction(1, 5), ("borderline", "-"): Fraction(1, 10)}


def frame_file(folder: Path, draws: Mapping[str, Mapping[str, int]], numbers: str = "{:04d}", care: str = "-") -> Path:
    """A frozen frame and its .sha256: units of draw → town → how many, numbered as `numbers` says within a draw."""
    policy = pack_for(MONTH)
    lines = []
    for draw, towns in draws.items():
        scheme = DRAWS[draw][1]
        places = [town for town, n in towns.items() for _ in range(n)]
        lines += [(draw, town, care, f"{scheme}:{numbers.format(i)}") for i, town in enumerate(places)]
    lines.sort(key=lambda line: "\t".join(line).encode())
    dibao = "all" if "dibao" in draws else "new"
    mark = PolicyMark(policy.name, policy.sha256, "")
    made = Frame(MONTH, dibao, True, mark, rates_of(policy, dibao), (), (), tuple(lines))
    name = f"frame-{MONTH}.tsv"
    write(folder, {name: made.text.encode(), f"{name}.sha256": sum_line(name, made.sha256)})
    return folder / name
