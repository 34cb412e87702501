"""A page of the website as the channel sees it."""
import asyncio
import json
import uuid

import httpx
import pytest
import websockets

from bot.cli.server import address

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
