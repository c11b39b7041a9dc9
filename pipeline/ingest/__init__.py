"""Ingest: the drop's files become typed tables, rejects and an account of every row."""

from __future__ import annotations

from pipeline.ingest.model import IngestReport, InputAccount
from pipeline.ingest.stage import ingest

__all__ = ["IngestReport", "InputAccount", "ingest"]
