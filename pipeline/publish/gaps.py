"""Gaps of data and of archives as a town worker mends them: what is missing or wrong, what is asked for, where it is.

All gaps of one person (or household) stand in one cell, a line each with a box to tick. Who it is and where stand in
columns of their own, so the sentences need not say it again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from pipeline.contract import column_zh
from pipeline.publish.words import place

CATEGORIES = ("data", "archive")
BOX = "□"
_NAMELESS = "（姓名为空）"
_BEHIND_NAME = re.compile(r"户?（[^）]*）[的：]?")
_TAIL = re.compile(r"；见[^；。]*行。$")


def told(group: list[dict[str, Any]]) -> str:
    """What is wrong and what is asked for, a line a gap: each with a box, and its number where there are several.

    The name in front is kept where the line is about several people, the place at the end where the gaps stand in
    several places.
    """
    one_place = len(_places(group)) < 2
    one_person = len({f["name"] for f in group}) < 2
    sentences = []
    for f in group:
        text = f["summary"] or ""
        who = f["name"] or _NAMELESS
        if one_person and text.startswith(who) and (found := _BEHIND_NAME.match(text, len(who))):
            text = text[found.end() :]
        sentences.append(_TAIL.sub("。", text) if one_place else text)
    if len(sentences) == 1:
        return f"{BOX} {sentences[0]}"
    return "\n".join(f"{BOX} {i}. {text}" for i, text in enumerate(sentences, 1))


def fields(group: Iterable[dict[str, Any]]) -> str:
    """The fields or documents that the gaps are about, a line each, in the order of the sentences."""
    found = []
    for f in group:
        for item in _evidence(f):
            values = item.get("values") or {}
            about = values.get("field")
            found.append(column_zh(f["scheme"] or "", about) if about else values.get("document"))
    return "\n".join(dict.fromkeys(str(text) for text in found if text))


def sources(group: Iterable[dict[str, Any]]) -> str:
    """File and row of every record that the gaps stand in or hold against each other, a line each; none left out."""
    return "\n".join(_places(group))


def _places(group: Iterable[dict[str, Any]]) -> list[str]:
    records = [r for f in group for r in (f["record_id"], *(item.get("record_id") for item in _evidence(f)))]
    return [p for p in dict.fromkeys(place(r) for r in records) if p]


def _evidence(f: dict[str, Any]) -> list[dict[str, Any]]:
    return [item for item in json.loads(f["evidence"] or "[]") if isinstance(item, dict)]
