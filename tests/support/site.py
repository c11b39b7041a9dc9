"""A run's pages read without a browser: their links, and how many rows stand behind each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote, urldefrag

import lxml.html


@dataclass(frozen=True)
class Link:
    """A link as a page shows it. `expected`: rows behind a figure, None for a link that is no figure."""

    page: str
    href: str
    text: str
    expected: int | None

    @property
    def target(self) -> str:
        return unquote(urldefrag(self.href).url)

    @property
    def fragment(self) -> str:
        return unquote(urldefrag(self.href).fragment)


class Page:
    """One HTML file."""

    def __init__(self, path: Path) -> None:
        self.text = path.read_text(encoding="utf-8")
        self.root = lxml.html.fromstring(self.text)

    @cached_property
    def ids(self) -> dict[str, int]:
        """Anchor → rows in it; '' stands for the page."""
        found = {e.get("id"): _rows(e) for e in self.root.xpath("//*[@id]")}
        return {"": _rows(self.root), **found}

    def all_ids(self) -> list[str]:
        return [e.get("id") for e in self.root.xpath("//*[@id]")]


class Pages:
    """The pages under a run's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pages = {
            p.relative_to(folder).as_posix(): Page(p)
            for p in [folder / "index.html", *sorted((folder / "pages").rglob("*.html"))]
        }

    def links(self) -> Iterator[Link]:
        for name, page in self.pages.items():
            for a in page.root.xpath("//a[@href]"):
                figure = "f" in (a.get("class") or "").split()
                text = a.text_content().strip()
                expected = int(a.get("data-n") or text.replace(",", "")) if figure else None
                yield Link(name, a.get("href"), text, expected)

    def wrong(self) -> list[str]:
        """Every link that leads nowhere, and every figure whose list has another length."""
        out = []
        for link in self.links():
            there = (self.folder / link.page).parent / link.target if link.target else self.folder / link.page
            where = there.resolve().relative_to(self.folder.resolve()).as_posix()
            if where not in self.pages:
                if link.expected is not None or not (self.folder / where).is_file():
                    out.append(f"{link.page}: {link.href} ({link.text}) leads nowhere")
                continue
            rows = self.pages[where].ids.get(link.fragment)
            if rows is None:
                out.append(f"{link.page}: {link.href} ({link.text}): no such place")
            elif link.expected is not None and rows != link.expected:
                out.append(f"{link.page}: {link.href} says {link.text}, {link.expected} expected, {rows} listed")
        return out


def _rows(element: lxml.html.HtmlElement) -> int:
    return int(element.xpath("count(.//*[contains(concat(' ', normalize-space(@class), ' '), ' row ')])"))
