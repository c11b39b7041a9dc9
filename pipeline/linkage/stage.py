"""The linkage stage: who is who across the datasets.

Records under one sound ID number with a name on the ladder are one person. The rest are loose: no number, a wrong one,
a masked one, somebody else's. For them candidates are found by blocking keys (county.toml), compared field by field,
weighed by the model and settled. Reads the typed tables and the identity tables. Leaves:
  links            the contract's table
  <dataset>        every person dataset as a view over its typed table with `own`, `person`, `tier` (see `records`)
  reached_record   the records of everybody on a roster, or under review as such, whatever the dataset
  standing         every sound number: confirmed or not, and the reason
  person_merge     loose persons and who they turned out to be; pair_decision: every candidate pair that counts
  block_report, model_drift, link_model   what the run says of its own linkage
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from pipeline.contract import ROSTERS
from pipeline.engine.dialect import linkage_statements
from pipeline.engine.duck import DuckEngine
from pipeline.engine.statements import Statement, macro_statements
from pipeline.identity import LIST_BITS, PERSON_FIELDS
from pipeline.linkage.context import Context
from pipeline.linkage.county import CountySpec, county_spec
from pipeline.linkage.model import Model, check_labels, default_model
from pipeline.linkage.records import name_persons, records_sql
from pipeline.linkage.ruled import RuledPair, reject_ruled, rule_persons
from pipeline.linkage.settle import MERGE, settle
from pipeline.linkage.told import tell

# A payment names its payee, but the contract's links stop at persons: rosters, sectors, assessments, named patrols.
_NOT_LINKED = ("payment",)
_ON_NUMBERS = ("shared_pair", "key_owner", "key_conflict", "unconfirmed", "list_share", "person_alias", "loose_pair")


def link(engine: DuckEngine, present: set[str], model: Model | None = None, ruled: Sequence[RuledPair] = ()) -> None:
    """Run the stage on `engine` for the datasets in `present` (the others stay empty); `model` None = the embedded.

    `ruled`: pairs about which people have decided; their word stands before the model's.
    """
    spec = county_spec()
    if model is not None:
        check_labels(model, spec.labels, "the model")
    context = Context({s.name: s for s in linkage_statements()}, spec, model or default_model(), persons_in(present))
    prepare(engine, context)
    settle(engine, context)
    rule_persons(engine, context, ruled)
    _write_links(engine, context)
    reject_ruled(engine)
    tell(engine, context)


def prepare(engine: DuckEngine, context: Context) -> None:
    """Who is who by ID number alone: persons named on every record, loose ones marked."""
    for statement in macro_statements(engine.name):
        engine.run(statement)
    engine.drop("person_list")
    engine.load("person_list", _list_frame(context.datasets))
    for name in _ON_NUMBERS:
        _make(engine, context.steps[name])
    engine.run(context.steps["standing"].sql, into="standing", view=True)
    engine.drop("person_merge")
    engine.create("person_merge", MERGE)
    name_persons(engine, context.spec, context.datasets)
    engine.drop("once_dataset")
    engine.load("once_dataset", once_frame(context.spec))


def persons_in(present: set[str]) -> tuple[str, ...]:
    """The datasets of a drop whose records name a person; the (empty) rosters where there is none."""
    return tuple(d for d in PERSON_FIELDS if d in present) or ROSTERS


def _list_frame(datasets: Sequence[str]) -> pl.DataFrame:
    """dataset, bit: the lists of this drop, as `lists` of identity_pair has them."""
    return pl.DataFrame({"dataset": datasets, "bit": [LIST_BITS[d] for d in datasets]})


def once_frame(spec: CountySpec) -> pl.DataFrame:
    """dataset, whole: see `CountySpec.once_lists`."""
    return pl.DataFrame(spec.once_lists, orient="row", schema={"dataset": pl.String, "whole": pl.Boolean})


def _make(engine: DuckEngine, step: Statement) -> None:
    engine.run(step.sql, into=step.name)


def _write_links(engine: DuckEngine, context: Context) -> None:
    """`roster_record`, `roster_tie`, `reached_record`, `links`."""
    linked = [d for d in context.datasets if d not in _NOT_LINKED]
    engine.run(_keyed(records_sql(ROSTERS)), into="roster_record")
    for name in ("roster_tie", "tied_number"):
        _make(engine, context.steps[name])
    among = "id_number IS NULL OR id_number IN (SELECT id_number FROM tied_number)"
    records = records_sql(linked or list(ROSTERS), among)
    engine.run(f"{_keyed(records)} WHERE r.person IN (SELECT person FROM roster_tie)", into="reached_record")
    _make(engine, context.steps["links"])


def _keyed(records: str) -> str:
    """Records with `number_key`: whose number stands on the record, whoever the record is about."""
    return (
        "SELECT r.*, CASE WHEN a.id_number IS NULL THEN r.id_number ELSE a.id_key END AS number_key "
        f"FROM ({records}) r LEFT JOIN person_alias a ON a.id_number = r.id_number AND a.name = r.name"
    )
