"""A linkage model: fields, levels, their m and u, and the thresholds; kept as JSON between months.

A level's weight is log2(m / u) bits: m is how often two records of one person stand at that level, u how often two
records of different people do (Fellegi and Sunter 1969). A field without information weighs nothing.
"""

from __future__ import annotations

import hashlib
import json
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.errors import BadInput
from pipeline.notation import json_of

_HERE = Path(__file__).parent
DEFAULT = _HERE / "models" / "county.json"
_DIGITS = 6  # significant digits kept
_SUM_OFF = 0.01


@dataclass(frozen=True)
class Level:
    """One level of a field: m and u, both inside (0, 1)."""

    label: str
    m: float
    u: float

    @property
    def weight(self) -> float:
        """Bits: log2(m / u)."""
        return math.log2(self.m / self.u)


@dataclass(frozen=True)
class Field:
    """What is compared, and its levels from the weakest (index 0) to the strongest."""

    id: str
    levels: tuple[Level, ...]

    def weight(self, level: int | None) -> float:
        """Bits of a level; 0.0 where there is no information."""
        return 0.0 if level is None else self.levels[level].weight

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(level.label for level in self.levels)


@dataclass(frozen=True)
class Model:
    """A model as it is saved.

    `matched_share` (π): the share of left rows (the county: loose persons) that have a match. `link_at`, `review_at`:
    probabilities from which a pair is a link, or is put to a person. `expected_false`: the rates expected at these
    thresholds when it was trained. `shares`: field → share of the training candidates at each level, the last one
    without information. `unseen`: 'field.level' of levels that training never met, whose weight is set between their
    neighbours'. `surname_square`: Σ f² over the shares f of surnames, for the term-frequency adjustment.
    """

    version: str
    trained_on: str
    fields: tuple[Field, ...]
    matched_share: float
    link_at: float
    review_at: float
    expected_false: Mapping[str, float] = field(default_factory=dict)
    shares: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    unseen: tuple[str, ...] = ()
    surname_square: float | None = None

    @property
    def by_id(self) -> dict[str, Field]:
        return {f.id: f for f in self.fields}

    @property
    def sha256(self) -> str:
        """Of the JSON text: two models with the same digest decide alike."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def to_json(self) -> str:
        """Sorted keys, numbers to six significant digits, a newline at the end: the same model, the same bytes."""
        data = {
            "version": self.version,
            "trained_on": self.trained_on,
            "fields": [
                {"id": f.id, "levels": [{"label": v.label, "m": _six(v.m), "u": _six(v.u)} for v in f.levels]}
                for f in self.fields
            ],
            "matched_share": _six(self.matched_share),
            "link_at": _six(self.link_at),
            "review_at": _six(self.review_at),
            "expected_false": {k: _six(v) for k, v in self.expected_false.items()},
            "shares": {k: [_six(s) for s in v] for k, v in self.shares.items()},
            "unseen": list(self.unseen),
            "surname_square": None if self.surname_square is None else _six(self.surname_square),
        }
        return json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _six(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


def read(path: Path, labels: Mapping[str, Sequence[str]] | None = None) -> Model:
    """The model in a file. BadInput when it cannot be read, or does not fit `labels` (see `from_json`)."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(
            "the model cannot be read", file=path.name, remedy="give a file that 'audit model train' wrote"
        ) from error
    return from_json(text, path.name, labels)


def from_json(text: str, file: str, labels: Mapping[str, Sequence[str]] | None = None) -> Model:
    """The model in a JSON text; `labels` (field → level labels, weakest first) is what it must have.

    BadInput names the place: broken JSON, a key that is unknown or absent, a probability outside (0, 1), levels that
    do not sum to 1 within 0.01, fields or labels other than `labels`.
    """
    try:
        data = json_of(text)
    except json.JSONDecodeError as error:
        raise _bad(file, f"it is not valid JSON: {error.msg} (line {error.lineno})") from error
    optional = {"expected_false", "shares", "unseen", "surname_square"}
    _keys(data, {f.name for f in fields(Model)}, optional, "the model", file)
    if not isinstance(data["fields"], list) or not data["fields"]:
        raise _bad(file, "'fields' is not a list of fields")
    read_fields = tuple(_field(f, i, file) for i, f in enumerate(data["fields"], 1))
    model = Model(
        version=_text(data, "version", file),
        trained_on=_text(data, "trained_on", file),
        fields=read_fields,
        matched_share=_share(data["matched_share"], "matched_share", file, ends=False),
        link_at=_share(data["link_at"], "link_at", file),
        review_at=_share(data["review_at"], "review_at", file),
        expected_false={
            str(k): _number(v, f"expected_false.{k}", file) for k, v in _table(data, "expected_false", file).items()
        },
        shares=_shares(data, read_fields, file),
        unseen=tuple(str(u) for u in data.get("unseen") or ()),
        surname_square=None
        if data.get("surname_square") is None
        else _share(data["surname_square"], "surname_square", file),
    )
    if model.review_at > model.link_at:
        raise _bad(file, "'review_at' is above 'link_at'")
    if labels is not None:
        check_labels(model, labels, file)
    return model


