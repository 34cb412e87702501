"""What patients asked the clinic for: appointments, calls back, questions; who answers whom, until when.

Name and contact are shown on a click, which is noted.
"""
from __future__ import annotations

import time
from datetime import datetime
from typing import Any, Dict, Iterable, List, Optional, Sequence

from starlette.responses import Response

from bot.console.conversations import reachable, written
from bot.console.pages import Refused, Visit, page
from bot.redaction import redact
from bot.scheduling import hours, wording
from bot.settings import settings
from bot.store import assignments, days, handovers, outbox, staff
from bot.store import requests as store
from bot.store.channels import WHATSAPP, channel
from bot.store.database import transaction

_HIDDEN = ("name", "caller", "contact")


@page("/requests", role="reader")
def requests(visit: Visit) -> Response:
    """Lists what is open, what is due first on top; or what was closed."""
    closed = visit.query.get("state") == "closed"
    found = _shown(visit, store.closed() if closed else store.queue())
    if visit.query.get("mine"):
        found = [each for each in found if each["assigned"] == visit.name]
    if not closed:
        found.sort(key=lambda each: each["due"])
    visit.note("requests.listed", "closed" if closed else "open")
    return _page(visit, found, closed=closed)


@page("/requests/{reference}/reveal", role="editor", method="POST")
def reveal(visit: Visit) -> Response:
    """Shows name and contact of one request."""
    request = _found(visit)
    visit.note("request.revealed", request.reference)
    revealed = {key: request.data[key] for key in _HIDDEN if request.data.get(key)}
    if visit.request.headers.get("hx-request"):
        return visit.page("revealed.html", revealed=revealed, **_words(visit))
    return _page(visit, [{**_shown(visit, [request])[0], "revealed": revealed}], closed=request.state not in store.OPEN)


@page("/requests/{reference}/state", role="editor", method="POST")
def state(visit: Visit) -> Response:
    """Notes that a request was seen, or answered; or takes back that it was."""
    request, state = _found(visit), visit.form.get("state", "")
    with transaction() as connection:
        if state not in store.BEFORE or not store.set_state(request.reference, state, within=connection):
            raise Refused(409, visit.gettext("The request has changed in the meantime. Reload the page."))
        visit.note(f"request.{state}", request.reference, within=connection)
    return visit.to("/requests")


@page("/requests/{reference}/assign", role="editor", method="POST")
def assign(visit: Visit) -> Response:
    """Gives a request to a member of staff, and says until when it is to be answered."""
    request, wish = _found(visit), visit.form.get("staff", "")
    if wish and wish not in staff.workers():
        raise Refused(400, visit.gettext("There is no such account."))
    try:
        due = datetime.strptime(visit.form.get("due", ""), "%Y-%m-%dT%H:%M").replace(tzinfo=days.zone()).timestamp()
    except (ValueError, OverflowError):
        raise Refused(400, visit.gettext("Choose a day and an hour.")) from None
    usual = abs(due - _usual(request)) < 60
    assignments.assign(request.reference, request.conversation, wish or None, None if usual else due)
    visit.note("request.assigned", f"{request.reference} {wish or '-'}")
    return visit.to("/requests")


@page("/requests/{reference}/reply", role="editor", method="POST")
def reply(visit: Visit) -> Response:
    """Writes to the patient, in the conversation in which the request was made, and closes it."""
    request, text = _found(visit), written(visit)
    if not reachable(request.conversation):
        words = visit.gettext("The patient would not see it any more. Call, or write to the contact that was given.")
        raise Refused(409, words)
    to = (request.conversation, text, request.language)
    with transaction() as connection:
        if handovers.say(*to, sender="staff", kind="staff", key=visit.once, within=connection):
            if not store.set_state(request.reference, "answered", within=connection):
                raise Refused(409, visit.gettext("The request has changed in the meantime. Reload the page."))
            visit.note("request.replied", request.reference, within=connection)
    return visit.to("/requests")


@page("/requests/wake", role="editor", method="POST")
def wake(visit: Visit) -> Response:
    """Lets everything that could not be delivered be tried again."""
    outbox.wake()
    visit.note("deliveries.woken")
    return visit.to("/requests")


def _page(visit: Visit, found: Iterable[Dict[str, Any]], *, closed: bool) -> Response:
    values: Dict[str, Any] = {"found": list(found), "closed": closed, "troubles": outbox.troubles(), "now": time.time()}
    return visit.page("requests.html", everybody=staff.workers(), **values, **_words(visit))


def _found(visit: Visit) -> store.Request:
    request = store.find(visit.parts["reference"])
    if request is None:
        raise Refused(404, visit.gettext("There is no such request. It may have been erased."))
    return request


def _shown(visit: Visit, found: Sequence[store.Request]) -> List[Dict[str, Any]]:
    """Returns requests without who made them."""
    given, doubles = assignments.of(request.reference for request in found), store.doubles()
    return [
        {**_one(visit, each, given.get(each.reference)), "doubles": doubles.get(each.reference, ())} for each in found
    ]


def _one(visit: Visit, request: store.Request, given: Optional[Any]) -> Dict[str, Any]:
    told = {key: value for key, value in request.data.items() if key not in _HIDDEN}
    known = [str(request.data[key]) for key in _HIDDEN if request.data.get(key)]
    lines = [(label, redact(value, known, request.language)) for label, value in wording.lines(told, visit.code)]
    due = given.due if given and given.due else _usual(request)
    return {
        "request": request,
        "lines": lines,
        "revealed": None,
        "assigned": given.staff if given else None,
        "due": due,
        "due_there": datetime.fromtimestamp(due, days.zone()).strftime("%Y-%m-%dT%H:%M"),
        "reachable": reachable(request.conversation),
        "whatsapp": channel(request.conversation) == WHATSAPP,
    }


def _usual(request: store.Request) -> float:
    """Returns until when the patient was told to get an answer."""
    clinic = settings().clinic
    asked = datetime.fromtimestamp(request.at, days.zone())
    return hours.after(clinic, asked, clinic.requests.answer_within_hours).timestamp()


def _words(visit: Visit) -> Dict[str, Any]:
    return {
        "kinds": {
            "appointment": visit.gettext("Appointment"),
            "callback": visit.gettext("Call back"),
            "question": visit.gettext("Question"),
        },
        "states": {
            "sent": visit.gettext("new"),
            "seen": visit.gettext("seen"),
            "answered": visit.gettext("answered"),
            "withdrawn": visit.gettext("withdrawn by the patient"),
        },
        "fields": {
            "name": visit.gettext("Name of the patient"),
            "caller": visit.gettext("Asked by"),
            "contact": visit.gettext("Contact"),
        },
    }
