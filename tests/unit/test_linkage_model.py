"""The linkage model: fitting on patterns, saving, thresholds, drift."""

from __future__ import annotations

import dataclasses
import json
import random
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pipeline.errors import BadInput
from pipeline.linkage.drift import drift, psi, shares
from pipeline.linkage.fit import StrictBlock, fit_model, rising, share_over_rows, u_of
from pipeline.linkage.model import Field, Level, Model, county_labels, default_model, from_json, read, weights_frame
from pipeline.linkage.model_text import compare, show
from pipeline.linkage.pattern_em import MISSING, fitted
from pipeline.linkage.term_frequency import adjustment, square
from pipeline.linkage.thresholds import pair_probability, thresholds

Pieces = tuple[pl.DataFrame, list[StrictBlock], pl.DataFrame]
LABELS = {
    "name": ("unlike", "alike", "equal"),
    "birth": ("other", "equal"),
    "town": ("other", "equal"),
    "phone": ("other", "equal"),
}
M = {"name": (0.05, 0.15, 0.80), "birth": (0.1, 0.9), "town": (0.2, 0.8), "phone": (0.3, 0.7)}
U = {"name": (0.98, 0.015, 0.005), "birth": (0.99, 0.01), "town": (0.9, 0.1), "phone": (0.995, 0.005)}


def drawn(probabilities: dict[str, tuple[float, ...]], n: int, seed: int, missing: float = 0.0) -> pl.DataFrame:
    """n pairs drawn from these probabilities, as patterns with counts."""
    rng = np.random.default_rng(seed)
    columns = {}
    for f, p in probabilities.items():
        level = rng.choice(len(p), size=n, p=p)
        columns[f] = np.where(rng.random(n) < missing, MISSING, level)
    return pl.DataFrame(columns).group_by(list(probabilities)).agg(pl.len().cast(pl.Int64).alias("n"))


def together(*frames: pl.DataFrame) -> pl.DataFrame:
    return pl.concat(frames).group_by(list(LABELS)).agg(pl.col("n").sum())


def agreeing(field: str, matches: int, others: int, seed: int) -> StrictBlock:
    """A strict block on `field`: all its pairs are equal there."""
    top = len(LABELS[field]) - 1
    pairs = together(drawn(M, matches, seed, 0.1), drawn(U, others, seed + 1, 0.1))
    patterns = pairs.with_columns(pl.lit(top).cast(pl.Int64).alias(field))
    return StrictBlock(field, patterns.group_by(list(LABELS)).agg(pl.col("n").sum()), (field,))


@pytest.fixture(scope="module")
def pieces() -> Pieces:
    strict = [agreeing("name", 4000, 1000, 1), agreeing("birth", 2000, 3000, 3)]
    return drawn(U, 200_000, 5, 0.1), strict, together(drawn(M, 5000, 6, 0.1), drawn(U, 995_000, 7, 0.1))


def trained(pieces: Pieces, **more: object) -> Model:
    return fit_model(LABELS, *pieces, 6000, 1000 / 6, version="t", trained_on="a test", **more)  # type: ignore[arg-type]


# --- the kernel -----------------------------------------------------------------------------------------------------


def test_the_kernel_finds_m_and_p_and_keeps_u() -> None:
    pairs = together(drawn(M, 20_000, 11), drawn(U, 60_000, 12))
    classifier = fitted(list(LABELS), pairs.select(*LABELS).to_numpy(), pairs["n"].to_numpy(), U)
    assert classifier.p == pytest.approx(0.25, abs=0.01)
    for f in LABELS:
        assert list(classifier.m_probs[f].values()) == pytest.approx(M[f], abs=0.02)
        assert list(classifier.u_probs[f].values()) == pytest.approx(U[f])
        assert classifier.log_weights[f][0] == pytest.approx(
            np.log(classifier.m_probs[f][0] / classifier.u_probs[f][0])
        )
    sure = classifier.kernel.predict_proba([[2, 1, 1, 1], [0, 0, 0, 0]])[:, 1]
    assert sure[0] > 0.999
    assert sure[1] < 0.001


