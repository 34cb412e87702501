"""A page of the website as the channel sees it."""
import asyncio
import json
import time
import uuid

import httpx
import pytest
import sqlalchemy as sa
import websockets

from bot.channels.sessions import Sessions
from bot.cli.server import address
from bot.settings import settings

QUESTION = "How long does the operation take?"


class Page:
    """One tab: says hello, sends, and collects what comes."""

    def __init__(self, session=None, after=0, language="en", origin=None):
        self.hello = {"type": "hello", "session": session, "after": after, "language": language}
        self.headers = {"Origin": origin} if origin else {}

    async def __aenter__(self):
        url = f"{address().replace('http', 'ws')}/webhooks/web/socket"
        self.socket = await websockets.connect(url, extra_headers=self.headers)
        await self.socket.send(json.dumps(self.hello))
        self.ready = await self.next()
        return self

    async def __aexit__(self, *_):
        await self.socket.close()

    async def next(self, kind=None, seconds=20):
        while True:
            message = json.loads(await asyncio.wait_for(self.socket.recv(), seconds))
            if kind is None or message["type"] == kind:
                return message

    async def say(self, text=QUESTION, **more):
        sent = {"type": "message", "id": uuid.uuid4().hex, "text": text, "language": "en", **more}
        await self.socket.send(json.dumps({key: value for key, value in sent.items() if value is not None}))
        return sent["id"]

    async def event(self):
        return (await self.next("event"))["event"]

    async def silent(self, seconds=1.5):
        with pytest.raises(asyncio.TimeoutError):
            await self.next("event", seconds)


def session(**body):
    return httpx.post(f"{address()}/webhooks/web/session", json=body).json()


def conversation(token):
    return Sessions(settings().secret).conversation(token)


def let_pass(token, *, hours):
    """Moves all of the conversation's events `hours` into the past."""
    mine = {"c": conversation(token)}
    with sa.create_engine(settings().database_url).begin() as connection:
        for seq, at, data in connection.execute(
            sa.text("SELECT seq, at, data FROM thread_events WHERE conversation = :c"), mine
        ).fetchall():
            then = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(at - hours * 3600))
            connection.execute(
                sa.text("UPDATE thread_events SET at = :at, data = :data WHERE seq = :seq"),
                {"seq": seq, "at": at - hours * 3600, "data": json.dumps({**json.loads(data), "time": then})},
            )
