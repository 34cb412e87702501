"""Stores what a delivery holds. After it returns, Meta may be told that all is well: nothing is lost any more."""
from __future__ import annotations

import logging

from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from bot.store import whatsapp_inbox as inbox
from bot.store import whatsapp_outbox as outbox
from bot.store.database import engine
from bot.whatsapp.identity import Directory, Vault
from bot.whatsapp.inbound import Echo, Event, Message, Moved, Status
from bot.whatsapp.outbound import plain

logger = logging.getLogger(__name__)
_TRIES = 5  # two processes may store the same thing at the same time; the later one then finds it there


class Intake:
    """Takes events in, each in a transaction of its own and each only once."""

    def __init__(self, vault: Vault) -> None:
        self._vault, self._directory = vault, Directory(vault)

    def take(self, event: Event) -> None:
        """Stores `event`.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: the database is away; Meta will deliver again.
        """
        for left in reversed(range(_TRIES)):
            try:
                return self._take(event)
            except IntegrityError:
                if not left:
                    raise

    def _take(self, event: Event) -> None:
        if isinstance(event, Status):
            return self._status(event)
        with engine().begin() as connection:
            if isinstance(event, Message):
                self._message(connection, event)
            elif isinstance(event, Moved):
                self._directory.move(connection, event.old, event.new)
            elif isinstance(event, Echo):
                self._echo(connection, event)

    def _message(self, connection: Connection, message: Message) -> None:
        conversation = self._directory.conversation(connection, message.who, message.sent_at)
        name = self._vault.pseudonym(message.id)
        sealed = self._vault.seal(message.content())
        if message.kind in ("edit", "revoke") and message.about:
            original = self._vault.pseudonym(message.about)
            if message.kind == "revoke":
                inbox.withdraw(connection, original, conversation)
                return
            changed = Message(id=message.about, kind="text", sent_at=message.sent_at, text=message.text)
            if inbox.replace(connection, original, conversation, self._vault.seal(changed.content())):
                return
        inbox.add(connection, name, conversation, message.sent_at, sealed)

    def _echo(self, connection: Connection, echo: Echo) -> None:
        conversation, name = self._directory.find(connection, echo.who), self._vault.pseudonym(echo.id)
        if conversation is not None and not outbox.known(connection, name):
            outbox.add(connection, conversation, plain(echo.text), origin=outbox.ECHO, state="sent", message=name)

    def _status(self, status: Status) -> None:
        if status.state == "failed":
            logger.warning("WhatsApp could not deliver a message: error %s", status.error)
        state = "kept" if status.state == "failed" and status.error == 131047 else status.state
        outbox.status(state, token=status.token, message=self._vault.pseudonym(status.message), error=status.error)
