"""The certificate: made by the program, redone by the READMEs' recipe, verified; changed ones found out."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import shutil
import stat
import subprocess
from pathlib import Path

import docx
import pytest

from pipeline.draw import certificate, frame
from pipeline.draw.certificate import make
from pipeline.draw.paper import certificate_docx
from pipeline.draw.verify import verify
from pipeline.errors import BadInput
from tests.unit.draw_sample import MONTH, audit, small_drop

ROOT = Path(__file__).parents[2]
FRAME = f"frame-{MONTH}.tsv"
ROUND1, ROUND2 = f"draw-{MONTH}-round1", f"draw-{MONTH}-round2"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with drop/ and, in draw/, the frame and two rounds, all made by the console program."""
    folder = tmp_path_factory.mktemp("drawn")
    small_drop(folder / "drop")
    out = folder / "draw"
    told = audit("draw", "frame", "--drop", folder / "drop", "--month", MONTH, "--out", out).stdout
    digest = hashlib.sha256((out / FRAME).read_bytes()).hexdigest()
    assert f"SHA-256 {digest}" in told
    start = ("draw", "make", "--frame", out / FRAME, "--out", out, "--seed-note", "十枚骰子")
    audit(*start, "--seed", "4163325114", "--frame-sha256", digest.upper())
    audit(*start, "--seed", "05 12 17+23", "--round", "2", "--earlier", out / f"{ROUND1}.json")
    return folder


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    """The draw's folder, to be spoiled."""
    return Path(shutil.copytree(made / "draw", tmp_path / "draw"))


def recipe(readme: str) -> str:
    (found,) = re.findall(r"```sh\n(.*?)```", (ROOT / readme).read_text(encoding="utf-8"), re.DOTALL)
    return str(found)


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_recipe_of_the_readme_draws_the_same(made: Path, tmp_path: Path, readme: str) -> None:
    text = recipe(readme)
    assert len(text.strip().splitlines()) == 10
    draw = made / "draw"
    for stem, seed, earlier in (
        (ROUND1, "4163325114", "/dev/null"), (ROUND2, "05 12 17+23", draw / f"{ROUND1}.tsv"),
    ):  # fmt: skip
        names = {"FRAME": str(draw / FRAME), "SEED": seed, "EARLIER": str(earlier), "PATH": "/usr/bin:/bin"}
        done = subprocess.run(
            ["sh", "-eu"], input=text, env=names, cwd=tmp_path, capture_output=True, text=True, check=True
        )
        c = certificate.read(draw / f"{stem}.json")
        assert c.frame_sha256 in done.stdout
        assert (tmp_path / "drawn.tsv").read_text(encoding="utf-8") == c.list_text()
        assert (draw / f"{stem}.tsv").read_text(encoding="utf-8") == c.list_text() and len(c.drawn) > 20
    names["SEED"] = "4163325115"
    subprocess.run(["sh", "-eu"], input=text, env=names, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert (tmp_path / "drawn.tsv").read_text(encoding="utf-8") != c.list_text()


def test_the_certificate_tells_everything_and_is_private(made: Path) -> None:
    data = json.loads((made / "draw" / f"{ROUND2}.json").read_text(encoding="utf-8"))
    assert (data["kind"], data["round"], data["seed"], data["seed_note"]) == ("random", 2, "05 12 17+23", "十枚骰子")
    rates = {(r["draw"], r["care"]): (r["rate"], r["clause"]) for r in data["rates"]}
    assert rates["care", "失能"] == ("1/1", "本市核查通知（原则上全部复评）") and rates["new_dibao", "-"][0] == "1/20"
    assert sum(s["drawn"] for s in data["strata"]) == len(data["drawn"])
    assert [e["round"] for e in data["earlier"]] == [1]
    for file in (made / "draw").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file.name
    assert stat.S_IMODE((made / "draw").stat().st_mode) == 0o700


def test_no_unit_is_drawn_twice_over_the_rounds(made: Path) -> None:
    first, second = (certificate.read(made / "draw" / f"{stem}.json") for stem in (ROUND1, ROUND2))
    pairs = [(d.draw, d.unit) for c in (first, second) for d in c.drawn]
    assert len(set(pairs)) == len(pairs)
    whole = [s for s in second.strata if s.care in ("半失能", "失能")]
    assert whole and all((s.earlier, s.drawn) == (s.units, 0) for s in whole)


def test_the_paper_says_what_the_certificate_says_on_the_same_bytes(made: Path) -> None:
    c = certificate.read(made / "draw" / f"{ROUND1}.json")
    assert certificate_docx(c) == (made / "draw" / f"{ROUND1}.docx").read_bytes()
    page = docx.Document(str(made / "draw" / f"{ROUND1}.docx"))
    cells = [[cell.text for cell in row.cells] for table in page.tables for row in table.rows]
    facts = {row[0]: row[1] for row in cells if len(row) == 2}
    assert facts["抽样框校验值"] == c.frame_sha256 and facts["种子"] == "4163325114" and facts["种子来源"] == "十枚骰子"
    assert facts["中签名单校验值"] == hashlib.sha256((made / "draw" / f"{ROUND1}.tsv").read_bytes()).hexdigest()
    heads, total = next(row for row in cells if row[0] == "镇街"), next(row for row in cells if row[0] == "合计")
    tekun = [s for s in c.strata if s.draw == "tekun"]
    assert total[heads.index("特困")] == f"{sum(s.drawn for s in tekun)} / {sum(s.units for s in tekun)}" == "9 / 30"
    assert any(cell.startswith("监督人") for row in cells for cell in row)


def test_the_draw_holds_from_frame_and_from_drop(made: Path) -> None:
    draw = made / "draw"
    for source in (("--frame", draw / FRAME), ("--drop", made / "drop")):
        done = audit("draw", "verify", draw / f"{ROUND2}.json", *source, "--earlier", draw / f"{ROUND1}.json")
        assert "the draw holds" in done.stdout and "taken as the certificate keeps it" not in done.stdout
    done = audit("draw", "verify", draw / f"{ROUND2}.json", "--frame", draw / FRAME)
    assert "round 1: taken as the certificate keeps it" in done.stdout


def change(file: Path, **fields: object) -> Path:
    data = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(data | fields, ensure_ascii=False), encoding="utf-8")
    return file


