"""The ledger: what earlier months found. `Ledger(path).compare(engine, month)` gives findings their state."""

from pipeline.ledger.ledger import Ledger

__all__ = ["Ledger"]
