"""The contract: every dataset, column, heading, code list and town, read from the TOML files beside this module.

    from pipeline.contract import DATASETS, dataset, ROSTERS, SECTORS, BUREAU, TOWNS, CODES

Nothing else in the project repeats a heading or a column name list.
"""

from __future__ import annotations

from pipeline.contract.model import (
    BUREAU,
    CARE_INDICATORS,
    CODES,
    COUNTY,
    DATASETS,
    META_COLUMNS,
    ROSTERS,
    SCHEMES,
    SECTORS,
    TOWNS,
    Column,
    Dataset,
    column_zh,
    dataset,
    heading_key,
    heading_map,
    scheme_zh,
)

__all__ = [
    "BUREAU",
    "CARE_INDICATORS",
    "CODES",
    "COUNTY",
    "DATASETS",
    "META_COLUMNS",
    "ROSTERS",
    "SCHEMES",
    "SECTORS",
    "TOWNS",
    "Column",
    "Dataset",
    "column_zh",
    "dataset",
    "heading_key",
    "heading_map",
    "scheme_zh",
]
