"""Word papers from templates: those that come with the program, or a bureau's own edited copies of them.

A template is an ordinary .docx with {{ 名称 }} where a value goes. Same template and values, same bytes.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from docx.opc.exceptions import PackageNotFoundError
from docxtpl import DocxTemplate
from jinja2.sandbox import SandboxedEnvironment

from pipeline.draw.paper import settled
from pipeline.errors import BadInput
from pipeline.fieldwork.papers.make_templates import TEMPLATES, template

# what XML cannot hold: pasted control characters would break the paper
_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


class Papers:
    """The templates in use, by name ('停救通知书', '小组核查报告')."""

    def __init__(self, folder: Path | None = None) -> None:
        """`folder`: a bureau's own templates; those it lacks are the program's.

        BadInput when it is no folder, holds no template, or a .docx that is none of them.
        """
        self._own: dict[str, bytes] = {}
        if folder is None:
            return
        if not folder.is_dir():
            raise BadInput(
                "there is no such folder of templates", file=folder.name, remedy="`audit field templates` writes one"
            )
        wanted = f"name the files {'、'.join(f'{name}.docx' for name in TEMPLATES)}"
        for path in sorted(folder.glob("*.docx")):
            if path.name.startswith("~$"):  # Word's mark of an open file
                continue
            if path.stem not in TEMPLATES:
                raise BadInput("it is none of the templates", file=path.name, remedy=wanted)
            self._own[path.stem] = path.read_bytes()
        if not self._own:
            raise BadInput("the folder holds no template", file=folder.name, remedy=wanted)

    def paper(self, name: str, values: Mapping[str, Any]) -> bytes:
        """The paper as .docx. BadInput for a template that is no Word file, or asks for a value that there is not."""
        try:
            document = DocxTemplate(io.BytesIO(self._own[name] if name in self._own else template(name)))
            environment = SandboxedEnvironment(undefined=jinja2.StrictUndefined)
            document.render(_fit(dict(values)), environment, autoescape=True)
            raw = io.BytesIO()
            document.save(raw)
        except (PackageNotFoundError, zipfile.BadZipFile, KeyError, ValueError) as e:
            raise BadInput("not a Word file (.docx)", file=f"{name}.docx", remedy="save it from Word as .docx") from e
        except (jinja2.TemplateError, TypeError, ArithmeticError) as e:  # what a template reckons may go wrong as well
            why = f": {e.message}" if isinstance(e, jinja2.TemplateError) and e.message else ""
            raise BadInput(
                f"the template cannot be filled in{why}",
                file=f"{name}.docx",
                remedy="the names that may stand there are in 说明.txt of `audit field templates`",
            ) from e
        return settled(raw.getvalue())


def _fit(value: Any) -> Any:
    """The values with what XML cannot hold taken out of their texts."""
    if isinstance(value, str):
        return _UNFIT.sub("", value)
    if isinstance(value, dict):
        return {key: _fit(v) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return [_fit(v) for v in value]
    return value
