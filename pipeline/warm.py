"""Imports all that a run of `audit` imports, and reads its tables: `python -m pipeline.warm`, after installation.

What is imported is compiled then, once: where PYTHONDONTWRITEBYTECODE is set, as in many containers, every later start
would compile all of it again, six seconds each. A process that has imported this can be forked into runs, as tests do.
"""

from importlib import import_module

from pipeline.identity.names import warm_up

for _name in ("pipeline.cli", "pipeline.run", "checks.validation", "pipeline.publish.whole", "pipeline.publish.charts"):
    import_module(_name)
warm_up()
