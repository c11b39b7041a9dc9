"""`audit draw …`: freeze the frame, draw, verify, draw more by risk, estimate. Heavy imports stay in the commands."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.errors import BadInput

_PATH = click.Path(path_type=Path)
_DROP = click.option("--drop", type=_PATH, required=True, help="Folder with one month's files.")
_OUT = click.option("--out", type=_PATH, required=True, help="Folder for what is written (not OUT/<month> of a run).")
_POLICY = click.option("--policy", "policy_file", type=_PATH, help="A TOML file whose figures take the pack's place.")
_RUN = "A finished audit, OUT/<month>: its findings."


@click.group()
def draw() -> None:
    """Draw whom to visit so that anybody can redo it, and say what the visits mean for the whole.

    In this order: `frame` freezes who may be drawn; publish the SHA-256 it tells. Then let the seed come about, by dice
    or a lottery before witnesses. `make` draws and writes the certificate; anybody can `verify` it. `extra` adds
    households with findings, by risk, apart from the random ones. When results are in, `estimate`.
    """


@draw.command("frame")
@_DROP
@click.option("--month", required=True, metavar="YYYY-MM", help="The audit month.")
@_OUT
@_POLICY
@click.option("--dibao", type=click.Choice(["new", "all"]), default="new", show_default=True,
              help="Households of dibao: those that came in this year, or all.")  # fmt: skip
@click.option(
    "--private", "allow", is_flag=True, help="Go on where household numbers are ID numbers (publish the SHA-256 only)."
)
def freeze_frame(drop: Path, month: str, out: Path, policy_file: Path | None, dibao: str, allow: bool) -> None:
    """Freeze who may be drawn and at which rates, and tell the SHA-256: publish it before there is a seed.

    Example: audit draw frame --drop files/2022-10 --month 2022-10 --out out/draw
    """
    from pipeline.commands.terminal import shown
    from pipeline.draw import files
    from pipeline.draw.frame import freeze

    with shown() as progress:
        frame = freeze(drop, month, dibao=dibao, policy_file=policy_file, allow_id_numbers=allow, progress=progress)
    name = f"frame-{month}.tsv"
    files.write(out, {name: frame.text.encode(), f"{name}.sha256": files.sum_line(name, frame.sha256)})
    for roster, reason, count in frame.left_out:
        click.echo(f"not in the frame: {roster}: {count} × {reason.replace('_', ' ')}")
    for roster in frame.absent:
        click.echo(f"not in the frame: {roster}: there is no such roster in the drop")
    click.echo(f"{len(frame.lines)} units in {out / name}")
    if not frame.public:
        click.echo("its household numbers are ID numbers: publish the SHA-256, not the file")
    click.echo(f"SHA-256 {frame.sha256}")


@draw.command("make")
@click.option("--frame", "frame_file", type=_PATH, required=True, help="The frozen frame.")
@click.option("--frame-sha256", metavar="HEX", help="The published SHA-256 (default: the frame's own .sha256 file).")
@click.option("--seed", required=True, help="The seed, typed exactly as it was read: digits or letters on one line.")
@click.option("--seed-note", required=True, help="Where the seed came from: what, who, when, where.")
@click.option("--round", "number", type=click.IntRange(min=1), default=1, show_default=True, help="Which round it is.")
@click.option("--earlier", type=_PATH, multiple=True, help="The certificate of an earlier round; one each.")
@_OUT
def make_draw(
    frame_file: Path, frame_sha256: str | None, seed: str, seed_note: str, number: int,
    earlier: tuple[Path, ...], out: Path,
) -> None:  # fmt: skip
    """Draw a round, and write its certificate (JSON and a page to sign) and the list of the drawn.

    Example: audit draw make --frame out/draw/frame-2022-10.tsv --seed 4163325114
    --seed-note "ten dice, 3 October" --out out/draw
    """
    from pipeline.draw import files
    from pipeline.draw.certificate import make
    from pipeline.draw.paper import certificate_docx

    c = make(frame_file, seed, seed_note, number, frame_sha256=frame_sha256, earlier_files=earlier)
    written = files.write(
        out,
        {
            f"{c.stem}.json": c.json_text().encode(),
            f"{c.stem}.tsv": c.list_text().encode(),
            f"{c.stem}.docx": certificate_docx(c),
        },
    )
    click.echo(f"drawn: {len(c.drawn)} of {c.frame_units} units, in {len(c.strata)} strata")
    click.echo("files: " + ", ".join(str(f) for f in written))


@draw.command("verify")
@click.argument("certificate", type=_PATH)
@click.option("--frame", "frame_file", type=_PATH, help="The frozen frame.")
@click.option("--drop", type=_PATH, help="The drop: the frame is made again from it.")
@click.option("--earlier", type=_PATH, multiple=True, help="The certificate of an earlier round; one each.")
@click.option("--run", "run_folder", type=_PATH, help=f"{_RUN} For the certificate of an extra draw.")
@_POLICY
def verify_draw(
    certificate: Path, frame_file: Path | None, drop: Path | None, earlier: tuple[Path, ...],
    run_folder: Path | None, policy_file: Path | None,
) -> None:  # fmt: skip
    """Redo the draw of CERTIFICATE and say exactly what differs. Exit code 0 when it holds, 2 when it does not.

    Example: audit draw verify out/draw/draw-2022-10-round1.json --drop files/2022-10
    """
    from pipeline.commands.terminal import shown
    from pipeline.draw.certificate import EXTRA, load
    from pipeline.draw.extra import verify_extra
    from pipeline.draw.verify import verify

    if load(certificate)["kind"] == EXTRA:
        if run_folder is None:
            raise BadInput("an extra draw is made from findings", remedy="give the audit's folder by --run")
        verdict = verify_extra(certificate, run_folder)
    else:
        if frame_file is None and drop is None:
            raise BadInput("neither --frame nor --drop was given", remedy="give one: the draw is redone from it")
        with shown() as progress:
            verdict = verify(
                certificate, drop=drop, frame_file=frame_file, earlier_files=earlier, policy_file=policy_file,
                progress=progress,
            )  # fmt: skip
    for text in (*verdict.notes, *verdict.differences):
        click.echo(text)
    if verdict.differences:
        raise BadInput(
            f"the draw does not hold: {len(verdict.differences)} differences",
            file=certificate.name,
            remedy="each is told above",
        )
    click.echo("the draw holds")


@draw.command("extra")
@click.option("--run", "run_folder", type=_PATH, required=True, help=_RUN)
@click.option(
    "--certificate", "certificates", type=_PATH, multiple=True, help="A random draw's; its households are passed over."
)
@click.option("--seed", required=True, help="A seed of its own.")
@click.option("--seed-note", required=True, help="Where the seed came from: what, who, when, where.")
@click.option("--count", type=click.IntRange(min=1), required=True, help="How many households.")
@click.option("--per-town", is_flag=True, help="So many of each town, instead of the county.")
@_OUT
def draw_extra(
    run_folder: Path, certificates: tuple[Path, ...], seed: str, seed_note: str, count: int, per_town: bool, out: Path
) -> None:
    """Draw households with findings, the likelier the graver: beside the random draw, and in no estimate.

    Example: audit draw extra --run out/2022-10 --certificate out/draw/draw-2022-10-round1.json
    --seed 55120 --seed-note "lottery of 3 October" --count 40 --out out/draw
    """
    from pipeline.draw import files
    from pipeline.draw.extra import extra_docx, make_extra

    c = make_extra(run_folder, seed, seed_note, count, per_town=per_town, certificates=certificates)
    written = files.write(out, {f"{c.stem}.json": c.json_text().encode(), f"{c.stem}.docx": extra_docx(c)})
    click.echo(f"drawn by risk: {len(c.drawn)} of {c.candidates} households with findings")
    click.echo("files: " + ", ".join(str(f) for f in written))


@draw.command("estimate")
@click.argument("certificates", type=_PATH, nargs=-1, required=True)
@click.option("--results", type=_PATH, required=True, help="A table of unit and conclusion: .csv, .xlsx or .parquet.")
@click.option(
    "--frame", "frame_file", type=_PATH, help="The frozen frame: with --run, for households that no rule flagged."
)
@click.option("--run", "run_folder", type=_PATH, help=_RUN)
@click.option("--level", type=click.FloatRange(0.5, 0.999), default=0.95, show_default=True, help="Confidence.")
@_OUT
def estimate_errors(
    certificates: tuple[Path, ...],
    results: Path,
    frame_file: Path | None,
    run_folder: Path | None,
    level: float,
    out: Path,
) -> None:
    """Say from the visits' results how many of all are wrong or missed, with exact intervals.

    Example: audit draw estimate out/draw/draw-2022-10-round1.json --results results.xlsx
    --frame out/draw/frame-2022-10.tsv --run out/2022-10 --out out/draw
    """
    from pipeline.draw.estimate import estimate
    from pipeline.draw.report import summary, write_estimate

    found = estimate(certificates, results, frame_file=frame_file, run_folder=run_folder, level=level)
    for line in summary(found):
        click.echo(line)
    click.echo("files: " + ", ".join(str(f) for f in write_estimate(found, out)))
