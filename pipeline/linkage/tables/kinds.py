"""The kinds of comparison: each gives a field's levels, the SQL that finds a pair's level, and the helper columns.

exact             equal or not
edit_distance     thresholds = [1, 2]: so many edits (insert, delete, change; adjacent swap with transpositions = true)
jaro_winkler      thresholds = [0.92, 0.8]
date              days = [1, 10] if wanted; day and month swapped, one digit, same year
token_overlap     thresholds = [0.8, 0.5] (Dice coefficient); by = words | characters | pairs
number            tolerances = [0.5, 10]; relative = true takes them as shares of the larger number
name_zh           the ladder of Chinese names: other spelling, lost characters, same sound, look-alike, a character more
id_number_zh      the ladder of ID numbers: 15 digits, one off, neighbours swapped, masked, area and birth
phone             equal, one digit
levels            levels = [["label", "SQL over l. and r."], …] strongest first; missing = "SQL" where nothing is known

A level expression is NULL where either value is missing, else an integer from 0, the weakest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.engine.quoting import identifier
from pipeline.linkage.county import county_spec
from pipeline.linkage.tables.spec import FieldSpec


@dataclass(frozen=True)
class Compared:
    """How a field is compared: labels and Chinese words weakest first.

    `inner` is SQL over l. and r.; `outer` makes the level of it, as `{x}`: a costly function runs once a pair.
    `top_is_equality`: the strongest level is exactly 'the two values are the same'. `same_value`: how many of the
    strongest levels are only reached by equal values, for the term-frequency adjustment.
    `rising`: a stronger level can never weigh less.
    """

    labels: tuple[str, ...]
    zh: tuple[str, ...]
    inner: str
    outer: str = "{x}"
    top_is_equality: bool = False
    same_value: int = 1
    rising: bool = False


def _sides(field: FieldSpec, part: str = "") -> tuple[str, str]:
    column = identifier(f"{field.id}_{part}" if part else field.id)
    return f"l.{column}", f"r.{column}"


def _ladder(
    levels: Sequence[tuple[str, str]], inner: str, outer: str = "{x}", *, equality: bool = True, rising: bool = True
) -> Compared:
    """A comparison by its (label, word) pairs, strongest first."""
    labels, words = zip(*levels[::-1], strict=True)
    return Compared(labels, words, inner, outer, top_is_equality=equality, rising=rising)


def _case(conditions: list[str], known: str) -> str:
    """Level by conditions, strongest first; 0 when none holds, NULL where `known` is not true."""
    whens = " ".join(f"WHEN {c} THEN {len(conditions) - i}" for i, c in enumerate(conditions))
    return f"CASE WHEN ({known}) IS NOT TRUE THEN NULL {whens} ELSE 0 END"


def _both(left: str, right: str) -> str:
    return f"{left} IS NOT NULL AND {right} IS NOT NULL"


_EQUAL, _OTHER = ("equal", "相同"), ("other", "不同")


def _exact(field: FieldSpec) -> Compared:
    a, b = _sides(field)
    return _ladder([_EQUAL, _OTHER], f"CAST({a} = {b} AS TINYINT)")


def _edit_distance(field: FieldSpec) -> Compared:
    a, b = _sides(field)
    steps: list[int] = field.options["thresholds"]
    most = steps[-1]
    swap = ""
    if field.options["transpositions"]:
        # damerau_levenshtein costs ten times the rest: only where the letters are nearly all the same ones
        swap = (
            f"WHEN CASE WHEN length({a}) <> length({b}) THEN false "
            f"WHEN length({a}) > 3 AND jaro_similarity({a}, {b}) < 0.9 THEN false "
            f"ELSE damerau_levenshtein({a}, {b}) = 1 END THEN 1 "
        )
    measure = (
        f"CASE WHEN {a} = {b} THEN 0 WHEN abs(length({a}) - length({b})) > {most} THEN {most + 1} "
        f"{swap}ELSE levenshtein({a}, {b}) END"
    )
    named = [(f"edit_{k}", f"差{k}处以内" if k > 1 else "差一处") for k in steps]
    outer = _case(["{x} = 0", *(f"{{x}} <= {k}" for k in steps)], "{x} IS NOT NULL")
    return _ladder([_EQUAL, *named, _OTHER], measure, outer)


def _similar(field: FieldSpec, measure: str, words: str) -> Compared:
    steps: list[float] = field.options["thresholds"]
    named = [(f"similar_{k:g}", f"{words}{k:.0%}以上") for k in steps]
    outer = _case(["{x} > 1", *(f"{{x}} >= {k!r}" for k in steps)], "{x} IS NOT NULL")
    return _ladder([_EQUAL, *named, _OTHER], measure, outer)


def _jaro_winkler(field: FieldSpec) -> Compared:
    a, b = _sides(field)
    least = min(field.options["thresholds"])  # below it the function stops early and says 0
    return _similar(
        field, f"CASE WHEN {a} = {b} THEN 2.0 ELSE jaro_winkler_similarity({a}, {b}, {least!r}) END", "相似"
    )


def _token_overlap(field: FieldSpec) -> Compared:
    a, b = _sides(field)
    x, y = _sides(field, "tokens")
    shared = f"2.0 * len(list_intersect({x}, {y})) / nullif(len({x}) + len({y}), 0)"
    return _similar(field, f"CASE WHEN {a} = {b} THEN 2.0 ELSE {shared} END", "词语重合")


def _date(field: FieldSpec) -> Compared:
    a, b = _sides(field)
    x, y = _sides(field, "day")
    days: list[int] = field.options["days"]
    # text of eight digits, also where the calendar has no such day
    conditions = [
        f"{a} = {b}",
        f"substr({a}, 1, 4) = substr({b}, 1, 4) AND substr({a}, 5, 2) = substr({b}, 7, 2) "
        f"AND substr({a}, 7, 2) = substr({b}, 5, 2)",
        f"hamming({a}, {b}) = 1",
        *(f"abs({x} - {y}) <= {n}" for n in days),
        f"substr({a}, 1, 4) = substr({b}, 1, 4)",
    ]
    named = [
        ("swapped", "月日颠倒"),
        ("one_digit", "差一个数字"),
        *((f"days_{n}", f"相差{n}天以内") for n in days),
        ("same_year", "同年"),
    ]
    return _ladder([_EQUAL, *named, _OTHER], _case(conditions, _both(a, b)), rising=False)


def _number(field: FieldSpec) -> Compared:
    a, b = _sides(field)
    apart = f"abs({a} - {b})"
    if field.options["relative"]:
        apart = f"CASE WHEN {a} = {b} THEN 0 ELSE {apart} / greatest(abs({a}), abs({b})) END"
    steps: list[float] = field.options["tolerances"]
    named = [(f"within_{k:g}", f"相差{k:g}以内") for k in steps]
    outer = _case(["{x} = 0", *(f"{{x}} <= {k!r}" for k in steps)], "{x} IS NOT NULL")
    return _ladder([_EQUAL, *named, _OTHER], apart, outer)


def _phone(field: FieldSpec) -> Compared:
    a, b = _sides(field)
    conditions = [f"{a} = {b}", f"length({a}) = length({b}) AND levenshtein({a}, {b}) = 1"]
    return _ladder([_EQUAL, ("one_digit", "差一位"), _OTHER], _case(conditions, _both(a, b)))


def _name_zh(field: FieldSpec) -> Compared:
    ladder = next(f for f in county_spec().fields if f.id == "name")
    sides = zip(*(_sides(field, part) for part in ("", "mandarin", "cantonese", "shape")), strict=True)
    parts = ", ".join(column for side in sides for column in side)
    (a, b), (x, y) = _sides(field), _sides(field, "written")
    return Compared(
        ladder.levels,
        ladder.words,
        inner=(
            f"CASE WHEN {a} IS NULL OR {b} IS NULL THEN NULL WHEN {x} = {y} THEN 7 WHEN {a} = {b} THEN 6 "
            f"ELSE name_level({parts}) END"
        ),
        same_value=2,
    )


def _id_number_zh(field: FieldSpec) -> Compared:
    ladder = next(f for f in county_spec().fields if f.id == "id")
    a, b = _sides(field)
    x, y = _sides(field, "key")
    s, t = _sides(field, "state")
    masked = (
        f"CASE WHEN length({a}) = length({b}) AND ({b} LIKE replace({a}, '*', '_') OR {a} LIKE replace({b}, '*', '_')) "
        "THEN 3 ELSE 1 END"
    )
    sound = "IN ('valid', 'old15')"
    return Compared(
        ladder.levels,
        ladder.words,
        inner=(
            f"CASE WHEN {a} IS NULL OR {b} IS NULL THEN NULL WHEN {a} = {b} AND {s} <> 'masked' THEN 7 "
            f"WHEN {s} = 'masked' OR {t} = 'masked' THEN {masked} WHEN {x} = {y} THEN 6 "
            f"WHEN {s} {sound} AND {t} {sound} THEN 0 WHEN abs(length({x}) - length({y})) > 1 THEN 1 "
            f"WHEN slip({x}, {y}) = 1 THEN 5 WHEN slip({x}, {y}) = 2 THEN 4 "
            f"WHEN substr({x}, 1, 14) = substr({y}, 1, 14) THEN 2 ELSE 1 END"
        ),
    )


def _levels(field: FieldSpec) -> Compared:
    given: list[tuple[str, str]] = field.options["levels"]
    if field.options["missing"]:
        known = f"({field.options['missing']}) IS NOT TRUE"
    else:
        known = _both(*_sides(field)) if field.columns or field.sql else "true"
    named = [(label, label) for label, _ in given]
    return _ladder([*named, _OTHER], _case([f"({sql})" for _, sql in given], known), equality=False, rising=False)


KINDS: dict[str, Callable[[FieldSpec], Compared]] = {
    "exact": _exact,
    "edit_distance": _edit_distance,
    "jaro_winkler": _jaro_winkler,
    "date": _date,
    "token_overlap": _token_overlap,
    "number": _number,
    "name_zh": _name_zh,
    "id_number_zh": _id_number_zh,
    "phone": _phone,
    "levels": _levels,
}
# Each kind's own settings and what they are when left out; None: they must be given.
OPTIONS: dict[str, dict[str, Any]] = {
    "exact": {},
    "edit_distance": {"thresholds": [1, 2], "transpositions": False},
    "jaro_winkler": {"thresholds": [0.92, 0.8]},
    "date": {"days": []},
    "token_overlap": {"thresholds": [0.8, 0.5], "by": "words"},
    "number": {"tolerances": [], "relative": False},
    "name_zh": {},
    "id_number_zh": {},
    "phone": {},
    "levels": {"levels": None, "missing": ""},
}


def compared(field: FieldSpec) -> Compared:
    """The comparison of one field."""
    return KINDS[field.kind](field)
