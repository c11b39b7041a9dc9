"""The page's charts, drawn by the worker where that is a process: the library takes a second to start and holds
Python's lock all the while."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

from markupsafe import Markup

from pipeline.processes import Beside

# A function of `charts` → what it is given.
Wanted = Mapping[str, tuple[Any, ...]]


class Drawings:
    """Charts that are being drawn: begun when this is made, and waited for when they are taken."""

    def __init__(self, wanted: Wanted, worker: Beside | None = None) -> None:
        self._wanted = wanted
        self._begun: Future[dict[str, str]] | None = None
        if wanted and worker is not None and worker.apart:
            self._begun = worker.submit(_draw, wanted)

    def take(self) -> dict[str, Markup]:
        """The charts as SVG by their names; drawn here and now where nobody has begun on them."""
        begun = self._begun
        drawn = begun.result() if begun is not None and not begun.cancel() else _draw(self._wanted)
        # the charting library escapes the texts it is given
        return {name: Markup(svg) for name, svg in drawn.items()}


def _draw(wanted: Wanted) -> dict[str, str]:
    from pipeline.publish import charts  # it loads the library

    return {name: getattr(charts, name)(*given) for name, given in wanted.items()}
