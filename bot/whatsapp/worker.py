"""Answers and sends in the background. Several servers on one database share the work without doing anything twice."""
from __future__ import annotations

import asyncio
import logging
import uuid
from contextlib import suppress
from typing import Awaitable, Callable, Dict, Iterable

from sqlalchemy.exc import SQLAlchemyError

from bot.store import leases

logger = logging.getLogger(__name__)
Work = Callable[[str], Awaitable[None]]
_LEASE = 30.0  # seconds until what a dead server was doing is taken up by another, or by itself when it is back
_POLL = 1.0  # seconds; another server's leftovers and the staff's messages wake nobody here
_PATIENCE = 3.0  # seconds work in hand may take when the server stops


class Kind:
    """A kind of work: which conversations wait for it, how it is done, and how many at once."""

    def __init__(self, name: str, waiting: Callable[[], Iterable[str]], work: Work, at_once: int) -> None:
        self.name, self.waiting, self.work, self.at_once = name, waiting, work, at_once
        self.running: Dict[str, "asyncio.Task[None]"] = {}


class Worker:
    """Runs `kinds` of work: conversations in parallel, but each kind only once at a time in a conversation."""

    def __init__(self, *kinds: Kind) -> None:
        self._kinds, self._owner, self._wake = kinds, uuid.uuid4().hex, asyncio.Event()
        self._tasks: Iterable["asyncio.Task[None]"] = ()

    def start(self) -> None:
        """Starts in the running event loop."""
        self._tasks = [asyncio.ensure_future(self._rounds()), asyncio.ensure_future(self._renew())]

    async def stop(self) -> None:
        """Stops; work in hand is brought to its end if that does not take long, else taken up after the next start."""
        for task in self._tasks:
            task.cancel()
        running = [task for kind in self._kinds for task in kind.running.values()]
        if running:
            _, unfinished = await asyncio.wait(running, timeout=_PATIENCE)
            for task in unfinished:
                task.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)

    def wake(self) -> None:
        """Says that there may be work."""
        self._wake.set()

    async def _rounds(self) -> None:
        while True:
            self._wake.clear()
            try:
                for kind in self._kinds:
                    self._begin(kind)
            except SQLAlchemyError:
                logger.exception("the database is away; WhatsApp messages wait")
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._wake.wait(), _POLL)

    def _begin(self, kind: Kind) -> None:
        for conversation in kind.waiting():
            if len(kind.running) >= kind.at_once:
                return
            if conversation not in kind.running and leases.take(f"{kind.name} {conversation}", self._owner, _LEASE):
                kind.running[conversation] = asyncio.ensure_future(self._do(kind, conversation))

    async def _do(self, kind: Kind, conversation: str) -> None:
        try:
            await kind.work(conversation)
            self.wake()  # to what comes after, or came in the meantime
        except Exception:  # one conversation must not stop the others; it is tried again in the next round
            logger.exception("%s failed in conversation %s", kind.name, conversation)
        finally:
            del kind.running[conversation]
            with suppress(SQLAlchemyError):  # it then ends by itself
                leases.release(f"{kind.name} {conversation}", self._owner)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(_LEASE / 3)
            if any(kind.running for kind in self._kinds):
                with suppress(SQLAlchemyError):
                    leases.renew(self._owner, _LEASE)
