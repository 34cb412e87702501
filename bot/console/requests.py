"""What patients asked the clinic for: appointments, calls back, questions; whom to answer is shown on a click, and noted."""
from __future__ import annotations

from typing import Any, Dict

from starlette.responses import Response

from bot.console.pages import Refused, Visit, page
from bot.redaction import redact
from bot.scheduling import wording
from bot.store import outbox
from bot.store import requests as store

_HIDDEN = ("name", "caller", "contact")


@page("/requests", role="reader")
def requests(visit: Visit) -> Response:
    """Lists what is open, what has waited longest first."""
    found = sorted(store.queue(), key=lambda request: request.at)
    return visit.page("requests.html", found=[_shown(visit, r) for r in found], troubles=outbox.troubles(), **_words(visit))


@page("/requests/{reference}/reveal", role="editor", method="POST")
def reveal(visit: Visit) -> Response:
    """Shows name and contact of one request."""
    request = _found(visit)
    visit.note("request.revealed", request.reference)
    revealed = {key: request.data[key] for key in _HIDDEN if request.data.get(key)}
    if visit.request.headers.get("hx-request"):
        return visit.page("revealed.html", revealed=revealed, **_words(visit))
    found = [{**_shown(visit, request), "revealed": revealed}]
    return visit.page("requests.html", found=found, troubles=[], **_words(visit))


@page("/requests/{reference}/state", role="editor", method="POST")
def state(visit: Visit) -> Response:
    """Notes that a request was seen, or answered."""
    request, state = _found(visit), visit.form.get("state", "")
    if state not in ("seen", "answered") or request.state not in store.OPEN:
        raise Refused(409, visit.gettext("The request has changed in the meantime. Reload the page."))
    store.set_state(request.reference, state)
    visit.note(f"request.{state}", request.reference)
    return visit.to("/requests")


@page("/requests/wake", role="editor", method="POST")
def wake(visit: Visit) -> Response:
    """Lets everything that could not be delivered be tried again."""
    outbox.wake()
    visit.note("deliveries.woken")
    return visit.to("/requests")


def _found(visit: Visit) -> store.Request:
    request = store.find(visit.parts["reference"])
    if request is None:
        raise Refused(404, visit.gettext("There is no such request. It may have been erased."))
    return request


def _shown(visit: Visit, request: store.Request) -> Dict[str, Any]:
    """Returns a request without who made it."""
    told = {key: value for key, value in request.data.items() if key not in _HIDDEN}
    known = [str(request.data[key]) for key in _HIDDEN if request.data.get(key)]
    lines = [(label, redact(value, known)) for label, value in wording.lines(told, visit.code)]
    return {"request": request, "lines": lines, "revealed": None}


def _words(visit: Visit) -> Dict[str, Any]:
    return {
        "kinds": {
            "appointment": visit.gettext("Appointment"),
            "callback": visit.gettext("Call back"),
            "question": visit.gettext("Question"),
        },
        "fields": {
            "name": visit.gettext("Name of the patient"),
            "caller": visit.gettext("Asked by"),
            "contact": visit.gettext("Contact"),
        },
    }
