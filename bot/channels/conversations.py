"""The pages' conversations in this process: turns in order, every event stored before it is shown, to every tab."""
from __future__ import annotations

import asyncio
import json
import logging
from collections import defaultdict
from typing import Any, Awaitable, DefaultDict, Dict, List, Optional, Protocol, Set

from rasa.core.channels.channel import UserMessage
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.sessions import Sessions
from bot.channels.turn import Collector, OnNewMessage, Turns, clean
from bot.store import erasure, threads

logger = logging.getLogger(__name__)
Event = Dict[str, Any]
# Buttons every page has, whatever was offered; none of them can do harm.
_POLL = 2.0  # seconds until a page shows what staff wrote
_LATE = 50  # event numbers: on PostgreSQL a lower number may become visible after a higher one
FIXED = {"talk_to_human": "/talk_to_human"}
_WISHES = {"simpler": "/repeat_or_simplify", "up": "/feedback_positive", "down": "/feedback_negative"}
_SILENT = ("up", "down")


class Socket(Protocol):
    """What is needed of a web socket."""

    def send(self, data: str) -> Awaitable[Any]:
        """Sends `data` to the page."""


class Conversations:
    """Runs the turns of all pages that talk to this process.

    The patient's message is stored first, then answered. A turn goes on when the page is closed, and one that a
    stopped server left unanswered is made good when the page comes back.
    """

    def __init__(self, channel: str, sessions: Sessions, turns: Turns) -> None:
        self._channel, self._sessions, self._turns = channel, sessions, turns
        self._sockets: DefaultDict[str, Set[Socket]] = defaultdict(set)
        self._locks: DefaultDict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._tasks: Set["asyncio.Task[Any]"] = set()
        self._pushed: Set[int] = set()  # events that staff, or nobody's message, brought about and the pages have
        self._watching: Optional["asyncio.Task[Any]"] = None

    def join(self, conversation: str, socket: Socket) -> None:
        """Sends what happens in `conversation` to `socket` from now on."""
        self._sockets[conversation].add(socket)
        if self._watching is None or self._watching.done():
            self._watching = asyncio.ensure_future(self._watch(threads.last()))

    def leave(self, conversation: str, socket: Socket) -> None:
        """Ends what :meth:`join` began."""
        self._sockets[conversation].discard(socket)
        if not self._sockets[conversation]:
            del self._sockets[conversation]

    def greet(self, conversation: str, language: Optional[str]) -> List[Event]:
        """Returns the first events of a new conversation."""
        return [self._store(conversation, self._turns.response("utter_greet", language))]

    async def say(
        self, on_new_message: OnNewMessage, conversation: str, body: Dict[str, Any], socket: Optional[Socket] = None
    ) -> List[Event]:
        """Returns the assistant's events that answer the patient's message `body`; none if it was answered before.

        Raises:
            SessionError: `body` holds a button that was never offered in this conversation.
        """
        return await self._to_the_end(self._say(on_new_message, conversation, body, socket))

    async def make_good(self, on_new_message: OnNewMessage, conversation: str) -> None:
        """Answers the last message of the patient if a server that was stopped left it unanswered."""
        async with self._locks[conversation]:
            events = threads.after(conversation, 0, hidden=True)
            if events and events[-1]["from"] == "patient":
                logger.warning("making good an unanswered message in conversation %s", conversation)
                await self._answer(on_new_message, conversation, events[-1]["says"], events[-1].get("language"))

    async def forget(self, conversation: str) -> None:
        """Deletes everything that was said in `conversation`, and tells every page that shows it."""
        async with self._locks[conversation]:
            erasure.erase(conversation)
        await self._tell(conversation, {"type": "forgotten"})

    async def _say(
        self, on_new_message: OnNewMessage, conversation: str, body: Dict[str, Any], socket: Optional[Socket]
    ) -> List[Event]:
        pressed = body.get("button")
        says = clean(body.get("text") or "") if pressed is None else self._pressed(conversation, pressed)
        language = body.get("language")
        async with self._locks[conversation]:
            shown = says if pressed is None else self._title(conversation, pressed) or ""
            event: Event = {"from": "patient", "text": shown, "language": language, "kind": "patient", "says": says}
            silent = says in [_WISHES[name] for name in _SILENT]
            stored = self._kept(conversation, event, client_id=body.get("id"), hidden=silent)
            if stored is None:  # sent again because its echo was lost: echo it once more, answer nothing
                again = [e for e in threads.after(conversation, 0) if e["id"] == body.get("id")]
                for event in again if socket is not None else ():
                    await socket.send(_json({"type": "event", "event": public(event)}))  # type: ignore[union-attr]
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
            events.append(self._store(conversation, message))
            await self._tell(conversation, {"type": "event", "event": public(events[-1])})
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
                name: sign(conversation, payload) if metadata.get("kind") == "answer" else None
                for name, payload in _WISHES.items()
            },
        }
        return self._kept(conversation, event) or event

    def since(self, conversation: str, seq: int) -> List[Event]:
        """Returns the events after number `seq`; none while the database is away."""
        try:
            return threads.after(conversation, seq)
        except SQLAlchemyError:
            logger.exception("cannot read the thread of conversation %s", conversation)
            return []

    @staticmethod
    def _kept(conversation: str, event: Event, **how: Any) -> Optional[Event]:
        """Returns `event` as stored, None if it was there already; while the database is away, as it is.

        The patient is answered all the same: with what to do in an emergency, or with the clinic's phone.
        """
        try:
            return threads.add(conversation, event, **how)
        except SQLAlchemyError:
            logger.exception("cannot store a message of conversation %s", conversation)
            return {**event, "id": how.get("client_id"), "seq": 0, "time": None}

    def _pressed(self, conversation: str, button: str) -> str:
        return FIXED.get(button) or self._sessions.pressed(conversation, button)

    def _title(self, conversation: str, pressed: str) -> Optional[str]:
        offered = [b for event in threads.after(conversation, 0) for b in event.get("buttons") or ()]
        title = next((b["title"] for b in reversed(offered) if b["button"] == pressed), None)
        return title or next((name for name in FIXED if name == pressed), None)

    async def _tell(self, conversation: str, message: Dict[str, Any]) -> None:
        for socket in list(self._sockets.get(conversation, ())):
            try:
                await socket.send(_json(message))
            except Exception:  # the page went away; it asks for what it missed when it comes back
                self.leave(conversation, socket)

    async def _watch(self, last: int) -> None:
        """Sends what other processes put into the threads, staff above all, to the open pages, as long as there are any."""
        while self._sockets:
            await asyncio.sleep(_POLL)
            try:
                events = threads.pushed(list(self._sockets), last - _LATE)
            except SQLAlchemyError:
                logger.exception("cannot look for messages of the staff")
                continue
            for conversation, event in events:
                if event["seq"] not in self._pushed:
                    self._pushed.add(event["seq"])
                    await self._tell(conversation, {"type": "event", "event": public(event)})
                last = max(last, event["seq"])
            self._pushed = {seq for seq in self._pushed if seq > last - 2 * _LATE}

    async def _to_the_end(self, work: Any) -> Any:
        """Awaits `work`, which goes on even if the page that waits for it is closed."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(task)


def public(event: Event) -> Event:
    """Returns `event` as it goes to the page: without what the assistant was told by a button."""
    return {key: value for key, value in event.items() if key not in ("says", "pushed")}


def _json(message: Dict[str, Any]) -> str:
    return json.dumps(message, ensure_ascii=False)
