"""The desk's pages: one item at a time, keys for every answer, and what the answers say of the model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from pipeline.contract import TOWNS
from pipeline.ledger.rulings import LONGEST
from pipeline.record_words import chance
from pipeline.review.desk import Desk
from pipeline.review.queues import ALL, BLIND, DISAGREE
from pipeline.review.security import Gate, Guard, form_of
from pipeline.review.words import Kind, kinds, orders, verdict_zh, views

_HERE = Path(__file__).parent


def make_app(desk: Desk, gate: Gate) -> Guard:
    """The desk behind its guard."""
    pages = _Pages(desk)
    names = "|".join(kinds())
    routes = [
        Route("/", pages.start),
        Route("/judged", pages.judged),
        Route("/state", pages.state),
        *(
            Route(f"/{path}{ending}", method, methods=[verb], name=f"{path}{ending}")
            for path in names.split("|")
            for ending, method, verb in (
                ("", pages.page, "GET"),
                ("/rule", pages.rule, "POST"),
                ("/go", pages.go, "POST"),
                ("/undo", pages.undo, "POST"),
                ("/view", pages.view, "POST"),
            )
        ),
        Route("/reload", pages.reload, methods=["POST"]),
        Mount("/static", StaticFiles(directory=_HERE / "static")),
    ]
    return Guard(Starlette(routes=routes), gate)


class _Pages:
    """Every handler: change something, then show the item that is before the reviewer."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        )  # fmt: skip
        self._templates.filters["count"] = lambda n: f"{n:,}"
        self._templates.filters["chance"] = lambda x: "" if x is None else chance(x)
        self._templates.filters["share"] = lambda x: "" if x is None else f"{x:.1%}"
        self._templates.globals["verdict_zh"] = verdict_zh

    async def start(self, request: Request) -> Response:
        return RedirectResponse("/links", status_code=303)

    async def page(self, request: Request) -> Response:
        return self._whole("page.html", self._content(self._kind(request)))

    async def state(self, request: Request) -> Response:
        return self._whole("state.html", {"state": self._state()})

    async def rule(self, request: Request) -> Response:
        kind, form = self._kind(request), await form_of(request)
        if refused := self._refused(form):
            return self._part(kind, refused, status=409)
        queue = self._desk.queues[kind.id]
        verdict, note = kind.verdict(form.get("verdict", "")), form.get("note", "").strip()
        number = form.get("item", "")
        if verdict is None or not number.isdecimal() or len(number) > 9 or not queue.go(int(number)):
            return self._part(kind, "没有这一条，或没有这样的结论。", status=400)
        if verdict.reason and not note:
            return self._part(kind, f"选“{verdict.zh}”的要先写明核实到的情况。")
        if len(note) > LONGEST:
            return self._part(kind, f"说明超过{LONGEST}字，请写简短。")
        self._desk.rule(kind.id, verdict.id, note or None)
        if not queue.advance():
            return self._part(kind, "本列表已全部判完。", heard=f"已记为{verdict.zh}")
        return self._part(kind, heard=f"已记为{verdict.zh}")

    async def go(self, request: Request) -> Response:
        kind, form = self._kind(request), await form_of(request)
        queue, to = self._desk.queues[kind.id], form.get("to", "")
        if to in ("next", "previous"):
            queue.move(1 if to == "next" else -1)
        return self._part(kind)

    async def undo(self, request: Request) -> Response:
        kind = self._kind(request)
        if self._desk.read_only:
            return self._part(kind, "只读：不能判定。", status=403)
        undone = self._desk.undo(kind.id)
        return self._part(kind, "" if undone else "没有可以撤销的判定。", heard="已撤销" if undone else "")

    async def view(self, request: Request) -> Response:
        kind, form = self._kind(request), await form_of(request)
        self._desk.queues[kind.id].choose(
            view=form.get("view"), order=form.get("order"), town=form.get("town"), words=form.get("words")
        )
        return self._part(kind)

    async def judged(self, request: Request) -> Response:
        """What the rulings say of the model and of each other."""
        found = self._desk.book.judgements()
        tenths, agreements = found or ((), ())
        content = {"tenths": tenths, "agreements": agreements, "held": found is None}
        return self._whole("judged.html", self._frame(None) | content)

    async def reload(self, request: Request) -> Response:
        self._desk.reload()
        return Response(status_code=204, headers={"HX-Redirect": "/links"})

    def _kind(self, request: Request) -> Kind:
        return kinds()[request.url.path.split("/")[1]]

    def _refused(self, form: dict[str, Any]) -> str:
        if self._desk.read_only:
            return "只读：不能判定。"
        if form.get("stamp") != self._desk.source.stamp:
            return "页面是换数据之前的，请看清楚再判。"
        return ""

    def _whole(self, template: str, content: dict[str, Any]) -> Response:
        return HTMLResponse(self._templates.get_template(template).render(content))

    def _part(self, kind: Kind, said: str = "", *, heard: str = "", status: int = 200) -> Response:
        """The item before the reviewer, without the page around it; `said`, `heard`: what happened, shown and read."""
        content = self._content(kind) | {"said": said, "heard": heard}
        answer = HTMLResponse(self._templates.get_template("desk.html").render(content), status)
        # what comes next is made ready while this is looked at
        answer.background = BackgroundTask(self._desk.prepare, kind.id)
        return answer

    def _frame(self, kind: Kind | None) -> dict[str, Any]:
        desk = self._desk
        tabs = [
            {"path": path, "zh": k.zh, "here": kind is not None and k.id == kind.id, "left": desk.queues[k.id].left}
            for path, k in kinds().items()
        ]
        return {
            "month": desk.source.month, "reviewer": desk.book.reviewer, "read_only": desk.read_only, "tabs": tabs,
            "here": kind, "state": self._state(), "stamp": desk.source.stamp, "said": "", "heard": "",
        }  # fmt: skip

    def _state(self) -> dict[str, Any]:
        book = self._desk.book
        return {"waiting": book.waiting, "held": book.held, "gone": self._desk.source.gone}

    def _content(self, kind: Kind) -> dict[str, Any]:
        desk, queue = self._desk, self._desk.queues[kind.id]
        item, blind = queue.item, queue.order == BLIND
        content = self._frame(kind) | {
            "kind": kind, "queue": queue, "views": views(), "orders": orders(kind.id), "towns": list(TOWNS),
            "total": len(queue.shown), "done": queue.done, "position": queue.position, "blind": blind,
            "item": item, "shown": None, "mine": None, "others": [],
        }  # fmt: skip
        if item is None:
            return content
        mine = desk.book.mine(kind.id, item.subject, item.evidence)
        others = [o for o in desk.book.opinions(kind.id, item.subject, item.evidence) if o is not mine]
        # a second opinion is one's own: what others ruled is not told before
        open_ = mine is not None or desk.read_only or queue.view in (DISAGREE, ALL)
        return content | {
            "shown": self._desk.shown(kind.id, item, blind=blind and mine is None),
            "mine": mine,
            "others": others if open_ else [],
            "hidden": 0 if open_ else len(others),
        }
