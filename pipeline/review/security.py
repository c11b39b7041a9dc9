"""Who may ask the desk anything: one browser on this machine, let in once by the token in the address.

Every request has to name the desk's own address as its host (no other name can be made to point here), to come from
the desk's own pages (or, for the first, from nowhere), and to bear the session that the token was given in exchange
for. Answers are kept nowhere and may load nothing from elsewhere. A fault is told by its class and place alone: its
text may hold what stood in a record.
"""

from __future__ import annotations

import secrets
import sys
from dataclasses import dataclass, field
from hmac import compare_digest
from pathlib import Path
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request, cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ENTER = "/enter/"
_LARGEST = 16 * 1024  # bytes of a request's body: a search or a note
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), clipboard-read=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@dataclass
class Gate:
    """The desk's address, its token (for one use) and its session."""

    port: int
    token: str | None = field(default_factory=lambda: secrets.token_urlsafe(32))
    session: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    @property
    def address(self) -> str:
        """The address to open, once."""
        return f"http://127.0.0.1:{self.port}{ENTER}{self.token}"

    @property
    def cookie(self) -> str:
        return f"desk-{self.port}"

    @property
    def hosts(self) -> tuple[str, ...]:
        return f"127.0.0.1:{self.port}", f"localhost:{self.port}"

    def enter(self, token: str) -> bool:
        """Whether this is the token; it is used up then."""
        if self.token is None or not compare_digest(token.encode(), self.token.encode()):
            return False
        self.token = None
        return True


class Guard:
    """The outermost layer of the desk: refuses, lets in, and puts its headers on every answer."""

    def __init__(self, app: ASGIApp, gate: Gate) -> None:
        self._app, self._gate = app, gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        begun = False

        async def sealed(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        refused = self._refused(scope)
        if refused is None and scope["path"].startswith(ENTER):
            refused = self._entered(scope["path"].removeprefix(ENTER), known=self._known(scope))
        elif refused is None and not self._known(scope):
            refused = _plain("请用程序给出的地址打开；地址只能用一次。", 401)
        try:
            await (refused or self._app)(scope, receive, sealed)
        except Exception as error:
            _tell(error)
            if not begun:
                await _plain("程序出错，已作的判定都已保存。请刷新页面。", 500)(scope, receive, sealed)

    def _refused(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or hosts[0] not in self._gate.hosts:
            return _plain("不是本页面的地址。", 421)
        ours = f"http://{hosts[0]}"
        origin = headers.get("origin")
        if scope["method"] not in ("GET", "HEAD", "POST"):
            return _plain("不支持的请求。", 405)
        if (origin is None and scope["method"] == "POST") or (origin is not None and origin != ours):
            return _plain("请求不是来自本页面。", 403)
        if headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            return _plain("请求不是来自本页面。", 403)
        length = headers.get("content-length", "0")
        if "transfer-encoding" in headers or not length.isdigit() or int(length) > _LARGEST:
            return _plain("请求过大。", 413)
        return None

    def _entered(self, token: str, *, known: bool) -> Response:
        if known:  # the address opened again in the browser that was let in
            return RedirectResponse("/", status_code=303)
        if not self._gate.enter(token):
            return _plain("这个地址已经用过，或者不对。请看程序窗口，必要时重新启动。", 403)
        answer = RedirectResponse("/", status_code=303)
        answer.set_cookie(self._gate.cookie, self._gate.session, httponly=True, samesite="strict", path="/")
        return answer

    def _known(self, scope: Scope) -> bool:
        given = cookie_parser(Headers(scope=scope).get("cookie", "")).get(self._gate.cookie, "")
        return compare_digest(given.encode(), self._gate.session.encode())


def _plain(text: str, status: int) -> Response:
    return PlainTextResponse(text + "\n", status)


def _tell(error: Exception) -> None:
    """The class and place of a fault, on the program's own terminal."""
    last = error.__traceback__
    while last and last.tb_next:
        last = last.tb_next
    place = f"{Path(last.tb_frame.f_code.co_filename).name}:{last.tb_lineno}" if last else "?"
    sys.stderr.write(f"audit review: a fault of the program: {type(error).__name__} at {place}\n")


async def form_of(request: Request) -> dict[str, Any]:
    """The fields of a submitted form, texts only."""
    form = await request.form(max_files=0, max_fields=20)
    return {k: v for k, v in form.items() if isinstance(v, str)}
