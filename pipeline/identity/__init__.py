"""Identity: ID numbers and names made comparable, over distinct values.

`make_comparable(engine, present)` reads the typed tables and leaves two tables: `identity_pair` (each distinct ID
number and name that occur together) and `names`.
"""

from pipeline.identity.names import warm_up
from pipeline.identity.stage import LIST_BITS, PERSON_FIELDS, make_comparable

__all__ = ["LIST_BITS", "PERSON_FIELDS", "make_comparable", "warm_up"]
