"""The figures of an explained pair, in the table and in the waterfall: what is shown adds up."""

from __future__ import annotations

from dataclasses import replace

import pytest
from compared_sample import PAIRS

from pipeline.linkage.compared import FieldCompared, Weighed
from pipeline.linkage.explain import explain_page, sentence, waterfall_png, waterfall_svg, wording
from pipeline.linkage.explain.waterfall import steps


@pytest.mark.parametrize("kind", PAIRS)
def test_waterfall_adds_up(kind: str) -> None:
    c = PAIRS[kind]
    bars = steps(c)
    assert bars[0].end == c.prior
    inner = bars[1 : next((i for i, s in enumerate(bars) if s.label == "合计"), None)]
    assert len(inner) == sum(f.level is not None and (f.field != "once" or f.weight != 0) for f in c.fields)
    for before, after in zip(bars, inner, strict=False):
        assert after.start == before.end
    if c.probability is None:  # a number decided: a total would only contradict it
        assert bars[-1] == inner[-1] and "怎样得出" not in explain_page(c)
    else:
        assert bars[len(inner) + 1].end == pytest.approx(inner[-1].end)


def test_a_rival_is_measured_by_the_weight_that_decided() -> None:
    """Linkage weighed more than these two records say: what they lack is not the rival's doing, nor is he nearer."""
    c = PAIRS["homophone_no_number"]
    rival = replace(c, runner_up=c.weight - 1, probability=0.66, decision="review", reason="below")
    more = replace(rival, weighed=Weighed(c.weight + 4, {}, (), ()), runner_up=c.weight + 3)
    taken = [{s.label: s.end - s.start for s in steps(x)}["扣除：还有别的人选"] for x in (rival, more)]
    assert taken[1] == pytest.approx(taken[0] - 4, abs=0.11)
    assert sentence(rival) == sentence(more) and "可信程度约为其2分之一" in sentence(more)
    for x, whole in ((rival, "合计"), (more, "比对所用的合计")):
        bars = {s.label: s.end for s in steps(x)}
        assert bars[whole] - bars["最强的其他人选：合计"] == pytest.approx(1)


def test_what_linkage_weighed_beside_the_two_records_stands_in_the_picture() -> None:
    """Pair and rival by all records, both: the picture ends where badge and sentence say, at even odds."""
    c = PAIRS["changed_number"]
    even = replace(c, weighed=Weighed(c.weight + 4, {}, (), ()), runner_up=c.weight + 4, probability=0.5)
    bars = {s.label: s for s in steps(even)}
    more = bars["两人的其他记录"]
    assert (more.start, more.end) == (bars["合计"].end, bars["比对所用的合计"].end) and more.shown == "+4.0"
    assert bars["最后结果"].end == pytest.approx(0) and "可能性50%" in sentence(even)
    assert bars["最强的其他人选：合计"].end == bars["比对所用的合计"].end
    page = explain_page(even)
    assert page.count(f'<td class="n">{bars["比对所用的合计"].shown}</td>') == 2  # the pair's and the rival's


def test_what_is_shown_adds_up() -> None:
    """Each of these weights rounds up: a total of the exact ones would be less than its parts."""
    pair = PAIRS["repaired_digit"]
    fields = tuple(replace(f, weight=1.06) if f.level else f for f in pair.fields)
    c = replace(pair, fields=fields, weight=sum(f.weight for f in fields), prior=-8.66, runner_up=0.0)
    told = wording.figures(c)
    n = sum(f.level is not None for f in fields)
    assert told.weight == pytest.approx(1.1 * n) and told.prior == -8.7
    assert told.total == pytest.approx(told.prior + told.weight)
    assert told.total - (told.runner_up or 0.0) == pytest.approx(round(c.weight, 1))
    page, bars = explain_page(c), {s.label: s for s in steps(c)}
    assert wording.signed(told.total) in page and bars["合计"].end == told.total
    assert wording.figures(c, 2).weight == pytest.approx(1.06 * n)
    assert wording.signed(-0.04) == wording.signed(0.0) == "0"


def test_two_wrong_numbers_are_told_alike_in_table_and_picture() -> None:
    number = FieldCompared("id", "44022519460776852X", "4402251946071652X", "area_birth", 6.3)
    c = replace(PAIRS["swap"], fields=tuple(number if f.field == "id" else f for f in PAIRS["swap"].fields))
    assert "身份证号：都有误，相差不过三位" in {s.label for s in steps(c)}
    assert "<td>都有误，相差不过三位</td>" in explain_page(c)


def test_a_rival_who_may_be_the_same_person_takes_nothing_in_the_picture() -> None:
    told = replace(PAIRS["changed_number"], probability=0.99)
    assert "最后结果" not in {s.label for s in steps(told)}


def test_what_rivals_take_stands_in_the_waterfall() -> None:
    last = {s.label: s.end for s in steps(PAIRS["changed_number"])}
    assert last["合计"] == pytest.approx(6.6) and last["最后结果"] == pytest.approx(0.28, abs=0.02)
    assert last["最强的其他人选：合计"] == pytest.approx(6.3)
    assert "最后结果" not in {s.label for s in steps(PAIRS["masked"])}
    assert "更相符的人选：合计" in {s.label for s in steps(PAIRS["twin_refused"])}


def test_waterfall_pictures() -> None:
    c = PAIRS["changed_number"]
    drawn = waterfall_svg(c, (0.05, 0.98))
    for text in ("身份证号：两个不同的有效号码", "−7.7", "合计", "+6.6", "认定线", "待人工比对线"):
        assert text in drawn
    assert "认定线" not in waterfall_svg(c) and "认定线" not in waterfall_svg(PAIRS["two_confirmed"], (0.05, 0.98))
    assert "由身份证号直接判定" in waterfall_svg(PAIRS["two_confirmed"])
    picture = waterfall_png(c)
    assert picture.startswith(b"\x89PNG") and picture == waterfall_png(c) and len(picture) > 20_000


def test_values_are_texts_in_the_page() -> None:
    c = PAIRS["wildcard"]
    name = FieldCompared("name", "<b>甲", "<i>甲", "unlike", -3.0)
    page = explain_page(replace(c, fields=(name, *c.fields[1:])))
    assert "<b>甲" not in page and "&lt;" in page
