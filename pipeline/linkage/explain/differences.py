"""Where two values differ, character by character. The alignment is difflib's where lengths differ."""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import groupby
from typing import Literal

from pipeline.linkage.compared import FieldCompared

Mark = Literal["same", "differs", "explained"]
# Levels at which a difference is accounted for: a hidden or lost character, another way of writing the same.
_EXPLAINED = frozenset({"masked", "wildcard", "variant", "old_form"})
# Values that are alike or not as a whole: two numberings of households share no characters on purpose.
_WHOLE = frozenset({"household", "once"})


def positions(left: str | None, right: str | None) -> list[int] | None:
    """The places, counted from 1, at which two texts of one length differ; None where the lengths differ."""
    if not left or not right or len(left) != len(right):
        return None
    return [i for i, (a, b) in enumerate(zip(left, right, strict=True), 1) if a != b]


def marks(f: FieldCompared) -> tuple[list[Mark], list[Mark]]:
    """A mark for every character of the left and of the right value; none where there is nothing to compare."""
    a, b, level = f.left or "", f.right or "", f.level
    if level is None or not a or not b or f.field in _WHOLE:
        return ["same"] * len(a), ["same"] * len(b)
    mark: Mark = "explained" if level in _EXPLAINED else "differs"
    if len(a) == len(b):
        # by position: an aligner would shift a repeated digit and mark its neighbours
        both: list[Mark] = ["same" if x == y else mark for x, y in zip(a, b, strict=True)]
        return both, list(both)
    of_a: list[Mark] = [mark] * len(a)
    of_b: list[Mark] = [mark] * len(b)
    for what, a0, a1, b0, b1 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        # a home that one side writes more shortly is not another home
        kind = "same" if what == "equal" else "explained" if f.field == "place" and what != "replace" else mark
        of_a[a0:a1] = [kind] * (a1 - a0)
        of_b[b0:b1] = [kind] * (b1 - b0)
    return of_a, of_b


def pieces(text: str, of: list[Mark]) -> list[tuple[str, Mark]]:
    """The text in runs of one mark. `text` may be the masked value: it has the length of the one compared."""
    runs = groupby(zip(text, of, strict=True), key=lambda pair: pair[1])
    return [("".join(ch for ch, _ in run), mark) for mark, run in runs]
