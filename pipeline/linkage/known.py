"""How likely a loose person of each list is somebody among the candidates at all, before any evidence of its own.

Two things tell. Of the list's people who stand on a sound number, how many have another record anywhere (`list_share`).
And the evidence of the loose themselves: where too many have no candidate of any weight, more of them are nobody known
than the sound let expect, for trouble comes together: whose row is spoilt here is spoilt elsewhere too. The share is
fitted to that evidence by EM, list by list, the sound people's share counting as `_TOLD` loose persons.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from pipeline.engine.duck import DuckEngine
from pipeline.engine.statements import Statement
from pipeline.linkage.model import Model

KNOWN = {"dataset": "VARCHAR", "known": "DOUBLE"}
_SOUND = 200  # people of a list that the model's own share counts as
_TOLD = 50  # loose persons that the sound people's share counts as
_STEPS = 500
Floats = npt.NDArray[np.float64]


def measure_known(engine: DuckEngine, evidence: Statement, model: Model, people: float) -> None:
    """Leave `list_known`: dataset, known (0-1), and `list_evidence`, what it is fitted to.

    Reads `list_share`, `weighed` and the loose records of a first pass.
    """
    engine.run(evidence.sql, into=evidence.name)
    found = engine.rows(f"SELECT * FROM {evidence.name} ORDER BY ALL")
    rows = []
    for dataset, sound, again in engine.rows("SELECT * FROM list_share ORDER BY dataset").iter_rows():
        told = (again + _SOUND * model.matched_share) / (sound + _SOUND)
        own = found.filter(pl.col("dataset") == dataset)
        rows.append((dataset, round(fitted(told, own["eighths"], own["n"], people), 6)))
    engine.drop("list_known")
    engine.load(
        "list_known", pl.DataFrame(rows, schema={"dataset": pl.String, "known": pl.Float64}, orient="row"), KNOWN
    )


def fitted(told: float, eighths: pl.Series, counts: pl.Series, people: float) -> float:
    """The share by EM: `eighths` of bits of all candidates together (null: none), `counts` loose persons at each.

    A person with candidates of Bayes factors BF is one of them with π ΣBF / (N (1 − π) + π ΣBF).
    """
    odds: Floats = np.where(eighths.is_null(), 0.0, 2.0 ** ((eighths.fill_null(0).to_numpy() + 0.5) / 8)) / people
    n = counts.to_numpy().astype(np.float64)
    share, total = told, float(n.sum()) + _TOLD
    for _ in range(_STEPS):
        known = float((share * odds / (1 - share + share * odds) * n).sum()) + _TOLD * told
        new = min(max(known / total, 1e-6), 1 - 1e-6)
        if abs(new - share) < 1e-9:
            break
        share = new
    return share