def test_a_changed_seed_is_found(copy: Path) -> None:
    told = verify(change(copy / f"{ROUND1}.json", seed="4163325115"), frame_file=copy / FRAME).differences
    assert sum("ticket is not that of the seed" in t for t in told) == len(
        certificate.read(copy / f"{ROUND1}.json").drawn
    )
    assert any(t.startswith("drawn when redone, not by the certificate: ") for t in told)


def test_a_changed_unit_is_found_and_named(copy: Path) -> None:
    c = certificate.read(copy / f"{ROUND1}.json")
    out = next(d for d in c.drawn if d.draw == "tekun")
    standing = {line[3] for line in frame.read(copy / FRAME).lines if line[:3] == ("tekun", out.town, "-")}
    other = min(standing - {d.unit for d in c.drawn if d.draw == "tekun"})
    from pipeline.draw.select import ticket

    for unit, number, why in (
        (other, ticket(c.seed, other), "its ticket is not among the smallest"),
        ("tekun:NOBODY", ticket(c.seed, "tekun:NOBODY"), "it is not in the frame"),
    ):
        drawn = [(d if d != out else d._replace(unit=unit, ticket=number))._asdict() for d in c.drawn]
        told = verify(change(copy / f"{ROUND1}.json", drawn=drawn), frame_file=copy / FRAME).differences
        assert told == [
            f"drawn by the certificate, not when redone: {unit} (tekun/{out.town}/-) ({why})",
            f"drawn when redone, not by the certificate: {out.unit} (tekun/{out.town}/-)",
        ]


def test_an_added_unit_in_the_drop_is_found_and_named(copy: Path, made: Path, tmp_path: Path) -> None:
    drop = Path(shutil.copytree(made / "drop", tmp_path / "drop"))
    with (drop / "特困.csv").open("a", encoding="utf-8") as file:
        file.write("TK999,新人,,长来,全自理,2018-01,\r\n")
    done = audit("draw", "verify", copy / f"{ROUND1}.json", "--drop", drop, "--frame", copy / FRAME, ok=False)
    assert done.returncode == 2 and "the draw does not hold" in done.stderr
    assert "in the drop, not in the frame: tekun 长来 - tekun:TK999" in done.stdout.splitlines()
    told = verify(copy / f"{ROUND1}.json", drop=drop).differences
    assert any("the frame made again from the drop has SHA-256" in t for t in told)
    assert "stratum tekun/长来/-: certificate 10 units, 0 earlier, 3 drawn; redone 11 units, 0 earlier, 4 drawn" in told


