"""An expectation's configuration is worked out once, and again where the expectation was changed."""

from __future__ import annotations

from checks.settled import settled
from checks.validation import Expectation, gxe


def test_a_configuration_is_worked_out_once_until_the_expectation_changes() -> None:
    plain = Expectation.__dict__["configuration"]
    asked = gxe.ExpectColumnValuesToNotBeNull(column="name", description="姓名", meta={"key": "a"})
    other = gxe.ExpectColumnValuesToNotBeNull(column="town")
    before = asked.configuration
    with settled(Expectation):
        first = asked.configuration
        assert first == before and asked.configuration is first
        assert other.configuration.kwargs == {"column": "town"} != first.kwargs
        asked.column = "address"
        assert asked.configuration.kwargs == {"column": "address"} and asked.configuration.description == "姓名"
    assert Expectation.__dict__["configuration"] is plain and asked.configuration is not asked.configuration
