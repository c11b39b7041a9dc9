"""A finished run as the desk reads it: OUT/<month>, once, into memory. A later run leaves what is on the desk."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from pipeline import vault
from pipeline.errors import BadInput
from pipeline.ledger.finished import Finished, not_finished
from pipeline.ledger.folders import MANIFEST, manifest_of
from pipeline.record_words import OPEN

_FINDINGS = (
    "fingerprint", "rule_id", "category", "severity", "confidence", "scheme", "town", "village", "household_no", "name",
    "id_number", "record_id", "evidence", "summary", "basis", "status", "first_month", "match_probability", "money",
)  # fmt: skip
Record = dict[str, Any]


class Records:
    """Every record that the desk can show (`pipeline.publish.desk.RECORD`), by record id, person and household."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self._frame = frame
        self._at = {r: n for n, r in enumerate(frame["record_id"].to_list())}
        self._groups: dict[str, list[int]] = {}
        self._persons: dict[str, list[int]] = {}
        for n, (group, person) in enumerate(frame.select("group_no", "person").iter_rows()):
            if group:
                self._groups.setdefault(group, []).append(n)
            self._persons.setdefault(person, []).append(n)

    def get(self, record_id: str | None) -> Record | None:
        """None for a record that names no person, or that is not there."""
        at = self._at.get(record_id or "")
        return None if at is None else self._frame.row(at, named=True)

    def in_household(self, group_no: str) -> list[Record]:
        return [self._frame.row(n, named=True) for n in self._groups.get(group_no, ())]

    def of_person(self, person: str) -> list[Record]:
        return [self._frame.row(n, named=True) for n in self._persons.get(person, ())]

    def rows(self, *columns: str) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """Record id and these columns, of all records."""
        return ((r[0], r[1:]) for r in self._frame.select("record_id", *columns).iter_rows())


@dataclass(frozen=True)
class Source:
    """A run's folder in memory. `pairs`, `rivals`: see `pipeline.publish.desk`; `bits`: (field, level) → weight;
    `stamp`: tells this run from another of the same month; `titles`: rule → Chinese title.
    """

    folder: Path
    month: str
    stamp: str
    pairs: pl.DataFrame
    rivals: pl.DataFrame
    records: Records
    findings: pl.DataFrame
    rejects: pl.DataFrame
    datasets: dict[str, str]
    bits: dict[tuple[str, str], float]
    link_at: float | None
    titles: dict[str, str]

    @property
    def gone(self) -> bool:
        """Whether the month was run again since, or its folder went away."""
        return stamp_of(self.folder) != self.stamp


def stamp_of(folder: Path) -> str:
    """What tells one run's folder from the next one's at the same place; '' where there is none."""
    try:
        about = (folder / MANIFEST).stat()
    except OSError:
        return ""
    return f"{about.st_ino:x}-{about.st_mtime_ns:x}"


def ledger_of(folder: Path) -> Path:
    """The ledger that keeps a run's folder. BadInput where the folder does not say."""
    about = manifest_of(folder)
    if not about:
        raise not_finished(folder)
    return (folder.parent / str(about["ledger"])).resolve()


def read_source(folder: Path) -> Source:
    """Read a run's folder. BadInput when it holds no finished audit, or one that left nothing to review."""
    stamp = stamp_of(folder)
    audit = Finished(folder)
    findings, rejects = audit.table("findings", _FINDINGS), audit.table("rejects")
    desk = folder / "desk"
    try:
        about = json.loads((desk / "desk.json").read_text(encoding="utf-8"))
        pairs, rivals, records, weights = (
            vault.read_parquet(desk / f"{n}.parquet") for n in ("pair", "rival", "record", "weight")
        )
        pairs = pairs.with_columns(pl.col("prior"))  # not there in what an earlier version left
    except (OSError, ValueError, pl.exceptions.PolarsError) as e:
        raise BadInput(
            "the run left nothing for the review desk", file=folder.name, remedy="run the month again: `audit run`"
        ) from e
    return Source(
        folder=folder,
        month=audit.month,
        stamp=stamp,
        pairs=pairs,
        rivals=rivals,
        records=Records(records),
        findings=findings.filter(pl.col("status").is_in(OPEN)),
        rejects=rejects,
        datasets={i["path"]: i["dataset"] for i in audit.run["inputs"]},
        bits={(f, level): bits for f, level, bits in weights.iter_rows()},
        link_at=about["link_at"],
        titles=dict(about["titles"]),
    )
