"""Linkage: who is who across datasets. `link(engine, present)` leaves `links` and a person beside every record."""

from pipeline.linkage.stage import link

__all__ = ["link"]
