"""Who a patient on WhatsApp is, without keeping who it is: pseudonyms, sealed addresses, and conversations that stay.

Meta names a user by a business-scoped user id (from 2026), by a phone number (``wa_id``), or by both. The user id counts
more: a phone number is given to other people in time, and a number with a new user id is a new person.
"""
from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any, Dict, Mapping, Optional

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy.engine import Connection

from bot.store import whatsapp_contacts as contacts


@dataclass(frozen=True)
class Identity:
    """What Meta calls a user; at least one of the two is given."""

    user_id: Optional[str] = None
    wa_id: Optional[str] = None

    def address(self) -> Dict[str, str]:
        """Returns the known names."""
        return {kind: name for kind, name in (("user_id", self.user_id), ("wa_id", self.wa_id)) if name}


class Vault:
    """Keyed hashes and encryption, both from the one secret of the settings."""

    def __init__(self, secret: str) -> None:
        self._pseudonyms = hmac.digest(secret.encode(), b"whatsapp pseudonyms", "sha256")
        self._fernet = Fernet(base64.urlsafe_b64encode(hmac.digest(secret.encode(), b"whatsapp addresses", "sha256")))

    def pseudonym(self, name: str) -> str:
        """Returns a hash of `name` that nobody can compute or search without the secret; 64 characters."""
        return hmac.new(self._pseudonyms, name.encode(errors="surrogatepass"), hashlib.sha256).hexdigest()

    def seal(self, value: Any) -> str:
        """Returns `value` (anything JSON can hold) encrypted."""
        return self._fernet.encrypt(json.dumps(value).encode()).decode()

    def open(self, sealed: str) -> Any:
        """Returns what was sealed.

        Raises:
            ValueError: it was sealed with another secret.
        """
        try:
            return json.loads(self._fernet.decrypt(sealed.encode()))
        except InvalidToken as error:
            raise ValueError("sealed with another ASSISTANT_SECRET") from error


class Directory:
    """Finds the conversation of a patient, and keeps it when the patient's number or user id changes."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def conversation(self, connection: Connection, who: Identity, wrote_at: float) -> str:
        """Returns the conversation of `who`, a new one at the first contact, and keeps the address to answer to."""
        found = self.find(connection, who)
        if found is None:
            found = self._unused(connection, who)
            contacts.create(connection, found, self._vault.seal(who.address()), wrote_at)
        else:
            contacts.wrote(connection, found, wrote_at)
        self._learn(connection, found, who)
        return found

    def find(self, connection: Connection, who: Identity) -> Optional[str]:
        """Returns the conversation of `who`, None if there is none."""
        names = self._names(who)
        if "user_id" in names:
            found = contacts.conversation(connection, names["user_id"])
            if found is not None:
                return found
        found = contacts.conversation(connection, names["wa_id"]) if "wa_id" in names else None
        if found is not None and "user_id" in names and contacts.has(connection, found, "user_id"):
            return None  # the number now belongs to somebody else, who must not see this conversation
        return found

    def move(self, connection: Connection, old: Identity, new: Identity) -> None:
        """Lets `new` lead to the conversation of `old`: the same patient with another number or user id."""
        found = self.find(connection, old)
        if found is not None:
            self._learn(connection, found, new)

    def _learn(self, connection: Connection, conversation: str, who: Identity) -> None:
        """Lets every name of `who` lead to `conversation`, and to no other, where it is no longer an address either."""
        for kind, pseudonym in self._names(who).items():
            owner = contacts.conversation(connection, pseudonym)
            if owner is not None and owner != conversation:
                self._readdress(connection, owner, {kind: None})
            if owner != conversation:
                contacts.assign(connection, conversation, kind, pseudonym)
        self._readdress(connection, conversation, who.address())

    def _readdress(self, connection: Connection, conversation: str, change: Mapping[str, Optional[str]]) -> None:
        """Adds to the address of `conversation`, or takes away what is None."""
        contact = contacts.get(conversation, connection)
        if contact is None:
            return
        try:
            known = self._vault.open(contact["address"])
        except ValueError:  # the secret was changed; what is learnt now can be used again
            known = {}
        address = {kind: name for kind, name in {**known, **change}.items() if name}
        if address != known:
            contacts.change(connection, conversation, address=self._vault.seal(address))

    def _names(self, who: Identity) -> Dict[str, str]:
        return {kind: self._vault.pseudonym(f"{kind} {name}") for kind, name in who.address().items()}

    def _unused(self, connection: Connection, who: Identity) -> str:
        """Returns the conversation id for a first contact, also where the id of a former owner of the number is taken."""
        names = self._names(who)
        base, count = names.get("user_id") or names["wa_id"], 0
        while True:
            name = f"whatsapp-{base[:32]}" + (f"-{count}" if count else "")
            if contacts.get(name, connection) is None:
                return name
            count += 1
