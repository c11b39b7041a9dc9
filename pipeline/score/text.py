"""A comparison with the truth as plain text: first the figures that matter, then a table for each question."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from textwrap import wrap

import polars as pl

from pipeline.score.links import LinksScore
from pipeline.score.lost import CAUSES
from pipeline.score.reliability import ENOUGH, largest_deviation
from pipeline.score.result import Score
from pipeline.score.shares import Agreement, Share

_LISTED = 12  # pairs listed in the text; the saved file has them all


def written(score: Score) -> str:
    """The whole comparison, lines of at most about 120 characters."""
    parts = (_summary(score), _rules(score), _gaps(score), *_links(score.links), _files(score))
    return "\n\n".join("\n".join(lines) for lines in parts)


def _summary(s: Score) -> list[str]:
    links = s.links
    lines = ["The figures that matter (each share with its 95 % interval)"]
    for k in (links.every, links.hard):
        value, low, high = k.f1
        f1 = "-" if value is None else f"{value:.4f} [{low:.4f}, {high:.4f}]"
        lines.append(f"  {k.group:31}precision {_share(k.precision)}   recall {_share(k.recall)}   F1 {f1}")
    k = links.enough
    lines.append(f"  {k.group:31}recall {_share(k.recall)}   with review {_share(k.with_review)}")
    review = sum(t.in_review for t in links.traps)
    lines.append(f"  pairs that must not link       {s.traps_sprung} of {s.traps} linked, {review} in review")
    worst = largest_deviation(links.reliability)
    told = "no tenth of the probability has enough judgements"
    if worst:
        told = f"{worst.deviation:+.3f} between {worst.low:.1f} and {worst.low + 0.1:.1f} ({worst.true.of} judgements)"
    lines.append(f"  largest error of a probability {told}")
    lines.append(f"  findings of the rules that ran precision {_value(s.precision)}, recall {_value(s.recall)}")
    lines.append(f"  gaps in data and archives      precision {_value(s.gap_precision)}, recall {_value(s.gap_recall)}")
    lines.append(f"  row accounts                   {s.files_agree} of {s.files} files and sheets agree")
    return lines


def _rules(s: Score) -> list[str]:
    head = f"{'rule':29}{'truth':>6}{'found':>6}{'prec':>8}{'recall':>8}{'wrong':>6}{'missed':>7}{'twice':>6}"
    lines = [head + f"{'near':>5}{'sev':>8}{'harder':>9}"]
    for r in s.rules:
        if not r.run:
            lines.append(f"{r.rule_id:29}{r.truth:6}   not run")
            continue
        severity = f"{r.severity_agrees}/{r.severity_sure}"
        lines.append(
            f"{r.rule_id:29}{r.truth:6}{r.found:6}{_value(r.precision):>8}{_value(r.recall):>8}{r.wrong:6}{r.missed:7}"
            f"{r.duplicates:6}{r.near_misses_hit:5}{severity:>8}{f'{r.harder_found}/{r.harder}':>9}"
        )
    return lines


def _gaps(s: Score) -> list[str]:
    head = (
        f"{'data and archive':25}{'scheme':13}{'truth':>6}{'found':>6}{'prec':>8}{'recall':>8}{'wrong':>6}{'missed':>7}"
    )
    lines = [head + f"{'either':>7}{'near':>6}"]
    for g in s.gaps:
        near = f"{g.near_misses_hit}/{g.near_misses}"
        lines.append(
            f"{g.rule_id:25}{g.scheme:13}{g.truth:6}{g.found:6}{_value(g.precision):>8}{_value(g.recall):>8}{g.wrong:6}"
            f"{g.missed:7}{g.tolerated:7}{near:>6}"
        )
    return lines


def _links(links: LinksScore) -> Iterator[list[str]]:
    yield [_head("links"), *(_line(k) for k in (links.every, links.hard, links.enough))]
    for title, group in links.groups.items():
        if group:
            yield [_head(f"links by {title}"), *(_line(k) for k in group)]
    traps = [f"{'pairs that must not link':33}{'pairs':>7}{'hard':>7}{'linked':>8}{'review':>8}"]
    yield traps + [f"{t.kind:33}{t.pairs:7}{t.hard:7}{t.sprung:8}{t.in_review:8}" for t in links.traps]
    yield _reliability(links)
    yield _lost(links)
    yield _wrong(links)


def _head(title: str) -> str:
    columns = f"{title:33}{'true':>7}{'right':>7}{'wrong':>6}{'missed':>7}{'review':>7}"
    return columns + f"  {'precision':24}{'recall':24}{'F1':7}"


def _line(k: Agreement) -> str:
    counts = f"{k.group:33}{_count(k.true):>7}{k.right:7}{_count(k.wrong):>6}{_count(k.missed):>7}{k.in_review:7}"
    return f"{counts}  {_share(k.precision):24}{_share(k.recall):24}{_value(k.f1[0]):7}".rstrip()


def _reliability(links: LinksScore) -> list[str]:
    lines = [f"{'probability':13}{'judged':>7}{'mean':>8}{'true':>7}  {'true share':24}{'error':>8}{'planted':>9}"]
    for t in links.reliability:
        error = f"{t.deviation:+8.3f}" if t.counts else f"{'-':>8}"
        at = f"{t.low:.1f} to {t.low + 0.1:.1f}"
        lines.append(f"{at:13}{t.true.of:7}{t.mean:8.3f}{t.true.count:7}  {_share(t.true):24}{error}{t.planted:9}")
    told = (
        f"(a judgement is about two people, whatever records they have; fewer than {ENOUGH} have no error to tell;\n"
        "planted traps are not counted)"
    )
    return [*lines, told]


def _lost(links: LinksScore) -> list[str]:
    lost = links.lost
    enough = lost.filter(pl.col("enough") & pl.col("hard"))
    lines = [f"{'true pairs not linked, by cause':33}{'all':>6}{'hard and enough':>17}"]
    of_all, of_enough = Counter(lost["cause"].to_list()), Counter(enough["cause"].to_list())
    lines += [f"{cause:33}{of_all[cause]:6}{of_enough[cause]:17}   {what}" for cause, what in CAUSES.items()]
    if lost.height:
        by_error = (
            enough.explode("error")
            .group_by("error")
            .agg(pl.len().alias("n"))
            .sort("n", "error", descending=[True, False])
        )
        told = "hard and enough, by trouble: " + ", ".join(f"{e} {n}" for e, n in by_error.iter_rows())
        lines += wrap(told, 118, subsequent_indent="  ")
        lines += _listed(enough, "cause")
    return lines


def _wrong(links: LinksScore) -> list[str]:
    wrong = links.wrong
    by = wrong.with_columns(pl.col("error").list.join("+")).group_by("tier", "error").agg(pl.len().alias("n"))
    lines = [f"links that are not true: {wrong.height}"]
    lines += [f"  {tier!s:16}{error:40}{n:6}" for tier, error, n in by.sort("tier", "error").iter_rows()]
    return lines + _listed(wrong, "tier")


def _listed(pairs: pl.DataFrame, column: str) -> list[str]:
    """The first pairs by their record ids, with that column, trouble and probability."""
    lines = []
    for row in pairs.head(_LISTED).iter_rows(named=True):
        p = "-" if row["probability"] is None else f"{row['probability']:.3f}"
        lines.append(f"    {row[column]!s:16}{'+'.join(row['error']):30}{p:>6}  {row['a']}  {row['b']}")
    if pairs.height > _LISTED:
        lines.append(f"    … and {pairs.height - _LISTED} more")
    return lines


def _files(s: Score) -> list[str]:
    lines = [f"row accounts: {s.files_agree} of {s.files} files and sheets agree"]
    lines += [f"  {text}" for text in s.differing[:20]]
    told = f"rejects: {s.rejects_found} of {s.rejects} as planted, {s.rejects_unplanned} not planted"
    return [*lines, told]


def _share(share: Share) -> str:
    if share.value is None:
        return "-"
    return f"{share.value:.4f} [{share.low:.4f}, {share.high:.4f}]"


def _value(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _count(value: int | None) -> str:
    return "-" if value is None else str(value)
