"""The ledger: what earlier months found, and what became of it.

`Ledger(path).compare(engine, month, facts)` gives findings their state; `settle` keeps a finished run and puts its
outputs in place. `opened(path)` is the ledger's file, in this version's form.
"""

from pipeline.ledger.folders import workspace
from pipeline.ledger.ledger import Ledger
from pipeline.ledger.settle import facts_of, settle
from pipeline.ledger.store import opened

__all__ = ["Ledger", "facts_of", "opened", "settle", "workspace"]
