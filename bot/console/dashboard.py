"""What happened, in pictures: how much, in which language, about what, how well; every number leads to its messages."""
from __future__ import annotations

import time
from collections import Counter
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Dict, List, Optional
from urllib.parse import urlencode

from starlette.responses import Response

from bot.console import answers, catalogue, charts, exports
from bot.console.pages import Refused, Visit, moment, page
from bot.nlu.languages import LANGUAGES
from bot.store import days, statistics
from bot.store.channels import TERMINAL, WEB, WHATSAPP
from bot.store.statistics import OUTCOMES, Span

_USUAL, _LONGEST = 30, 3660  # days
_COMPARED = 14  # days before and after a promotion
_PAGE, _MOST = 50, 20_000  # messages on a page, and in a file
_TOPICS = 12
_WAITS = (300, 900, 3600)  # seconds until a person answered


@page("/dashboard", role="reader")
def dashboard(visit: Visit) -> Response:
    """Shows the pictures."""
    span = _span(visit)
    statistics.refresh()
    totals, handed, channels = statistics.totals(span), statistics.handovers(span), _channels(visit)
    before, conversations = statistics.totals(_shifted(span)), statistics.conversations(span)
    promoted = [(days.day(at), model) for at, model in statistics.promotions()]
    marks = [(day, model) for day, model in promoted if span.first <= day <= span.last]
    by_topic = [row for row in statistics.by("topic", span) if row["topic"].startswith("faq_")]
    values: Dict[str, Any] = {
        "span": span,
        "totals": totals,
        "before": before,
        "conversations": conversations,
        "handed_share": charts.share(statistics.conversations(span, handed_over=True), conversations),
        "link": partial(_link, span),
        "chart": charts.stacked(statistics.by_day(span), OUTCOMES, span.first, span.last, marks),
        "size": (charts.WIDTH, charts.HEIGHT),
        "outcomes": _outcomes(visit),
        "by_language": [(row["language"], _language(row["language"]), row) for row in statistics.by("language", span)],
        "by_channel": [(row["channel"], channels.get(row["channel"]), row) for row in statistics.by("channel", span)],
        "by_topic": [(row["topic"], catalogue.title(row["topic"], visit.code), row) for row in by_topic[:_TOPICS]],
        "handed": handed,
        "states": _states(visit, handed),
        "waits": _waits(visit, handed),
        "median": statistics.median([seconds for _, seconds in handed if seconds is not None]),
        "channels": channels,
        "promotions": [_around(span, day, model) for day, model in marks],
        "compared": _COMPARED,
        "share": charts.share,
    }
    values["answers_waiting"], values["answers_due"] = answers.to_do()
    return visit.page("dashboard.html", **values)


@page("/dashboard.csv", role="reader")
def counts(visit: Visit) -> Response:
    """Returns the counts of the days asked for, as a table."""
    span = _span(visit)
    statistics.refresh()
    visit.note("statistics.exported", f"{span.first} {span.last}")
    heads = ["day", "language", "channel", "topic", "title", *statistics.COUNTS]
    found = ({**row, "title": catalogue.title(row["topic"], visit.code)} for row in statistics.rows(span))
    return exports.table("statistics.csv", heads, ([row[head] for head in heads] for row in found))


@page("/dashboard/messages", role="reader")
def behind(visit: Visit) -> Response:
    """Lists the messages behind a number, redacted, each with the way to its conversation."""
    span, asked = _span(visit), visit.query
    visit.note("messages.listed", f"{span.first} {span.last} {urlencode(_asked(visit))}")
    found = _behind(visit, span, _PAGE + 1)
    more = None
    if len(found) > _PAGE:
        found = found[:_PAGE]
        more = _link(span, **_asked(visit), before=repr(found[-1]["at"]))
    words = [_outcomes(visit).get(asked.get("outcome", "")), _verdicts(visit).get(asked.get("verdict", ""))]
    words += [catalogue.title(asked["topic"], visit.code)] if asked.get("topic") else []
    words += [_language(span.language or "")] if span.language else []
    words += [_channels(visit).get(span.channel or "")] if span.channel else []
    values: Dict[str, Any] = {"found": found, "more": more, "words": [word for word in words if word], "span": span}
    values.update(csv=_link(span, "/dashboard/messages.csv", **_asked(visit)), outcomes=_outcomes(visit))
    return visit.page("dashboard_messages.html", **values, title=lambda intent: catalogue.title(str(intent), visit.code))


