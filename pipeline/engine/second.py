"""The second engine of a run: what the command line says of it, and the way there and back.

Nothing of Spark is loaded before a run asks for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast

from pipeline.engine.duck import DuckEngine
from pipeline.errors import BadInput

if TYPE_CHECKING:
    from pipeline.engine.spark import SparkEngine


@dataclass(frozen=True)
class SparkSettings:
    """`master`: a URL, local by default; `conf`: Spark's settings; `place`: where tables go while a run works,
    `out`: where findings and links go as well ('' = nowhere), any paths of Hadoop's; `few`: a statement that reads no
    more rows is answered by DuckDB (None: the default; 0: none).
    """

    master: str = "local[*]"
    conf: dict[str, str] = field(default_factory=dict)
    place: str = ""
    out: str = ""
    few: int | None = None

    def check(self) -> None:
        """BadInput where pyspark or Java is missing, before anything is read."""
        from pipeline.engine.spark_session import check

        check()

    def open(self, work: Path, duck: DuckEngine) -> SparkEngine:
        """The engine; what it writes on this machine lies in `work`/spark, and `duck` answers what reads few rows."""
        from pipeline.engine.spark import SparkEngine
        from pipeline.engine.spark_aside import FEW

        scratch = work.resolve() / "spark"  # Spark knows files by their whole path only
        scratch.mkdir()
        few = FEW if self.few is None else self.few
        engine = SparkEngine(
            scratch, place=self.place, master=self.master, conf=self.conf, aside=duck if few else None, few=few
        )
        try:
            if self.out:
                engine.files.make(self.out)
        except BaseException:
            engine.close()
            raise
        return engine


def settings(
    engine: str, master: str | None, conf: Path | None, place: str | None, out: str | None, few: int | None = None
) -> SparkSettings | None:
    """What the options say; None for DuckDB alone, to which those of Spark's are BadInput.

    So is a `spark-defaults.conf` that is none.
    """
    if engine != "spark":
        given = {"master": master, "conf": conf, "dir": place, "out": out, "few": few}
        if idle := next((name for name, value in given.items() if value is not None), None):
            raise BadInput(f"--spark-{idle} is for Spark", remedy="add --engine spark, or take it out")
        return None
    from pipeline.engine.spark_session import LOCAL, read_conf

    return SparkSettings(master or LOCAL, read_conf(conf) if conf else {}, place or "", (out or "").rstrip("/"), few)


def working_on(duck: DuckEngine, second: SparkEngine | None) -> tuple[DuckEngine, Callable[..., None]]:
    """The engine to work on, with the tables that `duck` has, and what brings its tables back to `duck`.

    The stages ask an engine for nothing but the interface that both have, by the name of the one they know.
    """
    if second is None:
        return duck, lambda *changed: None
    from pipeline.contract import DATASETS
    from pipeline.engine.exchange import hand_back, hand_over

    hand_over(duck, second, DATASETS)
    return cast(DuckEngine, second), lambda *changed: hand_back(second, duck, changed)
