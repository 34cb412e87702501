"""One message of a patient to what is sent back. Everything the answer changes is stored at once, or nothing of it is."""
from __future__ import annotations

import asyncio
import logging
import time
from typing import Any, Callable, Dict, List, Optional, Set

from rasa.core.channels.channel import UserMessage

from bot.channels.turn import Collector, OnNewMessage, Turns
from bot.store import whatsapp_contacts as contacts
from bot.store import whatsapp_inbox as inbox
from bot.store import whatsapp_outbox as outbox
from bot.store.database import engine
from bot.whatsapp.client import Client
from bot.whatsapp.identity import Vault
from bot.whatsapp.inbound import Message
from bot.whatsapp.outbound import Outgoing, render
from bot.whatsapp.wording import Wording

logger = logging.getLogger(__name__)
_LATE = 12 * 3600  # seconds; Rasa's session ends then too (domain.yml), and with it what "yes" or "the second" was about
_ATTEMPTS = 3  # times a message may take the server down with it before it is answered without the model
_BREATH = 0.02  # seconds before each turn, which then holds the event loop: first what came is acknowledged
_WORDS = ("text", "choice", "edit")
Reply = Dict[str, Any]  # a message of the dialogue: text, buttons, metadata


class Answering:
    """Answers the messages of a conversation, in the order in which they came."""

    def __init__(
        self,
        turns: Turns,
        wording: Wording,
        vault: Vault,
        client: Client,
        on_new_message: OnNewMessage,
        wake: Callable[[], None],
    ) -> None:
        self._turns, self._wording, self._vault, self._client = turns, wording, vault, client
        self._on_new_message, self._wake = on_new_message, wake
        self._signs: Set["asyncio.Task[None]"] = set()

    async def conversation(self, conversation: str) -> None:
        """Answers everything that waits in `conversation`. The caller holds its lease."""
        while (row := inbox.begin(conversation)) is not None:
            contact = contacts.get(conversation)
            if contact is None or row["body"] is None:  # forgotten in the meantime
                _close(row)
                continue
            try:
                message = Message.restored(self._vault.open(row["body"]))
            except (ValueError, TypeError):
                logger.error("a message of %s was sealed with another ASSISTANT_SECRET and is lost", conversation)
                _close(row)
                continue
            await self._answer(row, contact, message)

    async def _answer(self, row: Dict[str, Any], contact: Dict[str, Any], message: Message) -> None:
        signs = asyncio.ensure_future(self._client.signs(message.id))  # nobody waits for it
        self._signs.add(signs)
        signs.add_done_callback(self._signs.discard)
        replies = await self._replies(row, contact, message)
        codes = [(reply.get("metadata") or {}).get("language") for reply in replies]
        language = next((code for code in codes if code), contact["language"])
        outgoing = self._rendered(replies, language)
        if replies and not contact["noticed"]:
            outgoing = self._with_notice(outgoing, replies, language)
        stopped = any((reply.get("metadata") or {}).get("reply") == "utter_stop" for reply in replies)
        erased = any((reply.get("metadata") or {}).get("kind") == "erased" for reply in replies)
        with engine().begin() as connection:
            if inbox.answered(connection, row["id"]):
                (outbox.drop if stopped or erased else outbox.release)(connection, row["conversation"])
                for each in outgoing:
                    outbox.add(
                        connection,
                        row["conversation"],
                        each.payload,
                        choices=each.choices,
                        name=each.name,
                        origin=outbox.FAREWELL if erased else outbox.BOT,
                    )
                contacts.change(connection, row["conversation"], language=language, noticed=True, stopped=stopped)
        self._wake()  # to send it

    async def _replies(self, row: Dict[str, Any], contact: Dict[str, Any], message: Message) -> List[Reply]:
        language, conversation = contact["language"], row["conversation"]
        says = self._says(conversation, message)
        if row["attempts"] > _ATTEMPTS:
            logger.error("a message of %s could not be answered in %s attempts", conversation, _ATTEMPTS)
            return [self._turns.last_words(message.text, language)]
        if time.time() - row["sent_at"] > _LATE:
            return [self._turns.red_flag(message.text, language) or self._sentence("late", language)]
        if message.kind in _WORDS:
            return await self._turn(conversation, says, language)
        if not message.text:
            return [self._sentence(message.kind, language)]
        replies = await self._turn(conversation, says, language)  # the words below a picture
        spoken = (replies[0].get("metadata") or {}).get("language")
        urgent = any((reply.get("metadata") or {}).get("kind") == "emergency" for reply in replies)
        return replies if urgent else [self._sentence(message.kind, spoken or language), *replies]

    async def _turn(self, conversation: str, says: str, language: Optional[str]) -> List[Reply]:
        await asyncio.sleep(_BREATH)
        collector = Collector("whatsapp")
        incoming = UserMessage(
            text=says,
            output_channel=collector,
            sender_id=conversation,
            input_channel="whatsapp",
            metadata={"language": language},
        )
        return await self._turns.run(self._on_new_message, incoming, collector)

    def _says(self, conversation: str, message: Message) -> str:
        """Returns what the patient says: a choice that was really offered to this patient, else the words as typed."""
        if message.kind == "choice":
            name, _, number = (message.choice or "").partition(".")
            offer = outbox.by_token(conversation, name)
        else:  # a choice may be typed: its number, or its words
            number = message.text.rstrip(".)")
            quoted = message.about and outbox.by_message(conversation, self._vault.pseudonym(message.about))
            offer = quoted or outbox.last(conversation)
        for place, (title, payload) in enumerate(offer["choices"] if offer else (), 1):
            if number == str(place) or message.text == title:
                return payload
        return message.text

    def _sentence(self, name: str, language: Optional[str]) -> Reply:
        return {"text": self._wording.say(name, language), "metadata": {"kind": "reply"}}

    def _rendered(self, replies: List[Reply], language: Optional[str]) -> List[Outgoing]:
        outgoing: List[Outgoing] = []
        for reply in replies:
            metadata = reply.get("metadata") or {}
            documents = [self._turns.document(key) for key in metadata.get("sources") or ()]
            outgoing += render(reply, self._wording, metadata.get("language") or language, documents)
        return outgoing

    def _with_notice(self, outgoing: List[Outgoing], replies: List[Reply], language: Optional[str]) -> List[Outgoing]:
        """Returns `outgoing` with the notice: before an answer, instead of a greeting, but after an emergency."""
        metadata = replies[-1].get("metadata") or {}
        buttons = replies[-1].get("buttons") if metadata.get("reply") == "utter_greet" else []
        notice = render({**self._sentence("notice", language), "buttons": buttons}, self._wording, language)
        if metadata.get("reply") == "utter_greet":
            return notice
        return [*outgoing, *notice] if metadata.get("kind") == "emergency" else [*notice, *outgoing]


def _close(row: Dict[str, Any]) -> None:
    with engine().begin() as connection:
        inbox.answered(connection, row["id"])
