"""One condition, two readings: SQL that finds the failing rows, and the expectation that counts them.

A condition is about one table. `failing()` is true for exactly the rows that `expectation` counts as unexpected; the
suite run compares the two counts and fails when they differ, so neither reading can drift from the other.
Nulls never fail a condition other than `filled`, as in Great Expectations.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pipeline.engine.quoting import identifier as name
from pipeline.engine.quoting import literal

_ON_BLANKS = ("ExpectColumnValuesToNotBeNull", "ExpectColumnValuesToBeNull")


@dataclass(frozen=True)
class When:
    """The rows a condition is about: those where `column` equals `value`."""

    column: str
    value: int | str = 1

    def sql(self) -> str:
        return f"{name(self.column)} = {literal(self.value)}"


@dataclass(frozen=True)
class Condition:
    """`expectation` = class name in `great_expectations.expectations`, `settings` = its arguments."""

    expectation: str
    settings: dict[str, Any] = field(hash=False)
    fails: str
    when: When | None = None

    def failing(self) -> str:
        """SQL that is true for the failing rows."""
        return f"({self.when.sql()}) AND ({self.fails})" if self.when else f"({self.fails})"

    def about(self) -> str:
        """SQL that is true for the rows the condition is about: those of `when`, else those with a value to judge."""
        if self.when:
            return self.when.sql()
        if self.expectation in _ON_BLANKS:
            return "true"
        columns = [self.settings[c] for c in ("column", "column_A", "column_B") if c in self.settings]
        return " AND ".join(f"{name(c)} IS NOT NULL" for c in columns)


def filled(column: str, when: When | None = None) -> Condition:
    return Condition("ExpectColumnValuesToNotBeNull", {"column": column}, f"{name(column)} IS NULL", when)


def vacant(column: str, when: When | None = None) -> Condition:
    """The column is null: for helper columns that name what stands against a row."""
    return Condition("ExpectColumnValuesToBeNull", {"column": column}, f"{name(column)} IS NOT NULL", when)


def one_of(column: str, values: Iterable[Any], when: When | None = None) -> Condition:
    allowed = list(values)
    listed = ", ".join(literal(v) for v in allowed)
    fails = f"{name(column)} IS NOT NULL AND {name(column)} NOT IN ({listed})"
    return Condition("ExpectColumnValuesToBeInSet", {"column": column, "value_set": allowed}, fails, when)


def none_of(column: str, values: Iterable[Any], when: When | None = None) -> Condition:
    refused = list(values)
    listed = ", ".join(literal(v) for v in refused)
    fails = f"{name(column)} IS NOT NULL AND {name(column)} IN ({listed})"
    return Condition("ExpectColumnValuesToNotBeInSet", {"column": column, "value_set": refused}, fails, when)


def at_least(column: str, least: int | float, when: When | None = None) -> Condition:
    settings = {"column": column, "min_value": least}
    return Condition("ExpectColumnValuesToBeBetween", settings, f"{name(column)} < {literal(least)}", when)


def at_most(column: str, most: int | float, when: When | None = None) -> Condition:
    settings = {"column": column, "max_value": most}
    return Condition("ExpectColumnValuesToBeBetween", settings, f"{name(column)} > {literal(most)}", when)


def same(first: str, second: str, when: When | None = None) -> Condition:
    settings = {"column_A": first, "column_B": second, "ignore_row_if": "either_value_is_missing"}
    return Condition("ExpectColumnPairValuesToBeEqual", settings, f"{name(first)} <> {name(second)}", when)


def not_before(later: str, earlier: str, when: When | None = None) -> Condition:
    """`later` ≥ `earlier`, row by row."""
    settings = {
        "column_A": later,
        "column_B": earlier,
        "or_equal": True,
        "ignore_row_if": "either_value_is_missing",
    }
    fails = f"{name(later)} < {name(earlier)}"
    return Condition("ExpectColumnPairValuesAToBeGreaterThanB", settings, fails, when)
