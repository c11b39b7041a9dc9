"""Patrols and assessments of people on no roster: only decided links make a person known, one in review not unknown."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from checks_county import county, tie
from checks_schemes import found_of, rows

DAY = dt.date(2022, 10, 3)
RULES = {"patrol": "patrol_unmatched", "care_assessment": "assessment_unmatched"}


def _record(dataset: str, row: int, **values: Any) -> dict[str, Any]:
    on = {"patrol": "visited_on", "care_assessment": "assessed_on"}[dataset]
    place = {"record_id": f"{dataset}.csv#-#{row}", "file": f"{dataset}.csv", "sheet": "-", "row": row}
    return place | {"name": "无名", "id_number": f"x{row}", "town": "长来", on: DAY} | values


def _told(
    dataset: str, records: list[dict[str, Any]], links: list[dict[str, Any]], **others: Any
) -> list[tuple[str, str]]:
    engine = county([], None, None, links, tekun=rows("tekun", {}), **{dataset: records}, **others)
    found = found_of("tekun", engine, dataset, *others).rows.filter(rule_id=RULES[dataset])
    assert set(found["evidence_dataset"]) <= {dataset} and set(found["category"]) <= {"data"}
    return found.select("household_no", "record_id").rows()


@pytest.mark.parametrize("dataset", RULES)
def test_a_number_on_no_roster_and_no_link(dataset: str) -> None:
    records = [
        _record(dataset, 1, household_no="N1"),
        _record(dataset, 2, household_no="TK9"),
        _record(dataset, 3, household_no="TK9"),  # the same one again: told once
        _record(dataset, 4, household_no="TK8"),
        _record(dataset, 5, household_no="TK7"),
        _record(dataset, 6, household_no="TK6"),
        _record(dataset, 7, household_no=None),
    ]
    links = [
        tie("tekun.csv#-#1", dataset, f"{dataset}.csv#-#4", "link"),
        tie("tekun.csv#-#1", dataset, f"{dataset}.csv#-#5", "review", "probabilistic"),
        tie("tekun.csv#-#1", dataset, f"{dataset}.csv#-#6", "reject", "probabilistic"),
    ]
    first = f"{dataset}.csv#-#"
    assert sorted(_told(dataset, records, links), key=str) == sorted(
        [("TK9", first + "2"), ("TK6", first + "6"), (None, first + "7")], key=str
    )


def test_a_household_of_another_roster_is_known() -> None:
    others = {"borderline": rows("borderline", {}, no="BY1", first=9)}
    assert _told("patrol", [_record("patrol", 1, household_no="BY1")], [], **others) == []


def test_without_linkage_or_roster_it_is_not_run() -> None:
    engine = county([], tekun=rows("tekun", {}), patrol=[_record("patrol", 1, household_no="TK9")])
    engine.drop("links")
    idle = {id: reason for id, _, _, reason in found_of("tekun", engine, "patrol").not_run}
    assert "人员比对" in idle["patrol_unmatched"] and "care_assessment" in idle["assessment_unmatched"]
    idle = {id: reason for id, _, _, reason in found_of("dibao", engine, "patrol").not_run}
    assert "tekun" in idle["patrol_unmatched"]
