"""The pages' conversations in this process: turns in order, every event stored before it is shown, to every tab."""
from __future__ import annotations

import asyncio
import json
import logging
import uuid
from collections import defaultdict
from datetime import datetime, timedelta, timezone
from typing import Any, Awaitable, DefaultDict, Dict, List, Optional, Protocol, Set
from weakref import WeakValueDictionary

from rasa.core.channels.channel import UserMessage
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.page import label
from bot.channels.sessions import ISSUED, Sessions
from bot.channels.turn import Collector, OnNewMessage, Turns, clean
from bot.errors import SessionOver
from bot.learning.erasing import erase
from bot.nlu.properties import ABOUT, LANGUAGE
from bot.settings import settings
from bot.store import threads

logger = logging.getLogger(__name__)
Event = Dict[str, Any]
_POLL = 2.0  # seconds until a page shows what staff wrote, or another server answered
_LATE = 50  # event numbers: on PostgreSQL a lower number may become visible after a higher one
_TURN = 30.0  # seconds for which a message is left to the server that took it; it may have died
# Buttons every page has, whatever was offered; none of them can do harm.
FIXED = {"talk_to_human": "/talk_to_human"}
# Buttons below each answer; their payload names the answer they are about.
_WISHES = {"simpler": "/repeat_or_simplify", "up": "/feedback_positive", "down": "/feedback_negative"}
_VERDICTS = ("up", "down")  # no message of the patient: pressed, not said
_LABELS = {"/talk_to_human": "talk_to_person", "/repeat_or_simplify": "simpler"}  # in data/widget.yml


class Socket(Protocol):
    """What is needed of a web socket."""

    def send(self, data: str) -> Awaitable[Any]:
        """Sends `data` to the page."""


