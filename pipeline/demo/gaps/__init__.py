"""Gaps planted in system data and archives of all five schemes, and what only looks like one, for the checks.

Each is planted on a roster household (or grant) of its own, made for it after everything else, so that no rule's case
is touched and the rest of the county stays the same. What the gaps amount to is read anew by `truth.gaps`.
"""

from __future__ import annotations

from pipeline.demo.gaps import documents, fields, identities  # noqa: F401  (each registers its variants)
from pipeline.demo.gaps.case import GapCase
from pipeline.demo.gaps.plant import plant_gaps
from pipeline.demo.gaps.registry import GAPS

__all__ = ["GAPS", "GapCase", "plant_gaps"]
