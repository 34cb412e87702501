"""The assistant's messages as Graph API payloads, without the addressee, within WhatsApp's limits.

Limits, in code points: text 4096; reply buttons 3 with titles of 20; list rows 10 with titles of 24, the button that opens
a list 20; body of either 1024; ids 256.
"""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Sequence, Tuple

from sqlalchemy.engine import Connection

from bot.store import whatsapp_outbox as outbox
from bot.store.database import transaction
from bot.whatsapp.format import split, whatsapp
from bot.whatsapp.wording import Wording

_TEXT, _BODY = 4096, 1024
_BUTTONS, _BUTTON_TITLE = 3, 20
_ROWS, _ROW_TITLE = 10, 24
Choice = Tuple[str, str]  # what the patient reads, what it says to the assistant


@dataclass(frozen=True)
class Outgoing:
    """One message: its name, its payload, and the choices it offers."""

    name: str
    payload: Dict[str, Any]
    choices: Sequence[Choice] = ()


def plain(text: str) -> Dict[str, Any]:
    """Returns the payload of a text that fits."""
    return {"type": "text", "text": {"body": text, "preview_url": False}}


def template(name: str, language: str) -> Dict[str, Any]:
    """Returns the payload of an approved template without variables."""
    return {"type": "template", "template": {"name": name, "language": {"code": language}}}


def texts(text: str) -> List[Outgoing]:
    """Returns `text`, of any length, as one message or several."""
    return [Outgoing(outbox.token(), plain(piece)) for piece in split(whatsapp(text), _TEXT)]


def render(
    message: Dict[str, Any], wording: Wording, language: Optional[str], documents: Sequence[str] = ()
) -> List[Outgoing]:
    """Returns the dialogue's `message` (text, buttons): one message if it fits, buttons below the last.

    `documents` are those the message rests on, as patients read them.
    """
    body = whatsapp(message.get("text") or "")
    if documents:
        body += f"\n\n_{wording.footer(documents, language)}_"
    choices = [(button["title"], button["payload"]) for button in message.get("buttons") or ()]
    if not choices:
        return [Outgoing(outbox.token(), plain(piece)) for piece in split(body, _TEXT)]
    *earlier, last = split(body, _TEXT)
    name, longest = outbox.token(), max(len(title) for title, _ in choices)
    if len(last) > _BODY or len(choices) > _ROWS or longest > _ROW_TITLE:
        *earlier, last = split(f"{body}\n\n{_numbered(choices, wording, language)}", _TEXT)
        payload = plain(last)
    elif len(choices) <= _BUTTONS and longest <= _BUTTON_TITLE:
        payload = _interactive("button", last, {"buttons": _replies(name, choices)})
    else:
        rows = [{"id": choice_id(name, number), "title": title} for number, (title, _) in enumerate(choices, 1)]
        payload = _interactive("list", last, {"button": wording.say("choose", language), "sections": [{"rows": rows}]})
    return [*(Outgoing(outbox.token(), plain(piece)) for piece in earlier), Outgoing(name, payload, choices)]


def send_text(conversation: str, text: str, *, within: Optional[Connection] = None) -> None:
    """Sends `text` of the clinic's staff, of any length, to the patient of `conversation`, after all that waits there.

    It goes out within a second or two. Where WhatsApp does not allow it, because the patient has not written for 24
    hours or asked for silence, it is kept (``state`` "kept" in the outbox) and goes out when the patient writes again.
    """
    with transaction(within) as connection:
        for each in texts(text):
            outbox.add(connection, conversation, each.payload, origin=outbox.STAFF, name=each.name)


def choice_id(name: str, number: int) -> str:
    """Returns the id of choice `number`, from 1, of the message `name`; it says nothing of what the choice does."""
    return f"{name}.{number}"


def _replies(name: str, choices: Sequence[Choice]) -> List[Dict[str, Any]]:
    return [
        {"type": "reply", "reply": {"id": choice_id(name, number), "title": title}}
        for number, (title, _) in enumerate(choices, 1)
    ]


def _interactive(kind: str, body: str, action: Dict[str, Any]) -> Dict[str, Any]:
    return {"type": "interactive", "interactive": {"type": kind, "body": {"text": body}, "action": action}}


def _numbered(choices: Sequence[Choice], wording: Wording, language: Optional[str]) -> str:
    lines = [f"*{number}.* {title}" for number, (title, _) in enumerate(choices, 1)]
    return "\n".join([wording.say("type_a_number", language), *lines])
