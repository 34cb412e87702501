"""Webhook JSON to events. Nothing a delivery holds can raise here: what cannot be read is left out.

Sources: Meta's webhook reference of the field ``messages`` (text, interactive, button, edit, revoke, system, status,
group), ``smb_message_echoes`` and ``business-scoped user ids``, as of August 2026.
"""
from __future__ import annotations

import re
import time
from dataclasses import asdict, dataclass, field
from typing import Any, Dict, Iterator, List, Optional, Union

from bot.channels.turn import clean
from bot.whatsapp.identity import Identity

# Kinds answered with a sentence of their own; whatever Meta invents next is "unsupported".
_KINDS = {
    "audio": "voice",
    "image": "picture",
    "video": "picture",
    "document": "document",
    "location": "location",
    "contacts": "contact",
    "sticker": "sticker",
    "reaction": "reaction",
}
_STATES = ("sent", "delivered", "read", "failed")
_USER_ID = re.compile(r"[A-Z]{2}\.\w+")
_LONGEST_ID = 512  # characters; a longer one is none of Meta's


@dataclass(frozen=True)
class Message:
    """What a patient sent.

    `kind`: text, choice, edit, revoke, or a kind that has a sentence of its own in data/whatsapp.yml.
    `text`: words, title of a choice, or caption. `choice`: the id of what was chosen. `about`: the id of the message
    that is quoted, edited or withdrawn. `sent_at`: seconds since 1970.
    """

    id: str
    kind: str
    sent_at: float
    text: str = ""
    choice: Optional[str] = None
    about: Optional[str] = None
    who: Identity = field(default_factory=Identity)

    def content(self) -> Dict[str, Any]:
        """Returns all but the sender, for :meth:`restored`."""
        return {key: value for key, value in asdict(self).items() if key != "who"}

    @classmethod
    def restored(cls, content: Dict[str, Any]) -> Message:
        """Returns the message whose :meth:`content` it is."""
        return cls(**content)


@dataclass(frozen=True)
class Status:
    """What became of a message of ours; `token` is the name we gave it, `error` Meta's code."""

    state: str
    message: str
    token: Optional[str]
    error: Optional[int]


@dataclass(frozen=True)
class Echo:
    """What the clinic wrote from its own phone."""

    id: str
    who: Identity
    text: str


@dataclass(frozen=True)
class Moved:
    """The patient `old` is `new` from now on."""

    old: Identity
    new: Identity


Event = Union[Message, Status, Echo, Moved]


def events(body: Any, phone_number_id: str) -> Iterator[Event]:
    """Yields everything in a delivery that is meant for our number, in order."""
    for entry in _dicts(_dict(body).get("entry")):
        for change in _dicts(entry.get("changes")):
            value = _dict(change.get("value"))
            if _word(_dict(value.get("metadata")).get("phone_number_id")) in (None, phone_number_id):
                yield from _moves(value)
                yield from _messages(value)
                yield from _statuses(value)
                yield from _echoes(value)


def _messages(value: Dict[str, Any]) -> Iterator[Event]:
    ours = _digits(_dict(value.get("metadata")).get("display_phone_number"))
    people = _dicts(value.get("contacts"))
    for raw in _dicts(value.get("messages")):
        name, who = _word(raw.get("id")), _sender(raw, people)
        if name is None or raw.get("group_id"):  # in a group everybody would read a patient's answer
            continue
        if raw.get("type") == "system":
            yield from _system(_dict(raw.get("system")), who)
        elif who.address() and not (ours and who.wa_id == ours):
            yield _message(raw, name, who)


