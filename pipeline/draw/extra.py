"""Households with findings drawn by risk, beside the random draw: the graver, the likelier; in no estimate.

Weighted sampling without replacement by exponential keys (Efraimidis and Spirakis 2006, Weighted random sampling with a
reservoir): a household's key is -ln(u) / weight, u = (ticket + 1) / (2^256 + 1), the ticket read as a whole number;
the smallest keys are drawn. Logarithms are Decimal's, correctly rounded to 100 digits: the same on every machine.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from pathlib import Path
from typing import Any, NamedTuple

from pipeline import __version__
from pipeline.contract import COUNTY, scheme_zh
from pipeline.draw import certificate, files
from pipeline.draw.certificate import EXTRA, FORMAT
from pipeline.draw.flags import Risk, read_audit, risk_table, risks
from pipeline.draw.select import check_seed, same_seed, ticket
from pipeline.draw.verify import Verdict
from pipeline.draw.words import household_of, scheme_of
from pipeline.errors import BadInput

_MATH = Context(prec=100)
KEY = "-ln((ticket + 1) / (2^256 + 1)) / weight; ticket = SHA-256 of UTF-8: seed, line feed, unit; smallest first"


class Picked(NamedTuple):
    """A household drawn by risk."""

    town: str
    unit: str
    weight: int
    findings: int
    ticket: str
    key: str


@dataclass(frozen=True)
class Extra:
    """The certificate of an extra draw. `passed_over`: units of random draws; `random_sha256`: their certificates."""

    month: str
    findings_sha256: str
    seed: str
    seed_note: str
    count: int
    per_town: bool
    candidates: int
    passed_over: tuple[str, ...]
    random_sha256: tuple[str, ...]
    drawn: tuple[Picked, ...]
    version: str = __version__

    @property
    def stem(self) -> str:
        return f"extra-{self.month}-{self.findings_sha256[:8]}-{ticket(self.seed, 'extra')[:8]}"

    def json_text(self) -> str:
        data = {
            "format": FORMAT, "kind": EXTRA, "tool": "county-audit", "version": self.version, "month": self.month,
            "findings_sha256": self.findings_sha256, "weights": risk_table(), "key": KEY, "seed": self.seed,
            "seed_note": self.seed_note, "count": self.count, "per_town": self.per_town,
            "candidates": self.candidates, "random_sha256": list(self.random_sha256),
            "passed_over": list(self.passed_over), "drawn": [p._asdict() for p in self.drawn],
        }  # fmt: skip
        return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def key_of(number: str, weight: int) -> Decimal:
    """The exponential key of a ticket (64 hex digits) and a weight above 0."""
    u = _MATH.divide(Decimal(int(number, 16) + 1), Decimal(2**256 + 1))
    return _MATH.divide(_MATH.minus(_MATH.ln(u)), Decimal(weight))


def pick(candidates: Sequence[Risk], seed: str, count: int, *, per_town: bool) -> list[Picked]:
    """The `count` smallest keys of the county, or of each town; in the order of town and key."""
    keyed = []
    for c in candidates:
        number = ticket(seed, c.unit)
        keyed.append((key_of(number, c.weight), c, number))
    keyed.sort(key=lambda k: (k[0], k[1].unit))
    taken: dict[str, int] = {}
    out = []
    for key, c, number in keyed:
        group = c.town if per_town else ""
        if taken.get(group, 0) < count:
            taken[group] = taken.get(group, 0) + 1
            out.append((c.town.encode(), key, Picked(c.town, c.unit, c.weight, c.findings, number, f"{key:.20e}")))
    return [p for _, _, p in sorted(out, key=lambda o: o[:2])]


def make_extra(
    run_folder: Path,
    seed: str,
    seed_note: str,
    count: int,
    *,
    per_town: bool = False,
    certificates: Sequence[Path] = (),
) -> Extra:
    """Draw by risk from the findings of an audit. BadInput for a seed that a random draw had, or no candidate."""
    audit = read_audit(run_folder)
    check_seed(seed)
    if not (note := " ".join(seed_note.split())):
        raise BadInput("--seed-note is empty", remedy="say where the seed came from, who threw or read it, and when")
    random = [certificate.read(path) for path in certificates]
    for c in random:
        if same_seed(c.seed, seed):
            raise BadInput(f"this is the seed of random round {c.round}", remedy="give the extra draw one of its own")
    passed = {household_of(d.unit) for c in random for d in c.drawn}
    candidates = [r for r in risks(audit) if r.unit not in passed]
    if not candidates:
        raise BadInput(
            "no household with findings is left to draw", remedy="there is nothing to add to the random draw"
        )
    return Extra(
        month=audit.month, findings_sha256=audit.sha256, seed=seed, seed_note=note, count=count, per_town=per_town,
        candidates=len(candidates), passed_over=tuple(sorted(passed)),
        random_sha256=tuple(sorted(files.sha256(p) for p in certificates)),
        drawn=tuple(pick(candidates, seed, count, per_town=per_town)),
    )  # fmt: skip


def read(path: Path) -> Extra:
    """Read the certificate of an extra draw. BadInput for anything else."""
    data = certificate.load(path)
    try:
        if data["kind"] != EXTRA:
            raise KeyError("kind")
        return Extra(
            month=data["month"], findings_sha256=data["findings_sha256"], seed=data["seed"],
            seed_note=data["seed_note"], count=int(data["count"]), per_town=bool(data["per_town"]),
            candidates=int(data["candidates"]), passed_over=tuple(data["passed_over"]),
            random_sha256=tuple(data["random_sha256"]), drawn=tuple(Picked(**p) for p in data["drawn"]),
            version=data["version"],
        )  # fmt: skip
    except (KeyError, TypeError, ValueError) as e:
        raise BadInput("it is no certificate of an extra draw", file=path.name, remedy="give extra-….json") from e


def verify_extra(path: Path, run_folder: Path) -> Verdict:
    """Redo an extra draw from the audit's findings."""
    c, audit, found = read(path), read_audit(run_folder), Verdict()
    if audit.sha256 != c.findings_sha256:
        found.differences.append(
            f"findings.parquet has SHA-256 {audit.sha256}, the certificate says {c.findings_sha256}"
        )
    if certificate.load(path)["weights"] != risk_table():
        found.differences.append("the weights are not those of this program's risk.toml")
    candidates = [r for r in risks(audit) if r.unit not in set(c.passed_over)]
    again = pick(candidates, c.seed, c.count, per_town=c.per_town)
    if len(candidates) != c.candidates:
        found.differences.append(f"{c.candidates} candidates by the certificate, {len(candidates)} when redone")
    was, now = set(c.drawn), set(again)
    found.differences += [
        f"by the certificate, not when redone: {p.unit} (weight {p.weight})" for p in sorted(was - now)
    ]
    found.differences += [
        f"when redone, not by the certificate: {p.unit} (weight {p.weight})" for p in sorted(now - was)
    ]
    if not found.differences:
        found.notes.append(f"redone: the same {len(again)} households")
    return found


