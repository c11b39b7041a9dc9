"""Which pairs of two tables are compared and which of them become links: skewed keys, rivals, rare values."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from link_tables_sample import SMALL, small

from pipeline.linkage.tables import link_tables
from pipeline.linkage.tables.decide import matching

MORE = 'cap = {cap}\nover = "{over}"\n{split}'


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
