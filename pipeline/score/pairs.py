"""Every pair that is true, that the audit looked at, or both: what all figures about links are counted from.

Columns: a, b (the two record ids in text order), dataset (of the record beside the roster row), true, scope, hard (a
side is not clean), kind (exact_id | repaired | name_noise | no_id), enough (null for untrue pairs), error (kinds of
trouble on the worse side, a list), decision (null: the audit never looked at it), tier, probability, pattern, reason,
between (the two people whose records they are, null where never looked at), trap (its kind, or null).
"""

from __future__ import annotations

import polars as pl

from pipeline.errors import BadInput

# Datasets that the contract does not link person by person.
_UNLINKED = ("payment", "archive")
_RANK = {"exact": 0, "repaired": 1, "name_noise": 2, "no_id": 3, "wrong_id": 3}
_KIND = {0: "exact_id", 1: "repaired", 2: "name_noise", 3: "no_id"}
_OPTIONAL = {"match_probability": pl.Float64, "pattern": pl.String, "reason": pl.String}
_ENDS = ["a", "b"]


def judged_pairs(made: pl.DataFrame, truth: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """`made`: an audit's links, whatever was decided on them; `truth`: persons, links and traps of its county."""
    persons = truth["persons"]
    if "error" not in persons.columns or "enough" not in truth["links"].columns:
        what = "the truth folder was written by an earlier version of the demonstration county"
        raise BadInput(what, remedy="make the county again")
    true = _ends(truth["links"]).select(*_ENDS, "dataset", "scope", "enough", "hard", pl.lit(True).alias("true"))
    looked = _looked_at(made, persons)
    traps = _ends(truth["traps"]).select(*_ENDS, "trap").unique(_ENDS, keep="first", maintain_order=True)
    pairs = true.join(looked, on=_ENDS, how="full", coalesce=True).join(traps, on=_ENDS, how="left")
    worst = _worse_side(pairs, persons)
    kind = pl.coalesce("hard", pl.col("rank").replace_strict(_KIND, return_dtype=pl.String))
    return (
        pairs.join(worst, on=_ENDS, how="left")
        .with_columns(
            pl.col("true").fill_null(False),
            pl.coalesce("dataset", "made_dataset").alias("dataset"),
            kind.alias("kind"),
            (kind != "exact_id").alias("hard"),
        )
        .drop("made_dataset", "rank")
        .sort(_ENDS)
    )


def _ends(frame: pl.DataFrame) -> pl.DataFrame:
    first, second = pl.col("roster_record_id"), pl.col("record_id")
    return frame.with_columns(pl.min_horizontal(first, second).alias("a"), pl.max_horizontal(first, second).alias("b"))


def _looked_at(made: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    """a, b, made_dataset, tier, decision, probability, pattern, reason, between: a row a pair, its most favourable one.

    A marriage row beside the party that it names as spouse is nobody's error, and left out.
    """
    absent = [pl.lit(None, dtype).alias(name) for name, dtype in _OPTIONAL.items() if name not in made.columns]
    made = _ends(made.with_columns(absent)).filter(~pl.col("dataset").is_in(_UNLINKED))
    pid = persons.select(pl.col("record_id"), "pid", "spouse_pid").unique("record_id")
    both = made.join(pid, left_on="a", right_on="record_id", how="left").join(
        pid, left_on="b", right_on="record_id", how="left", suffix="_b"
    )
    beside = (pl.col("pid") == pl.col("spouse_pid_b")) | (pl.col("pid_b") == pl.col("spouse_pid"))
    people = [pl.col("pid").cast(pl.String), pl.col("pid_b").cast(pl.String)]
    between = pl.concat_str(pl.min_horizontal(people), pl.max_horizontal(people), separator="-", ignore_nulls=True)
    order = pl.col("decision").replace_strict({"link": 0, "review": 1}, default=2, return_dtype=pl.Int8)
    best = (
        both.filter(~beside.fill_null(False))
        .with_columns(order.alias("order"), between.alias("between"), pl.col("match_probability").alias("probability"))
        .sort(*_ENDS, "order", "probability", "tier", descending=[False, False, False, True, False], nulls_last=True)
        .unique(_ENDS, keep="first", maintain_order=True)
    )
    return best.select(
        *_ENDS,
        pl.col("dataset").alias("made_dataset"),
        "tier",
        "decision",
        "probability",
        "pattern",
        "reason",
        "between",
    )


def _worse_side(pairs: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    """a, b, rank (of the worse side's coarse trouble), error (that side's kinds of trouble).

    Of two sides equally bad the one with more kinds of trouble is the worse. A record that the truth does not know is
    clean, and its trouble is called unknown.
    """
    rank = pl.col("noise").replace_strict(_RANK, return_dtype=pl.Int8)
    sides = persons.select("record_id", rank.alias("rank"), pl.col("error").str.split("+")).unique("record_id")
    both = pl.concat([pairs.select(*_ENDS, pl.col(end).alias("record_id")) for end in _ENDS])
    known = both.join(sides, on="record_id", how="left").with_columns(
        pl.col("rank").fill_null(0), pl.coalesce("error", pl.lit(["unknown"])).alias("error")
    )
    known = known.with_columns(
        pl.col("error").list.len().alias("n"), (pl.col("error").list.first() == "none").alias("no")
    )
    ordered = known.sort(*_ENDS, "rank", "no", "n", "record_id", descending=[False, False, True, False, True, False])
    return ordered.unique(_ENDS, keep="first", maintain_order=True).select(*_ENDS, "rank", "error")
