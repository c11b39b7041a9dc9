"""What a run is given: all of it but the drop's files, read, checked and found usable before anything is written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import BadInput
from pipeline.findings import Rule, load_rules, own_rules, try_out, with_own
from pipeline.ledger import Ledger
from pipeline.linkage.model import Model, default_model, read_county_model
from pipeline.memory import memory_limit, stands_in_memory
from pipeline.months import parse_month
from pipeline.passwords import Passwords, read_passwords
from pipeline.policy import Policy, pack_for
from pipeline.publish.elsewhere import check_may_leave
from pipeline.shortage import check_writable

if TYPE_CHECKING:
    from checks import OwnChecks
    from pipeline.engine.second import SparkSettings


@dataclass(frozen=True)
class Given:
    """`limit`: the database's memory. `in_memory`: its tables stand there, and only what does not fit spills."""

    drop: Path
    month: str
    out: Path
    policy: Policy
    rules: list[Rule]
    own_checks: OwnChecks | None
    model: Model
    passwords: Passwords | None
    ledger: Ledger
    limit: str
    in_memory: bool
    spark: SparkSettings | None

    @classmethod
    def read(
        cls,
        drop: Path,
        month: str,
        out: Path,
        *,
        policy_file: Path | None = None,
        ledger_file: Path | None = None,
        model_file: Path | None = None,
        rules_folder: Path | None = None,
        checks_folder: Path | None = None,
        memory: str | None = None,
        passwords_file: Path | None = None,
        spark: SparkSettings | None = None,
    ) -> Given:
        """BadInput for a drop, a month, a setting or a file that cannot be used, or an OUT that cannot be written."""
        parse_month(month)
        if not drop.is_dir():
            raise BadInput(
                "the drop is not a folder", file=drop.name, remedy="give the folder that holds the month's files"
            )
        policy = pack_for(month, policy_file)
        rules = rules_for(month, policy, rules_folder)
        own_checks = _own_checks(checks_folder)
        model = read_county_model(model_file) if model_file else default_model()
        passwords = read_passwords(passwords_file) if passwords_file else None
        ledger = Ledger(ledger_file or out / "ledger.duckdb")
        limit = memory_limit(memory)
        _check_apart(drop, out, ledger.path.parent)
        check_writable(out, ledger.path.parent)
        if spark is not None:
            check_may_leave(spark.out)
            spark.check()
        if ledger_file or out.exists():
            ledger.check()
        in_memory = stands_in_memory(drop, limit)
        return cls(drop, month, out, policy, rules, own_checks, model, passwords, ledger, limit, in_memory, spark)


def _check_apart(drop: Path, *written: Path) -> None:
    """BadInput where a run would write into its own drop: no later run could read it, as nothing claims such files."""
    for folder in written:
        if folder.resolve().is_relative_to(drop.resolve()):
            raise BadInput(
                "what is written would lie in the drop, among the files that are read", file=folder.name,
                remedy="give an --out and a --ledger outside the drop",
            )  # fmt: skip


def rules_for(month: str, policy: Policy, folder: Path | None = None) -> list[Rule]:
    """The program's rules, with a bureau's own of `folder` beside them: read, checked and tried out."""
    rules = load_rules(policy.names)
    if folder is None:
        return rules
    from checks.catalogue import CHECK_RULES

    own = own_rules(folder, policy.names)
    rules = with_own(rules, own, CHECK_RULES)
    try_out(own, month, policy)
    return rules


def _own_checks(folder: Path | None) -> OwnChecks | None:
    """A bureau's own documents and expectations, read and checked."""
    if folder is None:
        return None
    from checks import read_own_checks

    return read_own_checks(folder)
