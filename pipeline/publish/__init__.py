"""Publish: a finished audit's tables as the files people open.

    from pipeline.publish import Publication, write_tables, write_workbooks, write_county, write_page, write_run_json

`Workbooks` and `Page` write in two steps, for who has other work in between. The writers are found on first use:
a process that fills one town's workbook need not load the charts.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.publish.county import county_job, write_county
    from pipeline.publish.desk import write_desk
    from pipeline.publish.page import Page, write_page
    from pipeline.publish.publication import Publication
    from pipeline.publish.runlog import write_run_json
    from pipeline.publish.tables import load_not_run, write_tables
    from pipeline.publish.towns import Workbooks, write_workbooks

_HOME = {
    "Page": "page",
    "Publication": "publication",
    "Workbooks": "towns",
    "load_not_run": "tables",
    "write_tables": "tables",
    "write_workbooks": "towns",
    "county_job": "county",
    "write_county": "county",
    "write_desk": "desk",
    "write_page": "page",
    "write_run_json": "runlog",
}

__all__ = [
    "Page",
    "Publication",
    "Workbooks",
    "county_job",
    "load_not_run",
    "write_county",
    "write_desk",
    "write_page",
    "write_run_json",
    "write_tables",
    "write_workbooks",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