def test_missing_levels_say_nothing() -> None:
    pairs = drawn(M, 5000, 1)
    more = pairs.with_columns(pl.lit(MISSING).cast(pl.Int64).alias("town"))
    fit = [
        fitted(list(LABELS), p.select(*LABELS).to_numpy(), p["n"].to_numpy(), U).m_probs["town"]
        for p in (pairs.sort(*LABELS), pl.concat([pairs.sort(*LABELS), more.sort(*LABELS)]))
    ]
    assert fit[0][1] == pytest.approx(fit[1][1], abs=0.02)


def test_counts_stand_for_repeated_rows() -> None:
    pairs = drawn(M, 300, 4).sort(*LABELS)
    levels, n = pairs.select(*LABELS).to_numpy(), pairs["n"].to_numpy()
    a = fitted(list(LABELS), levels, n, U)
    b = fitted(list(LABELS), np.repeat(levels, n, axis=0), np.ones(n.sum()), U)
    assert a.m_probs["name"] == pytest.approx(b.m_probs["name"], abs=1e-6)


# --- training -------------------------------------------------------------------------------------------------------


def test_training_finds_what_the_pairs_were_drawn_from(
    pieces: Pieces,
) -> None:
    model = trained(pieces)
    for f in model.fields:
        for level, m, u in zip(f.levels, M[f.id], U[f.id], strict=True):
            assert level.m == pytest.approx(m, abs=0.02), (f.id, level)
            assert level.u == pytest.approx(u, abs=0.003), (f.id, level)
    assert model.matched_share == pytest.approx(5000 / 6000, abs=0.03)
    assert model.unseen == ()
    assert sum(model.shares["name"]) == pytest.approx(1)
    assert model.shares["name"][-1] == pytest.approx(0.1, abs=0.01)


def test_the_order_of_patterns_changes_no_byte(pieces: Pieces) -> None:
    u, strict, candidates = pieces
    mixed = (
        u.sample(fraction=1, shuffle=True, seed=1),
        [dataclasses.replace(b, patterns=b.patterns.sample(fraction=1, shuffle=True, seed=2)) for b in strict],
        candidates.sample(fraction=1, shuffle=True, seed=3),
    )
    assert trained(pieces).to_json() == trained(mixed).to_json()


