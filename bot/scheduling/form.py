"""The fields of a request, in the order they are asked, for each kind of request."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional

from bot.scheduling.reading import OPTIONAL, SKIPPED, Reading

FORM = "request_form"
CONSENT = "request_consent"
CHANGE = "request_change"  # never filled: asks which of the fields should be another
SPOKEN = "spoken"  # argument of a response: its language, where that of the latest message is not to be gone by
FIELDS: Dict[str, List[str]] = {
    "appointment": [
        *("request_whom", "request_name", "request_caller", "request_contact", "request_when", "request_reason"),
        *("request_known", CONSENT),
    ],
    "callback": ["request_name", "request_contact", CONSENT],
    "question": ["request_name", "request_contact", CONSENT],
}
# Everything of a request that a conversation remembers while it is being made.
SLOTS = ["request_kind", *FIELDS["appointment"], "request_draft"]


def by_chat(channel: Optional[str], kind: Optional[str]) -> bool:
    """Returns whether the patient can be answered where they write: a page of the website is closed, a chat stays."""
    return channel == "whatsapp" and kind != "callback"


def fields(kind: Optional[str], values: Mapping[str, Any]) -> List[str]:
    """Returns the slots that are asked for, in order: somebody who asks for a relative gives both names."""
    found = FIELDS.get(kind or "", FIELDS["appointment"])
    return found if values.get("request_whom") == "other" else [slot for slot in found if slot != "request_caller"]


def step(kind: Optional[str], asked: Optional[str], values: Mapping[str, Any], reading: Reading) -> Dict[str, Any]:
    """Returns the slots to set after `reading`, among them "requested_slot": what to ask next, None when all is said."""
    if reading.again == CONSENT:
        return {CONSENT: None, "requested_slot": CHANGE}
    changed = dict(reading.values)
    if reading.again == "back":
        order = fields(kind, values)
        here = order.index(asked) if asked in order else 0
        changed[order[max(0, here - 1)]] = None
    elif reading.again:
        changed[reading.again] = None
    if set(changed) - {CONSENT}:
        changed[CONSENT] = None  # what changed must be seen before it is sent
    now = {**values, **changed}
    changed["requested_slot"] = next((slot for slot in fields(kind, now) if now.get(slot) is None), None)
    return changed


def as_data(values: Mapping[str, Any]) -> Dict[str, Any]:
    """Returns the request as the database keeps it: name, contact and so on, without what was left out."""
    names = {slot: slot.replace("request_", "") for slot in FIELDS["appointment"] if slot != CONSENT}
    asked = fields(values.get("request_kind"), values)
    extra = ["request_reason"] if values.get("request_kind") == "question" else []
    said = [slot for slot in [*asked, *extra] if slot in names and values.get(slot) not in (None, SKIPPED)]
    return {names[slot]: values[slot] for slot in said}


def as_slots(data: Mapping[str, Any]) -> Dict[str, Any]:
    """Returns the slots that make `data` again; optional fields that were left out stay so."""
    slots = {slot: data.get(slot.replace("request_", "")) for slot in FIELDS["appointment"] if slot != CONSENT}
    return {slot: SKIPPED if value is None and slot in OPTIONAL else value for slot, value in slots.items()}
