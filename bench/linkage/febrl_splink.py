"""`PYTHON -m bench.linkage.febrl_splink LEFT RIGHT OUT`: FEBRL4 without its social-security number through Splink 5.

OUT (Parquet) receives left_id, right_id, p, single (whether the pair stands in the one-to-one result at p >= 0.5).
Fields, thresholds and blocking keys are those of `bench/febrl4.toml`.
"""

from __future__ import annotations

import sys

import duckdb
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from bench.measure import told

_SIDES = ("left_records", "right_records")


def _similar(column: str, *, tf: bool) -> cl.JaroWinklerAtThresholds:
    return cl.JaroWinklerAtThresholds(column, [0.92, 0.8]).configure(term_frequency_adjustments=tf)


def settings() -> SettingsCreator:
    swapped = (
        "substr(date_of_birth_l, 1, 4) = substr(date_of_birth_r, 1, 4) AND "
        "substr(date_of_birth_l, 5, 2) = substr(date_of_birth_r, 7, 2) AND "
        "substr(date_of_birth_l, 7, 2) = substr(date_of_birth_r, 5, 2)"
    )
    birth = cl.CustomComparison(
        [
            cll.NullLevel("date_of_birth"),
            cll.ExactMatchLevel("date_of_birth"),
            cll.CustomLevel(swapped, "swapped"),
            cll.DamerauLevenshteinLevel("date_of_birth", 1),
            cll.CustomLevel("substr(date_of_birth_l, 1, 4) = substr(date_of_birth_r, 1, 4)", "same_year"),
            cll.ElseLevel(),
        ],
        output_column_name="date_of_birth",
    )
    return SettingsCreator(
        link_type="link_only",
        unique_id_column_name="rec_id",
        comparisons=[
            _similar("given_name", tf=True),
            _similar("surname", tf=True),
            birth,
            cl.LevenshteinAtThresholds("street_number", 1),
            _similar("address_1", tf=True),
            _similar("address_2", tf=False),
            _similar("suburb", tf=True),
            cl.DamerauLevenshteinAtThresholds("postcode", 1),
            cl.ExactMatch("state"),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("date_of_birth"),
            block_on("given_name", "surname"),
            block_on("postcode"),
            block_on("suburb"),
            block_on("address_1"),
        ],
        retain_intermediate_calculation_columns=False,
        retain_matching_columns=False,
    )


def main(left: str, right: str, out: str) -> None:
    con = duckdb.connect()
    for side, file in zip(_SIDES, (left, right), strict=True):
        con.execute(f"CREATE TABLE {side} AS SELECT * FROM read_csv('{file}', all_varchar = true)").fetchall()
    api = DuckDBAPI(con)
    linker = Linker([api.register(s, dataset_display_name=s) for s in _SIDES], settings(), log_level=None)
    linker.training.estimate_probability_two_random_records_match(
        [block_on("date_of_birth", "surname"), block_on("given_name", "surname", "postcode")], recall=0.85
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for block in (block_on("date_of_birth"), block_on("given_name", "surname")):
        linker.training.estimate_parameters_using_expectation_maximisation(block)
    predicted = linker.inference.predict(threshold_match_probability=0.001)
    clusters = linker.clustering.cluster_using_single_best_links(
        predicted, duplicate_free_datasets=list(_SIDES), threshold_match_probability=0.5
    )
    con.execute(
        "COPY (SELECT rec_id_l AS left_id, rec_id_r AS right_id, match_probability AS p, "
        "match_probability >= 0.5 AND c.cluster_id = d.cluster_id AS single "
        f"FROM {predicted.physical_name} LEFT JOIN {clusters.physical_name} c ON c.rec_id = rec_id_l "
        f"LEFT JOIN {clusters.physical_name} d ON d.rec_id = rec_id_r) TO '{out}' (FORMAT parquet)"
    ).fetchall()
    print(told())


if __name__ == "__main__":
    main(*sys.argv[1:4])