def extra_docx(c: Extra) -> bytes:
    """The extra draw's page: it says at its head that it is no part of the random draw."""
    from pipeline.draw.paper import Page, docx, in_order

    towns = in_order({p.town for p in c.drawn})
    schemes = sorted({scheme_of(p.unit) for p in c.drawn})
    table = [["镇街", *map(scheme_zh, schemes), "户数"]]
    for town in [*towns, ""]:
        of_town = [p for p in c.drawn if town in ("", p.town)]
        counts = [sum(scheme_of(p.unit) == s for p in of_town) for s in schemes]
        table.append([town or "合计", *(str(n or "–") for n in counts), str(len(of_town))])
    w: dict[str, Any] = risk_table()
    weights = (
        f"每条疑点的分量：严重程度高 {w['severity']['high']}、中 {w['severity']['medium']}、低 {w['severity']['low']}，"
        f"乘以把握程度（确定 {w['confidence']['certain']}、可能 {w['confidence']['probable']}），一户各条相加"
    )
    facts = [
        ("性质", "在有疑点的户中按风险大小加权抽取，与随机抽查分开登记，不用于推算总体差错率"),
        ("疑点数据校验值", c.findings_sha256),
        ("种子", c.seed),
        ("种子来源", c.seed_note),
        ("范围", f"有疑点、未被随机抽中的 {c.candidates} 户，{'每镇街' if c.per_town else '全县'}抽 {c.count} 户"),
        ("分量", weights),
    ]
    year, month = c.month.split("-")
    closing = (
        "怎样验证：每户签号为 SHA-256（种子、换行符、单元编号），u＝（签号＋1）÷（2 的 256 次方＋1），"
        f"按 −ln(u)÷分量 从小到大取。重做命令：audit draw verify {c.stem}.json --run 核查结果文件夹。",
    )
    return docx(
        Page(f"{COUNTY['county']}社会救助入户核查补充抽取凭证（按风险）", f"{year}年{int(month)}月　不属于随机抽查",
             facts, frozenset({"疑点数据校验值", "种子"}), table, 1, closing, note="格中数字：抽中户数。"),
        c.month,
    )  # fmt: skip
