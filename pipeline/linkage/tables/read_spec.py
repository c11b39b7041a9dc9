"""Reading a linkage specification: TOML to typed objects. What is not known is an error, with the nearest name."""

from __future__ import annotations

import codecs
import hashlib
import re
import tomllib
from pathlib import Path
from typing import Any

from pipeline.errors import BadInput
from pipeline.linkage.tables.kinds import KINDS, OPTIONS
from pipeline.linkage.tables.prepare import STANDARDS
from pipeline.linkage.tables.spec import (
    CAP,
    OVER,
    RANDOM_PAIRS,
    BlockSpec,
    DecideSpec,
    FieldSpec,
    InputSpec,
    LinkSpec,
    ModelSpec,
    TrainSpec,
)
from pipeline.linkage.tables.toml_table import TomlTable, nearest
from pipeline.linkage.thresholds import LINK_RATE, MISSED_RATE
from pipeline.notation import toml

_SECTIONS = ("input", "field", "block", "train", "model", "decide")
_INPUT = ("id", "left_id", "right_id", "missing", "left", "right")
_SIDE = ("renames", "sheet", "header_row", "encoding", "delimiter")
_FIELD = (
    "id", "zh", "kind", "column", "left_column", "right_column", "sql", "standardise", "term_frequency",
)  # fmt: skip
_BLOCK = ("id", "keys", "cap", "over", "split")
_TRAIN = ("id", "block", "keys", "left_out")
_MODEL = ("file", "version", "random_pairs")
_DECIDE = ("one_to_one", "link", "review", "link_rate", "missed_rate", "keep")
_NAME = re.compile(r"[^\W\d]\w*")
_MAX_BLOCKS = 30


