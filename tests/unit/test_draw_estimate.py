"""From visits to the whole: results read, unverified units bounded both ways, rounds, flagged and unflagged."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl
import pytest

from pipeline.draw import certificate
from pipeline.draw.estimate import ALL, ANY, FLAGGED, TOTAL, UNFLAGGED, Estimate, Line, estimate
from pipeline.draw.interval import Sampled, one_stratum, strata_interval
from pipeline.draw.report import sentence, summary, write_estimate
from pipeline.draw.results import read_results
from pipeline.errors import BadInput
from tests.unit.draw_sample import frame_file
from tests.unit.test_draw_extra import audit_of, finding


def drawn(frame: Path, out: Path, seed: str = "1", number: int = 1, earlier: tuple[Path, ...] = ()) -> Path:
    c = certificate.make(frame, seed, "骰子", number, earlier_files=earlier)
    file = out / f"{c.stem}-{seed}.json"
    file.write_text(c.json_text(), encoding="utf-8")
    return file


def table(path: Path, conclusions: Mapping[str, str]) -> Path:
    frame = pl.DataFrame(list(conclusions.items()), schema=["单元编号", "核查结论"], orient="row")
    if path.suffix == ".xlsx":
        frame.write_excel(path)
    elif path.suffix == ".parquet":
        frame.write_parquet(path)
    else:
        frame.write_csv(path)
    return path


def line(found: Estimate, draw: str, domain: str = ALL, measure: str = ANY) -> Line:
    (one,) = [x for x in found.lines if (x.draw, x.domain, x.measure) == (draw, domain, measure)]
    return one


def units_of(file: Path) -> list[str]:
    return [d.unit for d in certificate.read(file).drawn]


def test_each_measure_counts_its_conclusions_and_has_its_interval(tmp_path: Path) -> None:
    file = drawn(frame_file(tmp_path, {"tekun": {"长来": 60}}), tmp_path)
    told = dict(zip(units_of(file), ["停保"] * 2 + ["调整"] * 3 + ["纳入"] + ["继续保障"] * 12, strict=True))
    found = estimate([file], table(tmp_path / "r.csv", told))
    assert [line(found, "tekun", measure=m).found for m in (ANY, "停保", "调整", "纳入")] == [6, 2, 3, 1]
    for measure, x in ((ANY, 6), ("停保", 2), ("纳入", 1)):
        one = line(found, "tekun", measure=measure)
        assert (one.low, one.high) == one_stratum(Sampled(60, 18, x))
        assert one.likely == pytest.approx(60 * x / 18) and one.still_high == one.high - x
    assert line(found, TOTAL).low == line(found, "tekun").low


def test_the_unverified_count_as_right_below_and_wrong_above(tmp_path: Path) -> None:
    file = drawn(frame_file(tmp_path, {"tekun": {"长来": 60}}), tmp_path)
    units = units_of(file)
    told = dict(zip(units[:16], ["停保"] * 3 + ["无法核实"] * 4 + ["继续保障"] * 9, strict=True))  # two not visited
    found = estimate([file], table(tmp_path / "r.csv", told))
    one = line(found, "tekun")
    assert (one.drawn, one.verified, one.unverified, one.found) == (18, 12, 6, 3)
    assert one.low == one_stratum(Sampled(60, 18, 3)).low and one.high == one_stratum(Sampled(60, 18, 9)).high
    assert one.likely == pytest.approx(15)
    assert any(n.startswith("2个中签单元没有核查结论") for n in found.notes)
    assert any(n.startswith("4个中签单元无法核实") for n in found.notes)
    nothing = estimate([file], table(tmp_path / "n.csv", {units[0]: "无法核实"}))
    assert line(nothing, "tekun").likely is None and (line(nothing, "tekun").low, line(nothing, "tekun").high) == (
        0,
        60,
    )
    assert "不能推算" in sentence(line(nothing, "tekun"))


def test_rounds_of_one_frame_are_one_sample_and_a_later_one_alone_speaks_of_what_was_left(tmp_path: Path) -> None:
    frame = frame_file(tmp_path, {"borderline": {"长来": 40, "坪石": 25}})
    one = drawn(frame, tmp_path)
    two = drawn(frame, tmp_path, "2", 2, (one,))
    results = table(tmp_path / "r.csv", dict.fromkeys([*units_of(one), *units_of(two)], "继续保障"))
    both, alone = estimate([two, one], results), estimate([two], results)
    assert (line(both, "borderline").units, line(both, "borderline").drawn) == (65, 14)
    whole = strata_interval([Sampled(40, 8, 0), Sampled(25, 6, 0)])
    assert (line(both, "borderline").low, line(both, "borderline").high) == whole
    assert (line(alone, "borderline").units, line(alone, "borderline").drawn) == (58, 7)
    assert any("此前各轮已抽的7个单元不在推算的总体之内" in n for n in alone.notes)
    assert any(n.startswith("结果表中有7个单元不在这些凭证的中签名单上") for n in alone.notes)
    three = drawn(frame, tmp_path, "3", 3, (one, two))
    for files in ([one, three], [one, one]):
        with pytest.raises(BadInput, match="a round stands twice"):
            estimate(files, results)
    (tmp_path / "other").mkdir()
    other = drawn(frame_file(tmp_path / "other", {"borderline": {"长来": 9}}), tmp_path / "other")
    with pytest.raises(BadInput, match="different frames"):
        estimate([one, other], results)


def test_flagged_and_unflagged_are_told_apart_by_the_findings_of_rules(tmp_path: Path) -> None:
    frame = frame_file(tmp_path, {"tekun": {"长来": 50, "坪石": 3}}, numbers="T{}")
    file = drawn(frame, tmp_path)
    rows = [finding(f"T{i}", scheme="tekun") for i in range(10)]
    rows += [finding("T20", scheme="tekun", category="archive"), finding("T21", scheme="tekun", status="resolved"),
             finding("T22", scheme="dibao"), finding("T50", scheme="tekun", status="dismissed")]  # fmt: skip
    run = audit_of(tmp_path / "a", rows)
    flagged = {f"tekun:T{i}" for i in (*range(10), 50)}
    told = {u: "停保" if u in flagged else "继续保障" for u in units_of(file)}
    found = estimate([file], table(tmp_path / "r.csv", told), frame_file=frame, run_folder=run)
    yes, no = line(found, "tekun", FLAGGED), line(found, "tekun", UNFLAGGED)
    assert (yes.units, no.units) == (11, 42) and yes.drawn + no.drawn == 16
    assert yes.found == yes.drawn == sum(u in flagged for u in told) and no.found == 0
    covered = {town: n for town, n in (("长来", 40), ("坪石", 2)) if any(
        d.town == town and d.unit not in flagged for d in certificate.read(file).drawn)}  # fmt: skip
    assert no.covered == sum(covered.values())
    assert not any("没有分" in n for n in found.notes)
    assert any("没有分“有疑点”“无疑点”推算" in n for n in estimate([file], tmp_path / "r.csv").notes)
    with pytest.raises(BadInput, match="the audit is of 2022-11"):
        estimate([file], tmp_path / "r.csv", frame_file=frame, run_folder=audit_of(tmp_path / "b", rows, "2022-11"))
    (tmp_path / "c").mkdir()
    with pytest.raises(BadInput, match="not the frame that was drawn from"):
        other = frame_file(tmp_path / "c", {"tekun": {"长来": 5}})
        estimate([file], tmp_path / "r.csv", frame_file=other, run_folder=run)


def test_the_whole_way_covers_the_planted_rate(tmp_path: Path) -> None:
    """100 seeds: frame, draw, results, estimate; wrong and unverified units planted; of all and of the unflagged."""
    chance = random.Random(5)
    towns = {"长来": 40, "坪石": 23, "乐城": 71, "廊田": 12}
    frame = frame_file(tmp_path, {"tekun": towns, "borderline": towns}, numbers="N{:03d}")
    every = [f"{s}:N{i:03d}" for s in ("tekun", "borderline") for i in range(146)]
    truth = {u: chance.choices(["继续保障", "停保", "调整"], [85, 9, 6])[0] for u in every}
    lost = set(chance.sample(every, 15))
    flags = [u for u in every if chance.random() < (0.7 if truth[u] != "继续保障" else 0.1)]
    run = audit_of(tmp_path / "a", [finding(u.split(":")[1], scheme=u.split(":")[0]) for u in flags])
    results = table(tmp_path / "r.csv", {u: "无法核实" if u in lost else t for u, t in truth.items()})
    missed = dict.fromkeys([("tekun", ALL), ("borderline", ALL), (TOTAL, ALL), ("tekun", UNFLAGGED)], 0)
    for seed in range(100):
        file = drawn(frame, tmp_path, str(seed))
        found = estimate([file], results, frame_file=frame, run_folder=run)
        seen = {(d.town, d.unit.split(":")[0], d.unit in flags) for d in certificate.read(file).drawn}
        place = {line_[3]: line_[1] for line_ in certificate_lines(frame)}
        for draw, domain in missed:
            one = line(found, draw, domain)
            inside = [u for u in every if draw in (TOTAL, u.split(":")[0]) and (domain == ALL or u not in flags)]
            if domain == UNFLAGGED:
                inside = [u for u in inside if (place[u], draw, False) in seen]
            assert one.covered == len(inside)
            missed[draw, domain] += not one.low <= sum(truth[u] != "继续保障" for u in inside) <= one.high
    assert all(n <= 8 for n in missed.values()), missed


def certificate_lines(frame: Path) -> list[list[str]]:
    return [row.split("\t") for row in frame.read_text(encoding="utf-8").splitlines() if not row.startswith("#")]


def test_a_tekun_person_may_have_one_conclusion_for_the_visit_and_one_for_the_level(tmp_path: Path) -> None:
    file = tmp_path / "r.csv"
    file.write_text("unit,抽查类别,结论\ntekun:1,特困,继续保障\ntekun:1,care,调整\ntekun:2,,停保\n", encoding="utf-8")
    found = read_results(file)
    assert [found.of("tekun", "tekun:1"), found.of("care", "tekun:1")] == ["继续保障", "调整"]
    assert [found.of("tekun", "tekun:2"), found.of("care", "tekun:2"), found.of("care", "x")] == ["停保", "停保", None]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet"])
def test_results_are_read_from_every_kind_of_table(tmp_path: Path, suffix: str) -> None:
    found = read_results(table(tmp_path / f"r{suffix}", {"dibao:1": "停保", "dibao:2": "纳入", "dibao:3": ""}))
    assert found.by_unit == {("", "dibao:1"): "停保", ("", "dibao:2"): "纳入"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("unit,conclusion\ndibao:1,停发\n", "row 2, column conclusion: no such conclusion"),
        ("unit,conclusion\ndibao:1,停保\ndibao:1,调整\n", "row 3, column conclusion: this unit stands in another row"),
        ("unit,conclusion\n,停保\n", "row 2, column unit: a conclusion without a unit"),
        ("unit,draw,conclusion\nx,低保户,停保\n", "row 2, column draw: no such draw"),
        ("unit,备注\ndibao:1,停保\n", "there must be one column for the conclusion, there are 0"),
        ("unit,单元编号,结论\na,b,停保\n", "there must be one column for the unit, there are 2"),
    ],
)
def test_results_that_cannot_be_used_are_refused_by_row(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "r.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as error:
        read_results(file)
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda d: d["drawn"][0].update(unit="tekun:none"), "was changed"),
        (lambda d: d.update(seed="2"), "was changed"),
    ],
)
def test_a_changed_certificate_is_refused(tmp_path: Path, spoil: Callable[[dict], None], told: str) -> None:
    file = drawn(frame_file(tmp_path, {"tekun": {"长来": 9}}), tmp_path)
    data = json.loads(file.read_text(encoding="utf-8"))
    spoil(data)
    file.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(BadInput, match=told):
        estimate([file], table(tmp_path / "r.csv", {"tekun:0": "停保"}))


def test_it_is_written_as_a_workbook_and_as_json(tmp_path: Path) -> None:
    file = drawn(frame_file(tmp_path, {"tekun": {"长来": 60}, "expenditure": {"坪石": 30}}), tmp_path)
    told = {u: "停保" if i % 5 == 0 else "继续保障" for i, u in enumerate(units_of(file))}
    found = estimate([file], table(tmp_path / "r.csv", told))
    book, data = write_estimate(found, tmp_path / "out")
    sheet = pl.read_excel(book, sheet_name="推算", read_options={"header_row": 2})
    row = sheet.filter((pl.col("抽查类别") == "特困") & (pl.col("差错种类") == ANY)).row(0, named=True)
    one = line(found, "tekun")
    assert (row["总体单元数"], row["抽查数"], row["查出"]) == (60, 18, one.found)
    assert (row["差错数下限"], row["差错数上限"]) == (one.low, one.high)
    assert row["差错率上限"] == pytest.approx(one.high / 60)
    kept = json.loads(data.read_text(encoding="utf-8"))
    assert kept["lines"][0]["draw"] == "tekun" and kept["lines"][0]["high"] == one.high and kept["level"] == 0.95
    assert f"{one.low}至{one.high}个" in sentence(one) and f"{one.low} to {one.high}" in summary(found)[0]
    assert {f.stat().st_mode & 0o777 for f in (book, data)} == {0o600}


def test_care_levels_are_not_added_to_the_schemes(tmp_path: Path) -> None:
    file = drawn(frame_file(tmp_path, {"care": {"长来": 9}}, care="全自理"), tmp_path)
    found = estimate([file], table(tmp_path / "r.csv", dict.fromkeys(units_of(file), "调整")))
    assert {x.draw for x in found.lines} == {"care"} and line(found, "care").found == 3
