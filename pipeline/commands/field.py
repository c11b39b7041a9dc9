"""`audit field …`: staff list, plan and route sheets, visit ledgers. Heavy imports stay in the commands."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from pipeline.errors import BadInput

_PATH = click.Path(path_type=Path)
_DAY = click.DateTime(formats=["%Y-%m-%d"])
_OUT = click.option("--out", type=_PATH, required=True, help="Folder for what is written.")
_DROP = click.option("--drop", type=_PATH, required=True, help="The drop that the draw was made from.")
HOLIDAYS = click.option("--holidays", type=_PATH, help="The bureau's own days off, a TOML file with a table a year.")


@click.group()
def field() -> None:
    """Plan the visits to the drawn households, and write what visitors take along.

    In this order: `staff` writes a blank staff list; `plan` sends two people to every household, by day routes, each
    group of towns to the other's; `ledgers` writes the visit ledgers. `audit collect` takes the filled ones back.
    """


@field.command("staff")
@click.option("--out", type=_PATH, required=True, help="The workbook: a file ending in .xlsx.")
def staff_list(out: Path) -> None:
    """Write a blank staff list with notes.

    Example: audit field staff --out 核查人员.xlsx
    """
    from pipeline.fieldwork.routing.stafflist import write_blank

    click.echo(f"wrote {write_blank(out)}")


@field.command("plan")
@click.option("--draw", "certificates", type=_PATH, multiple=True, required=True,
              help="A certificate of the month, of a round or an extra draw; one each.")  # fmt: skip
@_DROP
@click.option("--staff", type=_PATH, required=True, help="The staff list: .xlsx or .csv.")
@click.option("--from", "first", type=_DAY, required=True, metavar="YYYY-MM-DD", help="The first day of visits.")
@click.option("--until", "last", type=_DAY, metavar="YYYY-MM-DD", help="The last day (default: as long as it takes).")
@click.option("--capacity", type=click.IntRange(min=1), default=8, show_default=True, help="Households a day route.")
@click.option("--teams", type=click.IntRange(min=1), help="Pairs that a group sends out a day, at most.")
@click.option("--groups", "groups_file", type=_PATH, help="A TOML file with the two groups of towns (default: ours).")
@click.option(
    "--guides", "guides_file", type=_PATH, help="The towns' guides: a table of 镇街, 向导, 电话 and, if so, 村居."
)
@click.option("--without", multiple=True, metavar="TOWN", help="A town of no group that is left out, and told.")
@HOLIDAYS
@_OUT
def plan_visits(
    certificates: tuple[Path, ...], drop: Path, staff: Path, first: dt.datetime, last: dt.datetime | None,
    capacity: int, teams: int | None, groups_file: Path | None, guides_file: Path | None,
    without: tuple[str, ...], holidays: Path | None, out: Path,
) -> None:  # fmt: skip
    """Send two people to every drawn household, none from its town or a declared relative; write the route sheets.

    Example: audit field plan --draw out/draw/draw-2022-10-round1.json --drop files/2022-10 --staff 核查人员.xlsx
    --from 2022-10-10 --until 2022-10-31 --out out/field
    """
    from collections import Counter

    from pipeline.commands.terminal import shown
    from pipeline.draw import files
    from pipeline.fieldwork.routing.groups import DEFAULT, read_groups
    from pipeline.fieldwork.routing.make import Limits, make_plan
    from pipeline.fieldwork.routing.routesheets import route_sheets
    from pipeline.fieldwork.words import reason_zh
    from pipeline.fieldwork.workdays import read_workdays

    limits = Limits(first.date(), last.date() if last else None, capacity, teams, read_workdays(holidays))
    if limits.last and limits.last < limits.first:
        raise BadInput("--until lies before --from", remedy="give the last day of visits")
    groups = read_groups(groups_file or DEFAULT)
    with shown() as progress:
        plan = make_plan(
            certificates, drop, staff, groups, limits, without=without, guides_file=guides_file, progress=progress
        )
    written = files.write(
        out,
        {f"{plan.stem}.json": plan.json_text().encode(), f"路线单-{plan.stem[5:]}.xlsx": route_sheets(plan)},
    )
    days = sorted({s.day for s in plan.stops})
    if days:
        click.echo(
            f"{len(plan.stops)} units on {len({s.route for s in plan.stops})} day routes, {days[0]} to {days[-1]}"
        )
    for party, towns in plan.parties:
        own = [s for s in plan.stops if s.party == party]
        share = Counter({v.number: 0 for v in plan.visitors if v.party == party})
        share.update(n for s in own for n in s.visitors)
        load = f", {min(share.values())} to {max(share.values())} each" if share else ""
        click.echo(f"group {party} ({'、'.join(towns)}): {len(share)} people visit {len(own)} units{load}")
    for reason, count in sorted(Counter(u.reason for u in plan.unplanned).items()):
        click.echo(f"not planned: {count} drawn units, listed on the sheet 未排入: {reason_zh(reason)}")
    click.echo("files: " + ", ".join(str(f) for f in written))


@field.command("ledgers")
@click.option("--plan", "plan_file", type=_PATH, required=True, help="plan-….json of `audit field plan`.")
@_DROP
@click.option("--run", "run_folder", type=_PATH, help="A finished audit, OUT/<month>: its findings are told.")
@_OUT
def write_ledgers(plan_file: Path, drop: Path, run_folder: Path | None, out: Path) -> None:
    """Write the visit ledgers (入户核查台账): a workbook a group and town, prefilled.

    Example: audit field ledgers --plan out/field/plan-2022-10-1a2b3c4d.json --drop files/2022-10 --run out/2022-10
    --out out/field
    """
    from pipeline.commands.terminal import shown
    from pipeline.draw import files
    from pipeline.fieldwork.households import read_homes
    from pipeline.fieldwork.ledgers.ledger import ledgers
    from pipeline.fieldwork.ledgers.prefill import read_leads
    from pipeline.fieldwork.plan import read_plan

    plan = read_plan(plan_file)
    leads = read_leads(run_folder, plan.month) if run_folder else None
    with shown() as progress:
        homes = read_homes(drop, plan.month, plan.by_unit, progress=progress)
    if lost := plan.by_unit.keys() - homes.by_unit.keys():
        raise BadInput(
            f"{len(lost)} of the plan's {len(plan.stops)} units are not in the drop",
            file=drop.name,
            remedy="give the drop that the plan was made from",
        )
    written = files.write(out, ledgers(plan, homes, leads))
    click.echo(f"{len(written)} ledgers for {len(plan.stops)} units in {out}")
    if leads is None:
        click.echo("not examined: what the audit found (give --run)")
    if not homes.archive:
        click.echo("not examined: the archives (the drop has no archive list)")
