"""How good this month's linkage is, as far as it can be told without the truth: counts, weights, drift, candidates.

Reads `links` and, where linkage left them, `link_model`, `model_drift` and `block_report`; and what reviewers' rulings
say of the model (`judged_tenth`, `judged_agreement`). Counts only, nobody's name but the reviewers'.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pipeline.linkage.explain.wording import block_zh, field_zh
from pipeline.publish.publication import Publication

BIN = 4  # bits of weight a bar of the histogram
# The words of `pipeline.linkage.drift`, as a reader sees them.
DRIFT: dict[str, str] = {
    "stable": "稳定",
    "moved": "有变化",
    "drifted": "明显偏移",
}


@dataclass(frozen=True)
class Bar:
    """Modelled pairs whose weight is in [at, at + BIN) bits."""

    at: int
    link: int
    review: int


@dataclass(frozen=True)
class Drift:
    """How far this month's levels of a field lie from the model's: population stability index, and in a word."""

    field: str
    zh: str
    psi: float
    word: str


@dataclass(frozen=True)
class BlockFigures:
    """One blocking key: pairs it gave, its largest block, pairs no other key gave, pairs given up to the cap."""

    block: str
    zh: str
    pairs: int
    largest: int
    alone: int
    dropped: int


@dataclass(frozen=True)
class Model:
    """The model used; thresholds are probabilities, the share and the reach parts of 1 (None: not estimated)."""

    version: str
    trained_on: str
    sha256: str
    link_at: float | None
    review_at: float | None
    matched_share: float | None
    reach: float | None


@dataclass(frozen=True)
class Tenth:
    """Pairs judged by people whose told probability was in [low, high): see `pipeline.ledger.judgements`."""

    low: float
    high: float
    judged: int
    same: int
    unknown: int
    mean: float | None
    share: float | None
    share_low: float | None
    share_high: float | None


@dataclass(frozen=True)
class Agreement:
    """Two reviewers on the pairs that both judged."""

    one: str
    other: str
    both: int
    agree: int
    kappa: float | None


@dataclass(frozen=True)
class Quality:
    """`modelled` links have a probability; of them `false_links` are expected to be wrong (Σ 1 − p)."""

    decisions: dict[str, int]
    modelled: int
    false_links: float
    weights: tuple[Bar, ...]
    model: Model | None
    drift: tuple[Drift, ...]
    blocks: tuple[BlockFigures, ...]
    calibration: tuple[Tenth, ...] = ()
    agreements: tuple[Agreement, ...] = ()

    @property
    def told(self) -> bool:
        """Whether there is more to say than counts."""
        return bool(self.modelled or self.weights or self.model or self.drift or self.blocks)


def quality(pub: Publication) -> Quality:
    """The figures of this month's links."""
    # decimals, for a sum of floats depends on the order in which the threads add
    modelled, wrong = pub.engine.rows(
        "SELECT count(*), CAST(coalesce(sum(CAST(1 - match_probability AS DECIMAL(18, 9))), 0) AS DOUBLE) "
        "FROM links WHERE decision = 'link' AND match_probability IS NOT NULL"
    ).row(0)
    models = _table(pub, "link_model", "version")
    return Quality(
        decisions=dict(pub.engine.rows("SELECT decision, count(*) FROM links GROUP BY 1 ORDER BY 1").iter_rows()),
        modelled=modelled,
        false_links=wrong,
        weights=_weights(pub),
        model=_model(models[0]) if models else None,
        drift=tuple(
            Drift(r["field"], field_zh(r["field"]), r["psi"], DRIFT.get(r["word"], r["word"]))
            for r in _table(pub, "model_drift", "psi DESC, field")
        ),
        blocks=tuple(
            BlockFigures(r["block"], block_zh(r["block"]), r["pairs"], r["largest"], r["alone"], r["dropped"])
            for r in _table(pub, "block_report", "pairs DESC, block")
        ),
        calibration=tuple(Tenth(**r) for r in _table(pub, "judged_tenth", "low")),
        agreements=tuple(Agreement(**r) for r in _table(pub, "judged_agreement", "one, other")),
    )


def _table(pub: Publication, name: str, order: str) -> list[dict[str, Any]]:
    """The rows of a table that linkage may have left; [] without it."""
    if not pub.engine.exists(name):
        return []
    return list(pub.engine.rows(f"SELECT * FROM {name} ORDER BY {order}").iter_rows(named=True))


def _weights(pub: Publication) -> tuple[Bar, ...]:
    """The histogram without gaps, from the lightest to the heaviest pair."""
    query = f"""SELECT CAST(floor(match_weight / {BIN}) * {BIN} AS INTEGER) AS at,
                       count(*) FILTER (decision = 'link'), count(*) FILTER (decision = 'review')
                FROM links WHERE match_probability IS NOT NULL AND match_weight IS NOT NULL
                  AND decision IN ('link', 'review')
                GROUP BY 1 ORDER BY 1"""
    found = {at: (link, review) for at, link, review in pub.engine.rows(query).iter_rows()}
    if not found:
        return ()
    return tuple(Bar(at, *found.get(at, (0, 0))) for at in range(min(found), max(found) + BIN, BIN))


def _model(row: dict[str, Any]) -> Model:
    return Model(
        version=row["version"],
        # the embedded model says it in English, with more about it; a bureau's own model in the bureau's words
        trained_on="示范数据" if "demonstration" in row["trained_on"].lower() else row["trained_on"],
        sha256=row["sha256"],
        link_at=row["link_at"],
        review_at=row["review_at"],
        matched_share=row["matched_share"],
        reach=row["reach"],
    )
