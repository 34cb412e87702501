"""The website's channel, all JSON: a socket for the widget, plain HTTP for everybody else.

Sessions are issued and signed here; an unknown one, or one that is over, is no error: the patient gets a new, empty one.

    GET  /webhooks/web/config    -> {"languages", "default_language", "clinic", "labels"}
    POST /webhooks/web/session   {"session": old or null, "language"} -> {"session", "fresh", "events", "messages"}
    POST /webhooks/web/message   {"session", "text" or "button", "id", "language", "after"} -> the same
    GET  /webhooks/web/events?after=N   with "Authorization: Bearer <session>" -> {"events"}
    POST /webhooks/web/forget    {"session"} -> {"session": a new one}
    WS   /webhooks/web/socket    {"type": "hello", "session", "after", "language"}, then {"type": "message", ...}
                                 <- {"type": "ready" | "event" | "typing" | "error" | "forgotten", ...}
    GET  /webhooks/web/widget/   widget.js, and demo.html to try it

An event is ``{"seq", "from": "patient", "assistant" or "staff", "id", "text", "language", "kind", "topic", "sources",
"buttons": [{"title", "button"}], "actions": {"simpler", "up", "down"}, "time"}``, with "verdict" "up" or "down" once the
patient has judged; while the database is away "seq" and "time" are null, and the event does not come again. "messages" are
the assistant's events that answer this request; "events" are those later than "after", without it the same. A session is
over after the hours of silence that clinic.yml names, or when the patient forgets it. A page of another origin must be
listed there, too.
"""
from __future__ import annotations

import json
import logging
from contextlib import suppress
from pathlib import Path
from typing import Any, Awaitable, Callable, Dict, List, Optional, Text, Tuple

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels.conversations import Conversations
from bot.channels.limits import Limiter
from bot.channels.model import follow
from bot.channels.page import config as page_config
from bot.channels.sessions import Sessions
from bot.channels.turn import NOT_ERASED, Turns
from bot.errors import SessionError, SessionOver
from bot.settings import settings

logger = logging.getLogger(__name__)
OnNewMessage = Callable[[UserMessage], Awaitable[Any]]
_STATIC = Path(__file__).resolve().parent.parent / "widget" / "static"
_LONGEST = 10_000  # characters a request may carry; the pipeline asks for shorter messages long before
_HIGHEST = 2**31 - 1  # number of an event
_OVER = "session"  # the code of a session that is unknown or over
_CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' ws: wss:"


class Refused(ValueError):
    """A request that is not served: `status` of HTTP, `code` for the widget, and words for whoever wrote the page."""

    def __init__(self, code: str, status: int, words: str) -> None:
        super().__init__(words)
        self.code, self.status = code, status


