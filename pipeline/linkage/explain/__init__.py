"""Why a pair of records was taken for one person, or was not: a table, a picture, a sentence, a page.

    from pipeline.linkage.explain import explain_text, sentence, waterfall_svg, explain_page, explain_file

Found on first use: a sentence needs no charts.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.linkage.explain.page import explain_file, explain_page
    from pipeline.linkage.explain.sentences import sentence, sentence_of_pattern
    from pipeline.linkage.explain.text import explain_text
    from pipeline.linkage.explain.waterfall import waterfall_png, waterfall_svg

_HOME = {
    "explain_file": "page",
    "explain_page": "page",
    "explain_text": "text",
    "sentence": "sentences",
    "sentence_of_pattern": "sentences",
    "waterfall_png": "waterfall",
    "waterfall_svg": "waterfall",
}

SUFFIXES = (".html", ".svg", ".png")  # of the files that an explanation is written as: the page, the picture

__all__ = [
    "SUFFIXES",
    "explain_file",
    "explain_page",
    "explain_text",
    "sentence",
    "sentence_of_pattern",
    "waterfall_png",
    "waterfall_svg",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
