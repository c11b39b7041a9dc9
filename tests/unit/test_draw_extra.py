"""Households drawn by risk: by their weights, apart from the random draw, redone from the findings."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path

import docx
import polars as pl
import pytest
from scipy.stats import chi2

from pipeline.draw import certificate, extra, files
from pipeline.draw.estimate import estimate
from pipeline.draw.flags import Risk, read_audit, risks
from pipeline.draw.select import ticket
from pipeline.errors import BadInput
from tests.unit.draw_sample import MONTH, frame_file


def finding(number: str | None, **more: object) -> dict[str, object]:
    return {"rule_id": "homes_over_limit", "category": "ineligible", "severity": "high", "confidence": "certain",
            "scheme": "dibao", "town": "长来", "household_no": number, "status": "new"} | more  # fmt: skip


def audit_of(folder: Path, findings: list[dict[str, object]], month: str = MONTH) -> Path:
    """OUT/<month> of an audit with these findings, so far as the draw reads it."""
    folder.mkdir(exist_ok=True)
    pl.DataFrame(findings, infer_schema_length=None).write_parquet(folder / "findings.parquet")
    (folder / "run.json").write_text(json.dumps({"month": month}), encoding="utf-8")
    return folder


def many(folder: Path) -> Path:
    kinds = (("high", "certain"), ("medium", "probable"), ("low", "certain"))
    rows = [finding(f"A{i:02d}", severity=kinds[i % 3][0], confidence=kinds[i % 3][1], town=("长来", "坪石")[i % 2])
            for i in range(30)]  # fmt: skip
    return audit_of(folder, rows)


def test_weights_are_summed_over_findings_that_stand(tmp_path: Path) -> None:
    rows = [
        finding("A"), finding("A", severity="medium", confidence="probable", category="payment"),
        finding("B", severity="low", town=None), finding("B", status="continuing", category="care"),
        finding("C", status="resolved"), finding("D", status="dismissed"), finding("E", category="archive"),
        finding("F", category="missing"), finding(None), finding("G", scheme="temporary"),
        finding("A", scheme="borderline", status="reopened", confidence="probable"),
    ]  # fmt: skip
    assert risks(read_audit(audit_of(tmp_path / "a", rows))) == [
        Risk("borderline:A", "长来", 9, 1), Risk("dibao:A", "长来", 21, 2), Risk("dibao:B", "长来", 20, 2),
    ]  # fmt: skip


def test_the_first_is_drawn_in_proportion_to_weight_over_2000_seeds() -> None:
    weights = {"dibao:A": 18, "dibao:B": 9, "dibao:C": 2, "dibao:D": 1}
    candidates = [Risk(u, "长来", w, 1) for u, w in weights.items()]
    first: Counter[str] = Counter()
    second: Counter[str] = Counter()
    for seed in range(2000):
        one, two = sorted(extra.pick(candidates, str(seed), 2, per_town=False), key=lambda p: float(p.key))
        first[one.unit] += 1
        if one.unit == "dibao:A":
            second[two.unit] += 1
    for counts, left in ((first, weights), (second, {u: w for u, w in weights.items() if u != "dibao:A"})):
        n = sum(counts.values())
        expected = {u: n * w / sum(left.values()) for u, w in left.items()}
        stat = sum((counts[u] - e) ** 2 / e for u, e in expected.items())
        assert 0.001 < chi2.sf(stat, len(left) - 1) < 0.999


def test_keys_are_exact() -> None:
    assert abs(float(extra.key_of("0" * 64, 3)) - 256 * 0.6931471805599453 / 3) < 1e-12
    # ticket 2^255 - 1: u = 2^255 / (2^256 + 1), just under a half
    assert abs(float(extra.key_of(f"{2**255 - 1:064x}", 1)) - 0.6931471805599453) < 1e-15
    assert 0 < extra.key_of("f" * 64, 18) < extra.key_of("0" * 64, 18)


def test_it_is_drawn_of_the_county_or_of_each_town_in_the_order_of_keys(tmp_path: Path) -> None:
    run = many(tmp_path / "a")
    county = extra.make_extra(run, "77", "彩票", 12)
    towns = extra.make_extra(run, "77", "彩票", 4, per_town=True)
    assert len(county.drawn) == 12 and Counter(p.town for p in towns.drawn) == {"长来": 4, "坪石": 4}
    for c in (county, towns):
        for a, b in pairwise(c.drawn):
            assert a.town != b.town or float(a.key) < float(b.key)
        assert all(p.ticket == ticket("77", p.unit) for p in c.drawn)
    assert Counter(p.weight for p in county.drawn)[18] > 5  # ten of thirty weigh 18, the rest 3 and 2


def test_it_stands_apart_from_the_random_draw(tmp_path: Path) -> None:
    frame = frame_file(tmp_path, {"dibao": {"长来": 30}}, numbers="A{:02d}")
    random = certificate.make(frame, "1", "骰子")
    file = tmp_path / "random.json"
    file.write_text(random.json_text(), encoding="utf-8")
    run = many(tmp_path / "a")
    c = extra.make_extra(run, "2", "彩票", 100, certificates=[file])
    drawn = {d.unit for d in random.drawn}
    assert drawn and c.candidates == 30 - len(drawn) == len(c.drawn)
    assert not drawn & {p.unit for p in c.drawn} and c.random_sha256 == (files.sha256(file),)
    with pytest.raises(BadInput, match="seed of random round 1"):
        extra.make_extra(run, "1", "彩票", 5, certificates=[file])
    path = tmp_path / "extra.json"
    path.write_text(c.json_text(), encoding="utf-8")
    results = tmp_path / "results.csv"
    results.write_text("unit,conclusion\n", encoding="utf-8")
    for use in (
        lambda: estimate([file, path], results),
        lambda: certificate.make(frame, "3", "x", 2, earlier_files=[path]),
    ):
        with pytest.raises(BadInput, match="stands apart from the random ones"):
            use()


def test_verification_redoes_it_and_names_what_differs(tmp_path: Path) -> None:
    run = many(tmp_path / "a")
    c = extra.make_extra(run, "77", "彩票", 6)
    path = tmp_path / "extra.json"
    path.write_text(c.json_text(), encoding="utf-8")
    assert not extra.verify_extra(path, run).differences and extra.read(path) == c
    path.write_text(c.json_text().replace(c.drawn[0].unit, "dibao:A99"), encoding="utf-8")
    told = extra.verify_extra(path, run).differences
    assert f"when redone, not by the certificate: {c.drawn[0].unit} (weight {c.drawn[0].weight})" in told
    path.write_text(c.json_text(), encoding="utf-8")
    other = audit_of(tmp_path / "b", [finding("A01")])
    assert any("findings.parquet has SHA-256" in t for t in extra.verify_extra(path, other).differences)


def test_its_paper_says_that_it_is_no_random_draw(tmp_path: Path) -> None:
    c = extra.make_extra(many(tmp_path / "a"), "77", "彩票", 6)
    file = tmp_path / "extra.docx"
    file.write_bytes(extra.extra_docx(c))
    page = docx.Document(str(file))
    text = "\n".join(p.text for p in page.paragraphs) + "".join(
        c.text for t in page.tables for r in t.rows for c in r.cells
    )
    assert "不属于随机抽查" in text and "不用于推算总体差错率" in text and c.findings_sha256 in text


def test_bad_input_is_refused(tmp_path: Path) -> None:
    run = many(tmp_path / "a")
    with pytest.raises(BadInput, match="no finished audit"):
        extra.make_extra(tmp_path, "1", "x", 5)
    with pytest.raises(BadInput, match="--seed-note is empty"):
        extra.make_extra(run, "1", " ", 5)
    with pytest.raises(BadInput, match="no household with findings is left"):
        extra.make_extra(audit_of(tmp_path / "b", [finding("A", status="resolved")]), "1", "x", 5)
