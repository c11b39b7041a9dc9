"""The desk without its pages: what is one item, in which order, what reviewers see of each other, what undo undoes."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest
from support.desk import MONTH, write_run

from pipeline.errors import BadInput
from pipeline.ledger import opened
from pipeline.ledger.judgements import agreements
from pipeline.ledger.links import ruled_pairs
from pipeline.ledger.lock import locked
from pipeline.ledger.rulings import FINDING, LINK, REJECT, add_rulings
from pipeline.review.desk import Desk
from pipeline.review.queues import ALL, BLIND, BY_SCORE, DISAGREE, MINE, SECOND, UNJUDGED
from pipeline.review.source import ledger_of, read_source

Open = Callable[..., Desk]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return write_run(tmp_path / "out", pairs=25)


@pytest.fixture
def sit(run: Path) -> Iterator[Open]:
    """Sits a reviewer down at a desk; every desk is left at the end."""
    desks: list[Desk] = []

    def one(reviewer: str | None = "甲", **options: bool) -> Desk:
        desks.append(Desk(run, ledger_of(run), reviewer, **options))
        return desks[-1]

    yield one
    for desk in desks:
        desk.book.stop()


def verdicts(run: Path) -> dict[tuple[str, str], bool]:
    return {(p.ours, p.theirs): p.same for p in ruled_pairs(ledger_of(run), dt.date(2022, 10, 31))}


def in_ledger(run: Path, count: int) -> pl.DataFrame:
    """The rulings of the ledger, once there are so many."""
    for _ in range(200):
        with opened(ledger_of(run), wait=5) as con:
            frame: pl.DataFrame = con.sql("SELECT * FROM ruling ORDER BY ruling_no").pl()
        if frame.height >= count:
            return frame
        time.sleep(0.05)
    raise AssertionError(f"{frame.height} rulings, not {count}")


def test_pairs_that_say_the_same_of_two_people_are_one_item(run: Path, sit: Open) -> None:
    assert len(sit().queues[LINK].items) == 25
    path = run / "desk" / "record.parquet"
    records = pl.read_parquet(path)
    twice = records.filter(pl.col("record_id") == "车辆.csv#-#2").with_columns(
        record_id=pl.lit("不动产.csv#-#7"), dataset=pl.lit("property")
    )
    pl.concat([records, twice]).write_parquet(path)
    pairs = pl.read_parquet(run / "desk" / "pair.parquet")
    again = pairs.filter(pl.col("record_id") == "车辆.csv#-#2").with_columns(
        record_id=pl.lit("不动产.csv#-#7"), dataset=pl.lit("property")
    )
    pl.concat([pairs, again]).write_parquet(run / "desk" / "pair.parquet")
    queue = sit().queues[LINK]
    (item,) = [i for i in queue.items if i.further]
    assert len(queue.items) == 25 and len(item.further) == 1
    other = "|".join(("低保.csv#-#2", "车辆.csv#-#2", "vehicle"))
    assert item.subject != other
    with opened(ledger_of(run)) as con:
        told = {"kind": LINK, "subject": other, "verdict": "same", "decided_by": "丙", "month": MONTH, "source": "回执"}
        add_rulings(con, pl.DataFrame([told]))
    (item,) = [i for i in sit("丁").queues[LINK].items if i.further]
    assert item.subject == other, "a second opinion is on what the first was asked"


def test_the_order_is_by_score_or_says_nothing_of_it(sit: Open) -> None:
    queue = sit().queues[LINK]
    by_score = [queue.items[n].probability for n in queue.shown]
    assert by_score == sorted(by_score, reverse=True)
    queue.choose(order=BLIND)
    blind = list(queue.shown)
    assert sorted(blind) == sorted(range(25)) and [queue.items[n].probability for n in blind] != by_score
    assert sit(blind=True).queues[LINK].shown == blind, "the same for everybody"
    queue.choose(order=BY_SCORE)
    assert [queue.items[n].probability for n in queue.shown] == by_score


def test_a_search_goes_by_name_town_household_and_tail(run: Path, sit: Open) -> None:
    queue = sit().queues[LINK]
    row = read_source(run).records.get("低保.csv#-#9")
    assert row
    for words in (row["name"], f"{row['name']} {row['town']}", "DB000007", "db000007", row["id_number"][-6:]):
        queue.choose(words=words)
        assert "低保.csv#-#9" in [queue.items[n].subject.split("|")[0] for n in queue.shown], words
    queue.choose(words=row["id_number"][:8])
    assert not queue.shown, "the beginning of a number is no tail"
    queue.choose(words="", town=row["town"])
    assert 0 < len(queue.shown) < 25
    queue.choose(words="查无此人", town="")
    assert queue.item is None and not queue.advance() and queue.position == 0


def test_a_ruling_goes_to_the_ledger_and_holds_in_the_next_run(run: Path, sit: Open) -> None:
    desk = sit()
    queue = desk.queues[LINK]
    told = [queue.items[n].probability for n in queue.shown[:3]]
    for verdict in ("same", "different", "unknown"):
        desk.rule(LINK, verdict, None)
        assert queue.advance()
    desk.rule(LINK, "same", None)
    desk.rule(LINK, "same", None)
    assert (queue.done, queue.left, queue.position) == (4, 21, 4), "saying it twice is saying it once"
    kept = in_ledger(run, 4)
    assert kept["verdict"].to_list() == ["same", "different", "unknown", "same"]
    assert kept["probability"].to_list()[:3] == told and kept["month"].unique().to_list() == [MONTH]
    assert sorted(verdicts(run).values()) == [False, True, True], "unknown settles nothing"
    assert desk.undo(LINK) and queue.left == 22, "and is taken back at once"


def test_undo_takes_back_one_after_the_other_also_after_a_restart(run: Path, sit: Open) -> None:
    desk = sit()
    first = desk.queues[LINK].at
    for verdict in ("same", "different"):
        desk.rule(LINK, verdict, None)
    desk.queues[LINK].advance()
    second = desk.queues[LINK].at
    desk.rule(LINK, "unknown", None)
    desk.book.stop()
    again = sit()
    queue = again.queues[LINK]
    assert queue.left == 23
    assert again.undo(LINK) and queue.at == second and queue.item and not queue.judged(queue.item)
    assert again.undo(LINK) and queue.at == first
    mine = again.book.mine(LINK, queue.item.subject, queue.item.evidence)
    assert mine and mine.verdict == "same", "what stood before stands again"
    assert again.undo(LINK) and not again.undo(LINK) and queue.left == 25
    assert in_ledger(run, 6)["verdict"].to_list() == ["same", "different", "unknown", *["withdrawn"] * 3]
    assert verdicts(run) == {}


def test_a_second_reviewer_judges_what_the_first_did_and_may_disagree(run: Path, sit: Open) -> None:
    one = sit("甲")
    for verdict in ("same", "different", "same", "unknown"):
        one.rule(LINK, verdict, None)
        one.queues[LINK].advance()
    one.book.stop()
    other = sit("乙")
    queue = other.queues[LINK]
    assert len(queue.shown) == 21
    queue.choose(view=SECOND)
    assert len(queue.shown) == 4 and queue.done == 0
    for verdict in ("same", "same", "same", "unknown"):
        other.rule(LINK, verdict, None)
        queue.advance()
    assert not queue.advance() and queue.done == 4
    queue.choose(view=DISAGREE)
    assert len(queue.shown) == 1
    queue.choose(view=MINE)
    assert len(queue.shown) == 4
    queue.choose(view=UNJUDGED)
    assert len(queue.shown) == 21
    other.undo(LINK)
    in_ledger(run, 9)
    with opened(ledger_of(run), wait=5) as con:
        (found,) = agreements(con)
    assert (found.both, found.agree, found.kappa) == (3, 2, 0.0)


def test_findings_and_rejected_cells_are_ruled_on_too(run: Path, sit: Open) -> None:
    desk = sit()
    desk.rule(FINDING, "dismissed", "车已报废")
    desk.rule(REJECT, "to_mend", None)
    kept = in_ledger(run, 2)
    assert kept.select("kind", "verdict", "reason").rows() == [
        ("finding", "dismissed", "车已报废"), ("reject", "to_mend", None),
    ]  # fmt: skip
    assert kept["subject"][1] == "2022-10|车辆.csv#-#2#registered_on" and kept["probability"].to_list() == [None, None]
    assert desk.undo(REJECT) and not desk.undo(REJECT)
    assert desk.queues[FINDING].left == 11 and desk.queues[REJECT].left == 9


def test_a_ruling_on_other_evidence_is_not_about_this(run: Path, sit: Open) -> None:
    desk = sit()
    desk.rule(LINK, "same", None)
    subject = desk.queues[LINK].item.subject if desk.queues[LINK].item else ""
    desk.book.stop()
    path = run / "desk" / "record.parquet"
    records = pl.read_parquet(path)
    named = pl.when(pl.col("record_id") == subject.split("|")[0]).then(pl.lit("另外某")).otherwise(pl.col("name"))
    records.with_columns(name=named).write_parquet(path)
    assert sit().queues[LINK].left == 25, "the row now is about somebody else"


def test_while_a_run_is_at_work_rulings_wait_and_the_desk_says_so(run: Path, sit: Open) -> None:
    desk = sit()
    with locked(run.parent, ledger_of(run)):
        time.sleep(0.6)
        assert desk.book.held
        desk.rule(LINK, "same", None)
        time.sleep(1.5)
        assert desk.book.waiting == 1
        with opened(ledger_of(run)) as con:  # as the run itself does
            assert con.execute("SELECT count(*) FROM ruling").fetchall() == [(1,)]
    time.sleep(0.6)
    assert not desk.book.held
    assert desk.book.stop() == 0


def test_a_month_run_again_is_noticed_and_can_be_taken_onto_the_desk(run: Path, sit: Open) -> None:
    desk = sit()
    assert not desk.source.gone
    manifest = run / "manifest.json"
    text = manifest.read_bytes()
    manifest.unlink()
    pl.read_parquet(run / "desk" / "pair.parquet").head(8).write_parquet(run / "desk" / "pair.parquet")
    manifest.write_bytes(text + b"\n")
    assert desk.source.gone
    desk.reload()
    assert not desk.source.gone and len(desk.queues[LINK].items) < 25


def test_what_rulings_say_can_be_looked_at_while_rulings_are_written(sit: Open) -> None:
    desk = sit()
    for _ in range(20):
        desk.rule(LINK, "same", None)
        desk.queues[LINK].advance()
        assert desk.book.judgements() is not None
    desk.book.stop()
    found = desk.book.judgements()
    assert found and sum(t.judged for t in found[0]) == 20 and found[1] == []


@pytest.mark.parametrize(
    ("gone", "what"), [("run.json", "no finished audit"), ("desk/pair.parquet", "nothing for the review desk")]
)
def test_a_folder_that_holds_no_run_is_refused(run: Path, gone: str, what: str) -> None:
    (run / gone).unlink()
    with pytest.raises(BadInput, match=what):
        read_source(run)


def test_only_looking_writes_nothing(run: Path, sit: Open) -> None:
    before = ledger_of(run).read_bytes()
    desk = sit(None)
    assert desk.read_only and desk.queues[LINK].view == UNJUDGED
    desk.queues[LINK].choose(view=ALL)
    assert desk.book.stop() == 0 and ledger_of(run).read_bytes() == before
