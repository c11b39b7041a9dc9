"""What each kind of field says of two values, and how values are standardised before."""

from __future__ import annotations

import polars as pl
import pytest
from support.people import spoiled, valid

from pipeline.engine.duck import DuckEngine
from pipeline.engine.statements import macros
from pipeline.linkage.tables.kinds import compared
from pipeline.linkage.tables.prepare import columns_of, standardised
from pipeline.linkage.tables.spec import FieldSpec


def levels_of(engine: DuckEngine, field: FieldSpec, pairs: list[tuple[str | None, str | None]]) -> list[str | None]:
    """The labels of pairs of values under one field."""
    for side, values in zip("lr", zip(*pairs, strict=True), strict=True):
        series = pl.Series("v", values, dtype=pl.String)
        engine.drop(f"side_{side}")
        engine.load(f"side_{side}", columns_of(field, series).with_row_index("_n"))
    c = compared(field)
    inner = f"SELECT l._n, {c.inner} AS x FROM side_l l JOIN side_r r ON r._n = l._n"
    levels = engine.rows(f"SELECT {c.outer.format(x='x')} AS level FROM ({inner}) ORDER BY _n")["level"]
    return [None if v is None else c.labels[v] for v in levels.to_list()]


def field(kind: str, **options: object) -> FieldSpec:
    return FieldSpec("f", "f", kind, ("f", "f"), options=options)


CASES: list[tuple[FieldSpec, list[tuple[str | None, str | None, str | None]]]] = [
    (field("exact"), [("a", "a", "equal"), ("a", "b", "other"), ("a", None, None), (None, None, None)]),
    (
        field("edit_distance", thresholds=[1, 3], transpositions=True),
        [
            ("smith", "smith", "equal"),
            ("smith", "smyth", "edit_1"),
            ("smith", "smtih", "edit_1"),
            ("ab", "ba", "edit_1"),
            ("smith", "smxyh", "edit_3"),
            ("smith", "smit", "edit_1"),
            ("smith", "sm", "edit_3"),
            ("smith", "s", "other"),
            ("smith", "jones", "other"),
            ("smith", None, None),
        ],
    ),
    (field("edit_distance", thresholds=[1], transpositions=False), [("smith", "smtih", "other")]),
    (
        field("jaro_winkler", thresholds=[0.92, 0.8]),
        [
            ("martha", "martha", "equal"),
            ("martha", "marhta", "similar_0.92"),
            ("dixon", "dicksonx", "similar_0.8"),
            ("martha", "jones", "other"),
            (None, "jones", None),
        ],
    ),
    (
        field("date", days=[3]),
        [
            ("1980-05-06", "19800506", "equal"),
            ("1980-05-06", "1980年6月5日", "swapped"),
            ("1980-05-06", "1980-05-07", "one_digit"),
            ("1980-05-30", "1980-06-01", "days_3"),
            ("1980-05-06", "1980-11-27", "same_year"),
            ("1980-05-06", "1991-11-27", "other"),
            ("19801306", "19801306", "equal"),
            ("19801306", "19801305", "one_digit"),
            ("unreadable", "19801305", None),
        ],
    ),
    (
        field("token_overlap", thresholds=[0.8, 0.5], by="words"),
        [
            ("a b c", "c b a", "similar_0.8"),
            ("a b c", "a b c", "equal"),
            ("a b c d", "a b x y", "similar_0.5"),
            ("a b", "x y", "other"),
        ],
    ),
    (
        field("token_overlap", thresholds=[0.5], by="pairs"),
        [("东河镇一村", "东河镇二村", "similar_0.5"), ("东河镇一村", "西山乡二里", "other")],
    ),
    (
        field("number", tolerances=[0.5, 10.0], relative=False),
        [
            ("1,000", "1000.0", "equal"),
            ("1000", "1000.4", "within_0.5"),
            ("1000", "1009", "within_10"),
            ("1000", "1011", "other"),
            ("many", "1", None),
        ],
    ),
    (field("number", tolerances=[0.05], relative=True), [("100", "104", "within_0.05"), ("0", "0", "equal")]),
    (
        field("phone"),
        [
            ("138-0000-1111", "+86 13800001111", "equal"),
            ("13800001111", "13800001112", "one_digit"),
            ("13800001111", "0751", "other"),
            ("none", "13800001111", None),
        ],
    ),
    (
        field("name_zh"),
        [
            ("张伟", "张伟", "equal"),
            ("張偉", "张伟", "variant"),
            ("张伟", "张炜", "homophone"),
            ("张?", "张伟", "wildcard"),
            ("张伟", "张大伟", "one_more_or_less"),
            ("张伟", "张红", "surname"),
            ("张伟", "李红", "unlike"),
            ("张伟", None, None),
        ],
    ),
    (
        field("id_number_zh"),
        [
            (valid("440281", "19700101", 11), valid("440281", "19700101", 11), "equal"),
            (valid("440281", "19700101", 11), spoiled(valid("440281", "19700101", 11), "-15"), "old_form"),
            (valid("440281", "19700101", 11), spoiled(valid("440281", "19700101", 11), "~"), "one_off"),
            (valid("440281", "19700101", 11), spoiled(valid("440281", "19700101", 11), "-1"), "one_off"),
            (valid("440281", "19700101", 21), spoiled(valid("440281", "19700101", 21), "<>"), "swap"),
            (valid("440281", "19700101", 11), spoiled(valid("440281", "19700101", 11), "*"), "masked"),
            (valid("440281", "19700101", 11), valid("440281", "19700101", 21), "two_valid"),
            (valid("440281", "19700101", 11), spoiled(valid("440281", "19700101", 788), "~"), "area_birth"),
            (valid("440281", "19700101", 11), spoiled(valid("441900", "19880808", 788), "~"), "other"),
            (valid("440281", "19700101", 11), None, None),
        ],
    ),
    (
        field("levels", levels=[("start", "l.f[1:2] = r.f[1:2]")], missing=""),
        [("abc", "abd", "start"), ("abc", "xbc", "other")],
    ),
]


@pytest.mark.parametrize(("spec", "cases"), CASES, ids=[f"{n}-{c[0].kind}" for n, c in enumerate(CASES)])
def test_levels(spec: FieldSpec, cases: list[tuple[str | None, str | None, str | None]]) -> None:
    engine = DuckEngine()
    for statement in macros("duckdb").split(";\n"):
        if statement.strip():
            engine.run(statement)
    got = levels_of(engine, spec, [(a, b) for a, b, _ in cases])
    back = levels_of(engine, spec, [(b, a) for a, b, _ in cases])
    engine.close()
    assert got == [label for _, _, label in cases]
    assert back == got


def test_standardising() -> None:
    texts = pl.Series("v", [" Café  Noir ", "00-12 ab", None, "  "])
    assert standardised(texts, ["trim", "lower", "no_accents", "no_spaces"]).to_list() == [
        "cafenoir",
        "00-12ab",
        None,
        None,
    ]
    assert standardised(texts, ["digits", "no_leading_zeros"]).to_list() == [None, "12", None, None]
