"""The WhatsApp channel: Meta's Cloud API. Off until its environment variables are set, see docs/whatsapp.md.

    GET  /webhooks/whatsapp/          -> {"status": "ok" | "off" | "cannot send", "error", "unanswered", "unsent"}
    GET  /webhooks/whatsapp/webhook   Meta's question whether this is the right place, asked once
    POST /webhooks/whatsapp/webhook   a delivery: checked, stored, acknowledged; answered afterwards (bot/whatsapp/)

A delivery without Meta's signature is refused with 401. Anything Meta signed is acknowledged with 200, also what makes
no sense, because it would come back for days; with 503 only if it could not be stored.
"""
from __future__ import annotations

import hmac
import json
import logging
from typing import Any, Dict, Optional, Text

from rasa.core.channels.channel import InputChannel
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.turn import OnNewMessage, Turns
from bot.settings import WhatsApp, settings
from bot.store import whatsapp_inbox, whatsapp_outbox
from bot.whatsapp.answering import Answering
from bot.whatsapp.client import Client, operator_must_act
from bot.whatsapp.delivery import Delivery
from bot.whatsapp.identity import Vault
from bot.whatsapp.inbound import events
from bot.whatsapp.intake import Intake
from bot.whatsapp.wording import Wording
from bot.whatsapp.worker import Kind, Worker

logger = logging.getLogger(__name__)
_LARGEST = 3 * 1024 * 1024  # bytes of a delivery, as Meta states it
_REPORTS = 60  # seconds after a start in which Meta brings the reports that it could not bring before
_ANSWERS = 2  # conversations at once: a turn holds the event loop, so more would only delay the acknowledgements
_SENDS = 40  # conversations at once; Meta takes 80 messages a second from a number


class WhatsAppChannel(InputChannel):
    """Takes what Meta delivers and answers it, if the clinic has a number there."""

    def __init__(self, config: Optional[WhatsApp]) -> None:
        self._config = config
        if config is None:
            logger.warning("WhatsApp is off: no ASSISTANT_WHATSAPP_… variables are set (docs/whatsapp.md)")

    @classmethod
    def name(cls) -> Text:
        """Returns the channel's name, also its path below /webhooks."""
        return "whatsapp"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[Text, Any]]) -> InputChannel:
        """Creates the channel; its credentials come from the environment, none stands in a file."""
        return cls(settings().whatsapp)

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """Returns the channel's routes."""
        routes = Blueprint("whatsapp_channel", url_prefix="")
        if self._config is None:

            @routes.get("/")
            async def off(_: Request) -> HTTPResponse:
                return response.json({"status": "off"})

            return routes
        config, vault = self._config, Vault(settings().secret)
        _Running(config, vault, on_new_message).add_to(routes)
        return routes


class _Running:
    """The channel's routes and its worker, between the start and the stop of the server."""

    def __init__(self, config: WhatsApp, vault: Vault, on_new_message: OnNewMessage) -> None:
        self._config, self._vault, self._on_new_message = config, vault, on_new_message
        self._turns, self._wording, self._intake = Turns(), Wording(settings().clinic), Intake(vault)

    def add_to(self, routes: Blueprint) -> None:
        """Declares everything on `routes`."""

        @routes.listener("after_server_start")
        async def start(*_: Any) -> None:
            self._start()

        @routes.listener("before_server_stop")
        async def stop(*_: Any) -> None:
            await self._worker.stop()
            await self._client.close()

        @routes.get("/")
        async def health(_: Request) -> HTTPResponse:
            return self._health()

        @routes.get("/webhook")
        async def handshake(request: Request) -> HTTPResponse:
            return self._handshake(request)

        @routes.post("/webhook")
        async def delivery(request: Request) -> HTTPResponse:
            return self._delivery(request)

    def _start(self) -> None:
        clinic, self._client = settings().clinic, Client(self._config)
        answering = Answering(
            self._turns, self._wording, self._vault, self._client, self._on_new_message, lambda: self._worker.wake()
        )
        delivery = Delivery(self._client, self._vault, clinic, self._config.template)
        self._worker = Worker(
            Kind("whatsapp answer", whatsapp_inbox.waiting, answering.conversation, _ANSWERS),
            Kind("whatsapp send", whatsapp_outbox.due, delivery.conversation, _SENDS),
        )
        whatsapp_outbox.give_time(_REPORTS)
        self._worker.start()
        logger.warning("WhatsApp is on for the number with id %s", self._config.phone_number_id)

    def _health(self) -> HTTPResponse:
        unsent = whatsapp_outbox.trouble()
        error = next((code for code in unsent if operator_must_act(code)), None)
        body = {"error": error, "unanswered": whatsapp_inbox.count(), "unsent": sum(unsent.values())}
        if error is not None:
            return response.json({"status": "cannot send", **body}, status=503)
        return response.json({"status": "ok", **body})

    def _handshake(self, request: Request) -> HTTPResponse:
        given = request.args.get("hub.verify_token") or ""
        right = hmac.compare_digest(given.encode(errors="replace"), self._config.verify_token.encode())
        if request.args.get("hub.mode") != "subscribe" or not right:
            return response.text("the verify token is not ASSISTANT_WHATSAPP_VERIFY_TOKEN\n", status=403)
        return response.text(request.args.get("hub.challenge") or "", headers={"X-Content-Type-Options": "nosniff"})

    def _delivery(self, request: Request) -> HTTPResponse:
        if len(request.body) > _LARGEST:
            return response.text("too large\n", status=413)
        if not signed(request.body, request.headers.get("x-hub-signature-256") or "", self._config.app_secret):
            logger.warning("a delivery without Meta's signature was refused")
            return response.text("the signature is missing or wrong\n", status=401)
        try:
            body = json.loads(request.body)
        except (ValueError, RecursionError):
            logger.warning("a signed delivery was no JSON and is left out")
            return response.text("")
        try:
            for event in events(body, self._config.phone_number_id):
                self._intake.take(event)
        except SQLAlchemyError:
            logger.exception("a delivery could not be stored; Meta will bring it again")
            return response.text("", status=503)
        self._worker.wake()
        return response.text("")


def signed(body: bytes, signature: str, app_secret: str) -> bool:
    """Returns whether `signature` ("sha256=" and 64 hex digits) is that of `body`, byte for byte as it came."""
    right = "sha256=" + hmac.new(app_secret.encode(), body, "sha256").hexdigest()
    return hmac.compare_digest(right.encode(), signature.encode(errors="replace"))
