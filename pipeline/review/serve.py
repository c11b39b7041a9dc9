"""The desk's server: on this machine's own address only, until it is stopped."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from pipeline.errors import BadInput
from pipeline.identity import warm_up
from pipeline.review.app import make_app
from pipeline.review.desk import Desk
from pipeline.review.security import Gate


def serve(
    folder: Path,
    ledger: Path,
    reviewer: str | None,
    *,
    port: int = 0,
    blind: bool = False,
    tell: Callable[[str], None],
) -> int:
    """Lay a run on the desk and serve it until Ctrl-C; how many rulings still wait beside the ledger then.

    `port` 0: any that is free. `tell` is given the address once it answers. BadInput when the port is taken.
    """
    with _listening(port) as sock:
        desk = Desk(folder, ledger, reviewer, blind=blind)
        threading.Thread(target=warm_up, daemon=True).start()  # readings of characters, for the sentences
        gate = Gate(sock.getsockname()[1])
        config = uvicorn.Config(
            make_app(desk, gate), access_log=False, log_level="critical", server_header=False, proxy_headers=False,
            http="h11", ws="none", loop="asyncio", lifespan="off", timeout_graceful_shutdown=3,
        )  # fmt: skip
        tell(gate.address)
        try:
            _Server(config).run(sockets=[sock])
        finally:
            left = desk.book.stop()
    return left


class _Server(uvicorn.Server):
    """Ends quietly on Ctrl-C and on SIGTERM, so that what waits is still brought into the ledger."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {s: signal.signal(s, self.handle_exit) for s in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _listening(port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(("127.0.0.1", port))
        sock.listen(16)
    except OSError as e:
        sock.close()
        raise BadInput(f"port {port} is taken", remedy="give another --port, or none") from e
    return sock
