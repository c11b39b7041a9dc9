"""The frame: who may be drawn, and the text that is frozen."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from pathlib import Path

import pytest

from pipeline.draw import frame
from pipeline.draw.population import units_of
from pipeline.draw.select import size
from pipeline.errors import BadInput
from pipeline.policy import pack_for
from tests.unit.draw_sample import MONTH, person, small_drop, write_roster


def drop_of(folder: Path, **rosters: list[dict[str, object]]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, rows in rosters.items():
        write_roster(folder / f"{name}.csv", rows)
    return folder


def dibao(number: object, n: int, **more: object) -> dict[str, object]:
    return {"家庭编号": number, "姓名": f"人{n}", "身份证号": person(n), "镇街": "长来", "与户主关系": "户主",
            "是否保障对象": "是", "起保月份": "2022-03", "停保月份": ""} | more  # fmt: skip


def tekun(number: object, n: int, **more: object) -> dict[str, object]:
    return {"特困编号": number, "姓名": f"人{n}", "身份证号": person(n), "镇街": "坪石", "生活自理能力": "全自理",
            "护理等级": "", "停保月份": ""} | more  # fmt: skip


def lines(drop: Path, choice: str = "new") -> list[str]:
    return [" ".join(line) for line in frame.freeze(drop, MONTH, dibao=choice).lines]


def test_active_households_and_persons_are_units_in_their_strata(tmp_path: Path) -> None:
    drop = drop_of(
        tmp_path / "d",
        dibao=[
            dibao("A", 1), dibao("A", 2, 与户主关系="子", 起保月份="2022-09", 镇街="坪石"),
            dibao("B", 3, 起保月份="2021-12"), dibao("B", 4, 起保月份="2022-05", 与户主关系="女"),  # a child came later
            dibao("C", 5, 停保月份="2022-10"), dibao("D", 6, 起保月份="2022-11"), dibao("E", 7, 停保月份="2022-11"),
            dibao("F", 8, 停保月份="2022-01", 起保月份="2019-01"), dibao("F", 8, 起保月份="2022-04"),  # came back
            dibao("G", 9, 与户主关系="子", 镇街="坪石"), dibao("G", 10, 镇街="乐城镇"),  # the head's town
        ],
        tekun=[
            tekun("T1", 20), tekun("T2", 21, 生活自理能力="失能"), tekun("T3", 22, 生活自理能力="", 护理等级="半护理"),
            tekun("T4", 23, 生活自理能力=""), tekun("T5", 24, 停保月份="2022-09"),
        ],
    )  # fmt: skip
    visits = ["tekun 坪石 - tekun:T1", "tekun 坪石 - tekun:T2", "tekun 坪石 - tekun:T3", "tekun 坪石 - tekun:T4"]
    care = [
        "care 坪石 全自理 tekun:T1",
        "care 坪石 半失能 tekun:T3",
        "care 坪石 失能 tekun:T2",
        "care 坪石 未评估 tekun:T4",
    ]
    new = [
        "new_dibao 乐城 - dibao:G",
        "new_dibao 长来 - dibao:A",
        "new_dibao 长来 - dibao:E",
        "new_dibao 长来 - dibao:F",
    ]
    assert lines(drop) == [*care, *new, *visits]
    every = ["dibao 乐城 - dibao:G", *(f"dibao 长来 - dibao:{h}" for h in "ABEF")]
    assert lines(drop, "all") == [*care, *every, *visits]


def test_persons_who_share_a_number_are_units_apart_and_a_row_written_twice_is_one(tmp_path: Path) -> None:
    drop = drop_of(tmp_path / "d", tekun=[tekun("T1", 30), tekun("T1", 29), tekun("T1", 30), tekun("T2", 28)])
    population = units_of(drop, MONTH)
    found = population.units.filter(draw="tekun").select("unit", "household_no", "record_id").rows()
    order = sorted((30, 29), key=person)
    rows = {30: "tekun.csv#-#2", 29: "tekun.csv#-#3"}
    assert found == [
        ("tekun:T1#1", "T1", rows[order[0]]), ("tekun:T1#2", "T1", rows[order[1]]), ("tekun:T2", "T2", "tekun.csv#-#5"),
    ]  # fmt: skip


def test_what_cannot_be_drawn_is_counted_never_dropped_silently(tmp_path: Path) -> None:
    drop = drop_of(
        tmp_path / "d",
        dibao=[dibao("A", 1), dibao("", 2), dibao("B", 3, 起保月份=""), dibao("C", 4, 姓名="", 身份证号="")],
    )
    made = frame.freeze(drop, MONTH)
    assert [line[3] for line in made.lines] == ["dibao:A"]
    assert made.left_out == (
        ("dibao", "no_household_number", 1), ("dibao", "no_start_month", 1), ("dibao", "row_rejected", 1),
    )  # fmt: skip
    assert made.absent == ("tekun", "borderline", "expenditure")
    assert "#left_out\tdibao\tno_start_month\t1\n" in made.text and "#absent\ttekun\n" in made.text


def test_no_name_and_no_id_number_is_in_it(tmp_path: Path) -> None:
    text = frame.freeze(small_drop(tmp_path / "d"), MONTH).text
    assert not any(person(n) in text for n in range(500)) and "甲" not in text and "丙" not in text
    bad = drop_of(tmp_path / "e", tekun=[tekun(person(1), 1), tekun("T2", 2)])
    with pytest.raises(BadInput, match="hold ID numbers"):
        frame.freeze(bad, MONTH)
    private = frame.freeze(bad, MONTH, allow_id_numbers=True)
    assert "#numbers\tprivate\n" in private.text
    old = drop_of(tmp_path / "f", tekun=[tekun("440281400102003", 1)])
    with pytest.raises(BadInput, match="hold ID numbers"):
        frame.freeze(old, MONTH)


def test_a_drop_without_rosters_is_refused(tmp_path: Path) -> None:
    drop = drop_of(tmp_path / "d", 临时救助=[{"救助编号": "L1", "姓名": "人", "身份证号": person(1), "镇街": "长来"}])
    with pytest.raises(BadInput, match="no roster to draw from"):
        units_of(drop, MONTH)
    with pytest.raises(BadInput, match="not a folder"):
        units_of(tmp_path / "nothing", MONTH)


def test_rates_are_the_policy_s_and_exact(tmp_path: Path) -> None:
    rates = {(r.draw, r.care): r for r in frame.rates_of(pack_for(MONTH), "new")}
    assert {key: r.share for key, r in rates.items()} == {
        ("borderline", "-"): Fraction(1, 10), ("expenditure", "-"): Fraction(1, 10),
        ("new_dibao", "-"): Fraction(1, 20), ("tekun", "-"): Fraction(3, 10),
        ("care", "全自理"): Fraction(3, 10), ("care", "未评估"): Fraction(3, 10),
        ("care", "半失能"): Fraction(1), ("care", "失能"): Fraction(1),
    }  # fmt: skip
    assert rates["tekun", "-"].verified and "43号" in rates["tekun", "-"].clause
    assert ("dibao", "-") in {(r.draw, r.care) for r in frame.rates_of(pack_for(MONTH), "all")}
    ours = tmp_path / "ours.toml"
    ours.write_text('from = "本局"\n[draw]\ntekun = 0.07\nborderline = 0.055\n', encoding="utf-8")
    own = {r.draw: r for r in frame.rates_of(pack_for(MONTH, ours), "new")}
    assert own["tekun"].share == Fraction(7, 100) and size(100, own["tekun"].share) == 7
    assert size(1000, own["borderline"].share) == 55
    assert (own["tekun"].clause, own["tekun"].verified) == ("本局", False)


def test_the_text_is_canonical_and_reads_back(tmp_path: Path) -> None:
    made = frame.freeze(small_drop(tmp_path / "d"), MONTH)
    file = tmp_path / "frame.tsv"
    file.write_bytes(made.text.encode())
    assert made.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert frame.read(file) == made
    body = [line for line in made.text.splitlines() if not line.startswith("#")]
    assert body == sorted(body, key=str.encode) and f"#units\t{len(body)}\n" in made.text


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.replace("\n", "\r\n"),
        lambda t: "\ufeff" + t,
        lambda t: t[:-1],
        lambda t: t + "\n",
        lambda t: t.replace("#audit-draw-frame\t1", "#audit-draw-frame\t2"),
        lambda t: t.replace("\tdibao:DB000\n", "\tdibao:DB000 \textra\n"),
        lambda t: t.replace("tekun:TK001", "tekun:TK000"),
        lambda t: t.replace("#rate\ttekun\t-\t3\t10", "#rate\ttekun\t-\t6\t20"),
        lambda t: t.replace("#rate\ttekun\t-\t3\t10", "#rate\ttekun\t-\t3\t0"),
        lambda t: t.replace("#rate\ttekun\t-\t3\t10", "#rate\ttekun\t-\t30\t10"),
        lambda t: t.replace("#rate\ttekun\t-", "#rate\ttekum\t-"),
        lambda t: t.replace("#month\t2022-10", "#month\t2022-13"),
        lambda t: t.replace("#dibao\tnew", "#dibao\tsome"),
        lambda t: "\n".join([*t.split("\n")[:-3], t.split("\n")[-2], t.split("\n")[-3], ""]),
        lambda t: "\n".join(t.split("\n")[:-2]) + "\n",
        lambda t: "",
    ],
)
def test_a_frame_that_is_not_as_written_is_refused(tmp_path: Path, change: object) -> None:
    file = tmp_path / "frame.tsv"
    text = frame.freeze(small_drop(tmp_path / "d"), MONTH).text
    assert callable(change)
    file.write_bytes(change(text).encode())
    assert file.read_bytes() != text.encode()
    with pytest.raises(BadInput) as told:
        frame.read(file)
    assert told.value.file == "frame.tsv" or "month" in str(told.value)
