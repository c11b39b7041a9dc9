"""How a town finds out whether a lead holds: said by every rule, shown where the answer is given and on the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.findings import load_rules
from pipeline.ledger.facts import rules_that_ran
from pipeline.policy import pack_for
from pipeline.publish.page import write_page
from pipeline.publish.publication import Publication
from pipeline.publish.towns import write_workbooks
from pipeline.publish.verify import hints
from tests.unit.publish_sample import sample

POLICY = pack_for("2022-10")
RULES = load_rules(POLICY.names)
BY_TITLE = {r.title: r for r in RULES}
LEADS = ("疑似不符合条件", "疑似漏保", "疑似漏保（有排除情形）", "资金发放", "护理照料")


@pytest.fixture(scope="module")
def pub() -> Publication:
    return replace(sample(120), rules=RULES)


@pytest.fixture(scope="module")
def out(pub: Publication, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("verify")
    write_workbooks(pub, out)
    write_page(pub, out)
    return out


def rows(page: Worksheet) -> Iterator[tuple[int, dict[str, Any]]]:
    heads = [c.value for c in page[3]]
    for i, row in enumerate(page.iter_rows(min_row=4, values_only=True), 4):
        if len(row) > 1 and row[1] is not None:
            yield i, dict(zip(heads, row, strict=True))


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.id)
def test_every_rule_says_in_one_line_how(rule: Any) -> None:
    assert re.fullmatch(r"[^\n{}]{15,100}。", rule.verify)


def test_the_cell_of_the_answer_says_it(out: Path) -> None:
    book, seen = openpyxl.load_workbook(out / "towns" / "长来.xlsx"), 0
    for name in LEADS:
        page = book[name]
        column = next((c.column_letter for c in page[3] if c.value == "镇核实结果"), "")
        for i, row in rows(page):
            (rule,) = [v for v in page.data_validations.dataValidation if f"{column}{i}" in v.sqref]
            assert rule.formula1 == '"属实,不属实,正在核实,已整改"'
            for title in row["疑点类型"].split("\n"):
                assert BY_TITLE[title].verify in rule.prompt
                seen += 1
    assert seen > 3


def test_a_sheet_to_print_names_the_kinds_of_this_workbook_and_no_other(out: Path) -> None:
    for path in (out / "towns").iterdir():
        book = openpyxl.load_workbook(path)
        there = {(n, t) for n in LEADS for _, row in rows(book[n]) for t in row["疑点类型"].split("\n")}
        if "怎样核实" not in book.sheetnames:
            assert not there
            continue
        told = {(row["工作表"], row["疑点类型"]): row["怎样核实"] for _, row in rows(book["怎样核实"])}
        assert set(told) == there
        assert all(BY_TITLE[title].verify == text for (_, title), text in told.items())


def test_the_pages_say_it(out: Path) -> None:
    rule = (out / "pages/rule/vehicle_owned.html").read_text(encoding="utf-8")
    town = (out / "pages/town/长来.html").read_text(encoding="utf-8")
    text = next(r.verify for r in RULES if r.id == "vehicle_owned")
    assert rule.count(text) == 1
    assert town.count(f"<b>怎样核实：</b>{text}") == town.count("/rule/vehicle_owned.html") - town.count(
        "#vehicle_owned"
    )


def test_more_than_a_cell_can_show_is_cut_between_two_texts(pub: Publication) -> None:
    from pipeline.publish.leads import Line

    many = {r.id: r.verify for r in RULES}
    (hint,) = hints([Line((), "", 9, (), rules=tuple(many)[:9])], many)
    assert len(hint) <= 255 and hint.endswith("。……其余见“怎样核实”表")
    assert hints([Line((), "", 1, (), rules=("unknown",))], many) == [""]


def test_other_words_for_it_are_no_other_rule() -> None:
    rule = RULES[0]
    told = replace(rule, file=replace(rule.file, header={**rule.file.header, "verify": "另一种说法。"}))
    assert rules_that_ran([told], [], POLICY) == rules_that_ran([rule], [], POLICY)
    other = replace(rule, file=replace(rule.file, header={**rule.file.header, "logic": "另一种说法。"}))
    assert rules_that_ran([other], [], POLICY) != rules_that_ran([rule], [], POLICY)
