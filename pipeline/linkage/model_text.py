"""A model as plain text: m, u and bits by field and level, of one model or of two side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pipeline.linkage.drift import psi
from pipeline.linkage.model import Field, Level, Model

_NONE = "-"


def show(model: Model) -> str:
    """The whole model: head, then a row each level, strongest first."""
    rows: list[tuple[str, ...]] = [("field", "level", "m", "u", "bits", "")]
    for f in model.fields:
        for level in reversed(f.levels):
            note = "never seen in training" if f"{f.id}.{level.label}" in model.unseen else ""
            rows.append((f.id, level.label, _p(level.m), _p(level.u), f"{level.weight:+.2f}", note))
    head = [
        ("version", model.version),
        ("trained on", model.trained_on),
        ("sha256", model.sha256),
        ("share of records with a match", _p(model.matched_share)),
        ("link from", _p(model.link_at)),
        ("review from", _p(model.review_at)),
        *((k.replace("_", " "), _p(v)) for k, v in sorted(model.expected_false.items())),
    ]
    return "\n".join([*_columns(head), "", *_columns(rows)]) + "\n"


def compare(a: Model, b: Model) -> str:
    """Two models side by side: thresholds, then a row each level that either has, with the change in bits.

    The last column is the population stability index of each field's levels at training, on the field's first row.
    """
    head: list[tuple[str, ...]] = [("", "first", "second"), ("version", a.version, b.version)]
    for name, of in (
        ("share of records with a match", "matched_share"),
        ("link from", "link_at"),
        ("review from", "review_at"),
    ):
        head.append((name, *(_p(getattr(m, of)) for m in (a, b))))
    told = [f"first: {a.trained_on}", f"second: {b.trained_on}"]
    rows: list[tuple[str, ...]] = [("field", "level", "m", "m", "u", "u", "bits", "bits", "change", "psi")]
    for name in dict.fromkeys([f.id for f in (*a.fields, *b.fields)]):
        old, new = a.by_id.get(name), b.by_id.get(name)
        labels = list(dict.fromkeys(label for f in (new, old) if f for label in reversed(f.labels)))
        moved = _NONE
        if name in a.shares and name in b.shares and len(a.shares[name]) == len(b.shares[name]):
            moved = f"{psi(a.shares[name], b.shares[name]):.3f}"
        for i, label in enumerate(labels):
            rows.append((name, label, *_pair(_level(old, label), _level(new, label)), moved if i == 0 else ""))
    same = "the models decide alike\n" if a.sha256 == b.sha256 else ""
    return "\n".join([*told, "", *_columns(head), "", *_columns(rows)]) + "\n" + same


def _level(f: Field | None, label: str) -> Level | None:
    return next((v for v in f.levels if v.label == label), None) if f else None


def _pair(old: Level | None, new: Level | None) -> tuple[str, ...]:
    both = (old, new)
    cells = [_p(v.m) if v else _NONE for v in both] + [_p(v.u) if v else _NONE for v in both]
    bits = [f"{v.weight:+.2f}" if v else _NONE for v in both]
    return (*cells, *bits, f"{new.weight - old.weight:+.2f}" if old and new else _NONE)


def _p(value: float) -> str:
    return f"{value:.4g}"


def _columns(rows: Iterable[Sequence[str]]) -> list[str]:
    """Rows as lines, columns padded to their widest cell."""
    table = [list(r) for r in rows]
    widths = [max(len(r[i]) for r in table if i < len(r)) for i in range(max(map(len, table)))]
    return ["  ".join(c.ljust(w) for c, w in zip(r, widths, strict=False)).rstrip() for r in table]