def test_changed_counts_rates_rounds_and_policies_are_found(copy: Path, made: Path, tmp_path: Path) -> None:
    file = copy / f"{ROUND1}.json"
    c = certificate.read(file)
    fewer = [s._replace(drawn=s.drawn - 1)._asdict() if s.draw == "tekun" else s._asdict() for s in c.strata]
    assert any("by the count" in t for t in verify(change(file, strata=fewer), frame_file=copy / FRAME).differences)
    rates = [{"draw": r.draw, "care": r.care, "rate": "1/10" if r.draw == "tekun" else str(r.share), "figure": r.figure,
              "clause": r.clause, "verified": r.verified} for r in c.rates]  # fmt: skip
    file = change(copy / f"{ROUND1}.json", strata=[s._asdict() for s in c.strata], rates=rates)
    told = verify(file, frame_file=copy / FRAME, drop=made / "drop").differences
    assert "rate tekun/-: the certificate has 1/10, the frame 3/10" in told
    assert any(t.startswith("rate tekun/-: the certificate has 1/10, the policy") for t in told)
    ours = tmp_path / "ours.toml"
    ours.write_text('from = "本局"\n[draw]\ntekun = 0.5\n', encoding="utf-8")
    told = verify(copy / f"{ROUND2}.json", drop=made / "drop", policy_file=ours).differences
    assert told == [f"rate tekun/-: the certificate has 3/10, the policy ({c.policy.name}) 1/2"]
    told = verify(change(copy / f"{ROUND2}.json", earlier=[]), frame_file=copy / FRAME).differences
    assert "round 2: the earlier rounds are not each there once" in told


def test_a_frame_changed_after_publication_is_refused(copy: Path) -> None:
    file = copy / FRAME
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    again = frame.read(file)
    less = dataclasses.replace(again, lines=again.lines[1:])
    file.write_bytes(less.text.encode())
    for given in (None, digest):
        with pytest.raises(BadInput, match="changed after its SHA-256 was published"):
            make(file, "1", "note", frame_sha256=given)
    (copy / f"{FRAME}.sha256").unlink()
    with pytest.raises(BadInput, match=r"no \.sha256 beside it"):
        make(file, "1", "note")
    with pytest.raises(BadInput, match="is none"):
        make(file, "1", "note", frame_sha256="abc")


def test_seeds_rounds_and_earlier_certificates_are_checked(copy: Path) -> None:
    one, two = copy / f"{ROUND1}.json", copy / f"{ROUND2}.json"
    cases = [
        ({"seed": "4163325114", "number": 2, "earlier_files": [one]}, "this is the seed of round 1"),
        ({"seed": "05121 7+23", "number": 3, "earlier_files": [one, two]}, "this is the seed of round 2"),
        ({"seed": "9", "number": 2}, "needs the certificates of every earlier round"),
        ({"seed": "9", "number": 3, "earlier_files": [one]}, "needs the certificates of every earlier round"),
        ({"seed": "9", "number": 3, "earlier_files": [two, two]}, "needs the certificates of every earlier round"),
        ({"seed": "9", "number": 1, "earlier_files": [one]}, "needs the certificates of every earlier round"),
        ({"seed": "9", "seed_note": "  "}, "--seed-note is empty"),
        ({"seed": "9\n"}, "the seed is empty"),
    ]
    for given, told in cases:
        with pytest.raises(BadInput, match=told):
            make(copy / FRAME, **({"seed_note": "note"} | given))  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="the certificate was changed"):
        make(copy / FRAME, "9", "note", 2, earlier_files=[change(one, seed="8")])
    with pytest.raises(BadInput, match="no certificate"):
        make(copy / FRAME, "9", "note", 2, earlier_files=[change(one, kind="other")])
    with pytest.raises(BadInput, match="no JSON"):
        certificate.read(copy / FRAME)
    with pytest.raises(BadInput, match="lacking or of a wrong kind"):
        certificate.read(change(two, strata=[{"draw": "tekun"}]))


def test_papers_are_not_written_over(copy: Path, made: Path) -> None:
    before = {f.name: f.read_bytes() for f in copy.iterdir()}
    start = ("draw", "make", "--frame", copy / FRAME, "--out", copy, "--seed-note", "十枚骰子")
    audit(*start, "--seed", "4163325114")  # the same draw again: the same files
    done = audit(*start, "--seed", "4163325115", ok=False)
    assert done.returncode == 2 and "not written over" in done.stderr
    other = audit("draw", "frame", "--drop", made / "drop", "--month", "2022-11", "--out", copy / FRAME, ok=False)
    assert other.returncode == 2 and "a file, not a folder" in other.stderr
    every = audit("draw", "frame", "--drop", made / "drop", "--month", MONTH, "--dibao", "all", "--out", copy, ok=False)
    assert every.returncode == 2 and "not written over" in every.stderr
    assert {f.name: f.read_bytes() for f in copy.iterdir()} == before
