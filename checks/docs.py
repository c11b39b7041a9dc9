"""Great Expectations' pages made to open styled and in Chinese on a machine without a network, and their index.

Every script, external stylesheet, picture and outside link is dropped; one stylesheet of ours is put into each page.
"""

from __future__ import annotations

import html
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape

from checks.model import NotRun, Suite, SuiteResult
from pipeline.contract import column_zh, dataset

PAGES = "pages"  # the folder of Great Expectations' own pages

_HERE = Path(__file__).parent
_DROPPED = (
    re.compile(r"<script\b.*?</script>", re.S | re.I),
    re.compile(r"<style\b.*?</style>", re.S | re.I),
    re.compile(r"<link\b[^>]*>", re.I),
    re.compile(r"<img\b[^>]*>", re.I),
    re.compile(r"<iframe\b.*?</iframe>", re.S | re.I),
    re.compile(r"<footer\b.*?</footer>", re.S | re.I),
    re.compile(r"\son\w+=\"[^\"]*\"", re.I),  # handlers of the scripts that went
    re.compile(r"\s(?:data-toggle|data-search|data-sortable|data-icon-size)=\"[^\"]*\"", re.I),
)
_OUTSIDE_LINK = re.compile(r"<a\b[^>]*href=\"(?:https?:)?//[^\"]*\"[^>]*>(.*?)</a>", re.S | re.I)
_HOME = re.compile(r"href=\"((?:\.\./)*)index\.html\"")
_CLOCK = re.compile(r"(ge_load_time</span>.*?>)\d{8}T\d{6}\.\d+Z", re.S)
_UUID = re.compile(r"-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TEXT = re.compile(r">([^<>]+)<")
_HEAD_TITLE = re.compile(r"<title>.*?</title>", re.S | re.I)


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads((_HERE / "data" / "pages_zh.toml").read_text(encoding="utf-8"))


@cache
def stylesheet() -> str:
    """The one stylesheet of all pages."""
    return (_HERE / "docs.css").read_text(encoding="utf-8")


def column_names(suite: Suite) -> dict[str, str]:
    """Column of the suite's table → its Chinese heading."""
    if not suite.scheme:
        return dict(suite.headings)
    out = {c.id: c.zh for c in dataset(suite.scheme).columns} | suite.headings
    for check in suite.checks:
        column = check.condition.settings.get("column")
        if column and column not in out:
            field = column.removeprefix("household_").removesuffix("_least")
            how = "按户，最低" if column.endswith("_least") else "按户"
            out[column] = _words()["columns"].get(column) or f"{column_zh(suite.scheme, field)}（{how}）"
    return out


def offline(page: str, names: Mapping[str, str] | None = None) -> str:
    """One page without anything from outside, in our stylesheet, its set phrases and headings in Chinese.

    What differs from run to run (a clock time, random ids) goes too: the same drop gives the same page.
    """
    for pattern in _DROPPED:
        page = pattern.sub("", page)
    page = _OUTSIDE_LINK.sub(r"\1", page)
    page = _HOME.sub(r'href="\1../index.html"', page)
    page = _UUID.sub("", _CLOCK.sub(r"\1", page))
    titles = iter([f"<title>{_words()['title']}</title>"])
    page = _HEAD_TITLE.sub(lambda _: next(titles, ""), page)
    known = {**_words()["phrases"], **(names or {})}
    page = _TEXT.sub(lambda found: ">" + _said(found[1], known) + "<", page)
    return page.replace("</head>", f"<style>\n{stylesheet()}</style>\n</head>", 1).replace(
        "<html>", '<html lang="zh-CN">', 1
    )


def _said(text: str, known: dict[str, str]) -> str:
    """A text node in Chinese where its words are known; white space around it is kept."""
    bare = html.unescape(text.strip())
    if not bare:
        return text
    told = known.get(bare)
    if told is None:
        told = bare
        for rule in _words()["pattern"]:
            told = re.sub(rule["from"], rule["to"], told)
        told = " / ".join(known.get(part, part) for part in told.split(" / "))
        head, colon, tail = told.partition("：")
        told = head + colon + known.get(tail, tail)
    return text.replace(text.strip(), html.escape(told, quote=False)) if told != bare else text


def write_index(out: Path, month: str, results: list[SuiteResult], idle: list[NotRun]) -> None:
    """`out/index.html`: every suite with its expectations, and what was not run."""
    environment = Environment(loader=FileSystemLoader(_HERE), autoescape=select_autoescape(), trim_blocks=True)
    page = environment.get_template("index.html").render(
        month=month, results=results, idle=idle, style=stylesheet(), failed=sum(not r.success for r in results)
    )
    (out / "index.html").write_text(page, encoding="utf-8")
