"""A request posted as JSON to an address of the clinic, signed so that the receiver knows who sent it.

* ``Idempotency-Key``: reference and version, the same for every attempt.
* ``X-Assistant-Timestamp``: seconds since 1970, as text.
* ``X-Assistant-Signature``: ``sha256=`` and the HMAC-SHA256 of "<timestamp>.<body>" with ASSISTANT_WEBHOOK_SECRET, in hex.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time

import httpx

from bot.delivery.targets import Endpoint
from bot.errors import SettingsError
from bot.settings import settings
from bot.store.outbox import Delivery

_PATIENCE = 15.0  # seconds


def deliver(target: Endpoint, delivery: Delivery) -> None:
    """Posts one delivery; raises httpx.HTTPError unless the receiver answers 2xx, SettingsError without a secret."""
    secret = settings().credential("WEBHOOK_SECRET")
    if not secret:
        raise SettingsError("set ASSISTANT_WEBHOOK_SECRET; without it the receiver cannot know who wrote")
    body, now = json.dumps(delivery.payload, ensure_ascii=False).encode(), str(int(time.time()))
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": delivery.key,
        "X-Assistant-Timestamp": now,
        "X-Assistant-Signature": signature(secret, now, body),
    }
    httpx.post(str(target.url), content=body, headers=headers, timeout=_PATIENCE).raise_for_status()


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Returns what a receiver must compare with the header, in constant time."""
    return "sha256=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
