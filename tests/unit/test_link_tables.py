"""Linking any two tables, or the duplicates of one, as a TOML specification says."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import xlsxwriter
from support.people import spoiled, valid

from pipeline.engine.duck import DuckEngine
from pipeline.engine.statements import macros
from pipeline.errors import BadInput
from pipeline.linkage.model import read
from pipeline.linkage.tables import Outcome, link_tables
from pipeline.linkage.tables.clusters import clusters
from pipeline.linkage.tables.decide import matching
from pipeline.linkage.tables.kinds import compared
from pipeline.linkage.tables.prepare import columns_of, standardised
from pipeline.linkage.tables.read import read_table
from pipeline.linkage.tables.read_spec import read_spec
from pipeline.linkage.tables.spec import FieldSpec, InputSpec

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


# --- two tables -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Outcome]:
    folder = tmp_path_factory.mktemp("two")
    left, right = two_tables(folder)
    return folder, link_tables(left, right, EXAMPLE, folder / "out.parquet")


def test_the_example_specification_links_chinese_tables(linked: tuple[Path, Outcome]) -> None:
    folder, outcome = linked
    links = pl.read_parquet(folder / "out.parquet")
    precision, recall = counted(links)
    assert precision >= 0.99
    assert recall >= 0.97
    assert links.columns == [
        "left_id", "right_id", "match_weight", "match_probability", "runner_up_weight", "decision", "pattern",
    ]  # fmt: skip
    assert outcome.links == links.filter(pl.col("decision") == "link").height
    patterns = " ".join(links["pattern"])
    for label in ("id_number=old_form", "id_number=masked", "name=homophone", "name=variant", "birth=unknown"):
        assert label in patterns
    assert links.filter(pl.col("pattern").str.contains("id_number=one_off|id_number=swap")).height > 10


def test_one_to_one_holds(linked: tuple[Path, Outcome]) -> None:
    links = pl.read_parquet(linked[0] / "out.parquet").filter(pl.col("decision") == "link")
    assert links["left_id"].is_unique().all()
    assert links["right_id"].is_unique().all()
    assert links["match_probability"].min() >= 0.5  # type: ignore[operator]


def test_the_report_says_what_the_keys_brought(linked: tuple[Path, Outcome]) -> None:
    folder, outcome = linked
    report = json.loads((folder / "out.report.json").read_text(encoding="utf-8"))
    assert report["pairs_compared"] == outcome.compared < report["pairs_of_all"] == 400 * 400
    by_id = {b["id"]: b for b in report["blocks"]}
    assert set(by_id) == {"号码", "姓名和出生日期", "读音、镇街和出生年", "号码前十四位", "出生日期和镇街"}
    assert by_id["号码"]["links"] > 100
    assert sum(b["pairs_by_this_key_alone"] for b in by_id.values()) < outcome.compared
    assert 0.9 < report["reach_estimated"] <= 1
    assert report["result"]["links"] == outcome.links
    assert report["result"]["expected_false_links"] < 0.002 * outcome.links + 0.01
    assert report["spec"]["file"] == "link_example.toml"
    text = (folder / "out.report.json").read_text(encoding="utf-8")
    assert "440281" not in text


def test_the_trained_model_is_kept_and_decides_alike(linked: tuple[Path, Outcome], tmp_path: Path) -> None:
    folder, outcome = linked
    model = read(folder / "out.model.json")
    assert model.by_id["name"].weight(7) > 5 > 0 > model.by_id["name"].weight(0)
    assert model.matched_share == pytest.approx(0.75, abs=0.03)
    spec = tmp_path / "again.toml"
    saved = str(folder / "out.model.json")
    spec.write_text(EXAMPLE.read_text(encoding="utf-8") + f'\n[model]\nfile = "{saved}"\n', encoding="utf-8")
    again = link_tables(folder / "left.csv", folder / "right.csv", spec, tmp_path / "out.parquet")
    assert again.links == outcome.links
    first, second = (pl.read_parquet(f / "out.parquet").select("left_id", "right_id") for f in (folder, tmp_path))
    assert first.equals(second)
    assert not (tmp_path / "out.model.json").exists()
    report = json.loads((tmp_path / "out.report.json").read_text(encoding="utf-8"))
    assert {d["word"] for d in report["drift"]} == {"stable"}


def test_threads_and_row_order_change_no_byte(linked: tuple[Path, Outcome], tmp_path: Path) -> None:
    names = ("out.parquet", "out.model.json")
    first = [(linked[0] / n).read_bytes() for n in names]
    for threads, shuffle in ((1, None), (4, 7)):
        folder = tmp_path / f"{threads}"
        folder.mkdir()
        left, right = two_tables(folder, shuffle=shuffle)
        link_tables(left, right, EXAMPLE, folder / "out.parquet", threads=threads)
        assert [(folder / n).read_bytes() for n in names] == first


def test_workbooks_in_and_out(tmp_path: Path) -> None:
    left, right = two_tables(tmp_path, n=120)
    for path in (left, right):
        book = xlsxwriter.Workbook(str(path.with_suffix(".xlsx")))
        sheet = book.add_worksheet("名册")
        frame = pl.read_csv(path, infer_schema=False)
        for r, row in enumerate([frame.columns, *frame.rows()]):
            for c, value in enumerate(row):
                sheet.write_string(r, c, value or "")
        book.close()
    csv = link_tables(left, right, EXAMPLE, tmp_path / "a.csv")
    xlsx = link_tables(left.with_suffix(".xlsx"), right.with_suffix(".xlsx"), EXAMPLE, tmp_path / "b.xlsx")
    assert csv.links == xlsx.links > 60
    a, b = pl.read_csv(tmp_path / "a.csv"), pl.read_excel(tmp_path / "b.xlsx", sheet_name="匹配结果")
    assert a["left_id"].to_list() == b["左表记录"].to_list()
    assert set(b["判定"]) <= {"匹配", "待核", "不匹配"}
    assert b["各项比对结果"].str.contains("姓名=相同").any()
    notes = dict(pl.read_excel(tmp_path / "b.xlsx", sheet_name="说明", has_header=False).rows())
    assert "左表" in notes
    assert any(name.startswith("分组键") for name in notes)


# --- one table ------------------------------------------------------------------------------------------------------


def dedupe_spec(folder: Path) -> Path:
    text = EXAMPLE.read_text(encoding="utf-8").replace("one_to_one = true", "one_to_one = false")
    path = folder / "dedupe.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_duplicates_are_found_and_clustered(tmp_path: Path) -> None:
    rng = random.Random(5)
    persons = people(300, 5)
    rows = persons + [noisy(p, rng) for p in persons[:100]] + [noisy(p, rng) for p in persons[:20]]
    ids = [f"P{k:03d}a" for k in range(300)] + [f"P{k:03d}b" for k in range(100)] + [f"P{k:03d}c" for k in range(20)]
    table(rows, ids, LEFT_HEADS).write_csv(tmp_path / "one.csv")
    outcome = link_tables(tmp_path / "one.csv", None, dedupe_spec(tmp_path), tmp_path / "out.csv")
    links = pl.read_csv(tmp_path / "out.csv").filter(pl.col("decision") == "link")
    assert (links["left_id"] < links["right_id"]).all()
    same = links.filter(pl.col("left_id").str.slice(0, 4) == pl.col("right_id").str.slice(0, 4))
    assert same.height / links.height >= 0.99
    groups = pl.read_csv(tmp_path / "out.clusters.csv")
    assert groups.height == 420
    joined = groups.filter(pl.col("size") > 1)
    assert (joined["cluster"].str.slice(0, 4) == joined["id"].str.slice(0, 4)).mean() >= 0.99  # type: ignore[operator]
    assert groups.filter(pl.col("size") == 3)["cluster"].n_unique() >= 17
    assert outcome.clusters == joined["cluster"].n_unique() >= 95
    report = json.loads((tmp_path / "out.report.json").read_text(encoding="utf-8"))
    assert report["clusters"]["largest"] == 3
    assert report["pairs_of_all"] == 420 * 419 // 2


def test_clusters_join_what_links_join() -> None:
    out = clusters(pl.Series(["a", "b", "c", "d", "e"]), pl.DataFrame({"i": [3, 1], "j": [4, 3]}))
    assert out.rows() == [("a", "a", 1), ("b", "b", 3), ("d", "b", 3), ("e", "b", 3), ("c", "c", 1)]


# --- skewed keys ----------------------------------------------------------------------------------------------------

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
MORE = 'cap = {cap}\nover = "{over}"\n{split}'


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


@pytest.mark.parametrize(
    ("over", "split", "kept", "dropped"),
    [("drop", "", 0, True), ("limit", "", 1600, False), ("split", 'split = ["town"]', 1800, False)],
)
def test_a_skewed_value_is_treated_as_told_and_reported(
    tmp_path: Path, over: str, split: str, kept: int, dropped: bool
) -> None:
    cap = {"limit": 1600}.get(over, 1000)
    left, right, spec = small(tmp_path, SMALL + MORE.format(cap=cap, over=over, split=split))
    outcome = link_tables(left, right, spec, tmp_path / "o.csv")
    phone, block = json.loads((tmp_path / "o.report.json").read_text(encoding="utf-8"))["blocks"]
    assert (block["values_over_cap"], block["pairs_over_cap"], block["pairs_kept_of_those"]) == (1, 3600, kept)
    assert block["largest_block_pairs"] == {"limit": 1600, "split": 900}.get(over, block["largest_block_pairs"])
    (told,) = outcome.not_examined
    assert "'birth': 1 values would make 3,600 pairs" in told
    assert ("dropped" in told) is dropped
    assert phone["links_by_this_key_alone"] == {"drop": 60, "limit": 60 - 40, "split": 0}[over]
    assert outcome.links == 200  # the phone reaches them all


def test_without_a_cap_nothing_is_left_out(tmp_path: Path) -> None:
    outcome = link_tables(*small(tmp_path), tmp_path / "o.csv")
    assert outcome.not_examined == ()
    assert outcome.compared >= 3600
    kept = pl.read_csv(tmp_path / "o.csv", infer_schema=False)
    assert kept["decision"].to_list().count("link") == 200


def test_a_pair_with_several_keys_stands_once(tmp_path: Path) -> None:
    link_tables(*small(tmp_path, SMALL + "[decide]\nkeep = 0.0\n"), tmp_path / "o.csv")
    rows = pl.read_csv(tmp_path / "o.csv", infer_schema=False)
    assert rows.select("left_id", "right_id").is_unique().all()
    assert rows.filter(pl.col("decision") == "link").height == 200


def test_a_rival_that_loses_is_the_runner_up(tmp_path: Path) -> None:
    left, right, spec = small(tmp_path, SMALL + "[decide]\none_to_one = true\nkeep = 0.0\n")
    frame = pl.read_csv(right, infer_schema=False)
    like = frame.filter(pl.col("id") == "100").with_columns(pl.lit("like").alias("id"), pl.lit("").alias("phone"))
    pl.concat([frame, like]).write_csv(right)
    link_tables(left, right, spec, tmp_path / "o.csv")
    of = pl.read_csv(tmp_path / "o.csv", infer_schema=False).filter(pl.col("left_id") == "100").sort("decision")
    assert of.select("right_id", "decision").rows() == [("100", "link"), ("like", "reject")]
    assert of["match_weight"].to_list() == of["runner_up_weight"].reverse().to_list()
    assert of["pattern"][1] == "name=equal birth=equal phone=unknown"


# --- deciding -------------------------------------------------------------------------------------------------------


def test_rivals_compete_for_one_partner() -> None:
    # left 0 has two candidates of equal odds; left 1 has one of them, with better odds
    i, j = np.array([0, 0, 1]), np.array([0, 1, 0])
    odds = np.array([100.0, 100.0, 1e6])
    p = matching(i, j, odds, (2, 2))
    # by enumeration of all ways to pair them: none, each alone, (0-1 with 1-0)
    ways = 1 + 100 + 100 + 1e6 + 100 * 1e6
    assert p == pytest.approx([100 / ways, (100 + 100 * 1e6) / ways, (1e6 + 100 * 1e6) / ways], rel=1e-6)


def test_a_large_weight_leaves_the_small_ones_their_share() -> None:
    p = matching(np.array([0, 0]), np.array([0, 1]), np.array([2.0**70, 2.0**68]), (1, 2))
    assert p == pytest.approx([0.8, 0.2], rel=1e-6)


def test_two_equal_candidates_are_put_to_a_person(tmp_path: Path) -> None:
    left, right, spec = small(tmp_path, SMALL + "[decide]\none_to_one = true\n")
    frame = pl.read_csv(right, infer_schema=False)
    twin = frame.filter(pl.col("id") == "100").with_columns(pl.lit("twin").alias("id"))
    pl.concat([frame, twin]).write_csv(right)
    link_tables(left, right, spec, tmp_path / "o.csv")
    of = pl.read_csv(tmp_path / "o.csv", infer_schema=False).filter(pl.col("left_id") == "100")
    assert of["decision"].to_list() == ["review", "review"]
    assert of["match_weight"].to_list() == of["runner_up_weight"].to_list()


def test_rare_values_weigh_more(tmp_path: Path) -> None:
    left, right, spec = small(tmp_path, SMALL.replace('kind = "exact"', 'kind = "exact"\nterm_frequency = true'))
    for path in (left, right):
        frame = pl.read_csv(path, infer_schema=False)
        common = pl.when(pl.col("id") < "190").then(pl.lit("common")).otherwise(pl.col("name")).alias("name")
        frame.with_columns(common).write_csv(path)
    link_tables(left, right, spec, tmp_path / "o.csv")
    rows = pl.read_csv(tmp_path / "o.csv", infer_schema=False).filter(pl.col("left_id") == pl.col("right_id"))
    weight = {r["left_id"]: float(r["match_weight"]) for r in rows.iter_rows(named=True)}
    assert weight["195"] > weight["100"] + 4


# --- levels ---------------------------------------------------------------------------------------------------------


def levels_of(engine: DuckEngine, field: FieldSpec, pairs: list[tuple[str | None, str | None]]) -> list[str | None]:
    """The labels of pairs of values under one field."""
    for side, values in zip("lr", zip(*pairs, strict=True), strict=True):
        series = pl.Series("v", values, dtype=pl.String)
        engine.drop(f"side_{side}")
        engine.load(f"side_{side}", columns_of(field, series).with_row_index("_n"))
    c = compared(field)
    inner = f"SELECT l._n, {c.inner} AS x FROM side_l l JOIN side_r r ON r._n = l._n"
    levels = engine.rows(f"SELECT {c.outer.format(x='x')} AS level FROM ({inner}) ORDER BY _n")["level"]
    return [None if v is None else c.labels[v] for v in levels.to_list()]


def field(kind: str, **options: object) -> FieldSpec:
    return FieldSpec("f", "f", kind, ("f", "f"), options=options)


CASES: list[tuple[FieldSpec, list[tuple[str | None, str | None, str | None]]]] = [
    (field("exact"), [("a", "a", "equal"), ("a", "b", "other"), ("a", None, None), (None, None, None)]),
    (
        field("edit_distance", thresholds=[1, 3], transpositions=True),
        [
            ("smith", "smith", "equal"),
            ("smith", "smyth", "edit_1"),
            ("smith", "smtih", "edit_1"),
            ("ab", "ba", "edit_1"),
            ("smith", "smxyh", "edit_3"),
            ("smith", "smit", "edit_1"),
            ("smith", "sm", "edit_3"),
            ("smith", "s", "other"),
            ("smith", "jones", "other"),
            ("smith", None, None),
        ],
    ),
    (field("edit_distance", thresholds=[1], transpositions=False), [("smith", "smtih", "other")]),
    (
        field("jaro_winkler", thresholds=[0.92, 0.8]),
        [
            ("martha", "martha", "equal"),
            ("martha", "marhta", "similar_0.92"),
            ("dixon", "dicksonx", "similar_0.8"),
            ("martha", "jones", "other"),
            (None, "jones", None),
        ],
    ),
    (
        field("date", days=[3]),
        [
            ("1980-05-06", "19800506", "equal"),
            ("1980-05-06", "1980年6月5日", "swapped"),
            ("1980-05-06", "1980-05-07", "one_digit"),
            ("1980-05-30", "1980-06-01", "days_3"),
            ("1980-05-06", "1980-11-27", "same_year"),
            ("1980-05-06", "1991-11-27", "other"),
            ("19801306", "19801306", "equal"),
            ("19801306", "19801305", "one_digit"),
            ("unreadable", "19801305", None),
        ],
    ),
    (
        field("token_overlap", thresholds=[0.8, 0.5], by="words"),
        [
            ("a b c", "c b a", "similar_0.8"),
            ("a b c", "a b c", "equal"),
            ("a b c d", "a b x y", "similar_0.5"),
            ("a b", "x y", "other"),
        ],
    ),
    (
        field("token_overlap", thresholds=[0.5], by="pairs"),
        [("东河镇一村", "东河镇二村", "similar_0.5"), ("东河镇一村", "西山乡二里", "other")],
    ),
    (
        field("number", tolerances=[0.5, 10.0], relative=False),
        [
            ("1,000", "1000.0", "equal"),
            ("1000", "1000.4", "within_0.5"),
            ("1000", "1009", "within_10"),
            ("1000", "1011", "other"),
            ("many", "1", None),
        ],
    ),
    (field("number", tolerances=[0.05], relative=True), [("100", "104", "within_0.05"), ("0", "0", "equal")]),
    (
        field("phone"),
        [
            ("138-0000-1111", "+86 13800001111", "equal"),
            ("13800001111", "13800001112", "one_digit"),
            ("13800001111", "0751", "other"),
            ("none", "13800001111", None),
        ],
    ),
    (
        field("name_zh"),
        [
            ("张伟", "张伟", "equal"),
            ("張偉", "张伟", "variant"),
            ("张伟", "张炜", "homophone"),
            ("张?", "张伟", "wildcard"),
            ("张伟", "张大伟", "one_more_or_less"),
            ("张伟", "张红", "surname"),
            ("张伟", "李红", "unlike"),
            ("张伟", None, None),
        ],
    ),
    (
        field("id_number_zh"),
        [
            (valid("440281", "19700101", 11), valid("440281", "19700101", 11), "equal"),
            (valid("440281", "19700101", 11), spoiled(valid("440281", "19700101", 11), "-15"), "old_form"),
            (valid("440281", "19700101", 11), spoiled(valid("440281", "19700101", 11), "~"), "one_off"),
            (valid("440281", "19700101", 11), spoiled(valid("440281", "19700101", 11), "-1"), "one_off"),
            (valid("440281", "19700101", 21), spoiled(valid("440281", "19700101", 21), "<>"), "swap"),
            (valid("440281", "19700101", 11), spoiled(valid("440281", "19700101", 11), "*"), "masked"),
            (valid("440281", "19700101", 11), valid("440281", "19700101", 21), "two_valid"),
            (valid("440281", "19700101", 11), spoiled(valid("440281", "19700101", 788), "~"), "area_birth"),
            (valid("440281", "19700101", 11), spoiled(valid("441900", "19880808", 788), "~"), "other"),
            (valid("440281", "19700101", 11), None, None),
        ],
    ),
    (
        field("levels", levels=[("start", "l.f[1:2] = r.f[1:2]")], missing=""),
        [("abc", "abd", "start"), ("abc", "xbc", "other")],
    ),
]


@pytest.mark.parametrize(("spec", "cases"), CASES, ids=[f"{n}-{c[0].kind}" for n, c in enumerate(CASES)])
def test_levels(spec: FieldSpec, cases: list[tuple[str | None, str | None, str | None]]) -> None:
    engine = DuckEngine()
    for statement in macros("duckdb").split(";\n"):
        if statement.strip():
            engine.run(statement)
    got = levels_of(engine, spec, [(a, b) for a, b, _ in cases])
    back = levels_of(engine, spec, [(b, a) for a, b, _ in cases])
    engine.close()
    assert got == [label for _, _, label in cases]
    assert back == got


def test_standardising() -> None:
    texts = pl.Series("v", [" Café  Noir ", "00-12 ab", None, "  "])
    assert standardised(texts, ["trim", "lower", "no_accents", "no_spaces"]).to_list() == [
        "cafenoir",
        "00-12ab",
        None,
        None,
    ]
    assert standardised(texts, ["digits", "no_leading_zeros"]).to_list() == [None, "12", None, None]


# --- files ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "t.txt"
    path.write_bytes("编号\t姓名\r\n1\t 张伟 \r\n2\t\r\n\r\n".encode(encoding))
    frame = read_table(path, InputSpec(renames={"姓名": "name"}))
    assert frame.rows() == [("1", "张伟", 2), ("2", None, 3)]


def test_parquet_numbers_are_text_as_people_write_it(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {"id": [1, 2], "phone": [13800001111.0, None], "day": [None, None]}, schema_overrides={"day": pl.Date}
    )
    frame.write_parquet(tmp_path / "t.parquet")
    assert read_table(tmp_path / "t.parquet", InputSpec())["phone"].to_list() == ["13800001111", None]


@pytest.mark.parametrize(
    ("text", "how", "says"),
    [
        ("a,b\n1,2,3\n", InputSpec(), "row 2: column 3 has cells but no heading"),
        ("a,a\n1,2\n", InputSpec(), "two columns have this heading"),
        ("a,A\n1,2\n", InputSpec(), "two columns have one name"),
        ("a,b\n1,2\n", InputSpec(renames={"c": "d"}), "column c: 'renames' names a heading that is not there"),
        ("a,b\n", InputSpec(header_row=5), "no row of headings"),
        ("", InputSpec(), "the file is empty"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, text: str, how: InputSpec, says: str) -> None:
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as error:
        read_table(tmp_path / "t.csv", how)
    assert says in str(error.value)
    assert "t.csv" in str(error.value)


# --- wrong specifications -------------------------------------------------------------------------------------------


def changed(old: str, new: str) -> Callable[[str], str]:
    assert old in SMALL, old
    return lambda text: text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (changed("[[field]]", "[[feild]]"), "unknown key 'feild' — did you mean 'field'?"),
        (changed('kind = "exact"', 'kind = "exakt"'), "unknown kind 'exakt' — did you mean 'exact'?"),
        (changed('kind = "exact"', 'kind = "exact"\nthreshold = 3'), "unknown key 'threshold'"),
        (
            changed('kind = "exact"', 'kind = "jaro_winkler"\nthresholds = [0.8, 0.9]'),
            "from the strictest to the loosest",
        ),
        (changed('kind = "exact"', 'kind = "jaro_winkler"\nthresholds = [1.5]'), "must lie below 1"),
        (changed('kind = "exact"', 'kind = "edit_distance"\nthresholds = [1.5]'), "must be whole numbers"),
        (changed('kind = "exact"', 'kind = "exact"\nstandardise = ["lowr"]'), "did you mean 'lower'?"),
        (changed('kind = "exact"', 'kind = "exact"\ncolumn = "nmae"'), "column nmae: field 'name' reads a column"),
        (changed('kind = "exact"', 'kind = "exact"\nsql = "nmae"'), "[[field]] 'name': not an expression"),
        (
            changed('kind = "exact"', 'kind = "levels"\nlevels = [["x", "l.nmae = r.name"]]'),
            "level 'x': not an expression",
        ),
        (changed('kind = "exact"', 'kind = "levels"\nlevels = ["x"]'), "must be pairs of a label and a condition"),
        (changed('kind = "exact"', ""), "'kind' is missing"),
        (changed('id = "phone"\nkind', 'id = "name"\nkind'), "two [[field]] have the id 'name'"),
        (changed('keys = ["birth"]', 'keys = ["brith"]'), "[[block]] 'birth': not an expression"),
        (changed('keys = ["birth"]', 'keys = ["birth; DROP TABLE x"]'), "are not allowed in an expression"),
        (changed('keys = ["birth"]', 'keys = ["birth"]\nover = "split"'), "'split' go together"),
        (changed('keys = ["birth"]', 'keys = ["birth"]\ncap = 0'), "'cap' must be a whole number from 1"),
        (changed('keys = ["birth"]', 'keys = ["CAST(name AS INTEGER)"]'), "an expression fails on some record"),
        (changed('keys = ["birth"]', 'keys = ["birth"]\n[[train]]\nblock = "brith"'), "did you mean 'birth'?"),
        (changed('keys = ["birth"]', 'keys = ["birth"]\n[[train]]\nkeys = ["town || id"]'), ""),
        (changed('keys = ["birth"]', 'keys = ["birth"]\n[[train]]\nkeys = ["town || nobody"]'), "[[train]]"),
        (
            changed('keys = ["birth"]', 'keys = ["birth"]\n[decide]\nlink = 0.2\nreview = 0.5'),
            "'review' is above 'link'",
        ),
        (changed('keys = ["birth"]', 'keys = ["birth"]\n[decide]\nlink = 2'), "'link' must be a number from 0 to 1"),
        (changed('keys = ["birth"]', 'keys = ["birth"]\n[model]\nfile = "no.json"'), "the model cannot be read"),
        (changed('id = "id"', 'id = "nr"'), "column nr: the id column is not there"),
        (changed('id = "id"', 'id = "town"'), "several records have one id"),
        (changed("[input]", "[input"), "it is not valid TOML"),
    ],
)
def test_wrong_specifications(tmp_path: Path, change: Callable[[str], str], says: str) -> None:
    left, right, spec = small(tmp_path, change(SMALL))
    before = sorted(tmp_path.iterdir())
    if not says:
        link_tables(left, right, spec, tmp_path / "o.csv")
        return
    with pytest.raises(BadInput) as error:
        link_tables(left, right, spec, tmp_path / "o.csv")
    assert says in str(error.value)
    assert sorted(tmp_path.iterdir()) == before  # nothing half-written


def test_a_model_of_other_fields_is_refused(linked: tuple[Path, Outcome], tmp_path: Path) -> None:
    saved = linked[0] / "out.model.json"
    left, right, spec = small(tmp_path, SMALL + f'[model]\nfile = "{saved}"\n')
    with pytest.raises(BadInput, match="the specification"):
        link_tables(left, right, spec, tmp_path / "o.csv")


def test_expressions_have_no_business_with_files(tmp_path: Path) -> None:
    key = "(SELECT count(*) FROM read_csv('" + str(tmp_path / "l.csv") + "'))"
    left, right, spec = small(tmp_path, SMALL.replace('keys = ["birth"]', f'keys = ["{key}"]'))
    with pytest.raises(BadInput, match="not an expression"):
        link_tables(left, right, spec, tmp_path / "o.csv")


def test_outputs_that_cannot_be(tmp_path: Path) -> None:
    left, right, spec = small(tmp_path)
    with pytest.raises(BadInput, match=r"does not end in \.csv"):
        link_tables(left, right, spec, tmp_path / "o.json")
    with pytest.raises(BadInput, match="the folder of --out is not there"):
        link_tables(left, right, spec, tmp_path / "no" / "o.csv")
    with pytest.raises(BadInput, match="no meaning within one table"):
        one = tmp_path / "one.toml"
        one.write_text(SMALL + "[decide]\none_to_one = true\n", encoding="utf-8")
        link_tables(left, None, one, tmp_path / "o.csv")


def test_progress_tells_every_step(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    link_tables(*small(tmp_path), tmp_path / "o.csv", progress=lambda *step: told.append(step))
    assert [t[0] for t in told] == ["reading", "preparing", "grouping", "comparing", "training", "deciding", "writing"]
    assert [t[1] for t in told] == list(range(7))
    assert read_spec(tmp_path / "s.toml").fields[0].id == "name"