def test_a_level_never_met_weighs_between_its_neighbours(
    pieces: Pieces,
) -> None:
    def without(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.filter(pl.col("name") != 1)

    u, strict, candidates = pieces
    blocks = [dataclasses.replace(b, patterns=without(b.patterns)) for b in strict]
    model = trained((without(u), blocks, without(candidates)))
    low, middle, high = (level.weight for level in model.by_id["name"].levels)
    assert model.unseen == ("name.alike",)
    assert middle == pytest.approx((low + high) / 2, abs=0.2)
    assert "never seen in training" in show(model)


def test_a_field_that_every_block_leaves_out_starts_from_the_ladder(
    pieces: Pieces,
) -> None:
    u, strict, candidates = pieces
    model = trained((u, [dataclasses.replace(b, left_out=("name", "birth")) for b in strict], candidates))
    assert [level.m for level in model.by_id["name"].levels] == pytest.approx([0.025, 0.05, 0.925])


def test_known_u_is_kept_and_the_rest_shares_what_is_left() -> None:
    u = u_of(3, np.array([980.0, 20.0, 0.0]), {2: 1e-6})
    assert u[2] == 1e-6
    assert u.sum() == pytest.approx(1)
    assert u[0] / u[1] == pytest.approx(980.5 / 20.5)


def test_rising_pools_what_falls() -> None:
    u = np.array([0.5, 0.3, 0.2])
    m = rising(np.array([0.1, 0.6, 0.3]), u)
    assert m.sum() == pytest.approx(1)
    assert m[1] / u[1] == pytest.approx(m[2] / u[2]) == pytest.approx(0.9 / 0.5)
    kept = np.array([0.1, 0.3, 0.6])
    assert rising(kept, u) == pytest.approx(kept)


def test_the_share_with_a_match_where_candidates_compete() -> None:
    sums = [1e6] * 600 + [1e-6] * 200
    assert share_over_rows(sums, 1000) == pytest.approx(0.6, abs=1e-3)
    assert share_over_rows([], 1000) == pytest.approx(0.0005)


# --- thresholds -----------------------------------------------------------------------------------------------------


def test_thresholds_hold_the_rate_they_are_given() -> None:
    p = np.array([0.9999, 0.97, 0.8, 0.4, 0.1, 0.001])
    n = np.array([1000, 50, 20, 10, 10, 1000])
    at = thresholds(p, n, link_rate=0.002)
    # 0.1 + 1.5 expected false of 1050 are within it; with the next 20 (4 more false) they are not
    assert (at.link_at, at.expected["links"]) == (0.97, 1050)
    assert at.expected["link_false_rate"] == pytest.approx(1.6 / 1050, rel=1e-3)
    assert at.review_at == 0.4  # what lies below is 2 of 1071 expected matches
    assert at.expected["missed_share"] < 0.005
    assert at.expected["reviews"] == 30


def test_no_threshold_links_what_is_more_likely_wrong() -> None:
    assert thresholds([0.999999, 0.45], [100_000, 1], link_rate=0.5).link_at > 0.45


def test_nothing_is_linked_where_not_even_the_surest_are_sure_enough() -> None:
    at = thresholds([0.9, 0.5], [10, 10], link_rate=0.001)
    assert (at.link_at, at.expected["links"]) == (1.0, 0.0)
    assert at.review_at == 0.5
    assert thresholds([], []).link_at == 1.0


def test_the_order_of_pairs_changes_no_threshold() -> None:
    rng = random.Random(1)
    p = [rng.random() ** 0.1 for _ in range(500)]
    mixed = rng.sample(p, len(p))
    assert thresholds(p, [1] * 500, 0.02) == thresholds(mixed, [1] * 500, 0.02)


def test_pairs_by_themselves() -> None:
    assert pair_probability([0.0], 0.5, 1000)[0] == pytest.approx(0.0005)
    assert pair_probability([np.log2(1999)], 0.5, 1000)[0] == pytest.approx(0.5, abs=1e-3)


# --- saving ---------------------------------------------------------------------------------------------------------


def test_a_model_comes_back_as_it_was_saved(tmp_path: Path, pieces: Pieces) -> None:
    model = trained(pieces, surname_square=0.0451)
    path = tmp_path / "m.json"
    path.write_text(model.to_json(), encoding="utf-8")
    again = read(path, LABELS)
    assert again.to_json() == model.to_json()
    assert again.sha256 == model.sha256
    assert json.loads(model.to_json())["fields"][0]["levels"][0]["label"] == "unlike"


SMALL = Model(
    "1",
    "x",
    (Field("name", (Level("other", 0.1, 0.9), Level("equal", 0.9, 0.1))),),
    0.5,
    0.9,
    0.2,
    shares={"name": (0.5, 0.4, 0.1)},
)


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("colour",), 1, "unknown key 'colour'"),
        (("link_at",), None, "'link_at' is missing"),
        (("link_at",), 1.5, "'link_at' is 1.5"),
        (("link_at",), "0.9", "'link_at' is not a number"),
        (("review_at",), 0.95, "'review_at' is above"),
        (("matched_share",), 0, "'matched_share' is 0"),
        (("fields", 0, "levels", 0, "m"), 0.0, "name.other.m"),
        (("fields", 0, "levels", 0, "m"), 1.0, "name.other.m"),
        (("fields", 0, "levels", 0, "m"), 0.3, "m of field 'name' sum to 1.2"),
        (("fields", 0, "levels", 0, "bits"), 1, "unknown key 'bits'"),
        (("fields", 0, "levels", 0, "label"), "else", "has levels else, equal"),
        (("fields", 0, "id"), "birth", "'shares.name' does not fit"),
        (("fields",), [], "not a list of fields"),
        (("shares", "name"), [0.5, 0.5], "'shares.name'"),
    ],
)
def test_a_model_that_does_not_fit_is_refused(path: tuple[str | int, ...], value: object, says: str) -> None:
    data = json.loads(SMALL.to_json())
    place = data
    for step in path[:-1]:
        place = place[step]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    with pytest.raises(BadInput) as error:
        from_json(json.dumps(data), "m.json", {"name": ("other", "equal")})
    assert says in str(error.value)
    assert "m.json" in str(error.value)


