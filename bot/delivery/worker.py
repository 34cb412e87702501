"""Runs beside the assistant: delivers what is in the outbox, and tells patients to whom nobody came, or writes any more.

Any number of workers may run on one database; a delivery is one worker's at a time. A worker that is killed in the
middle of an attempt leaves it to be tried again, with the same key.
"""

from __future__ import annotations

import logging
import signal
import smtplib
import threading
import time

import httpx
from sqlalchemy.exc import SQLAlchemyError

from bot.answer_book import Responses
from bot.channels.sessions import Sessions
from bot.delivery import fhir, mail, webhook
from bot.errors import AssistantError
from bot.settings import settings
from bot.store import handovers, outbox, retention

logger = logging.getLogger(__name__)
_TARGETS = {"mail": mail, "webhook": webhook, "fhir": fhir}
_PAUSE = 1.0  # seconds between two looks
_CLEAN = 3_600  # seconds between deletions of what is old
_FAILURES = (OSError, smtplib.SMTPException, httpx.HTTPError, AssistantError)


def work(stopping: threading.Event) -> None:
    """Delivers until `stopping` is set; an unreachable database is waited for."""
    words, cleaned = Responses(), 0.0
    while not stopping.is_set():
        try:
            while not stopping.is_set() and deliver_one():
                pass
            tell_who_waited(words)
            if time.monotonic() - cleaned > _CLEAN:
                cleaned = time.monotonic()
                retention.forget_old()
        except SQLAlchemyError:
            logger.exception("the database is away; trying again")
        stopping.wait(_PAUSE)


def deliver_one() -> bool:
    """Tries the delivery that is due; returns False if there is none. Logs keys and kinds of errors, never a payload."""
    delivery = outbox.claim()
    if delivery is None:
        return False
    target = getattr(settings().clinic.requests, delivery.target)
    try:
        if target is None:
            raise AssistantError(f"'{delivery.target}' is not in clinic.yml any more")
        _TARGETS[delivery.target].deliver(target, delivery)
    except _FAILURES as error:
        words = _what_failed(error)
        dead = outbox.failed(delivery, words)
        logger.warning("%s to %s %s: %s", delivery.key, delivery.target, "given up" if dead else "failed", words)
    except Exception as error:  # one delivery that cannot be made must not stop the others
        logger.exception("%s to %s failed", delivery.key, delivery.target)
        outbox.failed(delivery, type(error).__name__)
    else:
        outbox.sent(delivery)
    return True


def tell_who_waited(responses: Responses) -> None:
    """Ends the wait of every patient whom nobody took, or answered, in time; says so and offers a call."""
    clinic = settings().clinic
    for held in handovers.overdue(clinic.hand_over.minutes) if clinic.hand_over else ():
        _miss(held, responses)
    for held in handovers.forsaken(clinic.give_back_after_minutes):
        _miss(held, responses, before="taken")


def _miss(held: handovers.HandOver, responses: Responses, **state: str) -> None:
    """Tells the patient, in their language and with buttons they may press, that nobody comes."""
    try:
        words = responses.say("utter_handover_missed", held.language)
        sign = Sessions(settings().secret).offer
        buttons = [{"title": b["title"], "button": sign(held.conversation, b["payload"])} for b in words["buttons"]]
        handovers.miss(held.conversation, {**words, "buttons": buttons}, **state)
    except SQLAlchemyError:
        raise
    except Exception:  # one patient who cannot be told must not keep the others waiting
        logger.exception("cannot say in conversation %s that nobody came", held.conversation)


def _what_failed(error: Exception) -> str:
    """Returns the kind of failure without anything the patient or the server's body said."""
    if isinstance(error, httpx.HTTPStatusError):
        return f"HTTP {error.response.status_code}"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"SMTP {error.smtp_code}"
    return str(error)[:200] if isinstance(error, AssistantError) else type(error).__name__


def main() -> None:
    """Works until told to stop."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    work(stopping)


if __name__ == "__main__":
    main()
