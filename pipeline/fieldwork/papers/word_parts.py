"""Parts of a Word document as the bureau's papers have them: page, line, repeated paragraph, table (python-docx)."""

from __future__ import annotations

from collections.abc import Sequence

from docx.document import Document as DocumentObject
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_ALIGN_VERTICAL
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

BODY, HEAD, TITLE = "仿宋", "黑体", "宋体"
_MARGINS = (2.6, 2.4, 2.0, 1.8)  # cm: left, right, top, bottom
CENTRE, RIGHT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT


def page(document: DocumentObject) -> None:
    """A4 upright, the page's number at its foot."""
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    left, right, top, bottom = _MARGINS
    section.left_margin, section.right_margin = Cm(left), Cm(right)
    section.top_margin, section.bottom_margin = Cm(top), Cm(bottom)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = BODY, Pt(14)
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), BODY)
    _page_number(section.footer.paragraphs[0])


def _page_number(paragraph: Paragraph) -> None:
    paragraph.alignment = CENTRE
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = paragraph.add_run()
        run.font.size = Pt(10.5)
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        else:
            part.text = text
        run._element.append(part)


def landscape(document: DocumentObject) -> None:
    """A new section, lying across."""
    section = document.add_section(WD_SECTION.NEW_PAGE)
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21)
    section.left_margin = section.right_margin = Cm(2)


def line(
    document: DocumentObject, text: str, size: float, *, font: str = BODY, bold: bool = False,
    indent: bool | None = None,
    align: WD_ALIGN_PARAGRAPH | None = None, before: float = 0, after: float = 0, spacing: float = 22,
    keep: bool = False,
) -> Paragraph:  # fmt: skip
    """A paragraph, its first line two characters in unless it is aligned or told otherwise; `spacing` in points."""
    paragraph = document.add_paragraph()
    write(paragraph, text, size, font, bold)
    form = paragraph.paragraph_format
    form.space_before, form.space_after = Pt(before), Pt(after)
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.AT_LEAST, Pt(spacing)
    form.keep_with_next = keep or font == HEAD
    if align is not None:
        paragraph.alignment = align
        if align == RIGHT:
            form.right_indent = Pt(size)
    elif indent is not False:
        form.first_line_indent = Pt(2 * size)
    return paragraph


def tag(document: DocumentObject, text: str) -> None:
    """A paragraph that docxtpl takes out: it only holds a tag."""
    write(document.add_paragraph(), text, 9, BODY, False)


def repeated(document: DocumentObject, loop: str, text: str, *, size: float = 14, spacing: float = 22) -> None:
    """A paragraph a turn of the loop (Jinja: "x in xs")."""
    tag(document, f"{{%p for {loop} %}}")
    line(document, text, size, spacing=spacing)
    tag(document, "{%p endfor %}")


def looped_table(
    document: DocumentObject, title: str, head: Sequence[str], loop: str, name: str, widths: Sequence[float], *,
    keys: Sequence[str] | None = None, left_from: int = 99,
) -> None:  # fmt: skip
    """A table with a row a turn of the loop; columns from `left_from` on are aligned to the left."""
    line(document, title, 12, font=HEAD, align=CENTRE, before=6, after=2, spacing=19)
    table = document.add_table(rows=0, cols=len(head))
    set_widths(table, widths)
    for texts in (
        head,
        [f"{{%tr for {loop} %}}", *[""] * (len(head) - 1)],
        [f"{{{{ {name}.{key} }}}}" for key in (keys or head)],
        ["{%tr endfor %}", *[""] * (len(head) - 1)],
    ):
        cells = table.add_row().cells
        for c, (cell, text, width) in enumerate(zip(cells, texts, widths, strict=True)):
            fill_cell(cell, text, 10, font=HEAD if texts is head else BODY, width=width, centre=c < left_from)
        keep_whole(table)
    _head_row(table)


def fill_cell(cell: _Cell, text: str, size: float, *, font: str = BODY, width: float, centre: bool = False) -> None:
    """Text and width (cm) of a table's cell."""
    cell.width = Cm(width)
    paragraph = cell.paragraphs[0]
    write(paragraph, text, size, font, False)
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(2)
    paragraph.paragraph_format.line_spacing = 1.0
    cell.vertical_alignment = WD_ALIGN_VERTICAL.CENTER
    if centre:
        paragraph.alignment = CENTRE


def set_widths(table: Table, widths: Sequence[float]) -> None:
    """Column widths in cm, also in the grid: Word goes by the cells, other programs by the grid."""
    table.style, table.autofit = "Table Grid", False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)


def keep_whole(table: Table) -> None:
    """The last row stays on one page."""
    table.rows[-1]._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _head_row(table: Table) -> None:
    """The first row is shaded and stands on every page."""
    row = table.rows[0]
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for cell in row.cells:
        shade = OxmlElement("w:shd")
        for key, value in (("val", "clear"), ("color", "auto"), ("fill", "E7ECF2")):
            shade.set(qn(f"w:{key}"), value)
        # Word wants the parts of a cell's properties in their order
        cell._element.get_or_add_tcPr().insert_element_before(shade, "w:noWrap", "w:tcMar", "w:vAlign", "w:hideMark")


def write(paragraph: Paragraph, text: str, size: float, font: str, bold: bool) -> None:
    """Add text to a paragraph; `font` also for Chinese characters."""
    run = paragraph.add_run(text)
    run.font.size, run.font.name, run.font.bold = Pt(size), font, bold
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