def test_a_model_of_other_fields_is_refused() -> None:
    with pytest.raises(BadInput, match="field 'name' is not in the specification"):
        from_json(SMALL.to_json(), "m.json", {})
    with pytest.raises(BadInput, match="field 'birth' is missing from the model"):
        from_json(SMALL.to_json(), "m.json", {"name": ("other", "equal"), "birth": ("other", "equal")})


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        read(tmp_path / "absent.json")
    with pytest.raises(BadInput, match="not valid JSON"):
        from_json("{", "m.json")


def test_the_embedded_model_fits_the_county() -> None:
    model = default_model()
    assert {f.id: f.labels for f in model.fields} == county_labels()
    assert model.by_id["name"].weight(7) > 5 > model.by_id["name"].weight(0)
    assert model.by_id["name"].weight(None) == 0.0


# --- using ----------------------------------------------------------------------------------------------------------


def test_weights_of_patterns() -> None:
    patterns = pl.DataFrame({"name": [0, 1, None, -1], "n": [1, 2, 3, 4]})
    low, high = SMALL.fields[0].levels
    assert weights_frame(SMALL, patterns)["weight"].to_list() == [round(low.weight, 4), round(high.weight, 4), 0.0, 0.0]
    with pytest.raises(pl.exceptions.InvalidOperationError):
        weights_frame(SMALL, pl.DataFrame({"name": [2], "n": [1]}))


def test_two_models_side_by_side() -> None:
    other = dataclasses.replace(
        SMALL,
        fields=(Field("name", (Level("other", 0.2, 0.9), Level("equal", 0.8, 0.1))),),
        shares={"name": (0.1, 0.8, 0.1)},
    )
    text = compare(SMALL, other)
    assert "-0.17" in text  # log2(.8 / .9)
    assert f"{psi((0.5, 0.4, 0.1), (0.1, 0.8, 0.1)):.3f}" in text
    assert "decide alike" not in text
    assert "decide alike" in compare(SMALL, SMALL)


def test_drift() -> None:
    patterns = pl.DataFrame({"name": [0, 1, None], "n": [50, 40, 10]})
    now = shares({"name": ("other", "equal")}, patterns)
    assert now == {"name": (0.5, 0.4, 0.1)}
    assert [(d.psi, d.word) for d in drift(SMALL, now)] == [(0.0, "stable")]
    (far,) = drift(SMALL, {"name": (0.9, 0.0, 0.1)})
    assert far.word == "drifted"
    assert drift(SMALL, {"name": (0.6, 0.3, 0.1)})[0].word == "stable"
    assert drift(SMALL, {"name": (0.65, 0.2, 0.15)})[0].word == "moved"


def test_rare_values_say_more() -> None:
    counts = pl.DataFrame({"value": ["a", "b", "c"], "n": [500, 490, 10]})
    u = square(counts["n"])
    assert u == pytest.approx(0.25 + 0.2401 + 0.0001)
    out = adjustment(counts, u)["bits"].to_list()
    assert_frame_equal(adjustment(counts, u).select("value", "n"), counts)
    assert out[2] == pytest.approx(np.log2(u / 0.01), abs=1e-3)
    assert out[0] < 0 < out[2]
    assert adjustment(counts, 1e-9)["bits"].to_list() == [-10.0] * 3
