"""The rules as a page: `python -m pipeline.findings.docs > docs/rules.md`. A test keeps the two the same."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

from pipeline.engine.dialect import ALIKE
from pipeline.findings.own import empty_drop
from pipeline.findings.reference import said, spans
from pipeline.findings.rules import CATEGORIES, FIXED, load_rules, shared_tables
from pipeline.policy import Policy, every_pack, policy_of
from pipeline.record_words import CATEGORIES as CATEGORIES_ZH

_LISTS = {
    "policy_list": "list, item, other: the lists of the policy pack; other is the second of a pair",
    "policy_figure": "section, name, value: the figures of the policy pack",
    "word": "list, word: words that cells are searched for (pipeline/findings/words.toml)",
    "dataset_name": "id, zh, present: every dataset, its Chinese name, whether the drop has it",
}


def page() -> str:
    """Every rule with clause, needs and figures, and what a rule file may say and read. In Markdown."""
    policies = [policy_of(pack) for pack in every_pack()]
    rules = load_rules(policies[0].names)
    lines = [
        "# 规则",
        "",
        "本页由 `python -m pipeline.findings.docs > docs/rules.md` 从 `sql/rules/` 和 `pipeline/policy/` 生成，"
        "请勿手改。同样的文字可用 `audit rules show ID --month YYYY-MM` 查看，政策数字全表用 "
        "`audit policy show --month YYYY-MM`。",
        "",
        f"政策数字取自：{spans(policies)}。只写一个值的，各期相同；“未核对”指没有与条文原文核对过。",
        "",
        "比对结果是疑点，不是结论。“列出”一栏先说列出什么，再说哪些情形不列入。疑似漏保的人，同户如有车辆、房产、经营、资产、"
        "收入等排除情形（按低保的限额），仍然列出，但单列一表，严重程度记为低。",
    ]
    for category in CATEGORIES:
        of = [r for r in rules if r.category == category]
        lines += ["", f"## {CATEGORIES_ZH[category]} `{category}`（{len(of)}条）"]
        for rule in of:
            lines += ["", f"### {rule.title} `{rule.id}`", ""]
            lines += [f"- {label}：{text}" for label, text in said(rule, policies)]
    return "\n".join([*lines, "", *_own(policies)]) + "\n"


def _own(policies: Sequence[Policy]) -> list[str]:
    """How a rule file is written: English, as the SQL is."""
    lines = [
        "## 自己写规则：文件里可以用什么",
        "",
        "A rule is one file `<category>/<id>.sql`: header lines `-- key: value` (a long value goes on with",
        "`--   more`), then one SELECT in DuckDB's dialect. Any file under `sql/rules/` is an example.",
        "",
        "| header | |",
        "|---|---|",
        *(f"| `{key}` | {_cell(text)} |" for key, text in _HEADER.items()),
        "",
        f"The SELECT's first columns are {', '.join(f'`{c}`' for c in FIXED)}, in this order; {_STEERING}.",
        "All further columns are kept as evidence, and `summary` and `item` may quote them in braces.",
        "",
        "It may use the parameters `$month` ('2022-10'), `$as_of` (the month's last day), `$last_year`, and a figure",
        "that it declares under `policy`: `limits.homes` is `$limits_homes`.",
        "",
        "Functions: " + ", ".join(f"`{f}`" for f in sorted(ALIKE)) + ".",
        "",
        "Tables: every dataset it declares ([datasets.md](datasets.md), with `person` = whom the row is about),",
        "and these, which are worked out once for all rules:",
        "",
        "| table | columns | what it holds |",
        "|---|---|---|",
        *(f"| `{table}` | {text.partition(': ')[0]} | {text.partition(': ')[2]} |" for table, text in _LISTS.items()),
    ]
    with empty_drop(policies[0].pack.valid_to, policies[0]) as engine:
        for statement in shared_tables():
            columns = ", ".join(engine.columns(statement.name))
            lines.append(f"| `{statement.name}` | {columns} | {_remark(statement.path.read_text(encoding='utf-8'))} |")
    return lines


_STEERING = (
    "`severity` (a row's own), `person` (whom a lead is about), `via_dataset` and `via_record_id` are understood"
)
_HEADER = {
    "id": "the file's name: a-z, 0-9 and _",
    "title": "Chinese; the list's name in the workbooks",
    "category": f"the folder: {', '.join(CATEGORIES)}",
    "severity": "high, medium or low",
    "logic": "Chinese: what is flagged, then what is not; `{limits.homes}` stands for a figure with its unit",
    "basis": "the clause",
    "identity": "columns that make a finding the same from month to month",
    "summary": "the sentence: columns in braces, and `{name}`, `{month}`, `{scheme_zh}`, `{household_no}`, `{town}`, "
    "`{items}`",
    "item": "one piece of evidence in the sentence's `{items}`; `item_<dataset>` for that dataset's",
    "schemes": "optional: the rosters it is about; without all of them it is not run, without one only in part",
    "needs": "optional: datasets without which it is not run; `death|prison`: one of them is enough",
    "partly": "optional: datasets without which it runs only in part",
    "policy": "optional: the figures it reads",
    "identified": "optional: datasets whose records without a usable ID number cannot be judged, and are counted",
    "monthly": "optional: of `needs`, those whose records of the audit month it judges; "
    "a scheme without any is not examined",
    "money": "optional: the column with the yuan at stake in the whole finding",
    "verify": "Chinese, one line: how a town finds out whether the lead holds; optional in a bureau's own file",
    "replaces": "optional, a bureau's own file only: its id, to take the place of the built-in rule of that id",
}


def _remark(sql: str) -> str:
    """The comment that a statement begins with, in one line."""
    lines = []
    for line in sql.splitlines():
        if not line.startswith("--"):
            break
        lines.append(line.removeprefix("--").strip())
    return _cell(re.sub(r"\s+", " ", " ".join(lines)))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(page())
