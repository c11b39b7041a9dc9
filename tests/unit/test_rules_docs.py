"""`audit rules`, `audit policy` and docs/rules.md: of every rule what it flags, on which clause and figures."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline.cli import cli
from pipeline.errors import BadInput
from pipeline.findings import load_rules
from pipeline.findings.docs import page
from pipeline.findings.reference import logic_zh, needs_zh, said, show
from pipeline.policy import pack_for
from pipeline.policy.words import value_zh

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"
POLICY = pack_for("2022-10")
RULES = load_rules(POLICY.names)


def audit(*args: str | Path) -> str:
    done = CliRunner().invoke(cli, list(map(str, args)))
    if done.exception:
        raise done.exception
    return done.output


@pytest.fixture(scope="module")
def made() -> str:
    return page()


def test_the_page_is_up_to_date(made: str) -> None:
    assert PAGE.read_text(encoding="utf-8") == made, "run: python -m pipeline.findings.docs > docs/rules.md"


def test_every_rule_is_on_the_page_with_logic_clause_and_figures(made: str) -> None:
    parts = dict(re.findall(r"^### \S+ `(\w+)`\n(.*?)(?=^##|\Z)", made, re.MULTILINE | re.DOTALL))
    assert set(parts) == {r.id for r in RULES}
    for rule in RULES:
        text = parts[rule.id]
        assert logic_zh(rule, POLICY) in text and rule.basis in text and needs_zh(rule) in text
        for key in rule.policy:
            assert f"`{key}`" in text and value_zh(POLICY, key) in text
        labels = [label for label, _ in said(rule, [POLICY])]
        assert re.findall(r"^- (.+?)：", text, re.MULTILINE) == labels
        plain = [label.replace("`", "") for label in labels]
        assert re.findall(r"^(.+?)：", show(rule, POLICY), re.MULTILINE)[1 : len(plain) + 1] == plain
    assert "{limits." not in made.split("## 自己写规则")[0]


def test_what_the_law_of_2026_changed_stands_on_the_page(made: str) -> None:
    (text,) = re.findall(r"^### 收入不低于救助线 .*?(?=^###)", made, re.MULTILINE | re.DOTALL)
    assert re.search(r"`limits.dibao_income_gate`：.*2019-09起 不另设.*2026-01起 \d+元/月", text)


@pytest.mark.parametrize("rule", RULES, ids=[r.id for r in RULES])
def test_a_rule_is_shown_in_words(rule: object) -> None:
    from pipeline.findings.rules import Rule

    assert isinstance(rule, Rule)
    text = show(rule, POLICY)
    assert rule.id in text and rule.title in text and rule.basis in text and logic_zh(rule, POLICY) in text
    assert all(value_zh(POLICY, key) in text and key in text for key in rule.policy)
    assert not re.search(r"\{[a-z]+\.[^}]*\}", text)


def test_the_command_shows_a_rule_with_the_bureaus_figure(tmp_path: Path) -> None:
    ours = tmp_path / "ours.toml"
    ours.write_text('from = "某市"\n[limits]\nhomes = 2\n', encoding="utf-8")
    text = audit("rules", "show", "homes_over_limit", "--month", "2022-10", "--policy", ours)
    assert "超过2套" in text and "政策数字 limits.homes：住房套数限额 2套" in text and "取自 某市" in text
    data = json.loads(audit("rules", "show", "homes_over_limit", "--month", "2022-10", "--policy", ours, "--json"))
    assert data["needs"] == ["property"] and data["basis"] and data["category"] == "ineligible"
    (figure,) = data["figures"]
    assert (figure["key"], figure["value"], figure["from"], figure["verified"]) == ("limits.homes", 2, "某市", False)


def test_the_command_lists_every_rule() -> None:
    text = audit("rules", "list", "--month", "2022-10")
    assert all(re.search(rf"^  {r.id}　{r.title}　", text, re.MULTILINE) for r in RULES)
    data = json.loads(audit("rules", "list", "--month", "2026-10", "--json"))
    assert [r["id"] for r in data] == [r.id for r in RULES]


def test_without_a_month_the_figures_are_this_months() -> None:
    assert "政策数字取自：" in audit("rules", "show", "homes_over_limit")


def test_an_unknown_rule_names_the_nearest() -> None:
    with pytest.raises(BadInput, match="there is no rule 'homes_over' — nearest: homes_over_limit"):
        audit("rules", "show", "homes_over", "--month", "2022-10")


def test_the_command_shows_a_pack(tmp_path: Path) -> None:
    ours = tmp_path / "ours.toml"
    ours.write_text('from = "某市"\n[lists]\nvehicle_exempt = []\n', encoding="utf-8")
    text = audit("policy", "show", "--month", "2022-10", "--policy", ours)
    assert "不计的车辆：无（取自 某市，替换了政策包的数字）" in text and POLICY.name in text
    data = json.loads(audit("policy", "show", "--month", "2022-10", "--policy", ours, "--json"))
    assert data["pack"] == "guangdong_2022" and data["month"] == "2022-10" and data["override"]["from"] == "某市"
    assert [f["key"] for f in data["figures"]] == list(POLICY.about)
    assert all({"zh", "unit", "clause", "source", "verified", "from", "value"} <= set(f) for f in data["figures"])
    assert sum(not f["verified"] for f in data["figures"]) == len(data["unverified"])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ("policy", "show", "--month", "2018-01"),
            "no policy pack covers month 2018-01 (there is: 2019-09 to 2030-12)",
        ),
        (("policy", "show", "--month", "2022-1"), "'2022-1' is not a month"),
        (("rules", "list", "--month", "2031-01"), "no policy pack covers month 2031-01"),
    ],
)
def test_a_month_that_is_none_or_not_covered(arguments: tuple[str, ...], says: str) -> None:
    with pytest.raises(BadInput) as refused:
        audit(*arguments)
    assert says in str(refused.value)
