"""Great Expectations looks for Spark while it is imported, which is none of its business here.

It would cost every run two seconds where pyspark is installed, and pyspark's client for remote servers, when it finds a
library missing, ends a process that was started by `python -c`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import cast


@contextmanager
def without_spark() -> Iterator[None]:
    """While this lasts pyspark cannot be imported; where it is in use already, its client for remote servers."""
    name = "pyspark.sql.connect" if "pyspark" in sys.modules else "pyspark"
    modules = cast(dict[str, ModuleType | None], sys.modules)
    before = name in modules
    if not before:
        modules[name] = None
    try:
        yield
    finally:
        if not before:
            del modules[name]
