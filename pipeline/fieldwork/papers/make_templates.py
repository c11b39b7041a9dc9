"""The program's own Word templates, built with python-docx: 停救通知书 and 小组核查报告.

They are ordinary .docx files in which {{ 名称 }} stands for a value and {%p … %}, {%tr … %} repeat paragraphs and rows
(docxtpl). A bureau copies them, edits them in Word and gives their folder by --templates.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from functools import cache

from docx import Document
from docx.document import Document as DocumentObject

from pipeline.draw.paper import settled
from pipeline.fieldwork.papers.template_names import NOTICE, REPORT
from pipeline.fieldwork.papers.word_parts import (
    CENTRE,
    HEAD,
    RIGHT,
    TITLE,
    fill_cell,
    keep_whole,
    landscape,
    line,
    looped_table,
    page,
    repeated,
    set_widths,
    tag,
)


@cache
def template(name: str) -> bytes:
    """The template as .docx; the same bytes every time."""
    document = Document()
    TEMPLATES[name](document)
    properties = document.core_properties
    properties.title, properties.author, properties.comments = name, "", ""
    properties.created = properties.modified = dt.datetime(2022, 9, 1)
    raw = io.BytesIO()
    document.save(raw)
    return settled(raw.getvalue())


def _notice(document: DocumentObject) -> None:
    page(document)
    line(document, "{{ 县 }}民政局", 18, font=TITLE, bold=True, align=CENTRE, after=0)
    line(document, "停 救 通 知 书", 22, font=TITLE, bold=True, align=CENTRE, before=2, after=4)
    line(document, "停救〔{{ 年 }}〕{{ 号 }}号", 12, align=RIGHT, after=6)
    line(document, "{{ 收件人 }}：", 14, indent=False)
    line(
        document,
        "{{ 称呼 }}（{{ 类别 }}，编号{{ 家庭编号 }}；户主{{ 户主 }}，证件号{{ 证件号遮盖 }}；住{{ 住址 }}）"
        "{% if 起始月 %}自{{ 起始月 }}起{% else %}现{% endif %}{{ 享受 }}"
        "{% if 保障人数 %}，名册登记保障对象{{ 保障人数 }}人{% endif %}"
        "{% if 月金额 %}，每月{{ 月金额 }}元{% endif %}。现将核查情况和处理决定通知如下。",
        14,
    )
    line(document, "一、核查情况", 14, font=HEAD)
    line(document, "（一）入户核查。{{ 核查日期 }}，核查人员{{ 核查人 }}入户，{{ 见面 }}，核查记录{{ 签字 }}。", 14)
    repeated(document, "事 in 核查事实", "{{ loop.index }}．{{ 事 }}")
    tag(document, "{%p if 比对 %}")
    line(document, "（二）信息比对。与有关部门的信息比对，有下列情况：", 14)
    repeated(document, "项 in 比对", "{{ loop.index }}．{{ 项.说明 }}（{{ 项.依据 }}）")
    tag(document, "{%p endif %}")
    line(document, "二、处理决定", 14, font=HEAD)
    line(
        document,
        "{{ 称呼 }}已不符合{{ 条件 }}。依据{{ 停止依据 }}，决定自{{ 停发月 }}起{{ 处理 }}。"
        "{% if 公示日数 %}终止供养公示{{ 公示日数 }}日，自　　　年　　月　　日起。{% endif %}",
        14,
    )
    line(document, "三、权利告知", 14, font=HEAD)
    line(
        document,
        "对本决定不服的，可以自收到本通知书之日起{{ 复议日数 }}日内依法向{{ 县 }}人民政府申请行政复议，"
        "也可以自收到本通知书之日起{{ 诉讼月数 }}个月内依法向有管辖权的人民法院提起行政诉讼"
        "（《社会救助暂行办法》第六十五条）。今后重新符合条件的，可以再次提出申请；"
        "基本生活暂时发生严重困难的，可以申请临时救助。",
        14,
        keep=True,
    )
    line(document, "{{ 县 }}民政局（印章）", 14, align=RIGHT, before=14, keep=True)
    line(document, "{{ 决定日期 }}", 14, align=RIGHT, after=8)
    _receipt(document)


def _receipt(document: DocumentObject) -> None:
    """The proof of service, at the foot of the bureau's copy."""
    line(document, "送 达 回 证", 12, font=HEAD, align=CENTRE, before=6, after=2, keep=True)
    rows = [
        ("送达文书", "停救通知书　停救〔{{ 年 }}〕{{ 号 }}号", "受送达人", "{{ 收件人 }}"),
        ("送达方式", "直接□　留置□　委托□　邮寄□", "送达地点", ""),
        (
            "收件人签名\n或按手印",
            "\n\n　　　　年　月　日",
            "送达人签名\n（两人）",
            "\n\n　　　　年　月　日",
        ),
        ("备注", "代收的写明与受送达人的关系；拒收的写明原因和见证人。", "", ""),
    ]
    table = document.add_table(rows=0, cols=4)
    widths = (2.4, 6.6, 2.4, 4.6)
    set_widths(table, widths)
    for row in rows:
        cells = table.add_row().cells
        for cell, text, width in zip(cells, row, widths, strict=True):
            fill_cell(cell, text, 10.5, width=width)
            cell.paragraphs[0].paragraph_format.keep_with_next = row is not rows[-1]
        keep_whole(table)
    last = table.rows[-1].cells
    last[1].merge(last[3])
    for paragraph in last[1].paragraphs[1:]:
        paragraph._element.getparent().remove(paragraph._element)


