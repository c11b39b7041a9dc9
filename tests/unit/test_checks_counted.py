"""Great Expectations counts what fails and does not fetch it."""

from __future__ import annotations

from pathlib import Path

import pytest
from checks_county import MONTH, county, household

import checks.dialect
from checks import failing_rows, validate
from checks.counted import counted
from checks.validation import _BY_ROW, gxe
from pipeline.engine.duck import DuckEngine


def test_values_that_fail_are_not_asked_for() -> None:
    asked = gxe.ExpectColumnValuesToNotBeNull(column="name")
    before = [kind.__dict__["get_validation_dependencies"] for kind in _BY_ROW]
    plain = set(asked.get_validation_dependencies().get_metric_names())
    with counted(*_BY_ROW):
        needed = set(asked.get_validation_dependencies().get_metric_names())
    assert plain - needed == {"column_values.nonnull.unexpected_values"}
    assert {"column_values.nonnull.unexpected_count", "table.row_count"} <= needed
    assert [kind.__dict__["get_validation_dependencies"] for kind in _BY_ROW] == before


def test_no_value_of_a_row_leaves_the_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched: list[object] = []
    plain = checks.dialect.BufferedCursor.execute

    def execute(self: checks.dialect.BufferedCursor, statement: object, *given: object) -> None:
        plain(self, statement, *given)
        fetched.extend(cell for row in self._rows for cell in row)

    monkeypatch.setattr(checks.dialect.BufferedCursor, "execute", execute)
    engine: DuckEngine = county(household({"name": "欧阳无名", "town": "外镇"}))
    counts = failing_rows(engine, MONTH, {"dibao"}).counts
    assert counts["dibao_data/town_unknown/town"] == 1
    validate(engine, MONTH, {"dibao"}, tmp_path / "checks", counts)
    assert len(fetched) > 100
    assert not {"欧阳无名", "外镇"} & set(map(str, fetched))
