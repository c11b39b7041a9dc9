"""Training the county's model: the same drop the same model, and what a model must be to be linked by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from support.cases import load_cases
from support.county import Drop, demo_drop

from pipeline.engine.duck import DuckEngine
from pipeline.errors import BadInput
from pipeline.identity import make_comparable
from pipeline.linkage import link
from pipeline.linkage.county import county_spec
from pipeline.linkage.model import Model, default_model, read_county_model
from pipeline.linkage.train import train

PAIRS = 50_000  # random pairs: enough to be learnt from, and quickly drawn


@pytest.fixture(scope="module")
def drop() -> Drop:
    return demo_drop(7)


def trained(drop: Drop, threads: int) -> Model:
    engine = DuckEngine(threads=threads)
    drop.load(engine)
    make_comparable(engine, drop.present)
    return train(engine, drop.present, version="a-1", trained_on="a made-up county", random_pairs=PAIRS)


@pytest.fixture(scope="module")
def model(drop: Drop) -> Model:
    return trained(drop, 2)


def test_the_same_drop_gives_the_same_bytes(drop: Drop, model: Model) -> None:
    assert trained(drop.shuffled(2), 4).to_json() == model.to_json()


def test_the_model_is_one_of_the_county_s(model: Model, tmp_path: Path) -> None:
    assert {f.id: f.labels for f in model.fields} == county_spec().labels
    for field in model.fields:
        assert sum(v.m for v in field.levels) == pytest.approx(1, abs=0.001), field.id
        assert sum(v.u for v in field.levels) == pytest.approx(1, abs=0.001), field.id
        assert len(model.shares[field.id]) == len(field.levels) + 1
    (tmp_path / "m.json").write_text(model.to_json(), encoding="utf-8")
    read = read_county_model(tmp_path / "m.json")
    assert (read.version, read.trained_on, read.sha256) == ("a-1", "a made-up county", model.sha256)


def test_thresholds_and_shares_are_in_order(model: Model) -> None:
    assert 0.01 <= model.review_at <= model.link_at <= 1
    assert model.link_at >= 0.5
    assert 0.1 < model.matched_share < 0.999
    assert model.expected_false["link_false_rate"] <= 1 / 10_000
    assert model.expected_false["links"] > 50


def test_what_agrees_speaks_for_one_person_and_what_does_not_against(model: Model) -> None:
    for name in ("name", "birth", "sex", "place", "phone", "once"):
        weights = [v.weight for v in model.by_id[name].levels]
        assert weights[0] < 0 < weights[-1], name
        assert weights == sorted(weights), name
    number = {v.label: v.weight for v in model.by_id["id"].levels}
    assert number["other"] < 0 < min(number["one_off"], number["masked"])


def test_levels_never_met_are_named(model: Model) -> None:
    # two sound numbers, and the same number, are settled before any model is asked
    assert {"id.two_valid", "id.old_form", "id.equal"} <= set(model.unseen)


def test_it_links_the_county_it_was_trained_on(engine: DuckEngine, drop: Drop, model: Model) -> None:
    drop.load(engine)
    make_comparable(engine, drop.present)
    link(engine, drop.present, model)
    pairs = engine.rows("SELECT roster_record_id, record_id FROM links WHERE decision = 'link' AND tier <> 'exact_id'")
    same = [drop.pid[a] == drop.pid[b] for a, b in pairs.iter_rows()]
    assert len(same) > 80 and sum(same) >= len(same) - 2
    assert engine.rows("SELECT version FROM link_model").item() == "a-1"


SPOILT: dict[str, Callable[[Model], Model]] = {
    "a field less": lambda m: replace(m, fields=m.fields[:-1]),
    "a level less": lambda m: replace(m, fields=(replace(m.fields[0], levels=m.fields[0].levels[1:]), *m.fields[1:])),
    "levels the other way round": lambda m: replace(
        m, fields=(replace(m.fields[0], levels=m.fields[0].levels[::-1]), *m.fields[1:])
    ),
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_model_of_other_levels_is_refused(engine: DuckEngine, tmp_path: Path, how: str) -> None:
    loaded = load_cases(engine, {"x": "dibao household_no=H# name=NAME id_number=@\nmedical name=NAME id_number=@~"})
    with pytest.raises(BadInput):
        link(engine, loaded.present, SPOILT[how](default_model()))
    (tmp_path / "m.json").write_text(SPOILT[how](default_model()).to_json(), encoding="utf-8")
    with pytest.raises(BadInput, match=r"m\.json"):
        read_county_model(tmp_path / "m.json")


@pytest.mark.parametrize(
    "rows",
    [
        "dibao household_no=H# name=NAME id_number=@\nmedical name=NAME id_number=@",
        "dibao household_no=H# name=NAME id_number=@\nmedical name=NAME",
    ],
)
def test_a_drop_without_anything_to_learn_from_is_refused(engine: DuckEngine, rows: str) -> None:
    loaded = load_cases(engine, {"x": rows})
    with pytest.raises(BadInput):
        train(engine, loaded.present, version="a-1", trained_on="nothing", random_pairs=PAIRS)
