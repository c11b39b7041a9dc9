"""The contract as a page: `python -m pipeline.contract.docs > docs/datasets.md`. A test keeps the two the same."""

from __future__ import annotations

import sys

from pipeline.contract import CODES, DATASETS, Column

_KINDS = {"roster": "名册", "bureau": "民政业务数据", "sector": "部门数据"}
_TYPES = {
    "text": "文字", "identifier": "编号", "name": "姓名", "id_number": "身份证号", "sex": "代码", "date": "日期",
    "month": "年月", "date_or_month": "日期或年月", "money": "金额", "number": "数字", "integer": "整数",
    "year": "年度", "period": "年度", "boolean": "是/否", "code": "代码",
    "level": "等级", "town": "镇街", "scheme": "救助类别",
}  # fmt: skip


def _values(column: Column) -> str:
    listed = CODES.get(column.codes or "", {}) if column.type != "scheme" else {}
    return "、".join(listed) or (column.unit or "")


def page() -> str:
    """All datasets, columns, headings and codes, in Markdown and in Chinese."""
    lines = [
        "# 数据集与表头",
        "",
        "本页由 `python -m pipeline.contract.docs` 从 `pipeline/contract/*.toml` 生成，请勿手改。"
        "文件名以中文名或英文名开头即被识别；表头不分空格、换行和括号里的备注；加粗的列必须有。",
    ]
    for kind, title in _KINDS.items():
        lines += ["", f"## {title}"]
        for dataset in (d for d in DATASETS.values() if d.kind == kind):
            lines += [
                "",
                f"### {dataset.zh} `{dataset.id}`",
                "",
                f"文件名：{'、'.join(dataset.stems)}",
                "",
                "| 列 | 表头 | 也认 | 类型 | 取值或单位 |",
                "|---|---|---|---|---|",
            ]
            for column in dataset.columns:
                heading = f"**{column.zh}**" if column.required else column.zh
                also = "、".join(column.also)
                lines.append(f"| `{column.id}` | {heading} | {also} | {_TYPES[column.type]} | {_values(column)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page())
