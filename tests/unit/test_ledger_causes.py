"""Why a finding came, went or could not be examined, from what two runs know: each cause by itself."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from pipeline.ledger.causes import Side, Subject, unexamined, why_found, why_gone, words
from pipeline.ledger.facts import ANY, ROSTER_ROW, Facts, Rosters, hash64
from pipeline.ledger.states import Past, Ruling, Seen, State, states

CAR = ("vehicle", 11)
ABOUT = Subject("vehicle_owned", "ineligible", "dibao", "长来", "H1", "张三", "N1", "e1", frozenset({CAR}))
FACTS = Facts(
    frozenset({"dibao", "vehicle", "patrol"}), {("vehicle_owned", ANY): "v1", ("patrol_missing", ANY): "p1"},
    {"vehicle_owned": ("vehicle",), "patrol_missing": ("patrol",)}, {"vehicle": "f1", "patrol": "q1"}, "model",
)  # fmt: skip


def rosters(state: int = 1, towns: tuple[str, ...] = ("长来",) * 4) -> Rosters:
    rows = [("dibao", t, hash64(f"H{n}"), hash64(f"N{n}"), state if n == 1 else 0, n) for n, t in enumerate(towns, 1)]
    return Rosters(pl.DataFrame(rows, schema=ROSTER_ROW, orient="row"))


def side(state: int = 1, still: frozenset[Any] = frozenset({CAR}), **changed: Any) -> Side:
    return Side(replace(FACTS, **changed), rosters(state), still)


THEN = side()
GONE = {
    "another standing of the household": (side(2), "roster_changed"),
    "the record is not there any more": (side(still=frozenset()), "data_changed"),
    "another wording": (side(ran={("vehicle_owned", ANY): "v2"}), "rule_changed"),
    "other files of the department": (side(files={"vehicle": "f2"}), "data_changed"),
    "another model": (side(linkage="other"), "linkage_changed"),
    "somebody ruled on its record": (side(2, ruled={CAR: frozenset({"r1"})}), "linkage_changed"),
    "the same in everything": (side(), "time_passed"),
}
UNEXAMINED = {
    "its dataset is absent": (side(datasets=frozenset({"dibao"})), "dataset_absent"),
    "its roster is absent": (side(datasets=frozenset({"vehicle"})), "dataset_absent"),
    "its rule did not run": (side(ran={}), "rule_not_run"),
    "its rule did not run, for want of data": (side(ran={}, datasets=frozenset({"dibao"})), "dataset_absent"),
    "its data are doubtful": (side(doubtful=frozenset({("vehicle_owned", "vehicle", "")})), "data_doubtful"),
    "the town's data are doubtful": (side(doubtful=frozenset({("vehicle_owned", "dibao", "长来")})), "data_doubtful"),
    "another town's data are doubtful": (side(doubtful=frozenset({("vehicle_owned", "dibao", "廊田")})), None),
    "another rule's data are doubtful": (side(doubtful=frozenset({("homes_over_limit", "vehicle", "")})), None),
    "nothing is amiss": (side(), None),
}
FOUND = {
    "there is no month before": (THEN, None, "first_month"),
    "the dataset was absent before": (side(), side(datasets=frozenset({"dibao"})), "not_examined_before"),
    "what would spare it is absent": (
        side(datasets=frozenset({"dibao"}), reads={"vehicle_owned": ("vehicle",)}), THEN, "dataset_absent"),
    "another standing of the household": (side(2), THEN, "roster_changed"),
    "another wording": (side(ran={("vehicle_owned", ANY): "v2"}), THEN, "rule_changed"),
    "other files of the department": (side(files={"vehicle": "f2"}), THEN, "data_changed"),
    "somebody ruled on its record": (side(ruled={CAR: frozenset({"r1"})}), THEN, "linkage_changed"),
    "ruled on before": (side(ruled={CAR: frozenset({"r1"})}), side(decided=frozenset({"r1"})), "time_passed"),
}  # fmt: skip


@pytest.mark.parametrize("case", GONE)
def test_why_it_is_gone(case: str) -> None:
    now, cause = GONE[case]
    assert why_gone(ABOUT, now, THEN) == cause


@pytest.mark.parametrize("case", UNEXAMINED)
def test_why_nothing_can_be_said(case: str) -> None:
    now, cause = UNEXAMINED[case]
    assert unexamined(ABOUT, now, THEN) == cause


def test_a_town_that_sent_nothing() -> None:
    silent = replace(side(), rosters=rosters(towns=("廊田",) * 4))
    assert unexamined(ABOUT, silent, THEN) == "town_absent"
    few = replace(THEN, rosters=rosters(towns=("长来", "长来", "廊田")))
    assert unexamined(ABOUT, silent, few) is None, "two rows may well have gone by themselves"


@pytest.mark.parametrize("case", FOUND)
def test_why_it_is_there(case: str) -> None:
    now, then, cause = FOUND[case]
    assert why_found(ABOUT, None, now, then) == cause


def become(found: Subject | None, status: str, ruling: Ruling | None) -> State:
    """The state of a finding that the month before left as `status`."""
    seen = Seen(ABOUT, "a", "a", status, "2022-05")
    past = Past({"a": seen}, {"a": ("a", "2022-05")}, {"a": ruling} if ruling else {}, THEN)
    found_now = {"a": found} if found else {}
    return states(found_now, past, side(), "2022-10", datetime.date(2022, 10, 31))[0]


DAY = datetime.date(2022, 10, 31)
RULED = {
    "dismissed": (Ruling("dismissed", None, "e1"), "new", ("dismissed", "ruled")),
    "dismissed for any evidence": (Ruling("dismissed", None, None), "dismissed", ("dismissed", None)),
    "dismissed on other evidence": (Ruling("dismissed", None, "e0"), "dismissed", ("reopened", "time_passed")),
    "to the very day": (Ruling("dismissed", DAY, "e1"), "dismissed", ("dismissed", None)),
    "expired": (Ruling("dismissed", DAY - datetime.timedelta(1), "e1"), "dismissed", ("reopened", "ruling_expired")),
    "judged anew": (Ruling("confirmed", None, "e1"), "dismissed", ("reopened", "ruling_changed")),
    "confirmed": (Ruling("confirmed", None, "e1"), "continuing", ("continuing", None)),
    "said to be mended, and still there": (Ruling("mended", None, "e1"), "new", ("continuing", None)),
}


@pytest.mark.parametrize("case", RULED)
def test_what_a_ruling_does(case: str) -> None:
    ruling, before, expected = RULED[case]
    state = become(ABOUT, before, ruling)
    assert (state.status, state.cause) == expected


def test_a_dismissed_finding_that_goes_is_resolved() -> None:
    assert become(None, "dismissed", Ruling("dismissed", None, "e1")).status == "resolved"


def test_every_cause_has_its_words() -> None:
    assert all(set(w) == {"zh", "en"} and all(w.values()) for w in words().values())
    told = {c for table in (GONE, UNEXAMINED, FOUND) for *_, c in table.values() if c}
    assert told <= set(words())
