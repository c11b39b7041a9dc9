"""Made-up tables to link: Chinese people whom two offices wrote down, and a small one of plain English names."""

from __future__ import annotations

import random
from pathlib import Path

import polars as pl
from support.people import spoiled, valid

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "link_example.toml"
TOWNS = ["东河镇", "西山镇", "南塘镇", "北岭乡"]
LEFT_HEADS = ("编号", "姓名", "身份证号码", "出生日期", "镇街")
RIGHT_HEADS = ("编号", "人员姓名", "证件号码", "出生年月日", "所属镇街")
HOMOPHONES = {"伟": "炜", "芳": "方", "明": "鸣", "丽": "莉", "军": "均", "静": "敬"}
TRADITIONAL = {"张": "張", "刘": "劉", "陈": "陳", "杨": "楊", "赵": "趙", "国": "國"}

Person = dict[str, str]


def people(n: int, seed: int) -> list[Person]:
    rng = random.Random(seed)
    out, taken = [], set()
    while len(out) < n:
        surname = rng.choice("王李张刘陈杨赵黄周吴")
        name = surname + rng.choice("伟芳明丽军静国志文秀建春海玉桂") + rng.choice(["", *"华平英强红梅兰勇辉霞"])
        birth = f"{rng.randint(1935, 2005)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}"
        number = valid("440281", birth, 10 * rng.randint(0, 99) + rng.choice((1, 2)))
        if number[14:16] == number[15:17]:
            continue  # no two neighbours to swap
        if (name, birth) not in taken:
            taken.add((name, birth))
            out.append({"name": name, "id": number, "birth": birth, "town": rng.choice(TOWNS)})
    return out


def noisy(person: Person, rng: random.Random) -> Person:
    """The same person as another office would have written him down: each thing may be off, never all of them."""
    p = dict(person)
    kind = rng.randrange(8)
    if kind == 0:
        p["id"] = spoiled(p["id"], rng.choice(["~", "<>"]))
    elif kind == 1:
        p["id"] = rng.choice(["", "无", "不详"])
    elif kind == 2:
        p["id"] = spoiled(p["id"], "*")
    elif kind == 3 and p["birth"] < "2000":
        p["id"] = spoiled(p["id"], "-15")
    elif kind == 4:
        p["name"] = "".join(HOMOPHONES.get(c, c) for c in p["name"])
        p["birth"] = f"{p['birth'][:4]}-{p['birth'][4:6]}-{p['birth'][6:]}"
    elif kind == 5:
        p["name"] = "".join(TRADITIONAL.get(c, c) for c in p["name"])
        p["birth"] = ""
    elif kind == 6:
        p["town"] = rng.choice(TOWNS)
    return p


def table(persons: list[Person], ids: list[str], heads: tuple[str, ...]) -> pl.DataFrame:
    rows = [(i, p["name"], p["id"], p["birth"], p["town"]) for i, p in zip(ids, persons, strict=True)]
    return pl.DataFrame(rows, schema=list(heads), orient="row")


def two_tables(folder: Path, n: int = 400, seed: int = 1, *, shuffle: int | None = None) -> tuple[Path, Path]:
    """left.csv holds n people, right.csv three quarters of them as others wrote them, and n / 4 strangers."""
    rng = random.Random(seed)
    everybody = people(n + n // 4, seed)
    known = range(n * 3 // 4)
    left = table(everybody[:n], [f"L{k}" for k in range(n)], LEFT_HEADS)
    rows = [noisy(everybody[k], rng) for k in known] + everybody[n:]
    ids = [f"R{k}" for k in known] + [f"S{k}" for k in range(n // 4)]
    right = table(rows, ids, RIGHT_HEADS)
    if shuffle is not None:
        left, right = (f.sample(fraction=1, shuffle=True, seed=shuffle) for f in (left, right))
    left.write_csv(folder / "left.csv")
    right.write_csv(folder / "right.csv")
    return folder / "left.csv", folder / "right.csv"


def counted(links: pl.DataFrame) -> tuple[float, float]:
    """(precision, share found) of the links of `two_tables` with 300 shared people."""
    found = links.filter(pl.col("decision") == "link")
    right = found.filter(pl.col("left_id").str.slice(1) == pl.col("right_id").str.slice(1))
    right = right.filter(pl.col("right_id").str.starts_with("R"))
    return right.height / max(found.height, 1), right.height / 300


SMALL = """
[input]
id = "id"
[[field]]
id = "name"
kind = "exact"
[[field]]
id = "birth"
kind = "date"
[[field]]
id = "phone"
kind = "phone"
[[block]]
id = "phone"
keys = ["phone"]
[[block]]
id = "birth"
keys = ["birth"]
"""


def small(folder: Path, text: str = SMALL, n: int = 200) -> tuple[Path, Path, Path]:
    """n people in both tables under plain English names; 60 of each table share one made-up birth date."""
    rows = []
    for k in range(n):
        birth = "19000101" if k < 60 else f"{1950 + k % 50}{k % 12 + 1:02d}{k % 28 + 1:02d}"
        rows.append((f"{k:03d}", f"name {k % 90}", birth, f"1380000{k:04d}", "AB"[k % 2]))
    frame = pl.DataFrame(rows, schema=["id", "name", "birth", "phone", "town"], orient="row")
    frame.write_csv(folder / "l.csv")
    frame.write_csv(folder / "r.csv")
    (folder / "s.toml").write_text(text, encoding="utf-8")
    return folder / "l.csv", folder / "r.csv", folder / "s.toml"
