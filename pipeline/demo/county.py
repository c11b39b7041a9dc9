"""Make the demonstration county: a month's messy drop and, beside it, its truth."""

from __future__ import annotations

import json
import math
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from pipeline.demo.assemble import assemble
from pipeline.demo.background import bureau_records, reserved_background
from pipeline.demo.defects import plant_defects
from pipeline.demo.drop_files import plan_drop
from pipeline.demo.figures import figures_for
from pipeline.demo.gaps import plant_gaps
from pipeline.demo.gaps.plant import PlantedGap
from pipeline.demo.general import general_background
from pipeline.demo.layout import WITHOUT_TOWN, Plan
from pipeline.demo.model import County, NothingLeft
from pipeline.demo.months import AuditMonth
from pipeline.demo.noise import add_noise, spare_everybody, write_holders
from pipeline.demo.people import People, make_people
from pipeline.demo.planting import choose_loud, plant_all, plant_likenesses, renumber
from pipeline.demo.rosters import make_rosters
from pipeline.demo.sheets import Account, Written, lay_out
from pipeline.demo.truth import write_truth
from pipeline.demo.writers import hidden_sheet, note_sheet, write_parquet, write_sqlite, write_text, write_workbook
from pipeline.errors import BadInput

MARKER = "demo.json"
SMALLEST = 3_000
_FORMAT = 3  # raised when the county changes for the same arguments
_NAMED = ("dibao", "tekun", "borderline", "expenditure", "temporary", "patrol", "care_assessment")
_README = """虚构数据，仅供演示和测试

本文件夹由程序生成。其中的姓名、身份证号、住址、电话、账号、单位和全部记录都是编造的，不对应任何真实的人、家庭或机构；
与真人相同纯属巧合。请勿用于任何行政决定。

drop/   一个月的部门数据，按实际收到的样子（格式不一、有错漏）
truth/  这些数据的真实情况，用于检验审计结果
"""
_MESSY, _CLEAN = "（格式不一、有错漏）", "（格式不一；姓名和身份证号均无误）"
Progress = Callable[[str], None]


def make_county(
    out: Path,
    *,
    people: int = 20_000,
    seed: int = 1,
    month: str = "2022-10",
    clean: bool = False,
    progress: Progress | None = None,
) -> None:
    """Write `out`/drop and `out`/truth: `people` made-up people, the same bytes for the same arguments.

    An earlier demonstration county in `out` is replaced; anything else in it is an error (BadInput). `progress` is
    told what is being done.

    clean: the same people and the same planted cases of rules, but identities are written as they are, every cell can
    be read and no gap is planted, so that only the rules are put to the test.
    """
    say = progress or (lambda text: None)
    audit_month = AuditMonth(month)
    if people < SMALLEST:
        raise BadInput(
            f"a county of {people} people is too small to plant every rule in", remedy=f"ask for at least {SMALLEST}"
        )
    parameters: dict[str, object] = {"people": people, "seed": seed, "month": month, "format": _FORMAT}
    if clean:
        parameters["clean"] = True
    _refuse_other(out, parameters)
    out.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        scratch.chmod(0o755)
        _make(scratch, people, seed, audit_month, clean, say)
        (scratch / MARKER).write_text(json.dumps(parameters, indent=1) + "\n", encoding="utf-8")
        if out.exists():
            shutil.rmtree(out)
        scratch.rename(out)
    finally:
        if scratch.exists():
            shutil.rmtree(scratch)


def _refuse_other(out: Path, parameters: dict[str, object]) -> None:
    """BadInput unless `out` is new, empty, or a county made with these parameters."""
    if out.exists() and not out.is_dir():
        raise BadInput("is a file, not a folder", file=str(out), remedy="name another folder")
    if not out.exists() or not any(out.iterdir()):
        return
    marker = out / MARKER
    if not marker.is_file():
        what = "the folder is not empty and holds no earlier demonstration county"
        raise BadInput(what, file=str(out), remedy="name a new or empty folder")
    try:
        earlier = json.loads(marker.read_text(encoding="utf-8"))
    except ValueError:
        earlier = {}
    if earlier != parameters:
        what = "the folder holds a demonstration county made with other arguments"
        raise BadInput(what, file=str(out), remedy="delete the folder, or name another one")


