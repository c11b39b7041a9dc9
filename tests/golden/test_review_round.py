"""From a run to the desk and back: what people ruled on the desk is taken in by the next run, which says how often the
model was right.
"""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from pipeline.demo import make_county
from pipeline.ledger.rulings import FINDING, LINK
from pipeline.review.compared import Pairs
from pipeline.review.desk import Desk
from pipeline.review.screens import finding_screen, link_screen, reject_screen
from pipeline.review.source import ledger_of, read_source
from pipeline.run import run_audit

MONTH = "2022-10"
# One roster, and lists that leave the model unsure about pairs of several tiers.
_KEPT = ("audit.toml", "税务", "低保_", "户籍", "死亡", "婚姻")


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A county audited, judged by two reviewers, and audited again; the first run is kept in OUT/runs."""
    work = tmp_path_factory.mktemp("round")
    make_county(work / "demo", people=3000, seed=11, month=MONTH)
    for path in (work / "demo" / "drop").iterdir():
        if not path.name.startswith(_KEPT):
            path.unlink()
    run_audit(work / "demo" / "drop", MONTH, work / "out")
    truth = _truth(work / "demo" / "truth")
    for reviewer in ("甲", "乙"):
        desk = Desk(work / "out" / MONTH, ledger_of(work / "out" / MONTH), reviewer)
        queue = desk.queues[LINK]
        queue.choose(view="all")
        for n in queue.shown:
            queue.go(n)
            pair = desk.pairs.get(queue.items[n].at)
            same = truth[pair["roster_record_id"]] == truth[pair["record_id"]]
            desk.rule(LINK, "same" if same else "different", None)
        if reviewer == "甲":
            desk.rule(FINDING, "dismissed", "已核实不属实")
            (work / "dismissed").write_text(desk.queues[FINDING].item.subject)  # type: ignore[union-attr]
        assert desk.book.stop() == 0
    run_audit(work / "demo" / "drop", MONTH, work / "out")
    return work


def _truth(folder: Path) -> dict[str, int]:
    """Record id → person."""
    frame = pl.read_parquet(folder / "persons.parquet")
    return dict(frame.select("record_id", "pid").iter_rows())


@pytest.fixture(scope="module")
def before(work: Path) -> Path:
    (old,) = (work / "out" / "runs").iterdir()
    return old


def test_every_item_of_the_desk_can_be_shown(before: Path) -> None:
    source = read_source(before)
    pairs = Pairs(source)
    from pipeline.review.book import Book
    from pipeline.review.queues import make_queues

    book = Book(before.parent.parent / "ledger.duckdb", MONTH, None)
    queues = make_queues(source, book)
    assert len(queues[LINK].items) >= 3 and len(queues[FINDING].items) > 100 and len(queues["reject"].items) > 10
    for item in queues[LINK].items:
        shown = link_screen(source, pairs, item, item.probability, blind=False)
        total = sum(f.weight for f in pairs.compared(item.at, item.probability).fields)
        weight = pairs.get(item.at)["match_weight"]
        assert weight is None or abs(total - weight) < 0.01, "what the table adds up to is what the model weighed"
        assert shown["sentence"].endswith("。") and len(shown["rows"]) >= 2
    for item in queues[FINDING].items:
        shown = finding_screen(source, pairs, item)
        assert shown["summary"] and shown["title"] != item.subject
    assert all(reject_screen(source, item)["alike_count"] for item in queues["reject"].items)


def test_what_was_ruled_is_asked_no_more(work: Path, before: Path) -> None:
    links = pl.read_parquet(work / "out" / MONTH / "links.parquet")
    now = {(a, b): d for a, b, d in links.select("roster_record_id", "record_id", "decision").iter_rows()}
    old, new = (Desk(folder, work / "out" / "ledger.duckdb", None) for folder in (before, work / "out" / MONTH))
    expected = {"same": "link", "different": "reject"}
    assert len(old.queues[LINK].items) >= 3
    for item in old.queues[LINK].items:
        (one, other) = old.book.opinions(LINK, item.subject, item.evidence)
        pairs = [old.pairs.get(at) for at in (item.at, *item.further)]
        told = {now.get((p["roster_record_id"], p["record_id"])) for p in pairs}
        assert one.verdict == other.verdict and told <= {expected[one.verdict], None}, "one answer settles them all"
    judged = sum(not i.evidence or bool(new.book.opinions(LINK, i.subject, i.evidence)) for i in new.queues[LINK].items)
    assert judged >= 3, "what was ruled on may still be looked at, for a second opinion"


def test_the_next_run_says_how_often_the_model_was_right(work: Path) -> None:
    linkage = json.loads((work / "out" / MONTH / "run.json").read_text(encoding="utf-8"))["linkage"]
    tenths = linkage["calibration"]
    judged = sum(t["judged"] for t in tenths)
    assert len(tenths) == 10 and judged > 0
    assert all(t["share_low"] <= t["share"] <= t["share_high"] for t in tenths if t["judged"])
    (agreement,) = linkage["agreement"]
    assert agreement["both"] == agreement["agree"] >= judged
    book = openpyxl.load_workbook(work / "out" / MONTH / "county.xlsx", read_only=True)
    cells = [c for row in book["比对校准"].iter_rows(values_only=True) for c in row if c is not None]
    assert sum(1 for c in cells if c == "没有判定过") == sum(1 for t in tenths if not t["judged"])
    assert any("甲" in str(c) and "一致" in str(c) for c in cells)


def test_a_finding_dismissed_on_the_desk_is_dismissed_in_the_next_run(work: Path) -> None:
    findings = pl.read_parquet(work / "out" / MONTH / "findings.parquet")
    subject = (work / "dismissed").read_text()
    status = findings.filter(pl.col("fingerprint") == subject)["status"].to_list()
    assert status in (["dismissed"], []), "gone, where a ruling on a link took its ground away"
    assert status == ["dismissed"]
