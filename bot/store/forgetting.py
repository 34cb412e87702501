"""Erases one conversation from every table, whatever the channel."""
from __future__ import annotations

from bot.store import feedback, threads, tracker_store, whatsapp_contacts, whatsapp_inbox, whatsapp_outbox

_STORES = (threads, feedback, tracker_store, whatsapp_contacts, whatsapp_inbox, whatsapp_outbox)


def forget(conversation: str) -> None:
    """Deletes everything that was said in `conversation`, and who said it."""
    for store in _STORES:
        store.forget(conversation)
