"""Linkage: who is who across datasets. `link(engine, present)` leaves `links` and a person beside every record.

Found on first use: tables of any kind (`tables`) and models do without the county's stage.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.linkage.stage import link

__all__ = ["link"]


def __getattr__(name: str) -> Any:
    if name != "link":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from pipeline.linkage.stage import link

    return link
