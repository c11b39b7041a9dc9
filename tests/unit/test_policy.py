"""Policy packs and a bureau's override of them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from pipeline.errors import BadInput
from pipeline.policy import Policy, every_pack, pack_for
from pipeline.policy.packs import PackError
from pipeline.policy.words import as_text, figure, value_zh


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
    assert pack.overridden == () and pack.override is None
    assert pack_for("2019-09").name == pack_for("2025-12").name == pack.name
    later = pack_for("2026-01")
    assert later.name == pack_for("2030-12").name != pack.name


@pytest.mark.parametrize("month", ["2019-08", "2031-01", "1999-12"])
def test_a_month_without_a_pack_is_an_error_not_a_guess(month: str) -> None:
    with pytest.raises(BadInput, match=f"no policy pack covers month {month}.*2019-09 to 2030-12"):
        pack_for(month)


def test_every_figure_has_its_clause_and_whether_it_was_read() -> None:
    for pack in map(pack_for, ("2022-10", "2026-10")):
        assert set(pack.about) == set(pack.figures) | set(pack.lists)
        for about in pack.about.values():
            assert about["zh"] and about["clause"] and about["source"] and isinstance(about["verified"], bool)
            # what was only quoted, remembered or assumed is not verified
            assert not (about["verified"] and any(w in about["source"] for w in ("凭记忆", "假设", "转述", "摘要")))
        told = [a["zh"] for a in pack.about.values() if not a["verified"]]
        assert [line.partition("（" + k)[0] for line, k in zip(pack.unverified, _unread(pack), strict=True)] == told
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
        ('[limits]\nhomes = "two"\n', "policy figure 'limits.homes' must be a whole number"),
        ("[limits]\nhomes = true\n", "policy figure 'limits.homes' must be a whole number"),
        ("[limits]\nhomes = -1\n", "policy figure 'limits.homes' must be a whole number"),
        ("[limits]\nhomes = nan\n", "policy figure 'limits.homes' must be a whole number"),
        ("[limits]\nhomes = inf\n", "policy figure 'limits.homes' must be a whole number"),
        ('[lists]\nvehicle_exempt = "摩托车"\n', "must be a list of texts"),
        ("[lists]\nvehicle_exempt = [1]\n", "must be a list of texts"),
        ('[lists]\nexclusive_schemes = ["dibao"]\n', "must be a list of pairs of texts"),
        ('[lists]\nexclusive_schemes = [["dibao"]]\n', "must be a list of pairs of texts"),
        ("[limits]\nhomes = 1.5\n", "policy figure 'limits.homes' must be a whole number"),
        ("[limits]\nreassess_from_month = 13\n", "must be a number of a month, 1 to 12"),
        ("[draw]\ntekun = 30\n", "policy figure 'draw.tekun' must be a number between 0 and 1"),
        ("[standard]\nurban = -1\n", "policy figure 'standard.urban' must be a number, zero or more"),
        ("[limits]\nhomes.most = 2\n", "policy figure 'limits.homes' must be a whole number"),
        ('[lists]\nvehicle_livelihood = ["营运"]\n', "must be a list of pairs of texts"),
        ('[lists]\nvehicle_exempt = [""]\n', "must be a list of texts"),
        ("from = 3\n", "'from' must be a text"),
        ("limits = 3\n", "'limits' must be a section"),
        ("[about]\n", "unknown policy name 'about'"),
        ('valid_to = "2022-09"\n', "the figures are for … to 2022-09, not for month 2022-10"),
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


def _unread(pack: Policy) -> list[str]:
    return [k for k, about in pack.about.items() if not about["verified"]]


def test_what_is_recorded_of_an_override(tmp_path: Path) -> None:
    path = override(tmp_path, 'from = "某市民政局"\n[limits]\nhomes = 2\npatrol_days = 31\n')
    record = pack_for("2022-10", path).record()
    assert record["pack"] == "guangdong_2022" and record["source"] == "某市民政局"
    assert record["override"] == {
        "from": "某市民政局",
        "file": "ours.toml",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "figures": {"limits.homes": 2, "limits.patrol_days": 31},
        "changed": ["limits.homes"],
    }
    assert pack_for("2022-10").record()["override"] is None


def test_the_packs_differ_where_the_law_was_said_to_change_and_nowhere_else() -> None:
    earlier, later = every_pack()
    assert later.extends == earlier.id and later.valid_from == "2026-01"
    differing = {k for k in later.values if later.values[k] != earlier.values[k]}
    assert differing == {"limits.dibao_income_gate", "lists.vehicle_livelihood"}
    assert earlier.values["limits.dibao_income_gate"] == 0 and earlier.values["lists.vehicle_livelihood"] == []
    # the basic pension was excluded for a plan that ended with 2025; the 12 months are read from 2025 on
    assert earlier.about["lists.pension_excluded"]["verified"] and not later.about["lists.pension_excluded"]["verified"]
    assert later.about["limits.validity_months"]["verified"] and not earlier.about["limits.validity_months"]["verified"]


PACK = (
    'name = "{0}"\nfrom = "x"\nvalid_from = "{1}"\nvalid_to = "{2}"\n{3}\n[limits]\nhomes = {4}\n[about]\n'
    '"limits.homes" = {{ zh = "套数", unit = "套", clause = "c", source = "s", verified = true }}\n'
)


@pytest.mark.parametrize(
    ("second", "says"),
    [
        (PACK.format("b", "2021-12", "2022-12", "", 1), "overlap from 2021-12"),
        (PACK.format("b", "2022-02", "2022-12", "", 1), "no pack covers the months between a (2021-12) and b"),
        (PACK.format("b", "2022-12", "2022-01", "", 1), "valid_from is later than valid_to"),
        (PACK.format("b", "2022-01", "2022-12", 'extends = "c"', 1), "extends 'c', which is no other pack"),
        (PACK.format("b", "2022-01", "2022-12", 'extends = "b"', 1), "extends 'b', which is no other pack"),
        (PACK.format("b", "2022-01", "2022-12", "", -1), "'limits.homes' must be a whole number"),
        (PACK.format("b", "2022-01", "2022-12", "", 1).replace('"s"', "3"), "'source' is unknown or of a wrong kind"),
        (PACK.format("b", "2022-01", "2022-12", "", 1).replace('clause = "c", ', ""), "lacks 'clause'"),
        (PACK.format("b", "2022-01", "2022-12", "[draw]\ncare = 1", 1), "differ in draw.care"),
        (PACK.format("b", "2022-01", "2022-12", "", 1).replace("homes", "flats"), "differ in having 'limits.flats'"),
    ],
)
def test_packs_that_overlap_leave_gaps_or_are_ill_written_are_refused(tmp_path: Path, second: str, says: str) -> None:
    (tmp_path / "a.toml").write_text(PACK.format("a", "2020-01", "2021-12", "", 1), encoding="utf-8")
    (tmp_path / "b.toml").write_text(second, encoding="utf-8")
    with pytest.raises(PackError) as refused:
        every_pack(tmp_path)
    assert says in str(refused.value)


def test_a_pack_that_extends_inherits_figures_and_what_is_said_of_them(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(PACK.format("a", "2020-01", "2021-12", "[draw]\ncare = 0.3", 1).replace(
        "[about]", '[about]\n"draw.care" = { zh = "z", unit = "比例", clause = "c", source = "s", verified = true }'
    ), encoding="utf-8")  # fmt: skip
    later = 'name = "b"\nfrom = "x"\nextends = "a"\nvalid_from = "2022-01"\nvalid_to = "2022-12"\n[limits]\nhomes = 2\n'
    (tmp_path / "b.toml").write_text(later + '[about]\n"limits.homes" = { verified = false }\n', encoding="utf-8")
    first, second = every_pack(tmp_path)
    assert (first.values, second.values) == (
        {"limits.homes": 1, "draw.care": 0.3},
        {"limits.homes": 2, "draw.care": 0.3},
    )
    assert first.about["limits.homes"]["verified"] and second.about["limits.homes"]["clause"] == "c"
    assert not second.about["limits.homes"]["verified"] and second.about["draw.care"] == first.about["draw.care"]


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("limits.homes", "1套"),
        ("draw.tekun", "30%"),
        ("draw.new_dibao", "5%"),
        ("limits.reassess_from_month", "10月"),
        ("limits.death_grace_months", "0个月"),
        ("limits.dibao_income_gate", "不另设，以低保标准为线"),
        ("lists.vehicle_livelihood", "无此例外"),
        ("lists.business_exempt", "农民专业合作社"),
        ("income_line.borderline", "1.5倍"),
        ("care_pay.全自理", "32.4元/月"),
    ],
)
def test_a_figure_in_words(key: str, words: str) -> None:
    assert value_zh(pack_for("2022-10"), key) == words


def test_a_pack_in_words_says_clause_source_mark_and_whose_figure_it_is(tmp_path: Path) -> None:
    ours = pack_for("2026-03", override(tmp_path, 'from = "某市民政局"\n[limits]\nhomes = 2\n'))
    text = as_text(ours)
    for key in ours.about:
        f = figure(ours, key)
        assert f"{f['zh']}：{f['words']}" in text and f["clause"] in text and f["source"] in text
        assert f"{key} · {f['clause']} · {f['source']} · {'已核对' if f['verified'] else '未核对'}" in text
    assert "住房套数限额：2套（取自 某市民政局，替换了政策包的数字）" in text and "ours.toml" in text
    assert "低保／营运" in text and "适用 2026-01 至 2030-12" in text
    assert text.count("未核对\n") + text.endswith("未核对") == len(ours.unverified)
