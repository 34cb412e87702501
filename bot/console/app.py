"""The console as an ASGI application: the routes of bot/console, the files its pages need, headers, errors."""
from __future__ import annotations

import logging
import threading
from contextlib import asynccontextmanager
from typing import Any, AsyncIterator
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.console import (  # noqa: F401 - they declare their pages
    access,
    answers,
    conversations,
    dashboard,
    improve,
    inbox,
    kept,
    people,
    privacy,
    proposals,
    requests,
    search,
    sharing,
)
from bot.console.pages import HERE, PAGES, Refused, Visit, inside, seen, visited
from bot.store.message_log import MessageLog

logger = logging.getLogger(__name__)
_PAUSE = 2.0  # seconds between two looks for new messages
_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


def create() -> ASGIApp:
    """Returns the application."""
    routes: list = [Route(page.path, page.answer, methods=[page.method]) for page in PAGES]
    routes.append(Mount("/static", StaticFiles(directory=HERE / "static")))
    handlers: Any = {Refused: _refused, HTTPException: _not_found, SQLAlchemyError: _away, Exception: _broken}
    app = Starlette(routes=routes, exception_handlers=handlers, lifespan=_running)
    return Headers(app)  # outside of it: the page that says that something failed has them too


class Headers:
    """Puts the headers of safety on every answer; pages with patients' words are never kept by a browser or proxy."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hands on, and adds to what comes back."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = b"no-cache" if scope["path"].startswith("/static/") else b"no-store"
                added = [(key.encode(), value.encode()) for key, value in _HEADERS.items()]
                message["headers"] = [*message["headers"], *added, (b"cache-control", kept)]
            await send(message)

        await self._app(scope, receive, sending)


@asynccontextmanager
async def _running(_: Starlette) -> AsyncIterator[None]:
    """Fills the index of messages as long as the console runs."""
    stopping = threading.Event()
    reading = threading.Thread(target=_read, args=(stopping,), daemon=True)
    reading.start()
    yield
    stopping.set()
    await run_in_threadpool(reading.join)


def _read(stopping: threading.Event) -> None:
    log = MessageLog()
    while not stopping.is_set():
        try:
            pause = 0.02 if log.fill() else _PAUSE  # a long log is read in small steps, which leave room for the assistant
        except SQLAlchemyError as error:
            logger.error("messages cannot be read into the index just now: %s", type(error).__name__)
            pause = _PAUSE
        stopping.wait(pause)


def _error(visit: Visit, status: int, words: str) -> Response:
    values = {"words": words, "out": status == 401}
    if visit.request.headers.get("hx-request"):  # the page that asked stays as it is
        answer = visit.page("error_line.html", status, **values)
        answer.headers.update({"hx-retarget": "#wrong", "hx-reswap": "innerHTML"})
        return answer
    return visit.page("error.html", status, typed=kept.typed(visit.sent), back=_before(visit.request), **values)


def _before(request: Request) -> str:
    """Returns the console's own page that led here; the first one if there is none."""
    came = urlsplit(request.headers.get("referer", ""))
    address = came.path + (f"?{came.query}" if came.query else "")
    return inside(address) if came.netloc == request.headers.get("host") and came.path != request.url.path else "/"


async def _refused(request: Request, error: Refused) -> Response:
    return _error(await visited(request), error.status, error.words)


async def _not_found(request: Request, error: HTTPException) -> Response:
    visit = await visited(request)
    return _error(visit, error.status_code, visit.gettext("There is no such page."))


async def _away(request: Request, error: SQLAlchemyError) -> Response:
    logger.error("the database is away: %s", type(error).__name__)
    visit = seen(request)
    words = visit.gettext("The database cannot be reached. Nothing was changed; try again in a minute.")
    return _error(visit, 503, words)


async def _broken(request: Request, error: Exception) -> Response:
    logger.error("a page failed: %s %s", request.method, request.scope.get("route"), exc_info=error)
    visit = seen(request)
    return _error(visit, 500, visit.gettext("Something went wrong here. Nothing was changed; please try again."))
