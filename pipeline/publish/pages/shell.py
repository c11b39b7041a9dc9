"""What every page has in common: one style sheet inside the page, a policy that lets nothing else in, the templates.

A page needs of its browser only `style-src` with the hash of the style sheet. The charts are drawn beforehand as SVG
without scripts, styles of their own or anything fetched, so scripts, images, fonts and connections stay forbidden.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup

from pipeline.contract import COUNTY
from pipeline.private import folder, owner_only, private
from pipeline.publish.words import few, part

_HERE = Path(__file__).parent
FOLDER = "pages"  # beside index.html; every page stands two folders below the run's own: pages/<kind>/<name>.html


class _Compiled(BytecodeCache):
    """Templates as this process compiled them: it may write the pages of more than one run."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if (code := self._code.get(bucket.key)) is not None:
            bucket.bytecode_from_string(code)  # passed over where the template is another by now

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


_COMPILED = _Compiled()


def environment(*templates: Path) -> Environment:
    """The templates with their filters and the shared style; `templates`: further folders, looked into first."""
    engine = Environment(
        loader=FileSystemLoader([*templates, _HERE / "templates"]),
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        bytecode_cache=_COMPILED,
    )  # fmt: skip
    engine.filters |= {
        "count": lambda n: f"{n:,}",
        "yuan": yuan,
        "share": lambda x: "" if x is None else f"{x:.1f}%",
        "part": part,
        "few": few,
        "quoted": lambda text: quote(str(text)),
    }
    engine.globals |= {"css": Markup(style()), "csp": policy(), "county": COUNTY["county"]}  # our own files, not data
    return engine


@cache
def style() -> str:
    """The style sheet of all pages."""
    return (_HERE / "page.css").read_text(encoding="utf-8")


def policy(css: str | None = None) -> str:
    """The content security policy of a page whose one style sheet is `css` (default: the shared one)."""
    digest = base64.b64encode(hashlib.sha256((style() if css is None else css).encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def yuan(amount: float | None) -> str:
    return "" if amount is None else f"{amount:,.2f}"


class Site:
    """Writes the pages of one run under `out`."""

    def __init__(self, out: Path, **common: Any) -> None:
        self.out, self.engine = out, environment()
        self.engine.globals |= common

    def write(self, path: str, template: str, **content: Any) -> Path:
        """Render one page to `path` (relative to the run's folder), readable by its owner only."""
        depth = path.count("/")
        text = self.engine.get_template(template).render(**content, root="../" * depth)
        target = self.out / path
        place = self.out
        for name in Path(path).parts[:-1]:
            place = folder(place / name)
        with private():
            target.write_text(text, encoding="utf-8")
        return owner_only(target)

    def macro(self, template: str, name: str) -> Any:
        """A macro of a template, to be called from here."""
        return getattr(self.engine.get_template(template).module, name)


def chunked(rows: Iterable[str], size: int = 400) -> list[Markup]:
    """Rows that were rendered before, in tables of this many: a browser lays out only the ones in sight."""
    listed = list(rows)
    return [Markup("".join(listed[i : i + size])) for i in range(0, len(listed), size)]


def joined(pieces: Iterable[str]) -> Markup:
    """Rows that were rendered before, as they stand."""
    return Markup("".join(pieces))
