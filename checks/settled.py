"""Great Expectations works an expectation's configuration out anew at each of some fifteen looks: here once.

That is a third of what judging costs beside its queries. A configuration is taken again as long as its expectation
holds the very same values.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from operator import is_not
from typing import Any


@contextmanager
def settled(kind: Any) -> Iterator[None]:
    """While this lasts, `configuration` of the class `kind` (Great Expectations' Expectation) is worked out once."""
    plain = kind.__dict__["configuration"]
    # the expectation itself is kept, so that no other one gets its place in memory
    known: dict[int, tuple[Any, list[Any], Any]] = {}

    def configuration(self: Any) -> Any:
        values = list(self.__dict__.values())
        found = known.get(id(self))
        if found is None or len(found[1]) != len(values) or any(map(is_not, found[1], values)):
            found = known[id(self)] = (self, values, plain.fget(self))
        return found[2]

    kind.configuration = property(configuration)
    try:
        yield
    finally:
        kind.configuration = plain