_COUNTS = ("应查", "已查", "继续保障", "调整", "停保", "纳入", "无法核实", "未查")


def _report(document: DocumentObject) -> None:
    page(document)
    line(document, "{{ 县 }}社会救助入户核查", 18, font=TITLE, bold=True, align=CENTRE, after=0)
    line(document, "{{ 组 }}核查报告", 20, font=TITLE, bold=True, align=CENTRE, after=4)
    line(document, "（{{ 月份 }}抽查）", 12, align=CENTRE, after=6)
    line(document, "社会救助股：", 14, indent=False)
    line(document, "一、基本情况", 14, font=HEAD)
    line(
        document,
        "本组由{{ 来自 }}抽调人员组成，核查{{ 受查 }}。抽取凭证：{{ 凭证 }}。应核查{{ 应查 }}户（人），"
        "已有核查结论{{ 已查 }}户（人），没有结论{{ 未查 }}户（人）。"
        "{% if 起日 %}入户自{{ 起日 }}至{{ 止日 }}。{% else %}尚未入户。{% endif %}"
        "报送期限：{{ 期限 }}（{{ 期限说明 }}）。",
        14,
    )
    looped_table(document, "表一　各镇街核查结果（户、人）", ("镇街", *_COUNTS), "行 in 按镇", "行", (2.6, *[1.67] * 8))
    looped_table(document, "表二　各类别核查结果（户、人）", ("类别", *_COUNTS), "行 in 按类", "行", (2.6, *[1.67] * 8))
    line(document, "二、核查结论为停保、调整、纳入、无法核实的", 14, font=HEAD, before=6)
    for place, (zh, told) in zip(
        "一二三四",
        (("停保", "拟停保"), ("调整", "拟调整"), ("纳入", "拟纳入"), ("无法核实", "无法核实")),
        strict=True,
    ):
        line(document, f"（{place}）{told}{{{{ {zh}|length }}}}户（人）{{{{ '：' if {zh} else '。' }}}}", 14, keep=True)
        tag(document, f"{{%p for 例 in {zh} %}}")
        line(document, "{{ 例.序 }}．{{ 例.户 }}。{{ 例.情况 }}", 12, spacing=19)
        tag(document, "{%p for 点 in 例.比对 %}")
        line(document, "信息比对：{{ 点 }}", 12, spacing=19)
        tag(document, "{%p endfor %}")
        tag(document, "{%p endfor %}")
    line(document, "三、未见本人、代签和未签字的", 14, font=HEAD)
    tag(document, "{%p if not 见面签字 %}")
    line(document, "无。", 14)
    tag(document, "{%p endif %}")
    repeated(document, "项 in 见面签字", "{{ loop.index }}．{{ 项.户 }}：{{ 项.情况 }}。", size=12, spacing=19)
    line(document, "四、没有核查到的", 14, font=HEAD)
    tag(document, "{%p if not 未核 %}")
    line(document, "无。", 14)
    tag(document, "{%p endif %}")
    repeated(document, "项 in 未核", "{{ loop.index }}．{{ 项 }}", size=12, spacing=19)
    line(document, "五、问题原因和工作建议（由小组填写）", 14, font=HEAD)
    for _ in range(4):
        line(document, "＿" * 30, 14, indent=False)
    line(document, "组长（签名）：　　　　　　　成员（签名）：", 14, before=14)
    line(document, "{{ 日期 }}", 14, align=RIGHT, before=4)
    landscape(document)
    looped_table(
        document,
        "附表　入户核查情况一览",
        ("序", "镇街、村居", "户主", "类别、编号", "入户日期", "核查人", "结论", "核查情况"),
        "行 in 清册",
        "行",
        (1.0, 2.6, 1.8, 3.9, 2.5, 2.0, 2.0, 9.9),
        keys=("序", "镇村", "户主", "类别编号", "日期", "核查人", "结论", "情况"),
        left_from=7,
    )


TEMPLATES: dict[str, Callable[[DocumentObject], None]] = {NOTICE: _notice, REPORT: _report}