def read_spec(path: Path) -> LinkSpec:
    """The specification in a TOML file. BadInput on anything that is unknown, absent or of another kind."""
    name = path.name
    try:
        raw = path.read_bytes()
        data = toml(raw.decode("utf-8-sig"))
    except OSError as error:
        raise BadInput("the specification cannot be read", file=name, remedy="give a readable TOML file") from error
    except UnicodeDecodeError as error:
        raise BadInput("it is not UTF-8 text", file=name, remedy="save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"it is not valid TOML: {error}", file=name, remedy="mend the line named") from error
    top = TomlTable(data, "", _SECTIONS, name)
    given = TomlTable(data.get("input", {}), "[input]", _INPUT, name)
    fields = tuple(_field(f, n, name) for n, f in enumerate(top.tables("field"), 1))
    blocks = tuple(_block(b, n, name) for n, b in enumerate(top.tables("block"), 1))
    _distinct(top, "field", [f.id for f in fields])
    _distinct(top, "block", [b.id for b in blocks])
    if not 1 <= len(blocks) <= _MAX_BLOCKS:
        raise top.bad(f"it needs from 1 to {_MAX_BLOCKS} [[block]]", "say which records are to be compared")
    train = tuple(_train(t, n, name, fields, blocks) for n, t in enumerate(top.tables("train"), 1))
    both = given.text("id")
    return LinkSpec(
        file=name,
        sha256=hashlib.sha256(raw).hexdigest(),
        ids=(given.text("left_id", both), given.text("right_id", both)),
        missing=given.texts("missing"),
        left=_side(given, "left"),
        right=_side(given, "right"),
        fields=fields,
        blocks=blocks,
        train=train,
        model=_model(data.get("model", {}), name),
        decide=_decide(data.get("decide", {}), name),
    )


def _distinct(top: TomlTable, what: str, ids: list[str]) -> None:
    if not ids:
        raise top.bad(f"there is no [[{what}]]", "see docs/link_example.toml")
    folded = [i.casefold() for i in ids]
    for i, one in enumerate(folded):
        if one in folded[:i]:
            raise top.bad(f"two [[{what}]] have the id '{ids[i]}'", "give each its own")


def _side(given: TomlTable, key: str) -> InputSpec:
    side = TomlTable(given.data.get(key, {}), f"[input.{key}]", _SIDE, given.file)
    renames = side.data.get("renames", {})
    if not isinstance(renames, dict) or not all(isinstance(v, str) and v for v in renames.values()):
        raise side.bad("'renames' must be a table of texts", 'write renames = { "heading" = "name" }')
    encoding, delimiter = side.text("encoding"), side.data.get("delimiter")
    if encoding is not None:
        try:
            codecs.lookup(encoding)
        except LookupError as error:
            raise side.bad(f"unknown encoding '{encoding}'", "utf-8, gb18030 or utf-16") from error
    if delimiter is not None and (not isinstance(delimiter, str) or len(delimiter) != 1 or not delimiter.isascii()):
        raise side.bad("'delimiter' must be one character", 'write delimiter = ","')
    header = side.whole("header_row", 1, 1) if "header_row" in side.data else None
    return InputSpec({str(k): v for k, v in renames.items()}, side.text("sheet"), header, encoding, delimiter)


def _field(data: Any, number: int, file: str) -> FieldSpec:
    kind = data.get("kind") if isinstance(data, dict) else None
    more = OPTIONS.get(kind, {}) if isinstance(kind, str) else {}
    at = TomlTable(data, f"[[field]] number {number}", (*_FIELD, *more), file)
    name = at.must("id")
    at.where = f"[[field]] '{name}'"
    if not _NAME.fullmatch(name) or name.startswith("_"):
        raise at.bad("'id' must be a word of letters, digits and _", "it is a column's name in the keys")
    kind = at.must("kind")
    if kind not in KINDS:
        raise at.bad(f"unknown kind '{kind}'", nearest(kind, KINDS))
    columns, sql = _source(at, name, kind)
    standards = at.texts("standardise")
    for word in standards:
        if word not in STANDARDS:
            raise at.bad(f"unknown standardisation '{word}'", nearest(word, STANDARDS))
    frequency = at.flag("term_frequency")
    if frequency and kind in ("levels", "number", "id_number_zh"):
        raise at.bad(f"'term_frequency' has no meaning for kind '{kind}'", "take it out")
    options = {key: _option(at, kind, key, default) for key, default in more.items()}
    return FieldSpec(name, at.text("zh") or name, kind, columns, sql, standards, frequency, options)


def _source(at: TomlTable, name: str, kind: str) -> tuple[tuple[str, str] | None, str | None]:
    """A field's (left, right) columns, or its SQL."""
    sql, column = at.text("sql"), at.text("column")
    left, right = at.text("left_column"), at.text("right_column")
    given = [x for x in (sql, column, left or right) if x is not None]
    if len(given) > 1:
        raise at.bad("its value has several sources", "give 'column', or 'left_column' and 'right_column', or 'sql'")
    if (left is None) != (right is None):
        raise at.bad("'left_column' and 'right_column' go together", "give both, or 'column'")
    if sql is not None or (kind == "levels" and not given):
        return None, sql
    return (left or column or name, right or column or name), None


def _option(at: TomlTable, kind: str, key: str, default: Any) -> Any:
    value = at.data.get(key, default)
    if isinstance(default, bool):
        return at.flag(key)
    if key == "by":
        if value not in ("words", "characters", "pairs"):
            raise at.bad("'by' must be words, characters or pairs", 'write by = "words"')
        return value
    if key == "missing":
        return at.text(key) or ""
    if key == "levels":
        if (
            not isinstance(value, list)
            or not value
            or not all(
                isinstance(v, list) and len(v) == 2 and all(isinstance(x, str) and x.strip() for x in v) for v in value
            )
        ):
            raise at.bad("'levels' must be pairs of a label and a condition", 'write levels = [["equal", "l.a = r.a"]]')
        labels = [v[0] for v in value]
        if len({*labels, "other"}) <= len(labels):
            raise at.bad("two levels have one label ('other' is taken)", "give each its own")
        return [(a, b) for a, b in value]
    return _numbers(at, kind, key, value)


def _numbers(at: TomlTable, kind: str, key: str, value: Any) -> list[float] | list[int]:
    """Thresholds, strictest first: similarities fall, distances rise."""
    if not isinstance(value, list) or not all(
        isinstance(v, int | float) and not isinstance(v, bool) and v > 0 for v in value
    ):
        raise at.bad(f"'{key}' must be a list of numbers above 0", f"write {key} = […]")
    falling = kind in ("jaro_winkler", "token_overlap")
    if falling and any(v >= 1 for v in value):
        raise at.bad(f"'{key}' must lie below 1", "equality has a level of its own")
    whole = kind in ("edit_distance", "date")
    if whole and any(not isinstance(v, int) for v in value):
        raise at.bad(f"'{key}' must be whole numbers", f"write {key} = [1, 2]")
    if not value and kind in ("jaro_winkler", "token_overlap", "edit_distance"):
        raise at.bad(f"'{key}' is empty", 'give a number, or kind = "exact"')
    if list(value) != sorted(set(value), reverse=falling):
        raise at.bad(f"'{key}' must go from the strictest to the loosest", f"sort {key}")
    return list(value) if whole else [float(v) for v in value]


def _block(data: Any, number: int, file: str) -> BlockSpec:
    at = TomlTable(data, f"[[block]] number {number}", _BLOCK, file)
    keys, over, split = at.texts("keys"), at.text("over", "drop") or "drop", at.texts("split")
    if not keys:
        raise at.bad("'keys' is missing", 'write keys = ["name", "birth"]')
    if over not in OVER:
        raise at.bad(f"'over' is '{over}'", nearest(over, OVER))
    if (over == "split") != bool(split):
        raise at.bad("over = \"split\" and 'split' go together", 'write over = "split" and split = ["town"]')
    return BlockSpec(at.text("id") or ", ".join(keys), keys, at.whole("cap", CAP, 1), over, split)


def _train(
    data: Any, number: int, file: str, fields: tuple[FieldSpec, ...], blocks: tuple[BlockSpec, ...]
) -> TrainSpec:
    at = TomlTable(data, f"[[train]] number {number}", _TRAIN, file)
    block, keys = at.text("block"), at.texts("keys")
    if (block is None) == (not keys):
        raise at.bad("it needs either 'block' or 'keys'", "name a [[block]], or give keys of its own")
    if block is not None and block not in [b.id for b in blocks]:
        raise at.bad(f"there is no [[block]] '{block}'", nearest(block, [b.id for b in blocks]))
    left_out = at.texts("left_out") if "left_out" in at.data else None
    for name in left_out or ():
        if name not in [f.id for f in fields]:
            raise at.bad(f"'left_out' names no field '{name}'", nearest(name, [f.id for f in fields]))
    return TrainSpec(at.text("id") or block or ", ".join(keys), block, keys, left_out)


def _model(data: Any, file: str) -> ModelSpec:
    at = TomlTable(data, "[model]", _MODEL, file)
    return ModelSpec(at.text("file"), at.text("version") or "1", at.whole("random_pairs", RANDOM_PAIRS, 1000))


def _decide(data: Any, file: str) -> DecideSpec:
    at = TomlTable(data, "[decide]", _DECIDE, file)
    link, review = at.share("link", None), at.share("review", None)
    if link is not None and review is not None and review > link:
        raise at.bad("'review' is above 'link'", "a pair is reviewed below what is linked")
    return DecideSpec(
        at.flag("one_to_one"),
        link,
        review,
        at.share("link_rate", LINK_RATE) or 0.0,
        at.share("missed_rate", MISSED_RATE) or 0.0,
        at.share("keep", None),
    )