class Conversations:
    """Runs the turns of all pages that talk to this process.

    The patient's message is stored first, then answered. A turn goes on when the page is closed, and one that a
    stopped server left unanswered is made good when the page comes back. Each event has the server that stored it, so that
    of several on one database none answers what another is answering.
    """

    def __init__(self, channel: str, sessions: Sessions, turns: Turns) -> None:
        self._channel, self._sessions, self._turns = channel, sessions, turns
        self._sockets: DefaultDict[str, Set[Socket]] = defaultdict(set)
        self._locks: "WeakValueDictionary[str, asyncio.Lock]" = WeakValueDictionary()  # those in use
        self._tasks: Set["asyncio.Task[Any]"] = set()
        self._silence = timedelta(hours=settings().clinic.new_conversation_after_hours)
        self._server = uuid.uuid4().hex
        self._shown: Set[int] = set()  # the latest events of others that the pages have
        self._watching: Optional["asyncio.Task[Any]"] = None

    def join(self, conversation: str, socket: Socket) -> None:
        """Sends what happens in `conversation` to `socket` from now on."""
        self._sockets[conversation].add(socket)
        if self._watching is None or self._watching.done():
            self._watching = asyncio.ensure_future(self._watch(self._newest()))

    def leave(self, conversation: str, socket: Socket) -> None:
        """Ends what :meth:`join` began."""
        self._sockets[conversation].discard(socket)
        if not self._sockets[conversation]:
            del self._sockets[conversation]

    def greet(self, conversation: str, language: Optional[str]) -> List[Event]:
        """Returns the first events of a new conversation."""
        return [public(self._store(conversation, self._turns.response("utter_greet", language)))]

    async def say(
        self, on_new_message: OnNewMessage, conversation: str, body: Dict[str, Any], socket: Optional[Socket] = None
    ) -> List[Event]:
        """Returns the assistant's events that answer the patient's message `body`; none if it was answered before.

        Raises:
            SessionError: `body` holds a button that was never offered in this conversation.
            SessionOver: the page must begin a new one.
        """
        return await self._to_the_end(self._say(on_new_message, conversation, body, socket))

    async def make_good(self, on_new_message: OnNewMessage, conversation: str, *, wait: bool = False) -> None:
        """Answers the last message of the patient if a server that was stopped left it unanswered.

        One that another server may be answering just now is left to it, or, with `wait`, waited for.
        """
        async with self._lock(conversation):
            while (last := self._latest(conversation)) and last["from"] == "patient":
                if not self._taken_elsewhere(last):
                    logger.warning("making good an unanswered message in conversation %s", conversation)
                    await self._answer(on_new_message, conversation, last["says"], last.get("language"))
                    return
                if not wait:
                    return
                await asyncio.sleep(_POLL)

    async def forget(self, conversation: str) -> None:
        """Deletes everything that was said in `conversation`, and tells every page that shows it.

        Raises one of `NOT_ERASED` if that is not possible just now; asking once more then finishes it.
        """
        async with self._lock(conversation):
            erase(conversation)
        await self._tell(conversation, {"type": "forgotten"})

    async def _say(
        self, on_new_message: OnNewMessage, conversation: str, body: Dict[str, Any], socket: Optional[Socket]
    ) -> List[Event]:
        pressed = body.get("button")
        language = body.get("language")
        says = clean(body.get("text") or "") if pressed is None else self._pressed(conversation, pressed, language)
        async with self._lock(conversation):
            if self.over(conversation):
                raise SessionOver("the session is over")  # also if forgotten while this message waited for its turn
            shown = says if pressed is None else self._title(conversation, pressed, says, language)
            event: Event = {"from": "patient", "text": shown, "language": language, "kind": "patient"}
            event.update(says=says, pressed=pressed)
            silent = pressed is not None and _intent(says) in [_WISHES[verdict] for verdict in _VERDICTS]
            stored = self._kept(conversation, event, client_id=body.get("id"), hidden=silent)
            if stored is None:  # sent again because its echo was lost: echo it once more, answer nothing
                again = [e for e in self.since(conversation, 0) if e["id"] == body.get("id")]
                for event in again if socket is not None else ():
                    await socket.send(_json({"type": "event", "event": event}))  # type: ignore[union-attr]
                return []
            if not silent:
                await self._tell(conversation, {"type": "event", "event": public(stored)})
            await self._tell(conversation, {"type": "typing"})
            return await self._answer(on_new_message, conversation, says, language)

    async def _answer(
        self, on_new_message: OnNewMessage, conversation: str, says: str, language: Optional[str]
    ) -> List[Event]:
        collector = Collector(self._channel)
        incoming = UserMessage(
            text=says,
            output_channel=collector,
            sender_id=conversation,
            input_channel=self._channel,
            metadata={"language": language},
        )
        events = []
        for message in await self._turns.run(on_new_message, incoming, collector):
            events.append(public(self._store(conversation, message)))
            await self._tell(conversation, {"type": "event", "event": events[-1]})
        if not events:  # a person has the conversation: that nothing is said is the answer, and not made good later
            self._kept(conversation, {"from": "assistant"}, hidden=True)
        return events

    def _store(self, conversation: str, message: Dict[str, Any]) -> Event:
        """Returns `message` of the assistant as a stored event, with each button signed for this conversation."""
        metadata = message.get("metadata") or {}
        sign = self._sessions.offer
        event = {
            "from": "assistant",
            "text": message.get("text") or "",
            **{key: metadata.get(key) for key in ("language", "kind", "topic")},
            "sources": [self._turns.document(key) for key in metadata.get("sources") or ()],
            "buttons": [
                {"title": button["title"], "button": sign(conversation, button["payload"])}
                for button in message.get("buttons") or ()
            ],
            "actions": {
                name: sign(conversation, f'{intent}{{"{ABOUT}": "{message["utter_action"]}"}}')
                if metadata.get("kind") == "answer" and message.get("utter_action")
                else None
                for name, intent in _WISHES.items()
            },
        }
        return self._kept(conversation, event) or event

    def since(self, conversation: str, seq: int) -> List[Event]:
        """Returns the events after number `seq` as they go to the page; none while the database is away."""
        try:
            events, pressed = threads.after(conversation, seq), {e.get("pressed") for e in threads.hidden(conversation)}
        except SQLAlchemyError:
            logger.exception("cannot read the thread of conversation %s", conversation)
            return []
        for event in events:
            offered = event.get("actions") or {}
            for verdict in _VERDICTS:
                if offered.get(verdict) and offered[verdict] in pressed:
                    event["verdict"] = verdict
        return [public(event) for event in events]

    def over(self, conversation: str) -> bool:
        """Returns whether the page must begin a new conversation: this one was forgotten, or silent for too long."""
        if not conversation.startswith(ISSUED):
            return False  # the operator's own, in the terminal
        try:
            last = threads.latest(conversation)
        except SQLAlchemyError:
            return False  # nothing can be known; the patient goes on
        return last is None or _age(last) > self._silence

    def _taken_elsewhere(self, event: Event) -> bool:
        """Returns whether another server took this message of the patient and may still be answering it."""
        return event.get("server", self._server) != self._server and _age(event) < timedelta(seconds=_TURN)

    def _latest(self, conversation: str) -> Optional[Event]:
        try:
            return threads.latest(conversation)
        except SQLAlchemyError:
            logger.exception("cannot read the thread of conversation %s", conversation)
            return None

    def _kept(self, conversation: str, event: Event, **how: Any) -> Optional[Event]:
        """Returns `event` as stored, None if it was there already; while the database is away, without number and time.

        The patient is answered all the same: with what to do in an emergency, or with the clinic's phone.
        """
        try:
            return threads.add(conversation, {**event, "server": self._server}, **how)
        except SQLAlchemyError:
            logger.exception("cannot store a message of conversation %s", conversation)
            return {**event, "id": how.get("client_id"), "seq": None, "time": None}

    def _pressed(self, conversation: str, button: str, language: Optional[str]) -> str:
        """Returns the payload of a button; its answer comes in the `language` of the page, unless it asks for another."""
        payload = FIXED.get(button) or self._sessions.pressed(conversation, button)
        if language is None:
            return payload
        entities = json.loads(payload[len(_intent(payload)) :] or "{}")
        return f"{_intent(payload)}{_json({LANGUAGE: language, **entities})}"

    def _title(self, conversation: str, pressed: str, says: str, language: Optional[str]) -> str:
        """Returns the words on a button that was pressed."""
        offered = [b for event in self.since(conversation, 0) for b in event.get("buttons") or ()]
        title = next((b["title"] for b in reversed(offered) if b["button"] == pressed), None)
        return title or (label(_LABELS[_intent(says)], language) if _intent(says) in _LABELS else "")

    def _lock(self, conversation: str) -> asyncio.Lock:
        lock = self._locks.get(conversation) or asyncio.Lock()
        self._locks[conversation] = lock
        return lock

    async def _tell(self, conversation: str, message: Dict[str, Any]) -> None:
        for socket in list(self._sockets.get(conversation, ())):
            try:
                await socket.send(_json(message))
            except Exception:  # the page went away; it asks for what it missed when it comes back
                self.leave(conversation, socket)

    @staticmethod
    def _newest() -> Optional[int]:
        try:
            return threads.last()
        except SQLAlchemyError:
            logger.exception("cannot read the number of the newest event")
            return None

    async def _watch(self, began: Optional[int]) -> None:
        """Sends what other processes put into the threads, staff above all, to the open pages, as long as there are any.

        `began` is the number after which the pages lack something; None if the database is away.
        """
        last = 0  # the highest number in the last round
        while self._sockets:
            await asyncio.sleep(_POLL)
            try:
                newest = threads.last()
                began = newest if began is None else began
                events = threads.elsewhere(list(self._sockets), max(began, last - _LATE), self._server)
            except SQLAlchemyError:
                logger.exception("cannot look for messages of the staff")
                continue
            for conversation, event in events:
                if event["seq"] not in self._shown:
                    self._shown.add(event["seq"])
                    await self._tell(conversation, {"type": "event", "event": public(event)})
            last = newest
            self._shown = {seq for seq in self._shown if seq > last - 2 * _LATE}

    async def _to_the_end(self, work: Any) -> Any:
        """Awaits `work`, which goes on even if the page that waits for it is closed."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(task)


def public(event: Event) -> Event:
    """Returns `event` as it goes to the page: without what the assistant was told by a button, and who stored it."""
    return {key: value for key, value in event.items() if key not in ("says", "pressed", "pushed", "server")}


def _age(event: Event) -> timedelta:
    return datetime.now(timezone.utc) - datetime.fromisoformat(event["time"])


def _intent(payload: str) -> str:
    return payload.split("{", 1)[0]


def _json(message: Dict[str, Any]) -> str:
    return json.dumps(message, ensure_ascii=False)
