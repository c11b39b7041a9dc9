"""Policy packs and a bureau's override of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import BadInput
from pipeline.policy import pack_for


def override(folder: Path, text: str) -> Path:
    path = folder / "ours.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_pack_of_the_month_is_chosen() -> None:
    pack = pack_for("2022-10")
    assert pack.figures["limits.homes"] == 1 and pack.figures["income_line.borderline"] == 1.5
    assert pack.figures["asset_months.tekun"] == 12 and pack.figures["asset_months.expenditure"] == 24
    assert "摩托车" in pack.lists["lists.vehicle_exempt"]
    assert ["tekun", "child_welfare"] in pack.lists["lists.exclusive_schemes"]
    assert pack.review_months == {"A": 12, "B": 6, "C": 6}
    assert pack.overridden == ()
    assert pack_for("2019-09").name == pack_for("2025-12").name == pack.name


@pytest.mark.parametrize("month", ["2019-08", "2026-01", "1999-12"])
def test_a_month_without_a_pack_is_an_error_not_a_guess(month: str) -> None:
    with pytest.raises(BadInput, match=f"no policy pack covers month {month}.*2019-09 to 2025-12"):
        pack_for(month)


def test_every_figure_has_its_clause_and_whether_it_was_read() -> None:
    pack = pack_for("2022-10")
    assert set(pack.about) == set(pack.figures) | set(pack.lists)
    for about in pack.about.values():
        assert about["zh"] and about["clause"] and isinstance(about["verified"], bool)
    assert pack.unverified and all("（" in line for line in pack.unverified)


def test_every_pair_of_the_four_schemes_excludes_the_other() -> None:
    pairs = {frozenset(p) for p in pack_for("2022-10").lists["lists.exclusive_schemes"]}
    four = ("dibao", "tekun", "borderline", "expenditure")
    assert {frozenset((a, b)) for a in four for b in four if a < b} <= pairs


def test_an_override_changes_what_it_names_and_is_recorded(tmp_path: Path) -> None:
    plain = pack_for("2022-10")
    ours = pack_for(
        "2022-10",
        override(
            tmp_path,
            'from = "某市民政局"\n[limits]\nhomes = 2\npatrol_days = 31\n'
            '[lists]\nvehicle_exempt = []\n[care_pay]\n"全护理" = 1032\n',
        ),
    )
    assert ours.figures["limits.homes"] == 2 and ours.lists["lists.vehicle_exempt"] == []
    assert ours.figures["care_pay.全护理"] == 1032
    assert set(ours.overridden) == {"limits.homes", "lists.vehicle_exempt", "care_pay.全护理"}
    assert ours.source == "某市民政局" and plain.source != ours.source
    assert ours.figures["standard.urban"] == plain.figures["standard.urban"]
    assert [line for line in ours.unverified if "limits.homes" in line and "某市民政局" in line]
    assert ours.params()["limits_homes"] == 2


def test_the_hash_is_over_pack_and_override(tmp_path: Path) -> None:
    plain = pack_for("2022-10").sha256
    one = pack_for("2022-10", override(tmp_path, "[limits]\nhomes = 2\n")).sha256
    two = pack_for("2022-10", override(tmp_path, "[limits]\nhomes = 3\n")).sha256
    assert len({plain, one, two}) == 3
    assert pack_for("2022-10").sha256 == plain


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[limits]\nhome = 2\n", "unknown policy figure 'limits.home' — did you mean 'limits.homes'?"),
        ("[limts]\nhomes = 2\n", "unknown policy name 'limts' — did you mean [limits]?"),
        ("homes = 2\n", "unknown policy name 'homes'"),
        ('[limits]\nhomes = "two"\n', "policy figure 'limits.homes' must be a number"),
        ("[limits]\nhomes = true\n", "policy figure 'limits.homes' must be a number"),
        ("[limits]\nhomes = -1\n", "policy figure 'limits.homes' must be a number"),
        ("[limits]\nhomes = nan\n", "policy figure 'limits.homes' must be a number"),
        ("[limits]\nhomes = inf\n", "policy figure 'limits.homes' must be a number"),
        ('[lists]\nvehicle_exempt = "摩托车"\n', "must be a list of texts"),
        ("[lists]\nvehicle_exempt = [1]\n", "must be a list of texts"),
        ('[lists]\nexclusive_schemes = ["dibao"]\n', "must be a list of pairs of texts"),
        ('[lists]\nexclusive_schemes = [["dibao"]]\n', "must be a list of pairs of texts"),
        ("[limits\n", "not a TOML policy file"),
    ],
)
def test_a_wrong_override_is_bad_input_that_names_the_file(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(BadInput) as refused:
        pack_for("2022-10", override(tmp_path, text))
    assert says in str(refused.value)
    assert str(refused.value).startswith("file ours.toml: ")
    assert refused.value.exit_code == 2


def test_an_override_that_is_not_there_or_not_text(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        pack_for("2022-10", tmp_path / "none.toml")
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00[limits]")
    with pytest.raises(BadInput, match="not a TOML policy file"):
        pack_for("2022-10", binary)


def test_an_override_in_utf8_with_a_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    path.write_bytes(b"\xef\xbb\xbf[limits]\nhomes = 4\n")
    assert pack_for("2022-10", path).figures["limits.homes"] == 4
