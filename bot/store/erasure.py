"""Everything that is kept of a person's conversation, gone at their wish; a receipt without personal data stays."""
from __future__ import annotations

import secrets
import time

import sqlalchemy as sa

from bot.store import (
    assignments,
    feedback,
    handovers,
    messages,
    proposals,
    rasa_events,
    requests,
    review,
    shares,
    threads,
    whatsapp_contacts,
    whatsapp_inbox,
    whatsapp_outbox,
)
from bot.store.database import engine, metadata

_STAFF = (review, assignments, shares, proposals)  # what staff added to it
_SAID = (requests, handovers, feedback, threads, rasa_events, messages, *_STAFF)  # the index after what it is made from
_WHATSAPP = (whatsapp_contacts, whatsapp_inbox, whatsapp_outbox)
_receipts = sa.Table(
    "erasures",
    metadata,
    sa.Column("receipt", sa.String(16), primary_key=True),
    sa.Column("at", sa.Float, nullable=False),
)


def erase(conversation: str, *, reachable: bool = False) -> str:
    """Deletes conversation, thread, requests, what is undelivered of them, hand-overs and feedback; returns the receipt.

    With `reachable`, a WhatsApp patient's address stays until the receipt is sent: see :func:`forget_whatsapp`.
    Raises sqlalchemy.exc.SQLAlchemyError if the database is away; asking once more then finishes the work.
    """
    for store in _SAID:
        store.forget(conversation)
    if not reachable:
        forget_whatsapp(conversation)
    receipt = secrets.token_hex(4).upper()
    with engine().begin() as connection:
        connection.execute(_receipts.insert().values(receipt=receipt, at=time.time()))
    return receipt


def forget_whatsapp(conversation: str) -> None:
    """Deletes what came and went on WhatsApp in `conversation`, and who wrote it."""
    for store in _WHATSAPP:
        store.forget(conversation)


def any_since(at: float) -> bool:
    """Returns whether somebody was erased since `at`, seconds since 1970."""
    with engine().connect() as connection:
        return bool(connection.execute(sa.select(_receipts).where(_receipts.c.at >= at)).first())


def erased(receipt: str) -> bool:
    """Returns whether `receipt` stands for a deletion that was made."""
    with engine().connect() as connection:
        return bool(connection.execute(sa.select(_receipts).where(_receipts.c.receipt == receipt)).first())


def forget_older_than(days: int) -> None:
    """Deletes receipts older than `days`."""
    with engine().begin() as connection:
        connection.execute(_receipts.delete().where(_receipts.c.at < time.time() - days * 86_400))