def check_labels(model: Model, labels: Mapping[str, Sequence[str]], file: str) -> None:
    """BadInput unless the model has exactly these fields with exactly these levels, weakest first."""
    for name in sorted({f.id for f in model.fields} ^ set(labels)):
        what = "is not in the specification" if name not in labels else "is missing from the model"
        raise _bad(file, f"field '{name}' {what}")
    for f in model.fields:
        if list(f.labels) != list(labels[f.id]):
            raise _bad(
                file,
                f"field '{f.id}' has levels {', '.join(f.labels)}; the specification has {', '.join(labels[f.id])}",
            )


def county_labels() -> dict[str, tuple[str, ...]]:
    """The fields of the county's linkage and their level labels, weakest first, from county.toml."""
    data = tomllib.loads((_HERE / "county.toml").read_text(encoding="utf-8"))
    return {name: tuple(level[0] for level in spec["levels"]) for name, spec in data["fields"].items()}


def read_county_model(path: Path) -> Model:
    """The model in a file, which must have the fields and levels of the county's linkage."""
    return read(path, county_labels())


@cache
def default_model() -> Model:
    """The model that comes with the program."""
    return read(DEFAULT, county_labels())


def weights_frame(model: Model, patterns: pl.DataFrame) -> pl.DataFrame:
    """Distinct patterns (a column of levels each field; null or -1 = no information) with `weight`.

    `weight` is the sum of the fields' bits, rounded to four decimals. Other columns are left as they are. A level
    that the model does not have raises (polars InvalidOperationError).
    """
    bits = [
        pl.col(f.id)
        .cast(pl.Int64)
        .fill_null(-1)
        .replace_strict([-1, *range(len(f.levels))], [0.0, *(v.weight for v in f.levels)], return_dtype=pl.Float64)
        for f in model.fields
    ]
    return patterns.with_columns(pl.sum_horizontal(bits).round(4).alias("weight"))


# --- reading --------------------------------------------------------------------------------------------------------


def _bad(file: str, what: str) -> BadInput:
    return BadInput(what, file=file, remedy="train the model again, or take the one that comes with the program")


def _keys(data: Any, known: set[str], optional: set[str], where: str, file: str) -> None:
    if not isinstance(data, dict):
        raise _bad(file, f"{where} is not a table")
    if unknown := sorted(set(data) - known):
        raise _bad(file, f"{where}: unknown key '{unknown[0]}'")
    if absent := sorted(known - optional - set(data)):
        raise _bad(file, f"{where}: key '{absent[0]}' is missing")


def _field(data: Any, number: int, file: str) -> Field:
    where = f"field {number}"
    _keys(data, {"id", "levels"}, set(), where, file)
    name = _text(data, "id", file)
    if not isinstance(data["levels"], list) or len(data["levels"]) < 2:
        raise _bad(file, f"field '{name}' needs at least two levels")
    levels = []
    for i, level in enumerate(data["levels"]):
        _keys(level, {"label", "m", "u"}, set(), f"field '{name}', level {i}", file)
        label = _text(level, "label", file)
        m, u = (_share(level[k], f"{name}.{label}.{k}", file, ends=False) for k in ("m", "u"))
        levels.append(Level(label, m, u))
    for key in ("m", "u"):
        total = sum(getattr(level, key) for level in levels)
        if abs(total - 1) > _SUM_OFF:
            raise _bad(file, f"the {key} of field '{name}' sum to {total:.4g}, not to 1")
    return Field(name, tuple(levels))


def _text(data: Mapping[str, Any], key: str, file: str) -> str:
    if not isinstance(data[key], str) or not data[key]:
        raise _bad(file, f"'{key}' is not a text")
    return str(data[key])


def _number(value: Any, where: str, file: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _bad(file, f"'{where}' is not a number")
    return float(value)


def _share(value: Any, where: str, file: str, *, ends: bool = True) -> float:
    number = _number(value, where, file)
    if not (0 <= number <= 1 if ends else 0 < number < 1):
        raise _bad(file, f"'{where}' is {number:g}: not a probability {'from 0 to 1' if ends else 'between 0 and 1'}")
    return number


def _table(data: Mapping[str, Any], key: str, file: str) -> dict[str, Any]:
    value = data.get(key) or {}
    if not isinstance(value, dict):
        raise _bad(file, f"'{key}' is not a table")
    return value


def _shares(data: Mapping[str, Any], read_fields: Sequence[Field], file: str) -> dict[str, tuple[float, ...]]:
    sizes = {f.id: len(f.levels) + 1 for f in read_fields}
    out = {}
    for name, values in _table(data, "shares", file).items():
        if name not in sizes or not isinstance(values, list) or len(values) != sizes[name]:
            raise _bad(file, f"'shares.{name}' does not fit the field's levels")
        out[name] = tuple(_share(v, f"shares.{name}", file) for v in values)
    return out
