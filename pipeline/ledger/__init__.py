"""The ledger: what earlier months found. `Ledger(path).compare(engine, month)` gives findings their state.

`opened(path)` is its file, in this version's form.
"""

from pipeline.ledger.ledger import Ledger
from pipeline.ledger.store import opened

__all__ = ["Ledger", "opened"]
