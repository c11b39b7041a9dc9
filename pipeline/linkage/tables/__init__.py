"""Linking any two tables, or the duplicates within one, as a TOML specification says. `link_tables` does it all."""

from pipeline.linkage.tables.run import Outcome, link_tables

__all__ = ["Outcome", "link_tables"]
