"""Specs: text grids of what comes in and what a rule must find, run through the real stages.

scenarios = read_grid(path)                    GridError where the grid is not well written
wrong(engine, scenario, rule)                  '' when what is found is what is expected
"""

from pipeline.findings.spec.grid import GridError, Scenario, read_grid
from pipeline.findings.spec.judge import try_specs, wrong

__all__ = ["GridError", "Scenario", "read_grid", "try_specs", "wrong"]
