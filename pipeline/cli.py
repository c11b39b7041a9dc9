"""The `audit` program: parse, call one function, map an exception class to an exit code.

Heavy libraries are imported inside the commands, so that `audit --help` answers at once.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from pipeline import __version__
from pipeline.errors import AuditError

_FOLDER = click.Path(path_type=Path)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="audit")
def cli() -> None:
    """Audit a county's social assistance rosters against what other departments know."""


@cli.command()
@click.option("--drop", type=_FOLDER, required=True, help="Folder with one month's files.")
@click.option("--month", required=True, metavar="YYYY-MM", help="The audit month.")
@click.option("--out", type=_FOLDER, required=True, help="Where OUT/<month> is written.")
@click.option("--policy", type=_FOLDER, help="A TOML file whose figures take the place of the pack's.")
@click.option("--ledger", type=_FOLDER, help="The bureau's ledger (default: OUT/ledger.duckdb).")
@click.option("--engine", type=click.Choice(["duckdb"]), default="duckdb", help="Where the SQL runs.")
def run(drop: Path, month: str, out: Path, policy: Path | None, ledger: Path | None, engine: str) -> None:
    """Audit one month's drop.

    Example: audit run --drop files/2022-10 --month 2022-10 --out out
    """
    from pipeline.run import run_audit
    from pipeline.terminal import shown

    with shown() as progress:
        outcome = run_audit(drop, month, out, policy_file=policy, ledger_file=ledger, progress=progress)
    print(f"{outcome.findings} findings in {outcome.towns} town workbooks, {outcome.seconds:.1f} s: {outcome.folder}")
    print(f"open {outcome.folder / 'index.html'}")
    if outcome.not_run:
        print(f"{outcome.not_run} rules or checks were not run, or only in part: {outcome.folder / 'not_run.csv'}")


@cli.command()
@click.option("--people", type=click.IntRange(min=3000), default=20_000, show_default=True, help="How many.")
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed is another county.")
@click.option("--month", default="2022-10", show_default=True, metavar="YYYY-MM", help="The audit month.")
@click.option("--out", type=_FOLDER, required=True, help="Folder that gets drop/ and truth/.")
def demo(people: int, seed: int, month: str, out: Path) -> None:
    """Make a county of made-up people: messy files in OUT/drop, what is true of them in OUT/truth.

    Example: audit demo --people 20000 --seed 1 --month 2022-10 --out out/demo
    """
    from pipeline.demo import make_county
    from pipeline.months import parse_month
    from pipeline.terminal import shown

    with shown() as progress:
        tell = (lambda what: progress(what, 0, 0)) if progress else None
        make_county(out, people=people, seed=seed, month=parse_month(month), progress=tell)
    print(f"made {out / 'drop'} and {out / 'truth'}")


@cli.command()
@click.option("--out", type=_FOLDER, required=True, help="A finished audit: OUT/<month>.")
@click.option("--truth", type=_FOLDER, required=True, help="The truth folder of a demonstration county.")
def score(out: Path, truth: Path) -> None:
    """Compare an audit of a made county with its truth: precision and recall by rule and by link tier.

    Example: audit score --out out/2022-10 --truth out/demo/truth
    """
    from pipeline.score import score as compare

    print(compare(out, truth).text())


@cli.command()
@click.option("--out", type=_FOLDER, required=True, help="An empty or new folder.")
def template(out: Path) -> None:
    """Write a blank, validated workbook for every dataset.

    Example: audit template --out templates
    """
    from pipeline.templates import write_templates

    print(f"{len(write_templates(out))} workbooks in {out}")


def main() -> None:
    """The console program: exit 0 when done, 2 on bad input or usage, 1 on the program's own failure."""
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
    except Exception as e:
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
