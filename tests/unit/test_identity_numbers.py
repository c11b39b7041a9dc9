"""ID numbers made comparable."""

from __future__ import annotations

import datetime
from typing import Any

import polars as pl
import pytest
from support.people import check_character, number, spoiled, valid

from pipeline.identity import id_numbers
from pipeline.identity.id_numbers import describe


def described(*numbers: str | None) -> dict[str, dict[str, Any]]:
    rows = describe(pl.Series("id_number", list(numbers), dtype=pl.String))
    return {r["id_number"]: r for r in rows.iter_rows(named=True)}


def one(text: str) -> dict[str, Any]:
    return described(text)[text]


def test_check_characters_agree_with_the_standard_worked_by_hand() -> None:
    # GB 11643's own example, which ends in X, and another.
    assert [one(n)["id_state"] for n in ("11010519491231002X", "440524188001010014")] == ["valid", "valid"]
    bodies = [f"4402811{year:03d}0115{sequence:03d}" for year in (949, 980, 999) for sequence in range(1, 60)]
    right = {b + check_character(b) for b in bodies}
    states = described(*(b + c for b in bodies for c in "0123456789X"))
    assert {n for n, r in states.items() if r["id_state"] == "valid"} == right
    assert {n[-1] for n in right} == set("0123456789X")


def test_a_valid_number_tells_birth_and_sex() -> None:
    man, woman = number("@1:1980-02-29男"), number("@2:2003-12-31女")
    found = described(man, woman)
    assert found[man] == {
        "id_number": man,
        "id_key": man,
        "id_state": "valid",
        "id_birth": datetime.date(1980, 2, 29),
        "id_sex": "男",
    }
    assert (found[woman]["id_birth"], found[woman]["id_sex"]) == (datetime.date(2003, 12, 31), "女")


def test_a_number_that_ends_in_x_is_valid() -> None:
    ending = next(n for n in (valid("440281", "19700101", s) for s in range(200)) if n.endswith("X"))
    assert one(ending)["id_state"] == "valid"


@pytest.mark.parametrize("area", ["440225", "810000", "820000", "830000", "911156", "110105"])
def test_other_areas_permits_and_foreigners_cards_pass_the_same_check(area: str) -> None:
    assert one(valid(area, "19750607", 123))["id_state"] == "valid"


def test_fifteen_digits_are_the_same_person_as_eighteen() -> None:
    long = number("@7:1949-10-01")
    short = number("@7:1949-10-01-15")
    assert len(short) == 15
    row = one(short)
    assert (row["id_state"], row["id_key"], row["id_birth"]) == ("old15", long, datetime.date(1949, 10, 1))
    assert row["id_sex"] == one(long)["id_sex"]


@pytest.mark.parametrize("how", ["~", "~~", "<>"])
def test_slips_in_the_sequence_fail_the_check_and_keep_the_text_as_key(how: str) -> None:
    text = spoiled(number("@9"), how)
    row = one(text)
    assert (row["id_state"], row["id_key"]) == ("checksum", text)
    assert row["id_birth"] == one(number("@9"))["id_birth"]


def test_every_single_digit_slip_and_every_swap_of_unlike_neighbours_is_caught() -> None:
    whole = number("@5")
    slips = {whole[:i] + d + whole[i + 1 :] for i in range(17) for d in "0123456789" if d != whole[i]}
    swaps = {whole[:i] + whole[i + 1] + whole[i] + whole[i + 2 :] for i in range(16) if whole[i] != whole[i + 1]}
    states = {r["id_state"] for r in described(*slips, *swaps).values()}
    assert states == {"checksum"}


@pytest.mark.parametrize("day", ["19801301", "19800230", "19000229", "00000000"])
def test_no_such_birth_date(day: str) -> None:
    row = one(valid("440281", day, 11))
    assert (row["id_state"], row["id_birth"]) == ("birth", None)


def test_fifteen_digits_without_a_birth_date() -> None:
    row = one("440281801301011")
    assert (row["id_state"], row["id_key"], row["id_birth"]) == ("birth", "440281801301011", None)


def test_a_masked_number_stands_for_nobody() -> None:
    row = one(number("@3*"))
    assert row["id_number"][6:14] == "********"
    assert (row["id_state"], row["id_key"], row["id_birth"], row["id_sex"]) == ("masked", None, None, None)


@pytest.mark.parametrize(
    ("text", "state"),
    [
        (number("@3-1"), "length"),
        (number("@3+1"), "length"),
        ("12345678", "length"),
        ("1234567", "other"),
        ("H01234567", "other"),
        ("44028119800101O011", "other"),
        ("4402811980010100X1", "other"),
    ],
)
def test_other_forms(text: str, state: str) -> None:
    row = one(text)
    assert (row["id_state"], row["id_key"]) == (state, text)


def test_distinct_and_without_nulls() -> None:
    assert set(described(number("@1"), None, number("@1"))) == {number("@1")}
    assert describe(pl.Series("id_number", [], dtype=pl.String)).height == 0


# --- the parts that candidates are found by --------------------------------------------------------------------------


def parts(*numbers: str) -> list[tuple[int | None, int | None]]:
    """(id_tail, id_ends) of each."""
    return id_numbers.described(pl.Series("id_number", list(numbers))).select("id_tail", "id_ends").rows()


WHOLE = valid("440281", "19510507", 123)


def test_the_parts_are_the_area_with_the_end_of_the_number() -> None:
    assert WHOLE == "44028119510507123X"
    assert parts(WHOLE) == [(440281_507123, 440281 * 11_000 + 123 * 11 + 10)]


@pytest.mark.parametrize(
    ("places", "tail", "ends"), [(range(6, 11), True, True), (range(11, 14), False, True), ((17,), True, False)]
)
def test_a_slip_in_the_date_or_the_check_leaves_a_part_whole(places: tuple[int, ...], tail: bool, ends: bool) -> None:
    for at in places:
        slip = WHOLE[:at] + ("7" if WHOLE[at] != "7" else "8") + WHOLE[at + 1 :]
        found, whole = parts(slip)[0], parts(WHOLE)[0]
        assert (found[0] == whole[0], found[1] == whole[1]) == (tail, ends), at


@pytest.mark.parametrize("at", range(6, 11))
def test_a_digit_lost_or_doubled_in_the_year_leaves_both_whole(at: int) -> None:
    assert parts(WHOLE[:at] + WHOLE[at + 1 :], WHOLE[:at] + WHOLE[at] + WHOLE[at:]) == parts(WHOLE) * 2


def test_the_old_form_has_the_parts_of_the_new_one() -> None:
    assert parts("440281510507123") == parts(WHOLE)


def test_a_masked_number_has_the_parts_that_it_shows() -> None:
    assert parts(WHOLE[:6] + "********" + WHOLE[14:]) == [(None, parts(WHOLE)[0][1])]
    assert parts(WHOLE[:14] + "****") == [(None, None)]


def test_what_is_no_number_has_no_parts() -> None:
    assert parts("1234567", "H01234567") == [(None, None)] * 2


def test_described_keeps_the_order_and_the_repeats() -> None:
    numbers = ["1234567", WHOLE, "440281510507123", WHOLE[:-1] + "1", WHOLE]
    frame = id_numbers.described(pl.Series("id_number", numbers))
    assert frame["id_number"].to_list() == numbers
    assert frame["id_state"].to_list() == ["other", "valid", "old15", "checksum", "valid"]
