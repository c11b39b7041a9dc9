"""The county's troubles: each kind is what its name says, in the files as in the truth, and rare with most people."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from pypinyin import lazy_pinyin
from stdnum.cn import ric
from ToJyutping import get_jyutping_list

from pipeline.demo import characters, id_numbers, make_county, names
from pipeline.demo.county import build_world
from pipeline.demo.model import County
from pipeline.demo.months import AuditMonth
from pipeline.demo.number_noise import KINDS, write_numbers
from pipeline.demo.rates import LOUD, ORDINARY, Rows

pytestmark = pytest.mark.xdist_group("demo")
NUMBERS = {
    "slip", "swap", "digit_lost", "digit_doubled", "old_form", "missing", "masked", "excel_lost", "placeholder",
    "others_number", "renumbered",
}  # fmt: skip
BIRTHS = {"day_month", "birth_digit", "birth_day"}
PLACES = {"moved", "place_missing", "phone_old", "phone_missing", "phone_family"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("noise") / "county"
    make_county(out, people=6000, seed=12)
    return out


@pytest.fixture(scope="module")
def persons(folder: Path) -> pl.DataFrame:
    people = pl.read_parquet(folder / "truth" / "persons.parquet")
    return people.with_columns(pl.col("error").str.split("+"))


@pytest.fixture(scope="module")
def world() -> County:
    return build_world(6000, 12, AuditMonth("2022-10"))


def test_every_trouble_comes_and_has_its_class(persons: pl.DataFrame) -> None:
    assert set(persons["error"].explode()) == {"none", *NUMBERS, *names.KINDS, *BIRTHS, *PLACES}
    gone = {"digit_lost", "digit_doubled", "missing", "masked", "excel_lost", "placeholder"}
    for noise, error in persons.select("noise", "error").iter_rows():
        kinds = set(error)
        expected = (
            "wrong_id" if kinds & {"others_number", "renumbered"} else "no_id" if kinds & gone
            else "name_noise" if kinds & set(names.KINDS) else "repaired" if kinds & NUMBERS else "exact"
        )  # fmt: skip
        assert noise == expected, error


def test_some_records_bear_several_troubles(persons: pl.DataFrame) -> None:
    sets = [set(e) for e in persons["error"]]
    assert any(s & NUMBERS and s & set(names.KINDS) for s in sets)
    assert any(s & NUMBERS and s & BIRTHS for s in sets)


def test_ordinary_records_are_mostly_clean_and_quiet_people_always(persons: pl.DataFrame, world: County) -> None:
    assert (persons["noise"] == "exact").mean() > 0.94
    quiet = persons.filter(pl.col("pid").is_in(list(world.quiet - world.loud)))
    assert quiet.height > 1000
    # what was planted as a missing number or an old one stands; a shared phone is no noise
    planted = quiet.filter(~pl.col("error").list.set_difference(["none", "phone_family"]).list.len().eq(0))
    assert set(planted["dataset"]) <= {"employment", "dibao", "disability"} and planted.height < 20
    loud = persons.filter(pl.col("pid").is_in(list(world.loud)))
    assert (loud["noise"] == "exact").mean() < 0.6


def written(folder: Path, persons: pl.DataFrame) -> Iterator[tuple[set[str], str, str | None, str, int | None]]:
    """(errors, name, number as written, true number, whose number) of the property register and the tax database."""
    lines = (folder / "drop" / "不动产.txt").read_text(encoding="utf-8").split("\n")
    head = [h.strip() for h in lines[0].split("\t")]
    at = [next(i for i, h in enumerate(head) if any(w in h for w in ws)) for ws in (("姓",), ("身份", "证件号"))]
    rows = {f"不动产.txt#-#{n}": line.split("\t") for n, line in enumerate(lines, start=1) if "\t" in line}
    shown = {k: (r[at[0]], r[at[1]] or None) for k, r in rows.items()}
    with sqlite3.connect(folder / "drop" / "税务共享.sqlite") as con:
        for n, (name, number) in enumerate(con.execute('SELECT "姓名", "身份证号" FROM "个税"'), start=1):
            shown[f"税务共享.sqlite#-#{n}"] = (name, number)
    mine = persons.filter(pl.col("dataset").is_in(["property", "tax"]))
    for record, error, true, owner in mine.select("record_id", "error", "id_number", "number_pid").iter_rows():
        yield set(error), *shown[record], true, owner


def test_numbers_in_the_files_are_spoilt_as_told(folder: Path, persons: pl.DataFrame) -> None:
    number_of = dict(persons.select("pid", "id_number").iter_rows())
    inside_birth, seen = 0, set()
    for errors, _, number, true, owner in written(folder, persons):
        for kind in errors & NUMBERS:
            seen.add(kind)
            text = number or ""
            unlike = [i for i in range(min(len(text), 18)) if text[i] != true[i]]
            match kind:
                case "slip":
                    assert len(text) == 18 and len(unlike) == 1 and ric.calc_check_digit(text) != text[17]
                    inside_birth += 6 <= unlike[0] < 14
                case "swap":
                    assert len(text) == 18 and sorted(text) == sorted(true) and unlike[1] - unlike[0] == 1
                    inside_birth += 6 <= unlike[0] < 13
                case "digit_lost" | "digit_doubled":
                    assert len(text) == (17 if kind == "digit_lost" else 19)
                case "old_form":
                    assert text == true[:6] + true[8:17]
                case "missing":
                    assert number is None
                case "masked":
                    assert len(text) == 18 and all(a in ("*", b) for a, b in zip(text, true, strict=True))
                case "excel_lost":
                    assert "E+17" in text or text.endswith("000")
                case "others_number":
                    assert text == number_of[owner] != true
                case "renumbered":
                    assert ric.calc_check_digit(text) == text[17] and text != true and text[:14] == true[:14]
                    assert text not in number_of.values()
        if not errors & NUMBERS:
            assert (number or "").replace("'", "").replace(" ", "").upper() in (true, true.translate(WIDE))
    assert {"slip", "swap", "missing", "masked", "old_form", "renumbered"} <= seen
    assert inside_birth > 0  # neither file has a birth date


WIDE = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")


def test_every_kind_of_number_trouble_is_told_apart() -> None:
    rng = np.random.default_rng(4)
    number = np.repeat(np.array(["440225196604073073", "440281199503204382"]), 300)
    kind = np.array([KINDS[i % len(KINDS)] for i in range(len(number))], dtype=object)
    made = write_numbers(number, kind, rng, lower_x=0.0)
    text = {k: made.text[made.kind == k] for k in KINDS}
    assert all(len(t) == 17 for t in text["digit_lost"]) and all(len(t) == 19 for t in text["digit_doubled"])
    assert {t.count("*") for t in text["masked"]} == {4, 8}
    twice = [any(t[i] == t[i + 1] and t[:i] + t[i + 1 :] in number for i in range(18)) for t in text["digit_doubled"]]
    assert all(twice)


def test_an_earlier_number_is_valid_of_the_same_day_and_sex_and_nobodys() -> None:
    rng = np.random.default_rng(2)
    numbers = id_numbers.build(
        np.array(["440281"] * 400), np.array(["1966-04-07"] * 400, dtype="datetime64[D]"), np.arange(1, 401)
    )
    taken = set(numbers.tolist())
    earlier = id_numbers.renewed(numbers[:90], taken, rng)
    assert id_numbers.valid(earlier).all() and not set(earlier.tolist()) & set(numbers.tolist())
    assert all(a[:14] == b[:14] and int(a[16]) % 2 == int(b[16]) % 2 for a, b in zip(earlier, numbers, strict=False))
    assert len(set(earlier.tolist())) == 90 and set(earlier.tolist()) <= taken


def heard(name: str) -> tuple[list[str], list[str]]:
    """Mandarin and Cantonese readings without tones."""
    return lazy_pinyin(list(name)), [(r or "").rstrip("0123456789") for _, r in get_jyutping_list(name)]


@pytest.mark.parametrize("kind", names.KINDS)
def test_names_are_misspelt_as_told(kind: str) -> None:
    rng = np.random.default_rng(8)
    changed = 0
    for true in ("陈志明", "李国强", "朱伟海", "周静", "林晓松", "买买提·依明", "欧阳晴雯", "谢梓涵"):
        name = names.misspelt(true, kind, rng)
        if name == true:
            continue
        changed += 1
        at = [i for i, (a, b) in enumerate(zip(name, true, strict=False)) if a != b]
        match kind:
            case "by_ear":
                assert len(name) == len(true) and heard(name)[0] == heard(true)[0]
            case "by_ear_cantonese":
                assert heard(name)[1] == heard(true)[1] and heard(name)[0] != heard(true)[0]
            case "lookalike":
                assert len(name) == len(true) and len(at) == 1
                assert characters.parts()[name[at[0]]][1] == characters.parts()[true[at[0]]][1]
                assert heard(name)[0] != heard(true)[0] and heard(name)[1] != heard(true)[1]
            case "variant" | "traditional":
                assert len(name) == len(true) and "".join(map(characters.plain, name)) == true
            case "wildcard":
                assert len(at) == 1 and name[at[0]] in "?□*"
            case "other_dot":
                assert name.replace(name[3], "") == true.replace("·", "") or name == true.replace("·", "")
            case "one_lost":
                assert len(name) == len(true) - 1
            case "one_added":
                assert len(name) == len(true) + 1 and name.startswith(true)
    assert changed >= (1 if kind == "other_dot" else 3)


def test_rows_draw_by_their_rates() -> None:
    n = 60_000
    pid = np.arange(n)
    rows = Rows(pid, pid % 3 == 0, pid % 3 == 1)
    drawn = rows.draw(np.random.default_rng(1), ("slip", "missing"))
    assert not (drawn[pid % 3 == 0] != "").any()
    assert (drawn[pid % 3 == 1] == "slip").mean() == pytest.approx(LOUD.slip, rel=0.1)
    assert (drawn[pid % 3 == 2] == "missing").mean() == pytest.approx(ORDINARY.missing, rel=0.3)


def test_wrong_birth_dates_are_dates_before_the_audit(folder: Path, persons: pl.DataFrame, world: County) -> None:
    lines = (folder / "drop" / "婚姻_登记.tsv").read_text(encoding="utf-16").splitlines()
    at = next(i for i, h in enumerate(lines[0].split("\t")) if "出生" in h or "生日" in h)
    mine = persons.filter(pl.col("dataset") == "marriage")
    told = {r: (pid, set(e)) for r, pid, e in mine.select("record_id", "pid", "error").iter_rows()}
    shown = {f"婚姻_登记.tsv#-#{n}": line.split("\t") for n, line in enumerate(lines, start=1)}
    right = wrong = 0
    for record, (pid, errors) in told.items():
        digits = "".join(c for c in shown[record][at] if c.isdigit())
        born = str(world.people.birth[pid].astype("datetime64[D]")).replace("-", "")
        if len(digits) == 8 and shown[record][at].isascii():
            assert (digits == born) != bool(errors & BIRTHS), (errors, digits)
            right, wrong = right + (digits == born), wrong + (digits != born)
            if "day_month" in errors:
                assert digits == born[:4] + born[6:] + born[4:6]
            elif "birth_digit" in errors:
                assert sum(a != b for a, b in zip(digits, born, strict=True)) == 1
            elif "birth_day" in errors:
                assert digits[:4] == born[:4]
    assert right > 300 and 0 < wrong < right / 20
