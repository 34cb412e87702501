"""The Graph API, as much of it as the channel needs: send a message; mark one as read and show that we are writing.

Error codes: Meta's "Error codes" page of the Cloud API, May 2026.
"""
from __future__ import annotations

import enum
import logging
import random
from dataclasses import dataclass
from typing import Any, Dict, Optional

import httpx

from bot.settings import WhatsApp

logger = logging.getLogger(__name__)
_TIMEOUT = httpx.Timeout(15, connect=5)
_SIGNS_TIMEOUT = 4  # seconds; a read receipt is worth no more
WINDOW_CLOSED = 131047
_TOKEN = {0, 3, 10, 190}  # and 200 to 299: the token expired or lacks a permission
_BLOCKED = {368, 131031, 131042, 131045, 133010, 133015}  # the clinic's account or number; the operator can mend it
_AGAIN = {1, 2, 4, 80007, 130429, 131000, 131016, 131048, 131056, 131057, 133004}
_PAIR = 131056  # too many messages to the same person: Meta asks for 4^n seconds
_LONGEST = 600  # seconds between two attempts


class Outcome(enum.Enum):
    """What became of an attempt to send."""

    SENT = "sent"
    AGAIN = "again"  # surely not sent, worth another attempt
    UNKNOWN = "unknown"  # nobody knows whether it was sent: wait for a status before another attempt
    CLOSED = "closed"  # the window of 24 hours is closed
    OPERATOR = "operator"  # nothing can be sent until the operator does something
    FAILED = "failed"  # will never work


@dataclass(frozen=True)
class Sent:
    """The outcome of an attempt, Meta's id of the message if it was sent, and Meta's error code if not."""

    outcome: Outcome
    message: Optional[str] = None
    code: Optional[int] = None


def operator_must_act(code: Optional[int]) -> bool:
    """Returns whether `code` means that nothing goes out until the operator does something."""
    return code is not None and (code in _TOKEN or 200 <= code < 300 or code in _BLOCKED)


def pause(attempts: int, code: Optional[int]) -> float:
    """Returns the seconds to wait before the next attempt, with jitter so that not everything comes back at once."""
    if operator_must_act(code):
        return random.uniform(10, 20)
    base = 4.0 if code == _PAIR else 2.0
    return min(_LONGEST, base ** min(attempts, 10)) * random.uniform(0.5, 1.0)


class Client:
    """Talks to the Graph API for one number of the clinic; close it when done."""

    def __init__(self, config: WhatsApp) -> None:
        self._url = f"{config.api_url}/{config.phone_number_id}/messages"
        headers = {"Authorization": f"Bearer {config.access_token}"}
        self._http = httpx.AsyncClient(timeout=_TIMEOUT, headers=headers)

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def send(self, address: Dict[str, str], payload: Dict[str, Any], token: str) -> Sent:
        """Sends `payload` to `address`; `token` comes back with each status, so that a lost answer can be made up for."""
        to = {"to": address["wa_id"]} if "wa_id" in address else {"recipient": address["user_id"]}
        body = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            **to,
            **payload,
            "biz_opaque_callback_data": token,
        }
        try:
            answer = await self._http.post(self._url, json=body)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            return Sent(Outcome.AGAIN)
        except httpx.HTTPError as error:
            logger.warning("no answer from the Graph API (%s)", type(error).__name__)
            return Sent(Outcome.UNKNOWN)
        return _read(answer)

    async def signs(self, message: str) -> None:
        """Marks `message` as read and shows that an answer is being written; it does not matter if that fails."""
        body: Dict[str, Any] = {"messaging_product": "whatsapp", "status": "read", "message_id": message}
        body["typing_indicator"] = {"type": "text"}
        try:
            await self._http.post(self._url, json=body, timeout=_SIGNS_TIMEOUT)
        except (httpx.HTTPError, RuntimeError) as error:  # RuntimeError: the server stops
            logger.info("no read receipt (%s)", type(error).__name__)


def _read(answer: httpx.Response) -> Sent:
    try:
        body = answer.json()
    except ValueError:
        body = None
    body = body if isinstance(body, dict) else {}
    if answer.status_code == 200:
        messages = body.get("messages")
        first = messages[0] if isinstance(messages, list) and messages and isinstance(messages[0], dict) else {}
        return Sent(Outcome.SENT, message=first["id"]) if isinstance(first.get("id"), str) else Sent(Outcome.UNKNOWN)
    error = body.get("error") if isinstance(body.get("error"), dict) else {}
    code = error.get("code") if isinstance(error.get("code"), int) else None  # type: ignore[union-attr]
    if code == WINDOW_CLOSED:
        return Sent(Outcome.CLOSED, code=code)
    if answer.status_code == 401 or operator_must_act(code):
        return Sent(Outcome.OPERATOR, code=code if operator_must_act(code) else 190)
    if code in _AGAIN or answer.status_code == 429 or answer.status_code >= 500:
        return Sent(Outcome.AGAIN, code=code)
    return Sent(Outcome.FAILED, code=code)
