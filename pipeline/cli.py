"""The `audit` program: parse, call one function, map an exception class to an exit code.

Heavy libraries are imported inside the commands, so that `audit --help` answers at once.
"""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path
from typing import Any

import click

from pipeline import (
    __version__,
    checking,
    key_commands,
    law,
    ledger_commands,
    monthly_command,
    review_command,
    safety_commands,
)
from pipeline.draw import commands as drawing
from pipeline.errors import AuditError
from pipeline.fieldwork import collect_command, paper_commands
from pipeline.fieldwork import commands as fieldwork
from pipeline.run_options import run_settings

_FOLDER = click.Path(path_type=Path)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="audit")
@click.option("--ask-key", is_flag=True, help="Ask for the key that seals ledger and tables (see `audit key`).")
def cli(ask_key: bool) -> None:
    """Audit a county's social assistance rosters against what other departments know."""
    if ask_key:
        from pipeline import vault

        vault.use(vault.key_of(click.prompt("key", hide_input=True, err=True), "what was typed in"))


@cli.command()
@click.option("--drop", type=_FOLDER, required=True, help="Folder with one month's files.")
@click.option("--month", required=True, metavar="YYYY-MM", help="The audit month.")
@click.option("--out", type=_FOLDER, required=True, help="Where OUT/<month> is written.")
@run_settings
def run(drop: Path, month: str, out: Path, **settings: Any) -> None:
    """Audit one month's drop.

    Example: audit run --drop files/2022-10 --month 2022-10 --out out

    The same on Spark: audit run --drop files/2022-10 --month 2022-10 --out out --engine spark
    """
    from pipeline.run import run_audit
    from pipeline.terminal import shown

    with shown() as progress:
        outcome = run_audit(drop, month, out, progress=progress, **settings)
    for line in outcome.told:
        print(line)
    print(f"{outcome.findings} findings in {outcome.towns} town workbooks, {outcome.seconds:.1f} s: {outcome.folder}")
    print(f"open {outcome.folder / 'index.html'}")
    for line in outcome.repeated:
        print(line)
    for line in outcome.doubtful:
        print(f"doubtful data: {line}")
    if not outcome.sealed:
        print("no key is in use: the ledger and the month's tables lie unsealed (`audit key --help`)")
    if outcome.not_run:
        print(f"{outcome.not_run} rules or checks were not run, or only in part: {outcome.folder / 'not_run.csv'}")


@cli.command()
@click.option("--people", type=click.IntRange(min=3000), default=20_000, show_default=True, help="How many.")
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed is another county.")
@click.option("--month", default="2022-10", show_default=True, metavar="YYYY-MM", help="The audit month.")
@click.option("--clean", is_flag=True, help="The same people and cases, without slips in names, numbers and cells.")
@click.option("--out", type=_FOLDER, required=True, help="Folder that gets drop/ and truth/.")
def demo(people: int, seed: int, month: str, clean: bool, out: Path) -> None:
    """Make a county of made-up people: messy files in OUT/drop, what is true of them in OUT/truth.

    Example: audit demo --people 20000 --seed 1 --month 2022-10 --out out/demo
    """
    from pipeline.demo import make_county
    from pipeline.months import parse_month
    from pipeline.terminal import shown

    with shown() as progress:
        tell = (lambda what: progress(what, 0, 0)) if progress else None
        make_county(out, people=people, seed=seed, month=parse_month(month), clean=clean, progress=tell)
    print(f"made {out / 'drop'} and {out / 'truth'}")


@cli.command()
@click.option("--out", type=_FOLDER, required=True, help="A finished audit: OUT/<month>.")
@click.option("--truth", type=_FOLDER, required=True, help="The truth folder of a demonstration county.")
@click.option("--json", "json_file", type=_FOLDER, help="Also write every figure; all judged pairs stand beside it.")
def score(out: Path, truth: Path, json_file: Path | None) -> None:
    """Compare an audit of a made county with its truth: findings by rule, links by error, dataset and tier.

    Example: audit score --out out/2022-10 --truth out/demo/truth --json out/score.json
    """
    from pipeline.score import score as judge

    result = judge(out, truth)
    print(result.text())
    if json_file:
        result.save(json_file)


@cli.command()
@click.option("--out", type=_FOLDER, required=True, help="An empty or new folder.")
def template(out: Path) -> None:
    """Write a blank, validated workbook for every dataset.

    Example: audit template --out templates
    """
    from pipeline.templates import write_templates

    print(f"{len(write_templates(out))} workbooks in {out}")