class WebChannel(InputChannel):
    """Takes messages from the website and gives every page that shows the conversation what happens in it."""

    def __init__(self) -> None:
        self._sessions = Sessions(settings().secret)
        self._turns = Turns()
        self._conversations = Conversations(self.name(), self._sessions, self._turns)
        self._per_session, self._per_address = Limiter(rate=0.5, burst=20), Limiter(rate=3, burst=120)

    @classmethod
    def name(cls) -> Text:
        """Returns the channel's name, also its path below /webhooks."""
        return "web"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[Text, Any]]) -> InputChannel:
        """Creates the channel; it has no credentials but the signing key of the settings."""
        return cls()

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """Returns the channel's routes."""
        routes = Blueprint("web_channel", url_prefix="")
        routes.listener("after_server_start")(follow)
        routes.static("/widget", str(_STATIC), name="widget")

        @routes.exception(Refused)
        async def refused(_: Request, error: Refused) -> HTTPResponse:
            return response.json({"error": str(error), "code": error.code}, status=error.status)

        @routes.middleware("response")
        async def headers(request: Request, answer: HTTPResponse) -> None:
            origin = request.headers.get("origin")
            if origin and _welcome(request):
                answer.headers["Access-Control-Allow-Origin"], answer.headers["Vary"] = origin, "Origin"
                answer.headers["Access-Control-Allow-Headers"] = "Content-Type, Authorization"
            answer.headers["X-Content-Type-Options"] = "nosniff"
            if request.path.endswith(".html"):
                answer.headers["Content-Security-Policy"] = _CSP

        async def preflight(request: Request) -> HTTPResponse:
            _check_origin(request)
            return response.empty()

        for name in ("session", "message", "events", "forget"):  # Rasa answers for a path that has no OPTIONS of its own
            routes.add_route(preflight, f"/{name}", methods=["OPTIONS"], name=f"preflight_{name}")

        @routes.get("/")
        async def health(request: Request) -> HTTPResponse:
            agent = getattr(request.app.ctx, "agent", None)
            if agent is None or not agent.is_ready():  # Rasa logs why and serves on without a model
                return response.json({"status": "no model"}, status=503)
            return response.json({"status": "ok"})

        @routes.get("/config")
        async def config(request: Request) -> HTTPResponse:
            _check_origin(request)
            return response.json(page_config())

        @routes.post("/session")
        async def session(request: Request) -> HTTPResponse:
            _check_origin(request)
            body = _body(request)
            token, conversation, fresh = self._session(_text(body, "session"))
            events = self._thread(request, conversation, fresh, 0, _language(body))
            return response.json(
                {"session": token, "fresh": fresh, "events": events, "messages": events if fresh else []}
            )

        @routes.post("/message")
        async def message(request: Request) -> HTTPResponse:
            _check_origin(request)
            body = _body(request)
            token, conversation, fresh = self._signed(_text(body, "session"))
            words = self._admitted(request, conversation, body)
            try:
                said = [] if fresh else await self._said(on_new_message, conversation, words)
            except Refused as refused:
                if refused.code != _OVER:
                    raise
                token, conversation, fresh = self._signed(None)
            if fresh:
                self._conversations.greet(conversation, words["language"])
                said = await self._said(on_new_message, conversation, words)
            after = body.get("after")  # a client that keeps no thread gives none
            events = said if after is None else self._conversations.since(conversation, _number(after)) or said
            return response.json({"session": token, "fresh": fresh, "events": events, "messages": said})

        @routes.get("/events")
        async def events(request: Request) -> HTTPResponse:
            _check_origin(request)
            _, conversation, fresh = self._session(request.token)
            if fresh:
                raise Refused(_OVER, 401, "the session is unknown or over")
            await self._conversations.make_good(on_new_message, conversation)
            return response.json({"events": self._conversations.since(conversation, _number(request.args.get("after")))})

        @routes.post("/forget")
        async def forget(request: Request) -> HTTPResponse:
            _check_origin(request)
            self._count(request)
            token = _text(_body(request), "session")
            try:
                with suppress(SessionError):  # of an unknown session there is nothing to forget
                    await self._conversations.forget(self._sessions.conversation(token or ""))
            except NOT_ERASED as error:
                logger.exception("cannot erase a conversation")
                raise Refused("failed", 503, "not everything could be erased; ask once more") from error
            fresh, conversation, _ = self._signed(None)
            self._conversations.greet(conversation, None)
            return response.json({"session": fresh})

        @routes.websocket("/socket")
        async def socket(request: Request, page: Any) -> None:
            conversation = None
            try:
                hello = _object(await page.recv())
                _check_origin(request)
                token, conversation, fresh = self._session(_text(hello, "session"))
                self._conversations.join(conversation, page)
                events = self._thread(request, conversation, fresh, _number(hello.get("after")), _language(hello))
                await page.send(json.dumps({"type": "ready", "session": token, "fresh": fresh}))
                for event in events:
                    await page.send(json.dumps({"type": "event", "event": event}, ensure_ascii=False))
                await self._conversations.make_good(on_new_message, conversation, wait=True)
                # a session that is over ends the socket; the page comes back, gets a new one and sends again
                while (text := await page.recv()) is not None and not self._conversations.over(conversation):
                    await self._heard(request, on_new_message, conversation, page, text)
            except Refused as error:
                await page.send(json.dumps({"type": "error", "code": error.code, "message": str(error)}))
            finally:
                if conversation:
                    self._conversations.leave(conversation, page)

        return routes

    async def _heard(
        self, request: Request, on_new_message: OnNewMessage, conversation: str, page: Any, text: str
    ) -> None:
        body: Dict[str, Any] = {}
        try:
            body = _object(text)
            await self._said(on_new_message, conversation, self._admitted(request, conversation, body), page)
        except Refused as error:
            await page.send(
                json.dumps({"type": "error", "code": error.code, "id": body.get("id"), "message": str(error)})
            )

    async def _said(
        self, on_new_message: OnNewMessage, conversation: str, words: Dict[str, Any], page: Any = None
    ) -> List[Dict[str, Any]]:
        try:
            return await self._conversations.say(on_new_message, conversation, words, page)
        except SessionOver as error:
            raise Refused(_OVER, 401, str(error)) from error
        except SessionError as error:
            raise Refused("bad", 400, str(error)) from error

    def _admitted(self, request: Request, conversation: str, body: Dict[str, Any]) -> Dict[str, Any]:
        """Returns what of the message `body` is the patient's: "text" or "button", "id", and a "language" that is served."""
        words = {**{key: _text(body, key) for key in ("text", "button", "id")}, "language": _language(body)}
        if len(words["text"] or "") > _LONGEST or len(words["id"] or "") > 64:
            raise Refused("too_long", 413, f"a message has at most {_LONGEST} characters")
        if not (words["id"] or "").isprintable():  # what no database stores
            raise Refused("bad", 400, "an 'id' has printable characters only")
        self._count(request, conversation)
        return words

    def _count(self, request: Request, conversation: Optional[str] = None) -> None:
        """Counts a request that writes into the database; Refused if its address or conversation sends too many at once."""
        address = _address(request)
        if address is None:
            return
        if not (self._per_address.allows(address) and (conversation is None or self._per_session.allows(conversation))):
            raise Refused("too_fast", 429, "too many messages at once; wait a moment")

    def _session(self, token: Optional[str]) -> Tuple[str, str, bool]:
        """Returns the session's token, its conversation, and whether it is a new one: `token` is unknown, or over."""
        found, conversation, fresh = self._signed(token)
        return self._signed(None) if not fresh and self._conversations.over(conversation) else (found, conversation, fresh)

    def _signed(self, token: Optional[str]) -> Tuple[str, str, bool]:
        """Returns the same without asking whether it is over."""
        with suppress(SessionError):
            return str(token), self._sessions.conversation(str(token)), False
        fresh = self._sessions.issue()
        return fresh, self._sessions.conversation(fresh), True

    def _thread(
        self, request: Request, conversation: str, fresh: bool, after: int, language: Optional[str]
    ) -> List[Dict[str, Any]]:
        """Returns what the page does not have yet: the greeting of a new conversation, or the events after `after`."""
        if not fresh:
            return self._conversations.since(conversation, after)
        self._count(request)
        return self._conversations.greet(conversation, language)


