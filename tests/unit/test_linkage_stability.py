"""The same drop gives the same links, whatever the thread count and the order of rows; and they are true."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
import pytest
from support.county import Drop, demo_drop

from pipeline.engine.duck import DuckEngine
from pipeline.identity import make_comparable
from pipeline.linkage import link

SEED = 5
# Everything that a run leaves and later stages read, and the columns that order it.
LEFT = {
    "links": "roster_record_id, dataset, record_id",
    "pair_decision": "left_person, right_person",
    "person_merge": "person",
    "standing": "person",
    "reached_record": "record_id",
    "block_report": "block",
    "model_drift": "field",
    "link_model": "version",
}
Run = dict[str, pl.DataFrame]


@pytest.fixture(scope="module")
def drop() -> Drop:
    return demo_drop(SEED)


def run(drop: Drop, threads: int) -> Run:
    engine = DuckEngine(threads=threads)
    try:
        drop.load(engine)
        make_comparable(engine, drop.present)
        link(engine, drop.present)
        return {table: engine.rows(f"SELECT * FROM {table} ORDER BY {by}") for table, by in LEFT.items()}
    finally:
        engine.close()


@pytest.fixture(scope="module")
def first(drop: Drop) -> Iterator[Run]:
    yield run(drop, 2)


def test_the_drop_is_large_enough_to_matter(first: Run) -> None:
    tiers = dict(first["links"].filter(pl.col("decision") == "link")["tier"].value_counts().iter_rows())
    assert tiers["exact_id"] > 1000 and tiers["repaired_id"] > 40 and tiers["probabilistic"] > 40
    assert set(first["links"]["decision"]) == {"link", "review", "reject"}


@pytest.mark.parametrize(("threads", "shuffle"), [(1, None), (4, 1)])
def test_threads_and_the_order_of_rows_change_nothing(
    drop: Drop, first: Run, threads: int, shuffle: int | None
) -> None:
    again = run(drop if shuffle is None else drop.shuffled(shuffle), threads)
    for table in LEFT:
        assert again[table].equals(first[table]), table


def test_a_shuffled_drop_is_the_same_records(drop: Drop) -> None:
    other = drop.shuffled(1)
    assert not other.tables["dibao"].equals(drop.tables["dibao"])
    assert other.tables["dibao"].sort("record_id").equals(drop.tables["dibao"].sort("record_id"))


def test_the_links_are_true(drop: Drop, first: Run) -> None:
    """Not how good linkage is (that is measured on other counties), but that it is not broken."""
    links = first["links"].with_columns(
        same=pl.col("roster_record_id").replace_strict(drop.pid) == pl.col("record_id").replace_strict(drop.pid)
    )
    linked = links.filter(pl.col("decision") == "link")
    assert linked.filter(~pl.col("same")).height <= 2
    uncertain = links.filter(pl.col("same") & (pl.col("tier") != "exact_id"))
    found = uncertain.filter(pl.col("decision") == "link").height
    assert found > 0.9 * uncertain.height > 100


def test_a_pair_stands_once_and_a_person_is_one_everywhere(first: Run) -> None:
    links = first["links"]
    assert links.select("roster_record_id", "record_id").is_duplicated().sum() == 0
    person = dict(first["reached_record"].select("record_id", "person").iter_rows())
    for a, b, decision in links.select("roster_record_id", "record_id", "decision").iter_rows():
        assert (person[a] == person[b]) == (decision == "link"), (a, b, decision)


def test_every_merge_ends_at_somebody_who_is_not_merged(first: Run) -> None:
    merges = first["person_merge"]
    assert merges["person"].is_duplicated().sum() == 0
    assert set(merges["merged"]).isdisjoint(merges["person"])
    probability = merges.filter(pl.col("probability").is_not_null())["probability"]
    assert (probability >= float(first["link_model"]["link_at"][0])).all()  # type: ignore[operator]
