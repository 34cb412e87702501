"""Who writes on WhatsApp: a conversation, the pseudonyms under which its patient is known, and the sealed address.

Nothing here can be read back to a number or a user id without the key of the settings: a pseudonym is a keyed hash,
an address is encrypted. See bot/whatsapp/identity.py.
"""
from __future__ import annotations

import time
from typing import Any, Dict, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.store.database import engine, metadata

_contacts = sa.Table(
    "whatsapp_contacts",
    metadata,
    sa.Column("conversation", sa.String(255), primary_key=True),
    sa.Column("address", sa.Text, nullable=False),  # sealed
    sa.Column("language", sa.String(8)),  # of the last answer
    sa.Column("noticed", sa.Boolean, nullable=False, default=False),  # was told who is speaking
    sa.Column("stopped", sa.Boolean, nullable=False, default=False),  # asked for silence
    sa.Column("wrote_at", sa.Float, nullable=False),  # opens WhatsApp's window of 24 hours
)
_identities = sa.Table(
    "whatsapp_identities",
    metadata,
    sa.Column("pseudonym", sa.String(64), primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),  # user_id or wa_id
    sa.Column("conversation", sa.String(255), nullable=False, index=True),
)


def conversation(connection: Connection, pseudonym: str) -> Optional[str]:
    """Returns the conversation of the patient known as `pseudonym`."""
    found = connection.execute(sa.select(_identities.c.conversation).where(_identities.c.pseudonym == pseudonym))
    return found.scalar()


def has(connection: Connection, conversation: str, kind: str) -> bool:
    """Returns whether an identity of this `kind` leads to `conversation`."""
    query = sa.select(_identities.c.pseudonym).where(
        _identities.c.conversation == conversation, _identities.c.kind == kind
    )
    return connection.execute(query).first() is not None


def assign(connection: Connection, conversation: str, kind: str, pseudonym: str) -> None:
    """Lets `pseudonym` lead to `conversation`, and no other of its `kind`."""
    same = (_identities.c.conversation == conversation) & (_identities.c.kind == kind)
    connection.execute(_identities.delete().where((_identities.c.pseudonym == pseudonym) | same))
    connection.execute(_identities.insert().values(pseudonym=pseudonym, kind=kind, conversation=conversation))


def create(connection: Connection, conversation: str, address: str, wrote_at: float) -> None:
    """Stores a new patient."""
    connection.execute(_contacts.insert().values(conversation=conversation, address=address, wrote_at=wrote_at))


def get(conversation: str, connection: Optional[Connection] = None) -> Optional[Dict[str, Any]]:
    """Returns what is known of the patient of `conversation`, None if nothing is."""
    query = sa.select(_contacts).where(_contacts.c.conversation == conversation)
    if connection is not None:
        row = connection.execute(query).mappings().first()
    else:
        with engine().connect() as own:
            row = own.execute(query).mappings().first()
    return dict(row) if row else None


def change(connection: Connection, conversation: str, **values: Any) -> None:
    """Sets columns of the patient of `conversation`."""
    connection.execute(sa.update(_contacts).where(_contacts.c.conversation == conversation).values(**values))


def wrote(connection: Connection, conversation: str, at: float) -> None:
    """Notes that the patient wrote at `at`; an older message that comes late changes nothing."""
    newer = sa.update(_contacts).where(_contacts.c.conversation == conversation, _contacts.c.wrote_at < at)
    connection.execute(newer.values(wrote_at=at))


def forget(conversation: str) -> None:
    """Deletes who wrote `conversation`; the patient's next message begins a new one."""
    with engine().begin() as connection:
        for table in (_contacts, _identities):
            connection.execute(table.delete().where(table.c.conversation == conversation))


def forget_older_than(days: int) -> None:
    """Deletes the patients who have not written for `days`."""
    with engine().begin() as connection:
        old = sa.select(_contacts.c.conversation).where(_contacts.c.wrote_at < time.time() - days * 86_400)
        connection.execute(_identities.delete().where(_identities.c.conversation.in_(old)))
        connection.execute(_contacts.delete().where(_contacts.c.wrote_at < time.time() - days * 86_400))
