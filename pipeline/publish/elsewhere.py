"""A finished run's findings and links once more, on a Hadoop file system: the same bytes, for who works on there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import vault
from pipeline.errors import AuditError, BadInput

if TYPE_CHECKING:
    from pipeline.engine.spark_files import HadoopFiles

# The manifest, which has the hashes of both, comes last: whoever finds it anew finds the tables that it names.
COPIED = ("findings.parquet", "links.parquet", "manifest.json")


def check_may_leave(place: str) -> None:
    """BadInput where a key is in use: nothing is to lie in the clear then, here or elsewhere."""
    if place and vault.current() is not None:
        raise BadInput(
            "a key is in use, and --spark-out would leave findings and links in the clear",
            remedy="take --spark-out out; where clear copies are wanted, `audit key open` makes them",
        )


def put_elsewhere(files: HadoopFiles, folder: Path, place: str) -> None:
    """Copy the tables of the run in `folder` to `place`/<month>, in the place of those of the month's run before.

    AuditError where that fails: the run itself stands.
    """
    there = f"{place}/{folder.name}"
    try:
        files.make(there)
        for name in COPIED:
            files.put(folder / name, there)
    except BadInput as e:
        raise AuditError(
            f"the run is whole in {folder}, but its tables could not be put into {there}: {e} — "
            f"copy {', '.join(COPIED)} there, or run again"
        ) from e
