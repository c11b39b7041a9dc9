"""Text grids, as `pipeline.findings.spec.grid` reads them: what the tests use of it."""

from pipeline.findings.spec.grid import GridError, Scenario, load_tables, read_grid, typed_value

__all__ = ["GridError", "Scenario", "load_tables", "read_grid", "typed_value"]
