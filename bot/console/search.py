"""The list of conversations, by everything one may look for; searches can be kept under a name."""
from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any, Dict, List, Mapping, Optional
from urllib.parse import parse_qsl, urlencode

from starlette.responses import Response

from bot.console import catalogue
from bot.console.language import _
from bot.console.pages import Refused, Visit, moment, page
from bot.store import assignments, filters, handovers, messages, review, staff
from bot.store import days as days_of_the_clinic

_PAGE = 50
_KEYS = "words flag topic sure language channel reviewed assigned tag period since until".split()
_PERIODS = ("1", "7", "30", "90")  # days
_SURE = ("50", "70", "90")  # per cent
_NOBODY, _ME = "-", "me"


@page("/conversations", role="reader")
def conversations(visit: Visit) -> Response:
    """Lists conversations, the latest first, by what the form above them asks for."""
    asked = {key: value for key, value in visit.query.items() if key in _KEYS and value}
    found = messages.listed(**_wanted(visit, asked), before=moment(visit.query.get("before")), limit=_PAGE + 1)
    more = None
    if len(found) > _PAGE:
        found = found[:_PAGE]
        more = urlencode({**asked, "before": repr(found[-1]["last_at"])})
    visit.note("conversations.listed", " ".join(asked))  # what was asked for may name a patient
    flags = catalogue.happened(messages.FLAGS, visit.code)
    values: Dict[str, Any] = {"found": found, "more": more, "tags": review.tags(), "flags": flags}
    values.update(held=assignments.of(row["conversation"] for row in found), everybody=staff.workers())
    values.update(topics=_topics(visit), periods=_periods(visit), sure=_SURE)
    values.update(saved=filters.of(visit.name), asked=urlencode(asked))
    return visit.page("conversations.html", live=handovers.live(), **values)


@page("/filters", role="reader", method="POST")
def save(visit: Visit) -> Response:
    """Keeps a search under a name."""
    query = urlencode([(key, value) for key, value in parse_qsl(visit.form.get("query", "")) if key in _KEYS])
    if not filters.save(visit.name, visit.form.get("name", ""), query):
        raise Refused(400, visit.gettext("Please write a name for this search."))
    return visit.to(f"/conversations?{query}")


@page("/filters/{number:int}/remove", role="reader", method="POST")
def remove(visit: Visit) -> Response:
    """Forgets a search."""
    filters.remove(visit.name, int(visit.parts["number"]))
    return visit.to("/conversations")


def _wanted(visit: Visit, asked: Mapping[str, str]) -> Dict[str, Any]:
    """Returns what `asked` means to :func:`bot.store.messages.listed`; what makes no sense asks for nothing."""
    among: List[Any] = []
    without: List[Any] = []
    if asked.get("tag"):
        among.append(review.tagged(asked["tag"]))
    if asked.get("reviewed") in ("yes", "no"):
        (among if asked["reviewed"] == "yes" else without).append(review.all_reviewed())
    if asked.get("assigned") == _NOBODY:
        without.append(assignments.having())
    elif asked.get("assigned"):
        among.append(assignments.having(visit.name if asked["assigned"] == _ME else asked["assigned"]))
    since = _day(asked.get("since"))
    if asked.get("period") in _PERIODS:
        since = max(since or 0.0, time.time() - int(asked["period"]) * 86_400)
    return {
        "words": asked.get("words", ""),
        "since": since,
        "until": _day(asked.get("until"), days=1),
        "flags": [asked["flag"]] if asked.get("flag") in messages.FLAGS else [],
        "topic": asked.get("topic"),
        "below": int(asked["sure"]) / 100 if asked.get("sure") in _SURE else None,
        "among": among,
        "without": without,
        "language": asked.get("language"),
        "channel": asked.get("channel"),
    }


def _topics(visit: Visit) -> List[Any]:
    return [*catalogue.choices(visit.code), ("nlu_fallback", catalogue.title("nlu_fallback", visit.code))]


def _periods(visit: Visit) -> List[Any]:
    words = (_("the last day"), _("the last 7 days"), _("the last 30 days"), _("the last 90 days"))
    return [(days, visit.gettext(each)) for days, each in zip(_PERIODS, words)]


def _day(text: Optional[str], days: int = 0) -> Optional[float]:
    """Returns when the day `text` (2026-11-21) begins on the clinic's clock, `days` later; None if it is no day."""
    try:
        begins = datetime.strptime(text or "", "%Y-%m-%d").replace(tzinfo=days_of_the_clinic.zone())
        return (begins + timedelta(days=days)).timestamp()
    except (ValueError, OverflowError):
        return None
