"""`audit status` and `audit field papers|handed-in|templates`. Heavy imports stay in the commands."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.commands.field import HOLIDAYS, field
from pipeline.errors import BadInput

if TYPE_CHECKING:
    from pipeline.policy import Policy

_PATH = click.Path(path_type=Path)
_DAY = click.DateTime(formats=["%Y-%m-%d"])
_LEDGER = click.option("--ledger", type=_PATH, required=True, help="The bureau's ledger, filled by `audit collect`.")
_PLAN = click.option("--plan", "plan_file", type=_PATH, required=True, help="The plan of `audit field plan`.")
_DRAWS = click.option(
    "--draw", "draws", type=_PATH, multiple=True, required=True, help="A certificate of the plan; one each."
)
_POLICY = click.option("--policy", "policy_file", type=_PATH, help="A TOML file whose figures take the pack's place.")
_RUN = click.option("--run", "run_folder", type=_PATH, help="The audit of the draw's month, OUT/<month>: its findings.")


@click.command("status")
@_LEDGER
@_PLAN
@_DRAWS
@click.option("--today", type=_DAY, metavar="YYYY-MM-DD", help="The day it is looked at (default: today).")
@_RUN
@click.option("--out", type=_PATH, help="Folder that gets the same as a workbook.")
@_POLICY
@HOLIDAYS
def status(
    ledger: Path, plan_file: Path, draws: tuple[Path, ...], today: dt.datetime | None,
    run_folder: Path | None, out: Path | None, policy_file: Path | None, holidays: Path | None,
) -> None:  # fmt: skip
    """Show what of the field work is due, done and late, by group and town, and the stages of the notice.

    Example: audit status --ledger out/ledger.duckdb --plan out/field/plan-2022-10-1a2b3c4d.json
    --draw out/draw/draw-2022-10-round1.json --today 2022-10-25
    """
    from pipeline.fieldwork.papers import notices, papers
    from pipeline.fieldwork.papers.cases import cases_of
    from pipeline.fieldwork.progress.status import status_of
    from pipeline.fieldwork.progress.status_words import status_book, status_text
    from pipeline.fieldwork.workdays import read_workdays
    from pipeline.ledger.notices import handed_in
    from pipeline.ledger.store import opened

    plan = papers.plan_of(plan_file, draws)
    with opened(papers.existing(ledger)) as con:
        cases = cases_of(plan, con, run_folder)
        stops = notices.stops_of(cases, con, plan.month)
        handed = handed_in(con, [c.sha256 for c in plan.certificates])
    found = status_of(
        plan, cases, stops, handed, _day(today), _policy(plan.month, policy_file), read_workdays(holidays)
    )
    click.echo(status_text(found))
    if out:
        click.echo(f"wrote {papers.write_one(status_book(found), out, f'入户进度-{plan.month}.xlsx')}")


@field.command("papers")
@_LEDGER
@_PLAN
@_DRAWS
@click.option("--drop", type=_PATH, required=True, help="Folder with the month's files that the draw was made from.")
@_RUN
@click.option("--out", type=_PATH, required=True, help="Folder for the papers.")
@click.option(
    "--issued", type=_DAY, metavar="YYYY-MM-DD", help="The day of the decision in new notices (default: today)."
)
@click.option("--templates", type=_PATH, help="A folder with the bureau's own templates (`audit field templates`).")
@_POLICY
@HOLIDAYS
def papers(
    ledger: Path, plan_file: Path, draws: tuple[Path, ...], drop: Path, run_folder: Path | None, out: Path,
    issued: dt.datetime | None, templates: Path | None, policy_file: Path | None, holidays: Path | None,
) -> None:  # fmt: skip
    """Write the papers that follow from the visits: reports, stop notices, lists.

    A notice is written for households whose visit says 停保, with facts, the person met (or why not) and a signature.
    Its number is kept in the ledger: the same household has the same number when this is run again.

    Example: audit field papers --ledger out/ledger.duckdb --plan out/field/plan-2022-10-1a2b3c4d.json
    --draw out/draw/draw-2022-10-round1.json --drop files/2022-10 --run out/2022-10 --out out/papers
    """
    from pipeline.commands.terminal import shown
    from pipeline.fieldwork.papers.papers import plan_of, write_papers
    from pipeline.fieldwork.papers.render import Papers
    from pipeline.fieldwork.workdays import read_workdays

    plan = plan_of(plan_file, draws)
    with shown() as progress:
        done = write_papers(
            plan, drop, ledger, run_folder, out, papers=Papers(templates), issued_on=_day(issued),
            policy=_policy(plan.month, policy_file), workdays=read_workdays(holidays),
            progress=progress,
        )  # fmt: skip
    click.echo(f"{done.reports} group reports, {done.notices} stop notices, and the lists: {out}")
    if done.died:
        click.echo(f"ended without a notice, the only person being dead: {done.died}")
    if done.waiting:
        click.echo(f"no notice yet for {done.waiting} households: 停保注销清单.xlsx says what is lacking")
    if done.missing:
        click.echo(f"not visited, or without an answer: {done.missing} of {len(plan.stops)}")
    if run_folder is None:
        click.echo("not examined: findings (give --run)")
    for text in done.unverified:
        click.echo(f"in the notices, not verified: {text}")
    for text in done.void:
        click.echo(f"the answers no longer carry it: {text}")
    for text in done.kept:
        click.echo(f"there was another one, kept as {text}")


@field.command("handed-in")
@_LEDGER
@_PLAN
@_DRAWS
@click.option("--group", "party", type=click.IntRange(min=1), required=True, help="The group: 1 or 2.")
@click.option("--on", "day", type=_DAY, metavar="YYYY-MM-DD", required=True, help="The day on which it handed in.")
def hand_in(ledger: Path, plan_file: Path, draws: tuple[Path, ...], party: int, day: dt.datetime) -> None:
    """Note that a group handed in its report and ledgers; a later note takes the place of an earlier one.

    Example: audit field handed-in --ledger out/ledger.duckdb --plan out/field/plan-2022-10-1a2b3c4d.json
    --draw out/draw/draw-2022-10-round1.json --group 1 --on 2022-10-27
    """
    from pipeline.fieldwork.papers import papers
    from pipeline.ledger import notices
    from pipeline.ledger.store import opened

    plan = papers.plan_of(plan_file, draws)
    if party not in {s.party for s in plan.stops}:
        raise BadInput(f"the plan has no group {party}", file=plan_file.name, remedy="give a group that visits")
    with opened(papers.existing(ledger)) as con:
        notices.hand_in(con, [c.sha256 for c in plan.certificates], party, _day(day))
    click.echo(f"noted: group {party} handed in on {day:%Y-%m-%d}")


@field.command("templates")
@click.option("--out", type=_PATH, required=True, help="A new folder, or one without these files.")
def templates(out: Path) -> None:
    """Write the templates of notice and report, to be edited in Word and given by --templates.

    Example: audit field templates --out our-templates
    """
    from pipeline.draw import files
    from pipeline.fieldwork.papers.make_templates import TEMPLATES, template
    from pipeline.fieldwork.papers.template_names import explained

    made = {f"{name}.docx": template(name) for name in TEMPLATES} | {"说明.txt": explained().encode("utf-8-sig")}
    for name, content in made.items():
        if (out / name).exists() and (out / name).read_bytes() != content:
            raise BadInput("one that was edited is there already", file=name, remedy="give another --out")
    click.echo("files: " + ", ".join(str(f) for f in files.write(out, made)))


def _day(given: dt.datetime | None) -> dt.date:
    return given.date() if given else dt.date.today()


def _policy(month: str, override: Path | None) -> Policy:
    from pipeline.policy import pack_for

    return pack_for(month, override)
