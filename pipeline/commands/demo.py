"""`audit demo`, `audit score`, `audit template`: made-up counties, audits compared with them, blank workbooks."""

from __future__ import annotations

from pathlib import Path

import click

_FOLDER = click.Path(path_type=Path)


@click.command()
@click.option("--people", type=click.IntRange(min=3000), default=20_000, show_default=True, help="How many.")
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed is another county.")
@click.option("--month", default="2022-10", show_default=True, metavar="YYYY-MM", help="The audit month.")
@click.option("--clean", is_flag=True, help="The same people and cases, without slips in names, numbers and cells.")
@click.option("--out", type=_FOLDER, required=True, help="Folder that gets drop/ and truth/.")
def demo(people: int, seed: int, month: str, clean: bool, out: Path) -> None:
    """Make a county of made-up people: messy files in OUT/drop, what is true of them in OUT/truth.

    Example: audit demo --people 20000 --seed 1 --month 2022-10 --out out/demo
    """
    from pipeline.commands.terminal import shown
    from pipeline.demo import make_county
    from pipeline.months import parse_month

    with shown() as progress:
        tell = (lambda what: progress(what, 0, 0)) if progress else None
        make_county(out, people=people, seed=seed, month=parse_month(month), clean=clean, progress=tell)
    click.echo(f"made {out / 'drop'} and {out / 'truth'}")


@click.command()
@click.option("--out", type=_FOLDER, required=True, help="A finished audit: OUT/<month>.")
@click.option("--truth", type=_FOLDER, required=True, help="The truth folder of a demonstration county.")
@click.option("--json", "json_file", type=_FOLDER, help="Also write every figure; all judged pairs stand beside it.")
def score(out: Path, truth: Path, json_file: Path | None) -> None:
    """Compare an audit of a made county with its truth: findings by rule, links by error, dataset and tier.

    Example: audit score --out out/2022-10 --truth out/demo/truth --json out/score.json
    """
    from pipeline.score import score as judge

    result = judge(out, truth)
    click.echo(result.text())
    if json_file:
        result.save(json_file)


@click.command()
@click.option("--out", type=_FOLDER, required=True, help="An empty or new folder.")
def template(out: Path) -> None:
    """Write a blank, validated workbook for every dataset.

    Example: audit template --out templates
    """
    from pipeline.templates import write_templates

    click.echo(f"{len(write_templates(out))} workbooks in {out}")