@cli.command()
@click.option("--left", type=_FOLDER, required=True, help="A table: .csv, .tsv, .txt, .xlsx, .xls or .parquet.")
@click.option("--right", type=_FOLDER, help="The table to link it with (none: find duplicates within --left).")
@click.option("--spec", type=_FOLDER, required=True, help="What is compared and how: a TOML file.")
@click.option("--out", type=_FOLDER, required=True, help="The pairs: .csv, .parquet or .xlsx; a report stands beside.")
@click.option("--threads", type=click.IntRange(min=1), help="Threads of the engine (default: all there are).")
def link(left: Path, right: Path | None, spec: Path, out: Path, threads: int | None) -> None:
    """Link any two tables, or find the duplicates within one.

    Example: audit link --left a.xlsx --right b.csv --spec docs/link_example.toml --out links.xlsx
    """
    from pipeline.linkage.tables import link_tables
    from pipeline.terminal import shown

    with shown() as progress:
        o = link_tables(left, right, spec, out, threads=threads, progress=progress)
    print(f"{o.links} links and {o.reviews} for review among {o.compared} pairs compared, {o.seconds:.1f} s: {out}")
    if o.clusters is not None:
        print(f"{o.clusters} groups of duplicates")
    for line in o.not_examined:
        print(f"not examined: {line}")
    print("files: " + ", ".join(str(f) for f in o.files))


@cli.command()
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@click.option("--drop", type=_FOLDER, required=True, help="Folder with one month's files.")
@click.option(
    "--out", type=_FOLDER, help="A page of both records and the picture (.html), or the picture (.svg, .png)."
)
@click.option("--model", type=_FOLDER, help="A linkage model (default: the one that comes with the program).")
@click.option("--masked", is_flag=True, help="In the page, hide part of ID numbers, phones and accounts.")
def explain(a: str, b: str, drop: Path, out: Path | None, model: Path | None, masked: bool) -> None:
    """Say why records A and B were taken for one person, or were not.

    A and B are record ids as in links.parquet: the path inside the drop, the sheet, the row.

    Example: audit explain "低保_长来.xlsx#名册#12" "死亡.csv#-#88" --drop files/2022-10 --out pair.html
    """
    from pipeline.linkage.asked import explain_pair
    from pipeline.terminal import shown

    with shown() as progress:
        print(explain_pair(drop, a, b, out=out, model_file=model, masked=masked, progress=progress))
    if out:
        print(f"wrote {out}")


@cli.group()
def model() -> None:
    """Train, show and compare linkage models."""


@model.command()
@click.option("--drop", type=_FOLDER, required=True, help="Folder with one month's files.")
@click.option("--out", type=_FOLDER, required=True, help="The model: a JSON file.")
@click.option("--name", "version", required=True, help="What the model is called, e.g. lechang-2022-10.")
def train(drop: Path, out: Path, version: str) -> None:
    """Learn a model from a drop; nobody has to say which pairs are true.

    Example: audit model train --drop files/2022-10 --name lechang-2022-10 --out model.json
    """
    from pipeline.linkage.asked import train_model
    from pipeline.terminal import shown

    with shown() as progress:
        print(train_model(drop, out, version, progress=progress))
    print(f"wrote {out}")


@model.command()
@click.argument("file", type=_FOLDER, required=False)
def show(file: Path | None) -> None:
    """Show a model's levels and weights (without FILE: the one that comes with the program).

    Example: audit model show model.json
    """
    from pipeline.linkage.model import DEFAULT, read
    from pipeline.linkage.model_text import show as text

    print(text(read(file or DEFAULT)))


@model.command()
@click.argument("a", type=_FOLDER)
@click.argument("b", type=_FOLDER)
def compare(a: Path, b: Path) -> None:
    """Compare two models level by level.

    Example: audit model compare old.json new.json
    """
    from pipeline.linkage.model import read
    from pipeline.linkage.model_text import compare as text

    print(text(read(a), read(b)))


cli.add_command(law.policy)
cli.add_command(law.rules)
cli.add_command(checking.checks)
cli.add_command(drawing.draw)
cli.add_command(ledger_commands.ledger)
cli.add_command(key_commands.key)
cli.add_command(safety_commands.purge)
cli.add_command(safety_commands.doctor)
cli.add_command(monthly_command.monthly)
cli.add_command(review_command.review)
cli.add_command(fieldwork.field)
cli.add_command(collect_command.collect)
cli.add_command(paper_commands.status)


def main() -> None:
    """The console program: exit 0 when done, 2 on bad input or usage, 1 on the program's own failure."""
    # What a crash would leave of the memory holds names and numbers; the workers inherit it.
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    try:
        cli(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(1)
    except click.ClickException as e:
        e.show()
        sys.exit(e.exit_code)
    except AuditError as e:
        print(f"audit: {e}", file=sys.stderr)
        sys.exit(e.exit_code)
    except BaseException as e:  # a panic of a library written in Rust is no Exception
        if isinstance(e, SystemExit | KeyboardInterrupt | GeneratorExit):
            raise
        if os.environ.get("AUDIT_DEBUG"):
            raise
        # Only the place: an exception's own text may hold what stood in a cell.
        last = e.__traceback__
        while last and last.tb_next:
            last = last.tb_next
        place = f"{Path(last.tb_frame.f_code.co_filename).name}:{last.tb_lineno}" if last else "?"
        print(
            f"audit: a fault of the program: {type(e).__name__} at {place} (AUDIT_DEBUG=1 shows more)", file=sys.stderr
        )
        sys.exit(1)
