"""What a linkage of two tables is to do, as frozen, typed objects. `read_spec.py` reads them from a file.

[input]                                   # the tables
id = "编号"                                # the column that names a record (default: the record's number in the file)
missing = ["无", "不详", "/"]               # cells that mean that nothing is known
[input.left]                              # the same for [input.right]
renames = { "证件号码" = "id_number" }      # heading → name used here
sheet, header_row, encoding, delimiter    # how the file is to be read, where that is not plain

[[field]]                                 # what is compared (see `kinds.py`)
id = "name"
column = "name"                           # or left_column and right_column, or sql = "an expression"; default: the id
kind = "name_zh"
[[block]]                                 # which pairs are looked at: records that share a key
keys = ["name", "substr(birth, 1, 4)"]    # SQL over fields and columns
cap = 100000                              # pairs that one value of the key may make …
over = "drop"                             # … beyond which it is dropped, split by `split`, or limited to so many
[[train]]                                 # strict blocks that the model is trained in
block = "name_birth"                      # or keys = [...]
[model]
file = "model.json"                       # a saved model in place of training
[decide]
one_to_one = true                         # a record has one partner at most
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.linkage.thresholds import LINK_RATE, MISSED_RATE

CAP = 100_000
RANDOM_PAIRS = 100_000
OVER = ("drop", "split", "limit")


@dataclass(frozen=True)
class InputSpec:
    """How one file is read. `renames`: heading in the file → name in the specification."""

    renames: Mapping[str, str] = field(default_factory=dict)
    sheet: str | None = None
    header_row: int | None = None
    encoding: str | None = None
    delimiter: str | None = None


@dataclass(frozen=True)
class FieldSpec:
    """One field to compare. Exactly one of `columns` (left, right) and `sql` says where its value comes from.

    `options`: the kind's own settings, already checked and filled up with what is usual.
    """

    id: str
    zh: str
    kind: str
    columns: tuple[str, str] | None = None
    sql: str | None = None
    standardise: tuple[str, ...] = ()
    term_frequency: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class BlockSpec:
    """One blocking key. A value that makes more than `cap` pairs is treated as `over` says, and reported."""

    id: str
    keys: tuple[str, ...]
    cap: int = CAP
    over: str = "drop"
    split: tuple[str, ...] = ()


@dataclass(frozen=True)
class TrainSpec:
    """One strict block: a blocking key's id, or own keys. `left_out`: fields it does not train (None: the key's)."""

    id: str
    block: str | None = None
    keys: tuple[str, ...] = ()
    left_out: tuple[str, ...] | None = None


@dataclass(frozen=True)
class ModelSpec:
    """Where the model comes from: `file` (path as written in the specification), or training."""

    file: str | None = None
    version: str = "1"
    random_pairs: int = RANDOM_PAIRS


@dataclass(frozen=True)
class DecideSpec:
    """How pairs are decided. `link`, `review`: probabilities that take the place of those from the target rates.

    `keep`: pairs from this probability on are written, as rejects below `review` (None: no rejects are written).
    """

    one_to_one: bool = False
    link: float | None = None
    review: float | None = None
    link_rate: float = LINK_RATE
    missed_rate: float = MISSED_RATE
    keep: float | None = None


@dataclass(frozen=True)
class LinkSpec:
    """A whole specification. `ids`: the id columns of left and right, None = the record's number in its file."""

    file: str
    sha256: str
    ids: tuple[str | None, str | None]
    missing: tuple[str, ...]
    left: InputSpec
    right: InputSpec
    fields: tuple[FieldSpec, ...]
    blocks: tuple[BlockSpec, ...]
    train: tuple[TrainSpec, ...]
    model: ModelSpec
    decide: DecideSpec
