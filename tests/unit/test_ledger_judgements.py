"""What rulings say of the model and of each other; what was taken back says nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline import vault
from pipeline.engine.duck import DuckEngine
from pipeline.ledger import opened
from pipeline.ledger.judged import standing_rulings
from pipeline.ledger.judgements import (
    agreed,
    agreements,
    calibration,
    exact_interval,
    kappa,
    leave_judgements,
    tenths,
)
from pipeline.ledger.rulings import add_rulings, read_rulings


def ruling(n: int, verdict: str, by: str, source: str, **more: Any) -> dict[str, Any]:
    return {"kind": "link", "subject": f"s{n}", "verdict": verdict, "decided_by": by, "source": source} | more


def test_the_interval_is_clopper_and_pearsons() -> None:
    assert exact_interval(8, 10) == (0.4439, 0.9748)
    assert exact_interval(0, 10) == (0.0, 0.3085) and exact_interval(10, 10) == (0.6915, 1.0)


def test_a_tenth_counts_same_and_different_and_keeps_unknown_apart() -> None:
    told = [(0.81, "same"), (0.85, "same"), (0.89, "different"), (0.8, "unknown"), (1.0, "same"), (0.3, "different")]
    rows = {t.low: t for t in tenths(told)}
    assert len(rows) == 10
    eight = rows[0.8]
    assert (eight.judged, eight.same, eight.unknown, eight.mean, eight.share) == (3, 2, 1, 0.85, 0.6667)
    assert eight.covered and rows[0.9].judged == 1 and rows[0.3].same == 0
    assert rows[0.1].share is None and rows[0.1].covered is None
    assert tenths([]) == []
    assert tenths([(0.95, "different")] * 20)[9].covered is False


def test_kappa_by_hand() -> None:
    # 20 and 15 agreed of 50; by chance (25 × 30 + 25 × 20) / 50² = 0.5
    pairs = [("same", "same")] * 20 + [("same", "different")] * 5 + [("different", "same")] * 10
    pairs += [("different", "different")] * 15
    assert kappa(pairs) == pytest.approx(0.4)
    assert kappa([("same", "same")] * 3) is None


def test_two_reviewers_are_compared_on_what_both_judged() -> None:
    opinions = [(1, "甲", "same"), (1, "乙", "same"), (2, "甲", "same"), (2, "乙", "different"), (3, "甲", "unknown")]
    (one,) = agreed(opinions)
    assert one.reviewers == ("乙", "甲") and (one.both, one.agree, one.share) == (2, 1, 0.5)
    assert agreed([(1, "甲", "same"), (2, "乙", "same")]) == []


def test_taking_back_leaves_what_stood_before_and_what_others_said(tmp_path: Path) -> None:
    with opened(tmp_path / "l.duckdb") as con:
        rows = [
            ruling(1, "same", "甲", "x1", probability=0.7), ruling(1, "different", "甲", "x2", probability=0.7),
            ruling(1, "withdrawn", "甲", "x3", withdraws="x2"),
            ruling(2, "same", "甲", "x4", probability=0.9), ruling(2, "different", "乙", "y1", probability=0.9),
            ruling(2, "withdrawn", "乙", "y2", withdraws="y1"),
            ruling(3, "same", "甲", "x5", probability=0.2), ruling(3, "withdrawn", "甲", "x6", withdraws="x5"),
            # nobody takes back what another said
            ruling(4, "same", "甲", "x7", probability=0.4), ruling(4, "withdrawn", "乙", "y3", withdraws="x7"),
        ]  # fmt: skip
        assert add_rulings(con, pl.DataFrame(rows)) == len(rows)
        standing = dict(read_rulings(con, "link").select("subject", "verdict").iter_rows())
        assert standing == {"s1": "same", "s2": "same", "s4": "same"}
        assert read_rulings(con, "link", history=True).height == len(rows)
        assert {t.low: t.judged for t in calibration(con) if t.judged} == {0.7: 1, 0.9: 1, 0.4: 1}
        assert agreements(con) == []


def test_a_dismissal_taken_back_dismisses_no_longer(tmp_path: Path) -> None:
    with opened(tmp_path / "l.duckdb") as con:
        add_rulings(con, pl.DataFrame([ruling(1, "dismissed", "甲", "x1", kind="finding")]))
        assert standing_rulings(con)["s1"].verdict == "dismissed"
        add_rulings(con, pl.DataFrame([ruling(1, "withdrawn", "甲", "x2", kind="finding", withdraws="x1")]))
        assert standing_rulings(con) == {}


@pytest.mark.parametrize("sealed", [False, True])
def test_a_run_takes_them_from_the_ledger_sealed_or_not(tmp_path: Path, sealed: bool) -> None:
    vault.write_new_key(tmp_path / "key")
    key = vault.key_of((tmp_path / "key").read_text(), "the test") if sealed else None
    ledger, engine = tmp_path / "l.duckdb", DuckEngine(None)
    with vault.in_use(key):
        leave_judgements(engine, ledger)
        assert engine.rows("SELECT * FROM judged_tenth").is_empty(), "there is no ledger yet"
        with opened(ledger) as con:
            said = [(1, "same", "甲"), (1, "same", "乙"), (2, "different", "甲")]
            add_rulings(con, pl.DataFrame([ruling(n, v, by, f"{by}{n}", probability=0.85) for n, v, by in said]))
        assert ledger.exists() is not sealed
        leave_judgements(engine, ledger)
    assert engine.rows("SELECT judged, same FROM judged_tenth WHERE judged > 0").rows() == [(2, 1)]
    assert engine.rows('SELECT one, other, "both", agree FROM judged_agreement').rows() == [("乙", "甲", 1, 1)]