def _message(raw: Dict[str, Any], name: str, who: Identity) -> Message:
    kind = str(raw.get("type"))
    part = _dict(raw.get(kind))
    about = _word(_dict(raw.get("context")).get("id"))
    made: Dict[str, Any] = {"kind": _KINDS.get(kind, "unsupported"), "text": _text(part.get("caption")), "about": about}
    if kind == "text":
        made.update(kind="text", text=_text(part.get("body")))
    elif kind == "button":  # below a template; its payload is not one of our choices
        made.update(kind="text", text=_text(part.get("text")))
    elif kind == "interactive":
        chosen = _dict(part.get("button_reply")) or _dict(part.get("list_reply"))
        if chosen:
            made.update(kind="choice", text=_text(chosen.get("title")), choice=_word(chosen.get("id")))
    elif kind in ("edit", "revoke"):
        new = _dict(part.get("message"))
        words = _dict(new.get("text")).get("body") or _dict(new.get(str(new.get("type")))).get("caption")
        made.update(kind=kind, text=_text(words), about=_word(part.get("original_message_id")))
    return Message(id=name, sent_at=_time(raw.get("timestamp")), who=who, **made)


def _sender(raw: Dict[str, Any], people: List[Dict[str, Any]]) -> Identity:
    number, user_id = _word(raw.get("from")), _word(raw.get("from_user_id"))
    for person in people:
        same = number in (person.get("wa_id"), person.get("user_id")) or (user_id and user_id == person.get("user_id"))
        if same or (number is None and user_id is None and len(people) == 1):
            number, user_id = number or _word(person.get("wa_id")), user_id or _word(person.get("user_id"))
    return _identity(number, user_id)


def _identity(number: Any, user_id: Any) -> Identity:
    number, user_id = _word(number), _word(user_id)
    if number and _USER_ID.fullmatch(number):
        number, user_id = None, user_id or number
    return Identity(user_id=user_id, wa_id=_digits(number))


def _system(system: Dict[str, Any], who: Identity) -> Iterator[Moved]:
    if system.get("type") in ("user_changed_number", "user_changed_user_id"):
        old = Identity(user_id=_word(system.get("previous_user_id")) or who.user_id, wa_id=who.wa_id)
        yield from _moved(old, _identity(system.get("wa_id"), system.get("user_id")))


def _moves(value: Dict[str, Any]) -> Iterator[Moved]:
    """The same news as Meta sent it before August 2026."""
    for update in _dicts(value.get("user_id_update")):
        names = _dict(update.get("user_id"))
        number = update.get("wa_id")
        yield from _moved(_identity(number, names.get("previous")), _identity(number, names.get("current")))


def _moved(old: Identity, new: Identity) -> Iterator[Moved]:
    if old.address() and new.address():
        yield Moved(old, new)


def _statuses(value: Dict[str, Any]) -> Iterator[Status]:
    for raw in _dicts(value.get("statuses")):
        name, state = _word(raw.get("id")), raw.get("status")
        state = "read" if state == "played" else state
        if name and state in _STATES:
            code = next((error.get("code") for error in _dicts(raw.get("errors"))), None)
            yield Status(state, name, _word(raw.get("biz_opaque_callback_data")), code if _is_code(code) else None)


def _echoes(value: Dict[str, Any]) -> Iterator[Echo]:
    for raw in _dicts(value.get("message_echoes")):
        name, who = _word(raw.get("id")), _identity(raw.get("to"), raw.get("to_user_id"))
        if name and who.address() and not raw.get("group_id"):
            yield Echo(name, who, _text(_dict(raw.get("text")).get("body")) or f"[{_word(raw.get('type'))}]")


def _dict(value: Any) -> Dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _dicts(value: Any) -> List[Dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _word(value: Any) -> Optional[str]:
    return value if isinstance(value, str) and 0 < len(value) <= _LONGEST_ID else None


def _text(value: Any) -> str:
    return clean(value) if isinstance(value, str) else ""


def _digits(value: Any) -> Optional[str]:
    return re.sub(r"[^0-9]", "", value) or None if isinstance(value, str) else None


def _is_code(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31


def _time(value: Any) -> float:
    """Returns the seconds in `value`; now, if it is no time or not yet come."""
    now = time.time()
    try:
        return min(now, max(0.0, float(int(value))))
    except (TypeError, ValueError, OverflowError):
        return now
