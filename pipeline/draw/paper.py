"""The certificate on paper: one page A4 in Chinese, with room for signatures. Same draw, same bytes."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from docx import Document
from docx.document import Document as DocumentObject
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from pipeline.contract import COUNTY, TOWNS, scheme_zh
from pipeline.draw.certificate import Certificate
from pipeline.draw.select import Stratum
from pipeline.draw.words import DRAWS, NO_CARE, left_out_zh

BODY_FONT, HEAD_FONT, CODE_FONT = "宋体", "黑体", "Consolas"
_INK, _SOFT = RGBColor(0x1F, 0x2A, 0x37), RGBColor(0x5A, 0x65, 0x73)
_FACT_WIDTHS = (3.2, 14.8)  # cm
_SIGNERS = ("抽取人", "监督人", "监督人", "负责人")


@dataclass(frozen=True)
class Page:
    """What stands on the page: title, facts (label, text; `code` texts in a fixed width), a table, paragraphs."""

    title: str
    under: str
    facts: Sequence[tuple[str, str]]
    code: frozenset[str]
    table: Sequence[Sequence[str]]
    totals: int
    closing: Sequence[str]
    note: str = "格中数字：中签数 / 单元数。"


def certificate_docx(c: Certificate) -> bytes:
    """The certificate's page."""
    return docx(_page(c), c.month)


def docx(page: Page, month: str) -> bytes:
    """A page as a Word document."""
    document = Document()
    _set_up(document, page.title, month)
    _line(document, page.title, 16, font=HEAD_FONT, centre=True, after=2)
    _line(document, page.under, 10, colour=_SOFT, centre=True, after=4)
    facts = document.add_table(rows=0, cols=2)
    facts.style, facts.autofit = "Table Grid", False
    for column, width in zip(facts.columns, _FACT_WIDTHS, strict=True):
        column.width = Cm(width)
    for label, text in page.facts:
        cells = facts.add_row().cells
        code = label in page.code
        _cell(cells[0], label, 10, font=HEAD_FONT, width=_FACT_WIDTHS[0])
        _cell(cells[1], text, 9.5 if code else 10, font=CODE_FONT if code else BODY_FONT, width=_FACT_WIDTHS[1])
    _line(document, "", 4, after=0)
    _counts(document, page)
    for text in page.closing:
        _line(document, text, 9.5, after=1, before=3)
    signs = document.add_table(rows=1, cols=len(_SIGNERS))
    for cell, who in zip(signs.rows[0].cells, _SIGNERS, strict=True):
        _cell(cell, f"{who}：", 10.5)
        cell.paragraphs[0].paragraph_format.space_before = Pt(16)
    _line(
        document, "（单位盖章）　　　　　年　　月　　日　　时　　分", 10.5, before=20, after=0
    ).alignment = WD_ALIGN_PARAGRAPH.RIGHT
    raw = io.BytesIO()
    document.save(raw)
    return settled(raw.getvalue())


def _page(c: Certificate) -> Page:
    year, month = c.month.split("-")
    rates = "；".join(
        DRAWS[r.draw][0] + ("" if r.care == NO_CARE else f"·{r.care}") + f" {_percent(r.share)}"
        for r in sorted(c.rates, key=lambda r: list(DRAWS).index(r.draw))
    )
    policy = f"{c.policy.name}" + (f"，另有本单位文件 {c.policy.override}" if c.policy.override else "")
    doubt = "" if all(r.verified for r in c.rates) else "（部分比例未与原文核对，见电子凭证）"
    lacking = [left_out_zh(*one) for one in c.left_out]
    lacking += [f"无{scheme_zh(roster)}名册，未抽" for roster in c.absent]
    listed = hashlib.sha256(c.list_text().encode()).hexdigest()
    before = "、".join(f"第{e.round}轮种子 {e.seed}" for e in c.earlier)
    facts = [
        ("抽样框", f"{c.frame_file}，{c.frame_units}条（户或人；特困人员走访、护理等级各列一条）"),
        ("抽样框校验值", c.frame_sha256),
        ("种子", c.seed),
        ("种子来源", c.seed_note),
        ("抽查比例", f"{rates}。每镇每类不足一个的抽一个{doubt}。出自{policy}"),
        ("中签名单校验值", listed),
    ]
    if before:
        facts.append(("此前各轮", before + "；已中签的不再抽"))
    if lacking:
        facts.append(("未列入", "；".join(lacking)))
    closing = [
        "怎样验证：抽样框在种子产生之前已固定并公布校验值。每个单元的签号为 SHA-256（种子、换行符、单元编号），"
        "在同一镇街、同一类别内签号从小到大，取“单元数×比例”向上取整个。任何人凭抽样框和种子都可以重做："
        f"audit draw verify {c.stem}.json --frame {c.frame_file}；不用本程序的，"
        "按说明书“抽查”一节的十行命令（sha256sum、sort、awk）重做，所得名单的校验值应与上面一致。",
    ]
    table, totals = _by_town(c.strata)
    return Page(
        f"{COUNTY['county']}社会救助入户核查随机抽取凭证", f"{year}年{int(month)}月　第{c.round}轮", facts,
        frozenset({"抽样框校验值", "种子", "中签名单校验值"}), table, totals, closing,
    )  # fmt: skip


