"""How an audit's findings, links and row accounts agree with the truth of a demonstration county.

    score(Path("out/2022-10"), Path("out/demo/truth")).text()

Findings that the rules leave open, or that hang on a link harder than an exact or repaired ID, count neither way
(`optional` in the truth); how many of the latter were found is told apart.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import recordlinkage as rl

from pipeline.errors import BadInput

# Rules whose wording is about a member, but which an audit may report a household for.
_EITHER = ("spouse_omitted",)
_HARDNESS = ("exact_id", "repaired", "name_noise", "no_id")


@dataclass(frozen=True)
class RuleScore:
    """One rule: `truth` findings that must be found, `found` findings written, and how they agree."""

    rule_id: str
    truth: int
    found: int
    hits: int
    wrong: int
    missed: int
    duplicates: int
    tolerated: int
    harder: int  # findings that hang on a hard link, and
    harder_found: int  # those of them that were found
    severity_agrees: int  # of
    severity_sure: int  # hits whose severity no hard link changes
    near_misses_hit: int
    run: bool

    @property
    def precision(self) -> float | None:
        return _ratio(self.hits, self.hits + self.wrong)

    @property
    def recall(self) -> float | None:
        return _ratio(self.hits, self.truth)


@dataclass(frozen=True)
class LinkScore:
    """One group of links: a tier (precision) or a hardness of true pairs (recall)."""

    group: str
    truth: int | None
    made: int | None
    precision: float | None
    recall: float | None
    recall_with_review: float | None = None


@dataclass(frozen=True)
class Score:
    """Everything the comparison says. `files` lists only the row accounts that differ."""

    rules: list[RuleScore]
    links: list[LinkScore]
    traps: int
    traps_sprung: int
    files: int
    files_agree: int
    differing: list[str]
    rejects: int
    rejects_found: int
    rejects_unplanned: int
    other_rules: dict[str, int] = field(default_factory=dict)

    @property
    def built(self) -> list[RuleScore]:
        """The rules that the audit ran."""
        return [r for r in self.rules if r.run]

    @property
    def precision(self) -> float | None:
        """Over all findings of the rules that ran."""
        hits = sum(r.hits for r in self.built)
        return _ratio(hits, hits + sum(r.wrong for r in self.built))

    @property
    def recall(self) -> float | None:
        return _ratio(sum(r.hits for r in self.built), sum(r.truth for r in self.built))

    def text(self) -> str:
        """The comparison as a plain-text table."""
        head = f"{'rule':29}{'truth':>6}{'found':>6}{'prec':>8}{'recall':>8}{'wrong':>6}{'missed':>7}{'twice':>6}{'near':>5}{'sev':>8}{'harder':>9}"
        lines = [head]
        for r in self.rules:
            if not r.run:
                lines.append(f"{r.rule_id:29}{r.truth:6}   not run")
                continue
            severity = f"{r.severity_agrees}/{r.severity_sure}"
            lines.append(
                f"{r.rule_id:29}{r.truth:6}{r.found:6}{_show(r.precision):>8}{_show(r.recall):>8}{r.wrong:6}{r.missed:7}"
                f"{r.duplicates:6}{r.near_misses_hit:5}{severity:>8}{f'{r.harder_found}/{r.harder}':>9}"
            )
        lines += [f"rules that ran: precision {_show(self.precision)}, recall {_show(self.recall)}", ""]
        lines.append(f"{'links':29}{'truth':>8}{'made':>8}{'prec':>8}{'recall':>8}{'with review':>13}")
        for k in self.links:
            truth, made = ("-" if v is None else str(v) for v in (k.truth, k.made))
            lines.append(
                f"{k.group:29}{truth:>8}{made:>8}{_show(k.precision):>8}{_show(k.recall):>8}{_show(k.recall_with_review):>13}"
            )
        lines += [f"pairs that must not link: {self.traps_sprung} of {self.traps} linked", ""]
        lines.append(f"row accounts: {self.files_agree} of {self.files} files and sheets agree")
        lines += [f"  {text}" for text in self.differing[:20]]
        lines.append(
            f"rejects: {self.rejects_found} of {self.rejects} as planted, {self.rejects_unplanned} not planted"
        )
        return "\n".join(lines)


def score(out: Path, truth: Path) -> Score:
    """Compare OUT/<month> of an audit with the truth folder of its county. BadInput when either is incomplete."""
    t = {
        name: _read(truth / f"{name}.parquet")
        for name in ("persons", "links", "findings", "files", "rejects", "planted", "traps")
    }
    findings, links = _read(out / "findings.parquet"), _read(out / "links.parquet")
    not_run = _not_run(out / "not_run.csv")
    rules, others = _score_findings(findings, t, not_run)
    link_scores, sprung = _score_links(links, t)
    agree, differing = _score_files(out / "run.json", t["files"])
    key = ["file", "sheet", "row", "column"]
    planned = set(t["rejects"].select(key).iter_rows())
    made = set(_read(out / "rejects.parquet").select(key).with_columns(pl.col("column").fill_null("")).iter_rows())
    return Score(
        rules, link_scores, t["traps"].height, sprung, t["files"].height, agree, differing,
        len(planned), len(planned & made), len(made - planned), others,
    )  # fmt: skip


def _read(path: Path) -> pl.DataFrame:
    if not path.is_file():
        raise BadInput(
            "there is no such file",
            file=str(path),
            remedy="name a finished audit's month folder and a county's truth folder",
        )
    return pl.read_parquet(path)


def _ratio(a: int, b: int) -> float | None:
    return a / b if b else None


def _show(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _not_run(path: Path) -> set[str]:
    """Ids of rules that did not run at all (a rule that ran partly is judged)."""
    if not path.is_file():
        return set()
    with path.open(encoding="utf-8-sig", newline="") as f:
        return {row["id"] for row in csv.DictReader(f) if row.get("kind", "rule") == "rule"}


def _score_findings(
    found: pl.DataFrame, t: dict[str, pl.DataFrame], not_run: set[str]
) -> tuple[list[RuleScore], dict[str, int]]:
    found = found.filter(~pl.col("status").is_in(["resolved", "dismissed"]))
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
    return out, dict(Counter(r for r in found["rule_id"].to_list() if r not in set(rules)))


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


def _pairs(frame: pl.DataFrame) -> pd.MultiIndex:
    """Undirected pairs of record ids."""
    first, second = (
        pl.min_horizontal("roster_record_id", "record_id"),
        pl.max_horizontal("roster_record_id", "record_id"),
    )
    pairs = frame.select(first.alias("a"), second.alias("b")).unique().sort("a", "b")
    return pd.MultiIndex.from_arrays([pairs["a"].to_list(), pairs["b"].to_list()], names=["a", "b"])


def _score_links(made: pl.DataFrame, t: dict[str, pl.DataFrame]) -> tuple[list[LinkScore], int]:
    spouse = t["persons"].filter(pl.col("spouse_pid").is_not_null()).select("record_id", "spouse_pid")
    person = t["persons"].select(pl.col("record_id").alias("roster_record_id"), pl.col("pid").alias("roster_pid"))
    # a marriage row linked to the party it names as spouse is nobody's error
    beside = (
        made.join(person, on="roster_record_id")
        .join(spouse, on="record_id")
        .filter(pl.col("roster_pid") == pl.col("spouse_pid"))
    )
    judged = made.join(beside.select("roster_record_id", "record_id"), on=["roster_record_id", "record_id"], how="anti")
    linked = judged.filter(pl.col("decision") == "link")
    true, got = _pairs(t["links"]), _pairs(linked)
    wider = _pairs(judged.filter(pl.col("decision").is_in(["link", "review"])))
    out = [LinkScore("all", len(true), len(got), _precision(true, got), _recall(true, got), _recall(true, wider))]
    for (tier,), part in sorted(linked.group_by("tier"), key=lambda g: str(g[0])):
        mine = _pairs(part)
        out.append(LinkScore(f"tier {tier}", None, len(mine), _precision(true, mine), None))
    for column, values in (("hard", _HARDNESS), ("scope", ("sector", "roster", "temporary", "bureau"))):
        for value in values:
            want = _pairs(t["links"].filter(pl.col(column) == value))
            out.append(LinkScore(f"{column} {value}", len(want), None, None, _recall(want, got), _recall(want, wider)))
    return out, len(_pairs(t["traps"]).intersection(got))


def _precision(true: pd.MultiIndex, made: pd.MultiIndex) -> float | None:
    return float(rl.precision(true, made)) if len(made) else None


def _recall(true: pd.MultiIndex, made: pd.MultiIndex) -> float | None:
    return float(rl.recall(true, made)) if len(true) else None


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