@page("/dashboard/messages.csv", role="editor")
def behind_as_table(visit: Visit) -> Response:
    """Returns the messages behind a number as a table, redacted; the latest where there are very many."""
    span = _span(visit)
    visit.note("messages.exported", f"{span.first} {span.last} {urlencode(_asked(visit))}")
    heads = ["at", "conversation", "language", "channel", "text", "understood", "confidence", "outcome", "helped"]

    def row(found: Dict[str, Any]) -> List[Any]:
        at = datetime.fromtimestamp(found["at"], days.zone()).isoformat(timespec="seconds")
        helped = "yes" if found["up"] else "no" if found["down"] else ""
        understood = catalogue.title(str(found["intent"]), visit.code)
        told = [at, found["conversation"], found["language"], found["channel"], found["text"], understood]
        return [*told, found["confidence"], found["outcome"], helped]

    return exports.table("messages.csv", heads, (row(found) for found in _behind(visit, span, _MOST)))


@page("/dashboard/people", role="reader")
def people(visit: Visit) -> Response:
    """Lists the conversations in which a patient asked for a person."""
    span, state = _span(visit), visit.query.get("state", "")
    wanted = visit.query.get("wait", "")
    found = [each for each in reversed(statistics.handovers(span)) if state in ("", each[0].state)]
    found = [each for each in found if wanted in ("", str(_class(each[1])))]
    return visit.page("dashboard_people.html", found=found, span=span, states=_state_words(visit))


def _behind(visit: Visit, span: Span, limit: int) -> List[Dict[str, Any]]:
    return statistics.listed(span, **_asked(visit), before=moment(visit.query.get("before")), limit=limit)


def _asked(visit: Visit) -> Dict[str, str]:
    return {name: visit.query[name] for name in ("topic", "outcome", "verdict") if visit.query.get(name)}


def _span(visit: Visit) -> Span:
    """Returns the days asked for; the last month where nothing, or nothing sensible, is."""
    today = days.day(time.time())
    last = _day(visit.query.get("until")) or today
    first = _day(visit.query.get("since")) or last - timedelta(days=_USUAL - 1)
    if first > last or (last - first).days > _LONGEST:
        raise Refused(400, visit.gettext("The first day has to come before the last, by ten years at most."))
    language, channel = visit.query.get("language") or None, visit.query.get("channel") or None
    return Span(first, last, language, channel)


def _shifted(span: Span) -> Span:
    """Returns the same number of days, right before."""
    last = span.first - timedelta(days=1)
    return span._replace(first=last - (span.last - span.first), last=last)


def _link(span: Span, path: str = "/dashboard/messages", **more: Any) -> str:
    """Returns the address of what is behind a number; `more` narrows it."""
    wanted = {**dict(zip(("since", "until", "language", "channel"), span)), **more}
    return f"{path}?{urlencode({name: value for name, value in wanted.items() if value})}"


def _around(span: Span, day: date, model: str) -> Dict[str, Any]:
    """Returns what the days before a promotion and those after it come to; the day itself is neither."""
    one = timedelta(days=1)
    earlier = span._replace(first=day - _COMPARED * one, last=day - one)
    later = span._replace(first=day + one, last=day + _COMPARED * one)
    spans = (earlier, later)
    return {"day": day, "model": model, "spans": spans, "totals": [statistics.totals(each) for each in spans]}


def _waits(visit: Visit, handed: List[Any]) -> List[Any]:
    """Returns how many patients had a person's first words how soon: number of the class, words, count."""
    words = [visit.gettext("within 5 minutes"), visit.gettext("within 15 minutes"), visit.gettext("within an hour")]
    words += [visit.gettext("later"), visit.gettext("nobody wrote")]
    counts = Counter(_class(seconds) for _, seconds in handed)
    return [(number, each, counts[number]) for number, each in enumerate(words)]


def _class(seconds: Optional[float]) -> int:
    """Returns the number of the first limit that `seconds` keep; the last one where nobody wrote at all."""
    return len(_WAITS) + 1 if seconds is None else sum(seconds > limit for limit in _WAITS)


def _states(visit: Visit, handed: List[Any]) -> List[Any]:
    words = _state_words(visit)
    return [(state, words[state], sum(held.state == state for held, _ in handed)) for state in words]


def _state_words(visit: Visit) -> Dict[str, str]:
    return {
        "returned": visit.gettext("answered by a person"),
        "taken": visit.gettext("with a person now"),
        "waiting": visit.gettext("still waiting"),
        "missed": visit.gettext("nobody came"),
        "left": visit.gettext("did not want to wait"),
    }


def _outcomes(visit: Visit) -> Dict[str, str]:
    return catalogue.happened(OUTCOMES, visit.code)


def _verdicts(visit: Visit) -> Dict[str, str]:
    return catalogue.happened(("up", "down"), visit.code)


def _channels(visit: Visit) -> Dict[str, str]:
    return {WEB: visit.gettext("Website"), WHATSAPP: "WhatsApp", TERMINAL: visit.gettext("Terminal")}


def _language(code: str) -> str:
    return str(LANGUAGES[code].NAME) if code in LANGUAGES else "–"


def _day(text: Optional[str]) -> Optional[date]:
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if 1970 < found.year < 9000 else None
