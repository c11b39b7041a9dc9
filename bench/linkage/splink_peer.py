"""`PYTHON -m bench.linkage.splink_peer POPULATION PAIRS [--config JSON]`: Splink 5 on DuckDB, in its own environment.

Preparation (names simplified and read as in the project, 15 digits to 18, check character) is timed apart from
Splink's own work: training, prediction, and its one-to-one clustering. PAIRS (Parquet) receives the predictions:
roster_record_id, record_id, p, weight, single (whether the pair stands in the one-to-one result at p >= 0.5).
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from bench.linkage.splink_settings import Config, comparisons, rules, training_rules
from bench.measure import told
from pipeline.identity import warm_up
from pipeline.identity.id_numbers import describe
from pipeline.identity.names import name_keys, sound_keys

KEEP = 0.001  # least probability kept
HOUSEHOLD = {"roster": "household_no", "sector": "hukou_no"}


def prepare(con: duckdb.DuckDBPyConnection, folder: Path, config: Config) -> None:
    """Tables `roster` and `sector` with what Splink compares."""
    for side, files in (("roster", "roster.parquet"), ("sector", "sector/*.parquet")):
        con.execute(f"CREATE TABLE raw_{side} AS SELECT * FROM read_parquet('{folder / files}')").fetchall()
    names = _distinct(con, "name")
    keyed = pl.DataFrame({"name": names, "name_key": name_keys(names)})
    con.register("sounds", keyed.join(sound_keys(keyed["name_key"]), on="name_key", how="left").to_arrow())
    con.register("numbers", describe(_distinct(con, "id_number")).to_arrow())
    for side, household in HOUSEHOLD.items():
        members = (
            f"list_filter(list(n.id_key) FILTER (WHERE n.id_state = 'valid') OVER (PARTITION BY r.{household}), "
            "lambda k: k IS DISTINCT FROM n.id_key) AS household_ids,"
        )
        con.execute(
            f"CREATE TABLE {side} AS SELECT r.record_id AS unique_id, s.name_key, s.mandarin, s.cantonese, s.shape, "
            "substr(s.name_key, 1, 1) AS surname, coalesce(n.id_key, r.id_number) AS id, "
            "coalesce(n.id_state IN ('valid', 'old15'), false) AS id_valid, "
            "coalesce(contains(r.id_number, '*'), false) AS id_masked, "
            f"{members if config.members else ''} {'r.account, r.case_no,' if config.case else ''} "
            "coalesce(r.birth_date, n.id_birth) AS birth, "
            "strftime(coalesce(r.birth_date, n.id_birth), '%Y%m%d') AS birth_text, "
            "year(coalesce(r.birth_date, n.id_birth)) AS birth_year, coalesce(r.sex, n.id_sex) AS sex, r.town, "
            "r.village, regexp_replace(r.address, '^.+?市', '') AS address, r.phone "
            f"FROM raw_{side} r LEFT JOIN sounds s ON s.name = r.name LEFT JOIN numbers n ON n.id_number = r.id_number"
        ).fetchall()
        con.execute(f"DROP TABLE raw_{side}")
    con.unregister("sounds")
    con.unregister("numbers")


def _distinct(con: duckdb.DuckDBPyConnection, column: str) -> pl.Series:
    query = f"SELECT {column} FROM raw_roster UNION SELECT {column} FROM raw_sector"
    frame = pl.from_arrow(con.sql(query).to_arrow_table())
    assert isinstance(frame, pl.DataFrame)
    return frame.to_series().drop_nulls()


def link(con: duckdb.DuckDBPyConnection, config: Config) -> tuple[dict[str, float], dict[str, Any]]:
    """Train, predict, cluster one to one; leaves table `predicted`. Returns seconds by step and the trained model."""
    begun = time.perf_counter()
    api = DuckDBAPI(con)
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=comparisons(config),
        blocking_rules_to_generate_predictions=rules(config),
        retain_intermediate_calculation_columns=False,
        retain_matching_columns=False,
    )
    linker = Linker([api.register(s, dataset_display_name=s) for s in HOUSEHOLD], settings, log_level=None)
    train = linker.training
    train.estimate_probability_two_random_records_match([block_on("id")], recall=config.recall)
    train.estimate_u_using_random_sampling(max_pairs=config.max_pairs, seed=1)
    for rule in training_rules(config):
        train.estimate_parameters_using_expectation_maximisation(rule)
    trained = time.perf_counter()
    predicted = linker.inference.predict(threshold_match_probability=KEEP)
    done = time.perf_counter()
    clusters = linker.clustering.cluster_using_single_best_links(
        predicted, duplicate_free_datasets=list(HOUSEHOLD), threshold_match_probability=0.5
    )
    con.execute(
        "CREATE TABLE predicted AS "
        "WITH pair AS (SELECT CASE WHEN source_dataset_l = 'roster' THEN unique_id_l ELSE unique_id_r END AS a, "
        "CASE WHEN source_dataset_l = 'roster' THEN unique_id_r ELSE unique_id_l END AS b, "
        f"match_probability AS p, match_weight AS weight FROM {predicted.physical_name}) "
        "SELECT a AS roster_record_id, b AS record_id, p, weight, "
        "p >= 0.5 AND c.cluster_id = d.cluster_id AS single FROM pair "
        f"LEFT JOIN {clusters.physical_name} c ON c.unique_id = a AND c.source_dataset = 'roster' "
        f"LEFT JOIN {clusters.physical_name} d ON d.unique_id = b AND d.source_dataset = 'sector'"
    ).fetchall()
    clustered = time.perf_counter()
    seconds = {"train": trained - begun, "predict": done - trained, "one_to_one": clustered - done}
    return seconds, linker.misc.save_model_to_json(out_path=None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("population", type=Path)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--config", default="{}", help="values of Config other than the defaults, as JSON")
    parser.add_argument("--model", type=Path, help="where to save the trained model")
    options = parser.parse_args()
    config = Config(**json.loads(options.config))
    warm_up()
    con = duckdb.connect()
    begun = time.perf_counter()
    prepare(con, options.population, config)
    prepared = time.perf_counter()
    seconds, model = link(con, config)
    figures = told(seconds=seconds["train"] + seconds["predict"], prepare=prepared - begun, **seconds)
    con.execute(f"COPY (FROM predicted ORDER BY ALL) TO '{options.pairs}' (FORMAT parquet)").fetchall()
    if options.model:
        options.model.write_text(json.dumps(model, indent=1), encoding="utf-8")
    print(figures)


if __name__ == "__main__":
    main()
