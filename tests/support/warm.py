"""Imports all that a run of `audit` imports, and reads its tables: for a process that others are forked of."""

from importlib import import_module

from pipeline.identity.names import warm_up

for _name in ("pipeline.cli", "pipeline.run", "checks.validation", "pipeline.publish.whole", "pipeline.publish.charts"):
    import_module(_name)
warm_up()
