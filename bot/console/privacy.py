"""What is kept how long; and what one person may ask for: to see everything that is kept of them, or to have it erased."""
from __future__ import annotations

import json
from dataclasses import replace
from itertools import chain
from typing import Any, Dict, List, Optional, Sequence, Tuple

from starlette.responses import Response

from bot.console import catalogue
from bot.console.language import _
from bot.console.pages import Refused, Visit, page
from bot.learning import conversations, erasing
from bot.nlu.languages import LANGUAGES
from bot.scheduling import references, wording
from bot.settings import settings
from bot.store import erasure, retention, subject_access, whatsapp_contacts
from bot.whatsapp.identity import Vault


@page("/privacy", role="approver")
def privacy(visit: Visit) -> Response:
    """Shows the clocks, and asks whose data it is about; or the receipt of what was just erased."""
    receipt = visit.query.get("receipt", "")
    done = visit.gettext("Everything was erased. Receipt for the patient: %s") % receipt
    return _page(visit, done=done if receipt and erasure.erased(receipt) else None)


@page("/privacy/find", role="approver", method="POST")
def find(visit: Visit) -> Response:
    """Goes to what is kept of the person with this conversation or reference."""
    words = visit.form.get("words", "").strip()[:255]
    names = [words, *references.possible(words)] if words else []  # a reference as somebody spells it on the telephone
    found = next(filter(None, map(subject_access.find, names)), None)
    if found:
        return visit.to(f"/privacy/{found}")
    if words and erasure.erased(words.upper()):
        return _page(visit, done=visit.gettext("This is the receipt of an erasure: all of that conversation is gone."))
    wrong = visit.gettext("Nothing is kept under this name. The reference is in the patient's message, like 7KQ4-M2XP.")
    return _page(visit, wrong=wrong, status=404)


@page("/privacy/{conversation}", role="approver")
def person(visit: Visit) -> Response:
    """Shows what there is of a person, in numbers, and what can be done."""
    name = _known(visit)
    found = [*retention.of(name), *_counted("tests", conversations.of(name))]
    visit.note("conversation.counted", name)
    return visit.page("privacy_person.html", name=name, found=found, kinds=_kinds(visit))


@page("/privacy/{conversation}/export", role="approver", method="POST")
def export(visit: Visit) -> Response:
    """Returns everything that is kept of a person, to be given to them: to read, or for a machine."""
    name, form = _known(visit), visit.form.get("form", "")
    if form not in ("html", "json"):
        raise Refused(400, visit.gettext("Choose a form to read or for machines."))
    data = {**subject_access.collect(name), "whatsapp": _whatsapp(name), "tests": conversations.of(name)}
    for row in data["records"].get("received", {}).get("whatsapp_inbox", ()):
        row["body"] = _opened(row["body"])
    visit.note(f"conversation.exported.{form}", name)
    headers = {"content-disposition": f'attachment; filename="patient-data.{form}"'}
    if form == "json":
        text = json.dumps(data, ensure_ascii=False, indent=2)
        return Response(text, media_type="application/json; charset=utf-8", headers=headers)
    answer = _in_the_language_of(visit, data).page("export.html", data=data, **_words(visit, data))
    answer.headers.update(headers)
    return answer


@page("/privacy/{conversation}/erase", role="approver", method="POST")
def erase(visit: Visit) -> Response:
    """Deletes everything of a person; shows the receipt."""
    name = _known(visit)
    if visit.form.get("sure") != "yes":
        raise Refused(400, visit.gettext("Tick that you are sure. Nothing was erased."))
    receipt = erasing.erase(name)
    retention.shrink()
    visit.note("conversation.erased", receipt)  # not its name: nothing is to lead back to the person
    return visit.to(f"/privacy?receipt={receipt}")  # reloading, or going back, erases nothing again


def _page(visit: Visit, *, done: Optional[str] = None, wrong: Optional[str] = None, status: int = 200) -> Response:
    values = {"states": retention.states(), "kinds": _kinds(visit), "done": done, "wrong": wrong}
    return visit.page("privacy.html", status, **values)


def _known(visit: Visit) -> str:
    found = subject_access.find(visit.parts["conversation"])
    if found is None:
        raise Refused(404, visit.gettext("There is no such conversation. It may have been erased."))
    return found


def _whatsapp(conversation: str) -> Dict[str, Any]:
    """Returns what WhatsApp calls the person; empty elsewhere, or where it was sealed with a key that is gone."""
    contact = whatsapp_contacts.get(conversation)
    return dict(_opened(contact["address"]) or {}) if contact else {}


def _opened(sealed: Optional[str]) -> Any:
    """Returns what was sealed; None if nothing was, or with a key that is gone."""
    try:
        return Vault(settings().secret).open(sealed) if sealed else None
    except ValueError:
        return None


def _counted(kind: str, entries: Sequence[Any]) -> List[Tuple[str, int]]:
    return [(kind, len(entries))] if entries else []


def _also(data: Dict[str, Any]) -> List[Tuple[str, int]]:
    """Returns the kinds of which the page to read shows no words, and how many entries there are."""
    silent = {kind: tables for kind, tables in data["records"].items() if kind not in _SHOWN}
    return [each for kind, tables in silent.items() for each in _counted(kind, [*chain.from_iterable(tables.values())])]


def _in_the_language_of(visit: Visit, data: Dict[str, Any]) -> Visit:
    """Returns `visit` in the language of the patient who will read it."""
    return replace(visit, code=data["language"]) if data["language"] in LANGUAGES else visit


def _words(visit: Visit, data: Dict[str, Any]) -> Dict[str, Any]:
    theirs = _in_the_language_of(visit, data)
    code = theirs.code
    return {
        "also": _also(data),
        "kinds": _kinds(theirs),
        "title": lambda intent: catalogue.title(intent, code),
        "lines": lambda request: wording.lines(request, code),
        "who": {name: theirs.gettext(words) for name, words in _WHO.items()},
    }


# Kinds whose words the page to read has.
_SHOWN = ("conversations", "index", "requests", "feedback", "handovers", "contacts", "labels")
_WHO = {"patient": _("You"), "assistant": _("Assistant"), "staff": _("Staff")}


def _kinds(visit: Visit) -> Dict[str, str]:
    return {
        "conversations": visit.gettext("What patients and the assistant said"),
        "index": visit.gettext("The searchable copy without names"),
        "feedback": visit.gettext("Whether an answer helped"),
        "handovers": visit.gettext("Who asked for a person"),
        "contacts": visit.gettext("Addresses on WhatsApp, sealed"),
        "received": visit.gettext("Messages received on WhatsApp"),
        "sent": visit.gettext("Messages sent on WhatsApp"),
        "requests": visit.gettext("Requests with names and contacts"),
        "notes": visit.gettext("Notes, tags and verdicts of staff"),
        "work": visit.gettext("Who looks after what, and shared links"),
        "labels": visit.gettext("Sentences proposed for learning; those approved stay"),
        "proposals": visit.gettext("Proposed answers that were not taken"),
        "tests": visit.gettext("Conversations that were made tests"),
        "statistics": visit.gettext("Numbers of the dashboard, without words"),
        "audit": visit.gettext("The audit log, and receipts of erasures"),
        "sessions": visit.gettext("Sessions and links of staff that ended"),
    }
