"""A link by which somebody without an account reads one conversation, redacted, until a day."""
from __future__ import annotations

import hashlib
from typing import Any, Dict, List, Optional

from itsdangerous import BadSignature, URLSafeSerializer
from starlette.responses import Response

from bot.console.conversations import lines, shown
from bot.console.pages import Refused, Visit, page
from bot.settings import settings
from bot.store import audit, shares

_DAYS = ("1", "7", "30")


@page("/conversations/{conversation}/share", role="editor", method="POST")
def share(visit: Visit) -> Response:
    """Makes a link and shows it."""
    name, days = visit.parts["conversation"], visit.form.get("days", "")
    if days not in _DAYS:
        raise Refused(400, visit.gettext("Choose for how long the link is good."))
    if not lines(visit, name, plain=False):
        raise Refused(404, visit.gettext("There is no such conversation. It may have been erased."))
    number = shares.share(name, visit.name, int(days))
    visit.note("conversation.shared", f"{name} link {number}, {days} d")
    address = f"{visit.request.url.scheme}://{visit.request.headers.get('host')}/shared/{_signer().dumps(number)}"
    return shown(visit, plain=False, link=address)


@page("/conversations/{conversation}/share/{number:int}/withdraw", role="editor", method="POST")
def withdraw(visit: Visit) -> Response:
    """Ends a link at once."""
    name, number = visit.parts["conversation"], int(visit.parts["number"])
    if number in [each.id for each in shares.of(name)]:
        shares.withdraw(number)
        visit.note("conversation.unshared", f"{name} link {number}")
    return visit.to(f"/conversations/{name}")


@page("/shared/{key}", role=None)
def shared(visit: Visit) -> Response:
    """Shows what a link leads to."""
    found = _found(visit.parts["key"])
    said: List[Dict[str, Any]] = lines(visit, found.conversation, plain=False) if found else []
    if found is None or not said:
        raise Refused(410, visit.gettext("This link is over. Ask who sent it for a new one."))
    audit.record(f"link of {found.staff}", "conversation.read-by-link", f"{found.conversation} link {found.id}")
    return visit.page("shared.html", lines=said, until=found.until, shared_by=found.staff)


def _found(key: str) -> Optional[Any]:
    try:
        return shares.find(int(_signer().loads(key)))
    except (BadSignature, TypeError, ValueError, OverflowError):
        return None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(hashlib.sha256(settings().secret.encode()).hexdigest(), salt="console shared conversation")
