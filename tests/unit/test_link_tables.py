"""Linking any two tables, or the duplicates of one, as a TOML specification says."""

from __future__ import annotations

import json
import random
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from link_tables_sample import EXAMPLE, LEFT_HEADS, SMALL, counted, noisy, people, small, table, two_tables

from pipeline.errors import BadInput
from pipeline.linkage.model import read
from pipeline.linkage.tables import Outcome, link_tables
from pipeline.linkage.tables.clusters import clusters
from pipeline.linkage.tables.read_spec import read_spec


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


def test_a_model_of_other_fields_is_refused(linked: tuple[Path, Outcome], tmp_path: Path) -> None:
    saved = linked[0] / "out.model.json"
    left, right, spec = small(tmp_path, SMALL + f'[model]\nfile = "{saved}"\n')
    with pytest.raises(BadInput, match="the specification"):
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
