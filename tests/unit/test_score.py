"""The scorer: the truth fed back as an audit's output scores 1; every kind of error lowers the right figure."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from pipeline.demo import make_county
from pipeline.errors import BadInput
from pipeline.score import Score, score

pytestmark = pytest.mark.xdist_group("demo")


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("score") / "county"
    make_county(out, people=3000, seed=8)
    return out / "truth"


def perfect_findings(truth: Path) -> pl.DataFrame:
    """What a perfect audit would find."""
    t = pl.read_parquet(truth / "findings.parquet").filter("holds")
    person = pl.col("pid").cast(pl.String) == pl.col("subject")
    people = pl.read_parquet(truth / "persons.parquet").select("record_id", pl.col("pid").alias("of"))
    own = t.select("rule_id", "subject", "pid", "record_ids").explode("record_ids").rename({"record_ids": "record_id"})
    own = own.join(people, on="record_id").filter(pl.col("pid") == pl.col("of")).unique(["rule_id", "subject"])
    t = t.join(own.select("rule_id", "subject", "record_id"), on=["rule_id", "subject"], how="left")
    record = pl.when(person.fill_null(False)).then("record_id").otherwise(pl.col("record_ids").list.first())
    blank = pl.lit(None, pl.String)
    return t.select(
        "rule_id", "scheme", "household_no", record.alias("record_id"), "severity", blank.alias("id_number"),
        pl.lit("new").alias("status"),
    )  # fmt: skip


def write_output(out: Path, truth: Path, findings: pl.DataFrame, links: pl.DataFrame, *, kept: int = 0) -> Path:
    out.mkdir()
    findings.write_parquet(out / "findings.parquet")
    links.write_parquet(out / "links.parquet")
    pl.read_parquet(truth / "rejects.parquet").write_parquet(out / "rejects.parquet")
    inputs = [
        {"path": f, "sheet": s, "rows_kept": k + kept, "rows_rejected": r, "rows_skipped": sk}
        for f, s, _, k, r, sk in pl.read_parquet(truth / "files.parquet").iter_rows()
    ]
    (out / "run.json").write_text(json.dumps({"inputs": inputs}), encoding="utf-8")
    (out / "not_run.csv").write_text("\ufeffid,title,category,kind,reason\n", encoding="utf-8")
    return out


def perfect_links(truth: Path) -> pl.DataFrame:
    links = pl.read_parquet(truth / "links.parquet").select("roster_record_id", "dataset", "record_id")
    return links.with_columns(pl.lit("exact_id").alias("tier"), pl.lit("link").alias("decision"))


def rule(result: Score, rule_id: str):  # type: ignore[no-untyped-def]
    return next(r for r in result.rules if r.rule_id == rule_id)


def test_truth_fed_back_scores_one(truth: Path, tmp_path: Path) -> None:
    result = score(write_output(tmp_path / "out", truth, perfect_findings(truth), perfect_links(truth)), truth)
    assert result.precision == result.recall == 1.0
    assert len(result.rules) == 38 and all(r.wrong == r.missed == r.duplicates == 0 for r in result.rules)
    assert all(r.severity_agrees == r.severity_sure for r in result.rules)
    assert all(r.harder == r.harder_found for r in result.rules)
    groups = [k for group in result.links.groups.values() for k in group]
    assert len(groups) > 40 and all(not k.wrong and not k.missed for k in groups)
    assert result.links.every.precision.value == result.links.hard.recall.value == result.links.enough.recall.value == 1
    assert result.links.lost.is_empty() and result.links.wrong.is_empty()
    assert result.traps > 0 and result.traps_sprung == 0 and result.files == result.files_agree and not result.differing
    assert result.rejects == result.rejects_found and result.rejects_unplanned == 0


def test_a_dropped_finding_lowers_recall_an_invented_one_precision(truth: Path, tmp_path: Path) -> None:
    findings = perfect_findings(truth)
    must = pl.read_parquet(truth / "findings.parquet").filter("holds", ~pl.col("optional"))
    victim = must.filter(pl.col("rule_id") == "paid_twice").row(0, named=True)
    kept = findings.filter(~((pl.col("rule_id") == "paid_twice") & (pl.col("household_no") == victim["household_no"])))
    assert kept.height == findings.height - 1
    near = pl.read_parquet(truth / "planted.parquet").filter(
        pl.col("rule_id") == "vehicle_owned", pl.col("kind") == "near-miss"
    )
    house = near.row(0, named=True)
    invented = findings.head(1).with_columns(
        rule_id=pl.lit("vehicle_owned"),
        scheme=pl.lit(house["scheme"]),
        household_no=pl.lit(house["household_no"]),
        record_id=pl.lit("x#-#1"),
    )
    twice = findings.filter(pl.col("rule_id") == "in_prison").head(1)
    output = write_output(tmp_path / "out", truth, pl.concat([kept, invented, twice]), perfect_links(truth))
    result = score(output, truth)
    assert rule(result, "paid_twice").missed == 1 and rule(result, "paid_twice").precision == 1.0
    assert rule(result, "vehicle_owned").wrong == rule(result, "vehicle_owned").near_misses_hit == 1
    assert rule(result, "vehicle_owned").precision < 1.0 and rule(result, "vehicle_owned").recall == 1.0
    assert rule(result, "in_prison").duplicates == 1 and rule(result, "in_prison").precision == 1.0
    assert result.precision < 1.0 and result.recall < 1.0


def test_open_findings_count_neither_way(truth: Path, tmp_path: Path) -> None:
    optional = pl.read_parquet(truth / "findings.parquet").filter("optional", "holds")
    assert optional.height
    findings = perfect_findings(truth).join(
        optional.select("rule_id", pl.col("record_ids").list.first().alias("record_id")),
        on=["rule_id", "record_id"],
        how="anti",
    )
    result = score(write_output(tmp_path / "out", truth, findings, perfect_links(truth)), truth)
    assert result.precision == 1.0


def test_resolved_findings_and_rules_not_run_are_left_out(truth: Path, tmp_path: Path) -> None:
    findings = perfect_findings(truth)
    gone = pl.when(pl.col("rule_id") == "shop_owned").then(pl.lit("resolved")).otherwise("status")
    out = write_output(
        tmp_path / "out",
        truth,
        findings.filter(pl.col("rule_id") != "in_prison").with_columns(gone.alias("status")),
        perfect_links(truth),
    )
    (out / "not_run.csv").write_text(
        "id,title,category,kind,reason\nin_prison,服刑,ineligible,rule,缺少服刑数据\n", encoding="utf-8"
    )
    result = score(out, truth)
    assert not rule(result, "in_prison").run and rule(result, "in_prison") not in result.built
    assert rule(result, "shop_owned").found == 0 and rule(result, "shop_owned").recall == 0.0


def test_links_by_tier_and_hardness(truth: Path, tmp_path: Path) -> None:
    links = perfect_links(truth)
    hard = pl.read_parquet(truth / "links.parquet").filter(pl.col("hard") == "no_id")
    review = links.join(hard.select("record_id", "roster_record_id"), on=["record_id", "roster_record_id"], how="semi")
    rest = links.join(hard.select("record_id", "roster_record_id"), on=["record_id", "roster_record_id"], how="anti")
    wrong = rest.head(10).with_columns(
        pl.lit("repaired_id").alias("tier"), rest["record_id"].tail(10).alias("record_id")
    )
    # a pair reads the same both ways
    turned = rest.with_columns(
        pl.col("record_id").alias("roster_record_id"), pl.col("roster_record_id").alias("record_id")
    )
    made = pl.concat([turned, wrong, review.with_columns(pl.lit("review").alias("decision"))])
    links_score = score(write_output(tmp_path / "out", truth, perfect_findings(truth), made), truth).links
    tier = {k.group: k for k in links_score.groups["tier"]}
    hardness = {k.group: k for k in links_score.groups["hardness"]}
    assert tier["exact_id"].precision.value == 1.0 and tier["repaired_id"].precision.value == 0.0
    assert hardness["no_id"].recall.value == 0.0 and hardness["no_id"].with_review.value == 1.0
    assert hardness["exact_id"].recall.value == 1.0 and 0 < (links_score.every.recall.value or 0) < 1
    assert set(links_score.lost["cause"]) == {"review"} and links_score.wrong.height == wrong.height
    assert (links_score.enough.recall.value or 0) < 1 == links_score.enough.with_review.value


def test_row_accounts_and_rejects_are_compared(truth: Path, tmp_path: Path) -> None:
    out = write_output(tmp_path / "out", truth, perfect_findings(truth), perfect_links(truth), kept=1)
    rejects = pl.read_parquet(out / "rejects.parquet")
    changed = rejects.with_columns(row=pl.when(pl.int_range(pl.len()) == 0).then(pl.col("row") + 1000).otherwise("row"))
    changed.write_parquet(out / "rejects.parquet")
    result = score(out, truth)
    assert result.files_agree == 0 and len(result.differing) == result.files
    assert result.rejects_found == result.rejects - 1 and result.rejects_unplanned == 1


def test_the_table_names_every_rule(truth: Path, tmp_path: Path) -> None:
    text = score(write_output(tmp_path / "out", truth, perfect_findings(truth), perfect_links(truth)), truth).text()
    assert "deceased_on_roster" in text and "\nexact_id " in text and "row accounts:" in text
    assert all(len(line) <= 130 for line in text.splitlines())
    assert not any("\u4e00" <= ch <= "\u9fff" for ch in text)


def test_every_figure_is_saved(truth: Path, tmp_path: Path) -> None:
    links = perfect_links(truth)
    result = score(write_output(tmp_path / "out", truth, perfect_findings(truth), links[5:]), truth)
    result.save(tmp_path / "score.json")
    saved = json.loads((tmp_path / "score.json").read_text(encoding="utf-8"))
    assert saved["links"]["all"]["missed"] == 5 and saved["links"]["lost_by_cause"]["not_reached"] == 5
    lost = {frozenset((pair["a"], pair["b"])) for pair in saved["links"]["lost"]}
    assert lost == {frozenset(pair) for pair in links[:5].select("roster_record_id", "record_id").iter_rows()}
    assert saved["findings"]["precision"] == 1.0 and len(saved["findings"]["rules"]) == 38
    pairs = pl.read_parquet(tmp_path / "score.pairs.parquet")
    assert pairs.filter("true").height == links.height and pairs["decision"].null_count() == 5
    with pytest.raises(BadInput, match="no such folder"):
        result.save(tmp_path / "nowhere" / "score.json")


def test_a_truth_of_an_earlier_version_is_bad_input(truth: Path, tmp_path: Path) -> None:
    old = tmp_path / "truth"
    shutil.copytree(truth, old)
    pl.read_parquet(old / "persons.parquet").drop("error").write_parquet(old / "persons.parquet")
    out = write_output(tmp_path / "out", truth, perfect_findings(truth), perfect_links(truth))
    with pytest.raises(BadInput, match="earlier version"):
        score(out, old)


def test_an_incomplete_output_is_bad_input(truth: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file"):
        score(tmp_path, truth)