def _welcome(request: Request) -> bool:
    """Returns whether the page that sends `request` may: the server's own pages, and those the clinic lists."""
    origin = request.headers.get("origin")
    return not origin or origin.partition("://")[2] == request.host or origin in settings().clinic.websites


def _check_origin(request: Request) -> None:
    if not _welcome(request):
        origin = request.headers.get("origin")
        raise Refused("origin", 403, f"{origin!a} is not listed under 'websites' in clinic.yml")


def _address(request: Request) -> Optional[str]:
    """Returns whom to count messages for, or None for the operator's own programs on this machine."""
    forwarded = request.headers.getall("x-forwarded-for", None)
    local = request.ip in ("127.0.0.1", "::1")
    if local and forwarded:  # a proxy on this machine; the last entry of the last such line is the one it added itself
        return forwarded[-1].split(",")[-1].strip()
    return None if local and not request.headers.get("origin") else request.ip


def _body(request: Request) -> Dict[str, Any]:
    return _object(request.body) if request.body else {}


def _object(text: Any) -> Dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, TypeError, RecursionError) as error:
        raise Refused("bad", 400, "send a JSON object") from error
    if not isinstance(found, dict):
        raise Refused("bad", 400, "send a JSON object")
    return found


def _text(body: Dict[str, Any], key: str) -> Optional[str]:
    value = body.get(key)
    if value is not None and not isinstance(value, str):
        raise Refused("bad", 400, f"'{key}' must be text")
    return value


def _language(body: Dict[str, Any]) -> Optional[str]:
    """Returns the language of the page; None for one that is not served: the clinic's default then speaks for it."""
    code = _text(body, "language")
    return code if code in settings().clinic.languages else None


def _number(value: Any) -> int:
    try:
        return min(max(0, int(value or 0)), _HIGHEST)
    except (TypeError, ValueError, OverflowError) as error:
        raise Refused("bad", 400, "'after' must be a number") from error
