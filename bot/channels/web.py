"""The website's channel: JSON over HTTP, sessions signed by the server.

    POST /webhooks/web/session   {"language": "fr"}                   -> {"session", "messages"}
    POST /webhooks/web/message   {"session", "text" or "button"}      -> {"session", "messages"}

A message is ``{"text", "language", "kind", "topic", "sources", "buttons": [{"title", "button"}]}``. An unknown or
expired session is not an error: the patient gets a new, empty one, and the answer.
"""
from __future__ import annotations

from typing import Any, Awaitable, Callable, Dict, List, Optional, Text, Tuple

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels.sessions import Sessions
from bot.channels.turn import Collector, Turns, clean
from bot.errors import SessionError
from bot.settings import settings


class BadRequest(ValueError):
    """The request is not of the documented form; its text says what is."""


class WebChannel(InputChannel):
    """Takes messages from the website and answers in the same request."""

    def __init__(self) -> None:
        self._sessions = Sessions(settings().secret)
        self._turns = Turns()

    @classmethod
    def name(cls) -> Text:
        """Returns the channel's name, also its path below /webhooks."""
        return "web"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[Text, Any]]) -> InputChannel:
        """Creates the channel; it has no credentials but the signing key of the settings."""
        return cls()

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Returns the channel's routes."""
        routes = Blueprint("web_channel", url_prefix="")

        @routes.exception(BadRequest)
        async def bad_request(_: Request, error: Exception) -> HTTPResponse:
            return response.json({"error": str(error)}, status=400)

        @routes.get("/")
        async def health(request: Request) -> HTTPResponse:
            agent = getattr(request.app.ctx, "agent", None)
            if agent is None or not agent.is_ready():  # Rasa logs why and serves on without a model
                return response.json({"status": "no model"}, status=503)
            return response.json({"status": "ok"})

        @routes.post("/session")
        async def session(request: Request) -> HTTPResponse:
            body = _body(request)
            token = self._sessions.issue()
            conversation = self._sessions.conversation(token)
            greeting = self._turns.response("utter_greet", _text(body, "language"))
            return response.json({"session": token, "messages": self._wire([greeting], conversation)})

        @routes.post("/message")
        async def message(request: Request) -> HTTPResponse:
            body = _body(request)
            token, conversation = self._session(_text(body, "session"))
            collector = Collector(self.name())
            incoming = UserMessage(
                text=self._words(body, conversation),
                output_channel=collector,
                sender_id=conversation,
                input_channel=self.name(),
                metadata={"language": _text(body, "language")},
            )
            messages = await self._turns.run(on_new_message, incoming, collector)
            return response.json({"session": token, "messages": self._wire(messages, conversation)})

        return routes

    def _session(self, token: Optional[str]) -> Tuple[str, str]:
        try:
            return str(token), self._sessions.conversation(str(token))
        except SessionError:
            fresh = self._sessions.issue()
            return fresh, self._sessions.conversation(fresh)

    def _words(self, body: Dict[str, Any], conversation: str) -> str:
        button = _text(body, "button")
        if button is None:
            return clean(_text(body, "text") or "")
        try:
            return self._sessions.pressed(conversation, button)
        except SessionError as error:
            raise BadRequest(str(error)) from error

    def _wire(self, messages: List[Dict[str, Any]], conversation: str) -> List[Dict[str, Any]]:
        """Returns `messages` as they go to the page, with each button signed for this conversation."""
        return [
            {
                "text": message.get("text") or "",
                **{key: (message.get("metadata") or {}).get(key) for key in ("language", "kind", "topic", "sources")},
                "buttons": [
                    {"title": button["title"], "button": self._sessions.offer(conversation, button["payload"])}
                    for button in message.get("buttons") or ()
                ],
            }
            for message in messages
        ]


def _body(request: Request) -> Dict[str, Any]:
    try:
        body = request.json
    except Exception as error:  # Sanic raises its own kinds for empty, binary and broken bodies
        raise BadRequest("send a JSON object") from error
    if body is None:
        return {}
    if not isinstance(body, dict):
        raise BadRequest("send a JSON object")
    return body


def _text(body: Dict[str, Any], key: str) -> Optional[str]:
    value = body.get(key)
    if value is not None and not isinstance(value, str):
        raise BadRequest(f"'{key}' must be text")
    return value