def in_order(towns: Iterable[str]) -> list[str]:
    """Towns in the county's own order, others after them."""
    known = list(TOWNS)
    return sorted(towns, key=lambda t: (known.index(t) if t in known else len(known), t))


def _percent(share: Fraction) -> str:
    return f"{float(100 * share):.4f}".rstrip("0").rstrip(".") + "%"


def _by_town(strata: Sequence[Stratum]) -> tuple[list[list[str]], int]:
    """A row a town, a column a draw and care class: '3/41' = 3 drawn of 41."""
    columns = [(d, care) for d in DRAWS for care in dict.fromkeys(s.care for s in strata if s.draw == d)]
    columns = sorted(columns, key=lambda c: list(DRAWS).index(c[0]))
    rows = [["镇街", *(DRAWS[d][0] if care == NO_CARE else f"护理·{care}" for d, care in columns)]]
    counts = {(s.town, s.draw, s.care): s for s in strata}
    for town in in_order({s.town for s in strata}):
        some = [counts.get((town, d, care)) for d, care in columns]
        rows.append([town, *(f"{s.drawn} / {s.units}" if s else "–" for s in some)])
    total = ["合计"]
    for d, care in columns:
        some_ = [s for s in strata if (s.draw, s.care) == (d, care)]
        total.append(f"{sum(s.drawn for s in some_)} / {sum(s.units for s in some_)}")
    return [*rows, total], 1


def _counts(document: DocumentObject, page: Page) -> None:
    table = document.add_table(rows=len(page.table), cols=len(page.table[0]))
    table.style = "Table Grid"
    last = len(page.table) - page.totals
    for r, row in enumerate(page.table):
        for c, text in enumerate(row):
            head = r == 0 or r >= last or c == 0
            _cell(table.rows[r].cells[c], text, 9.5, font=HEAD_FONT if head else BODY_FONT, centre=True)
    _heading_row(table)
    _line(document, page.note, 8.5, colour=_SOFT, before=1, after=0)


def _set_up(document: DocumentObject, title: str, month: str) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(1.5)
    section.top_margin, section.bottom_margin = Cm(1.3), Cm(1.1)
    year, number = (int(part) for part in month.split("-"))
    properties = document.core_properties
    properties.title, properties.author, properties.comments = title, "", ""
    properties.created = properties.modified = dt.datetime(year, number, 1)


def _line(
    document: DocumentObject, text: str, size: float, *, font: str = BODY_FONT, colour: RGBColor = _INK,
    centre: bool = False, before: float = 0, after: float = 2,
) -> Paragraph:  # fmt: skip
    paragraph = document.add_paragraph()
    _write(paragraph, text, size, font, colour, centre)
    paragraph.paragraph_format.space_before, paragraph.paragraph_format.space_after = Pt(before), Pt(after)
    return paragraph


def _cell(
    cell: _Cell, text: str, size: float, *, font: str = BODY_FONT, width: float | None = None, centre: bool = False
) -> None:
    if width:
        cell.width = Cm(width)
    paragraph = cell.paragraphs[0]
    _write(paragraph, text, size, font, _INK, centre)
    paragraph.paragraph_format.space_after = Pt(0)


def _write(paragraph: Paragraph, text: str, size: float, font: str, colour: RGBColor, centre: bool) -> None:
    run = paragraph.add_run(text)
    run.font.size, run.font.name, run.font.color.rgb = Pt(size), font, colour
    fonts = run._element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), BODY_FONT if font == CODE_FONT else font)
    paragraph.paragraph_format.line_spacing = 1.0
    if centre:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _heading_row(table: Table) -> None:
    """Shade the first row."""
    for cell in table.rows[0].cells:
        shade = OxmlElement("w:shd")
        for key, value in (("val", "clear"), ("color", "auto"), ("fill", "DCE6F0")):
            shade.set(qn(f"w:{key}"), value)
        cell._element.get_or_add_tcPr().append(shade)


def settled(raw: bytes) -> bytes:
    """The document with the times of its parts taken out: they are the clock's, not the draw's."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            part = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            part.compress_type, part.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            target.writestr(part, source.read(name))
    return out.getvalue()
