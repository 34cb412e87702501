"""Sends what waits in the outbox, one conversation at a time, and notes what became of it."""
from __future__ import annotations

import logging
import time
from typing import Any, Dict, Optional

from bot.settings import Clinic
from bot.store import erasure
from bot.store import whatsapp_contacts as contacts
from bot.store import whatsapp_inbox as inbox
from bot.store import whatsapp_outbox as outbox
from bot.store.database import engine
from bot.whatsapp.client import Client, Outcome, operator_must_act, pause
from bot.whatsapp.identity import Vault
from bot.whatsapp.outbound import template

logger = logging.getLogger(__name__)
_WINDOW = 24 * 3600  # seconds after the patient's last message in which anything but a template may be sent
_MARGIN = 60  # seconds; the clocks of two machines differ
_UNKNOWN = 30  # seconds until a status has surely come, had the message been sent
_REMIND = 600  # seconds between two log lines that say the same to the operator


class Delivery:
    """Sends with `client`; asks a patient who has not written for a day to write again with `template_name`, if any."""

    def __init__(self, client: Client, vault: Vault, clinic: Clinic, template_name: Optional[str]) -> None:
        self._client, self._vault, self._clinic, self._template = client, vault, clinic, template_name
        self._told = -_REMIND * 1.0

    async def conversation(self, conversation: str) -> None:
        """Sends what is due in `conversation`, in order. The caller holds its lease."""
        while (row := outbox.head(conversation)) is not None:
            contact = contacts.get(conversation)
            if contact is None:  # forgotten in the meantime
                outbox.end(row, "failed")
            elif row["origin"] != outbox.BOT and contact["stopped"]:
                outbox.end(row, "kept")
            elif row["origin"] != outbox.TEMPLATE and time.time() > contact["wrote_at"] + _WINDOW - _MARGIN:
                self._keep(row, contact)
            else:
                await self._send(row, contact)
        if outbox.said_farewell(conversation) and conversation not in inbox.waiting():
            erasure.forget_whatsapp(conversation)

    async def _send(self, row: outbox.Row, contact: Dict[str, Any]) -> None:
        try:
            address = self._vault.open(contact["address"])
        except ValueError as error:
            logger.error("the address of conversation %s cannot be read: %s", row["conversation"], error)
            address = {}
        if not address:  # or the number went to somebody else
            return outbox.end(row, "failed")
        if not outbox.sending(row, _UNKNOWN):
            return
        sent = await self._client.send(address, row["payload"], row["token"])
        if sent.outcome is Outcome.SENT:
            outbox.end(row, "sent", message=self._vault.pseudonym(str(sent.message)))
        elif sent.outcome is Outcome.UNKNOWN:
            return  # still "sending": a status settles it, or the time runs out
        elif sent.outcome is Outcome.CLOSED and row["origin"] != outbox.TEMPLATE:
            self._keep(row, contact, sent.code)
        elif sent.outcome in (Outcome.AGAIN, Outcome.OPERATOR) and not _stale(row):
            outbox.later(row, pause(row["attempts"] + 1, sent.code), sent.code)
            self._tell(sent.code)
        else:
            logger.error("a message in conversation %s could not be sent: error %s", row["conversation"], sent.code)
            outbox.end(row, "failed", error=sent.code)

    def _keep(self, row: outbox.Row, contact: Dict[str, Any], code: Optional[int] = None) -> None:
        """Keeps `row` for the staff, and asks the patient to write again if the clinic has a template for that."""
        logger.warning("a message in conversation %s came too late for WhatsApp and is kept", row["conversation"])
        outbox.end(row, "kept", error=code)
        if self._template and not outbox.asked_back(row["conversation"], contact["wrote_at"]):
            payload = template(self._template, contact["language"] or self._clinic.default_language)
            with engine().begin() as connection:
                outbox.add(connection, row["conversation"], payload, origin=outbox.TEMPLATE)

    def _tell(self, code: Optional[int]) -> None:
        if operator_must_act(code) and time.monotonic() > self._told + _REMIND:
            self._told = time.monotonic()
            logger.error(
                "WhatsApp refuses to send (error %s). Replace ASSISTANT_WHATSAPP_ACCESS_TOKEN and restart, or see "
                "docs/whatsapp.md; what waits is then sent",
                code,
            )


def _stale(row: outbox.Row) -> bool:
    """Returns whether `row` is no longer worth sending; what the staff wrote always is."""
    return row["origin"] != outbox.STAFF and time.time() > row["created_at"] + _WINDOW
