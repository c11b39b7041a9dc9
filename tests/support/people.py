"""Made-up ID numbers, as `pipeline.findings.spec.people` makes them: what the tests use of it."""

from pipeline.findings.spec.people import check_character, number, spoiled, valid

__all__ = ["check_character", "number", "spoiled", "valid"]
