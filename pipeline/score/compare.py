"""The comparison itself: findings by subject, row accounts by file, rejects by cell (links: `links`)."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl

from pipeline import vault
from pipeline.errors import BadInput
from pipeline.findings.stage import PARTLY
from pipeline.score.gaps import score_gaps
from pipeline.score.links import score_links
from pipeline.score.result import RuleScore, Score

# Rules whose wording is about a member, but which an audit may report a household for.
_EITHER = ("spouse_omitted",)


def score(out: Path, truth: Path) -> Score:
    """Compare OUT/<month> of an audit with the truth folder of its county. BadInput when either is incomplete."""
    t = {
        name: _read(truth / f"{name}.parquet")
        for name in ("persons", "links", "findings", "files", "rejects", "planted", "traps", "gaps", "planted_gaps")
    }
    findings, links = _read(out / "findings.parquet"), _read(out / "links.parquet")
    not_run = _not_run(out / "not_run.csv")
    rules, others = _score_findings(findings, t, not_run)
    link_score = score_links(links, t)
    agree, differing = _score_files(out / "run.json", t["files"])
    key = ["file", "sheet", "row", "column"]
    planned = set(t["rejects"].select(key).iter_rows())
    made = set(_read(out / "rejects.parquet").select(key).with_columns(pl.col("column").fill_null("")).iter_rows())
    return Score(
        rules, link_score, t["files"].height, agree, differing,
        len(planned), len(planned & made), len(made - planned), others,
        score_gaps(_open(findings), t["gaps"], t["planted_gaps"]),
    )  # fmt: skip


def _read(path: Path) -> pl.DataFrame:
    if not vault.there(path):
        raise BadInput(
            "there is no such file",
            file=str(path),
            remedy="name a finished audit's month folder and a county's truth folder",
        )
    return vault.read_parquet(path)


def _open(findings: pl.DataFrame) -> pl.DataFrame:
    return findings.filter(~pl.col("status").is_in(["resolved", "dismissed"]))


def _not_run(path: Path) -> set[str]:
    """Ids of rules that did not run at all (a rule that ran partly is judged)."""
    if not path.is_file():
        return set()
    with path.open(encoding="utf-8-sig", newline="") as f:
        rules = [row for row in csv.DictReader(f) if row["kind"] == "rule"]
    return {row["id"] for row in rules if not row["reason"].startswith(PARTLY)}


def _score_findings(
    found: pl.DataFrame, t: dict[str, pl.DataFrame], not_run: set[str]
) -> tuple[list[RuleScore], dict[str, int]]:
    found = _open(found)
    pid_of = dict(t["persons"].select("record_id", "pid").iter_rows())
    number_of = dict(t["persons"].select("id_number", "pid").iter_rows())
    near = t["planted"].filter(pl.col("kind") == "near-miss")
    rules = t["findings"]["rule_id"].unique().sort().to_list()
    by_rule = {rule: part.to_dicts() for (rule,), part in found.group_by("rule_id")}
    out = []
    for rule in rules:
        truth = t["findings"].filter(pl.col("rule_id") == rule).to_dicts()
        planted = near.filter(pl.col("rule_id") == rule)
        spared = {f"{s}|{h}" for s, h in planted.select("scheme", "household_no").iter_rows() if h} | set(
            planted["pid"].drop_nulls()
        )
        mine = by_rule.get(rule, [])
        out.append(_score_rule(rule, truth, mine, pid_of, number_of, spared, rule not in not_run or bool(mine)))
    known = {*rules, *t["gaps"]["rule_id"]}
    return out, dict(Counter(r for r in found["rule_id"].to_list() if r not in known))


def _score_rule(
    rule: str,
    truth: list[dict[str, Any]],
    found: list[dict[str, Any]],
    pid_of: dict[str, int],
    number_of: dict[str, int],
    near: set[Any],
    run: bool,
) -> RuleScore:
    by_record, by_house, by_pid = _index(truth, "record_ids"), _index(truth, "households"), _index(truth, "pids")
    person = all(t["pid"] is not None and str(t["pid"]) == t["subject"] for t in truth) if truth else False
    taken: set[int] = set()
    n: Counter[str] = Counter()
    for f in found:
        house, pid = (
            f"{f['scheme']}|{f['household_no']}",
            pid_of.get(f["record_id"], number_of.get(f["id_number"] or "")),
        )
        options = (
            [by_pid.get(pid, [])]
            if person
            else [by_house.get(house, []), by_record.get(f["record_id"], []), by_pid.get(pid, [])]
        )
        if person and rule in _EITHER:
            options.append(by_house.get(house, []))
        candidates = next((o for o in options if o), [])
        if not candidates:
            n["wrong"] += 1
            n["near"] += house in near or pid in near
            continue
        at = next((i for i in candidates if i not in taken), None)
        if at is None:
            n["twice"] += 1
            continue
        taken.add(at)
        if truth[at]["optional"]:
            n["tolerated"] += 1
        else:
            n["hits"] += 1
            n["sure"] += truth[at]["severity_sure"]
            n["severity"] += truth[at]["severity_sure"] and f["severity"] == truth[at]["severity"]
    must = {i for i, t in enumerate(truth) if not t["optional"]}
    harder = {i for i, t in enumerate(truth) if t["holds"] and t["link_hardness"] == "harder"}
    return RuleScore(
        rule, len(must), len(found), n["hits"], n["wrong"], len(must - taken), n["twice"], n["tolerated"],
        len(harder), len(harder & taken), n["severity"], n["sure"], n["near"], run,
    )  # fmt: skip


def _index(truth: list[dict[str, Any]], column: str) -> dict[Any, list[int]]:
    out: dict[Any, list[int]] = {}
    for i, row in enumerate(truth):
        for key in row[column]:
            out.setdefault(key, []).append(i)
    return out


def _score_files(run: Path, files: pl.DataFrame) -> tuple[int, list[str]]:
    if not run.is_file():
        raise BadInput("there is no such file", file=str(run), remedy="name a finished audit's month folder")
    inputs = json.loads(run.read_text(encoding="utf-8"))["inputs"]
    got = {(i["path"], i["sheet"]): (i["rows_kept"], i["rows_rejected"], i["rows_skipped"]) for i in inputs}
    agree, differing = 0, []
    for file, sheet, _, *want in files.iter_rows():
        mine = got.pop((file, sheet), None)
        if mine == tuple(want):
            agree += 1
        else:
            differing.append(f"{file}#{sheet}: kept, rejected, skipped should be {tuple(want)}, are {mine}")
    differing += [f"{file}#{sheet}: read, but it should not be" for file, sheet in got]
    return agree, differing
