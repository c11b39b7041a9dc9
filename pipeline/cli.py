"""The `audit` program: its commands (pipeline/commands), and an exit code for each class of exceptions."""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path

import click

from pipeline import __version__
from pipeline.commands import (
    checks,
    collect,
    demo,
    draw,
    field,
    key,
    law,
    ledger,
    linkage,
    monthly,
    papers,
    review,
    run,
    safety,
)
from pipeline.errors import AuditError
from pipeline.processes import collect_seldom


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="audit")
@click.option("--ask-key", is_flag=True, help="Ask for the key that seals ledger and tables (see `audit key`).")
def cli(ask_key: bool) -> None:
    """Audit a county's social assistance rosters against what other departments know."""
    if ask_key:
        from pipeline import vault

        vault.use(vault.key_of(click.prompt("key", hide_input=True, err=True), "what was typed in"))


_COMMANDS = (
    run.run, monthly.monthly, demo.demo, demo.score, demo.template, linkage.link, linkage.explain, linkage.model,
    law.policy, law.rules, checks.checks, draw.draw, field.field, collect.collect, papers.status, review.review,
    ledger.ledger, key.key, safety.purge, safety.doctor,
)  # fmt: skip
for _command in _COMMANDS:
    cli.add_command(_command)


def main() -> None:
    """The console program: exit 0 when done, 2 on bad input or usage, 1 on the program's own failure."""
    # What a crash would leave of the memory holds names and numbers; the workers inherit it.
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    collect_seldom()
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