def build_world(people: int, seed: int, month: AuditMonth, *, clean: bool = False) -> County:
    """The county before any file: people, rosters, everything planted, and all other records.

    The clean form draws the same lots, and differs in what noise will find to do only. BadInput where the people drawn
    are too few for all that is planted: a few thousand are enough by most seeds only.
    """
    rng = np.random.default_rng(seed)
    try:
        return settle(make_people(rng, people, month.as_of), rng, month, clean=clean)
    except NothingLeft as e:
        raise BadInput(
            f"a county of {people} people by seed {seed} is too small for all that is planted in it: {e}",
            remedy="give more --people, or another --seed",
        ) from e


def settle(
    people: People, rng: np.random.Generator, month: AuditMonth, *, clean: bool = False, enrolled: float = 1.0
) -> County:
    """The county of these people. `enrolled`: how many times the usual share of them is on rosters, at most 3."""
    scale = math.sqrt(len(people) / 20_000)
    positives = max(2, round(6 * scale)) if len(people) < 20_000 else round(6 * scale)
    county = County(
        rng=rng,
        month=month,
        figures=figures_for(month.text),
        people=people,
        positives=positives,
        near_misses=max(2, positives // 2),
        clean=clean,
        enrolled=enrolled,
    )
    make_rosters(county)
    plant_all(county)
    plant_likenesses(county)
    plant_defects(county)
    choose_loud(county)
    renumber(county)
    reserved_background(county)
    general_background(county)
    bureau_records(county)
    county.apart = county.quiet | county.loud
    if clean:
        spare_everybody(county)
    return county


def _make(folder: Path, people: int, seed: int, month: AuditMonth, clean: bool, say: Progress) -> None:
    say("people, households and rosters")
    county = build_world(people, seed, month, clean=clean)
    frames = assemble(county)
    county.frames.clear()
    say("noise")
    for name in list(frames):
        if name not in ("payment", "archive"):
            frames[name] = add_noise(county, name, frames[name])
    for name in ("dibao", "tekun"):
        frames[name] = write_holders(county, frames[name])
    gaps = [] if clean else plant_gaps(county, frames)  # they are slips as well
    drop = folder / "drop"
    drop.mkdir()
    _write_drop(drop, county, frames, gaps, say, folder)
    (drop / "audit.toml").write_text(_AUDIT_TOML, encoding="utf-8")
    (folder / "README.txt").write_text(_README.replace(_MESSY, _CLEAN) if clean else _README, encoding="utf-8")


_AUDIT_TOML = f"""# 庆云镇的低保表没有“镇街”一列，由这里补上。
[[source]]
dataset = "dibao"
glob = "低保_{WITHOUT_TOWN}*.xlsx"
constants = {{ town = "{WITHOUT_TOWN}" }}

# 个税数据在一个 SQLite 数据库里：哪个表是哪个数据集，要在这里写明。
[[source]]
dataset = "tax"
database = "sqlite:税务共享.sqlite"
table = "个税"
"""


def _write_drop(
    drop: Path, c: County, frames: dict[str, pl.DataFrame], gaps: list[PlantedGap], say: Progress, folder: Path
) -> None:
    """All files, and the truth."""
    say("files")
    accounts: list[tuple[Plan, str, Account]] = []
    for plan in plan_drop(frames, c.month):
        sheets = []
        for sheet in plan.sheets:
            written, account = lay_out(plan, sheet, frames[plan.dataset], c.rng, clean=c.clean)
            sheets.append(written)
            accounts.append((plan, sheet.name, account))
        _write_file(drop, plan, sheets, c.month)
    tables = {
        name: pl.concat([a.frame for p, _, a in accounts if p.dataset == name], how="diagonal") for name in frames
    }
    frames.clear()
    say("truth")
    write_truth(folder / "truth", c, tables, accounts, gaps)


def _write_file(drop: Path, plan: Plan, sheets: list[Written], month: AuditMonth) -> None:
    path = drop / plan.file
    if plan.kind == "xlsx":
        if plan.decoys:
            sheets = [*sheets, note_sheet(f"{month.year}年{month.number}月"), hidden_sheet(sheets[0])]
        write_workbook(path, sheets)
    elif plan.kind == "text":
        write_text(path, sheets[0], plan.encoding, plan.separator)
    elif plan.kind == "parquet":
        write_parquet(path, sheets[0])
    else:
        write_sqlite(path, plan.table, sheets[0])
