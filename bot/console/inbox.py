"""The inbox of missed questions: what may have been answered badly, grouped by meaning, and what it should have got."""
from __future__ import annotations

import time
from typing import Any, Dict, List, Mapping, Optional
from urllib.parse import parse_qsl, urlsplit

from starlette.responses import Response

from bot.console import catalogue
from bot.console.grouping import grouped
from bot.console.pages import Refused, Visit, page, whole
from bot.learning import intake
from bot.store import messages, proposals, review

_LOOKED_AT = 300  # messages, the latest, that are grouped
_SHOWN = 20  # groups, or messages, on a page
_EXAMPLES = 100  # of a group on a page
_SUGGESTED = 4
_WEEK = 7 * 86_400


@page("/", role="reader")
def inbox(visit: Visit) -> Response:
    """Shows what nobody has judged yet, of one kind or all, in groups or one by one."""
    kind = _kind(visit.query)
    single = visit.query.get("view") == "list"
    found = review.missed(kind, limit=_SHOWN + 1 if single else _LOOKED_AT, before=whole(visit.query.get("before")))
    groups = [[row] for row in found] if single else grouped(found, lambda row: _text(row, "en"))
    older = groups[_SHOWN - 1][0]["id"] if single and len(groups) > _SHOWN else None
    partly = not single and len(found) == _LOOKED_AT
    reach = found[-1]["at"] if partly else 0.0
    values: Dict[str, Any] = {"single": single, "older": older, "all_shown": len(groups) <= _SHOWN}
    values.update(partly=_LOOKED_AT if partly else None, weeks=review.weeks(kind) if partly else None)
    visit.note("inbox.read", kind or "")
    return visit.page("inbox.html", groups=[_card(g, reach) for g in groups[:_SHOWN]], **_common(visit, kind), **values)


@page("/inbox/judge", role="editor", method="POST")
def judge(visit: Visit) -> Response:
    """Stores what the chosen messages should have got."""
    numbers = _numbers(visit.form.get("number", ""))
    verdict, _, answer = visit.form.get("verdict", "").partition(":")
    answer = answer or (visit.form.get("other", "") if verdict == review.ANSWER else "")
    if not numbers:
        raise Refused(400, visit.gettext("No message is chosen."))
    if verdict not in review.VERDICTS or (verdict == review.ANSWER and not catalogue.exists(answer)):
        raise Refused(400, visit.gettext("Choose an answer from the list."))
    batch = review.judge(numbers, verdict, visit.name, answer or None)
    intake.propose(batch)
    visit.note("messages.judged", f"{batch} {verdict} {answer} {len(numbers)}")
    if not visit.request.headers.get("hx-request"):
        return visit.to("/")
    said = catalogue.title(answer, visit.code) if answer else _verdicts(visit)[verdict]
    return visit.page("judged.html", batch=batch, count=len(numbers), said=said, **_behind(visit))


@page("/inbox/undo", role="editor", method="POST")
def undo(visit: Visit) -> Response:
    """Takes a verdict back and shows the messages again."""
    batch = visit.form.get("batch", "")
    numbers = list(review.of_batch(batch))
    review.undo(batch)
    proposals.withdraw(batch=batch)
    visit.note("messages.judged.undone", batch)
    if not visit.request.headers.get("hx-request"):
        return visit.to("/")
    rows = [row for row in map(messages.get, numbers) if row]
    return visit.page("undone.html", group=_card(rows) if rows else None, **_behind(visit))


@page("/inbox/{number:int}", role="editor")
def one(visit: Visit) -> Response:
    """Shows one message, judged or not."""
    row = messages.get(int(visit.parts["number"]))
    if row is None:
        raise Refused(404, visit.gettext("There is no such message. It may have been erased."))
    visit.note("message.read", f"{row['conversation']} {row['id']}")
    values: Dict[str, Any] = {"single": True, "older": None, "all_shown": True, "partly": None}
    return visit.page("inbox.html", groups=[_card([row])], **_common(visit, None), **values)


def _behind(visit: Visit) -> Dict[str, Any]:
    """Returns what a part of the open page needs: of which kind it shows messages, and how."""
    query = dict(parse_qsl(urlsplit(visit.request.headers.get("hx-current-url", "")).query))
    return {**_common(visit, _kind(query)), "query": query}


def _kind(query: Mapping[str, str]) -> Optional[str]:
    return query.get("kind") if query.get("kind") in review.KINDS else None


def _common(visit: Visit, kind: Optional[str]) -> Dict[str, Any]:
    return {
        "kind": kind,
        "counts": {kind: _number_words(number) for kind, number in review.missed_counts().items()},
        "kinds": catalogue.happened(review.KINDS, visit.code),
        "choices": catalogue.choices(visit.code),
        "verdicts": _verdicts(visit),
        "text": lambda row: _text(row, visit.code),
        "kinds_of": review.kinds_of,
        "title": lambda intent: catalogue.title(intent, visit.code),
        "answered": lambda row: catalogue.answered(row["answers"], visit.code),
    }


def _card(rows: List[messages.Row], reach: float = 0.0) -> Dict[str, Any]:
    """Returns a group as it is shown; where messages from before `reach` were not looked at, its weeks are not compared."""
    now = time.time()
    week = sum(row["at"] > now - _WEEK for row in rows)
    week_before = sum(now - 2 * _WEEK < row["at"] <= now - _WEEK for row in rows)
    return {
        "rows": rows[:_EXAMPLES],
        "more": [row["id"] for row in rows[_EXAMPLES:]],
        "count": len(rows),
        "weeks": (week, week_before) if reach <= now - 2 * _WEEK else None,
        "suggested": _suggested(rows),
    }


def _suggested(rows: List[messages.Row]) -> List[str]:
    """Returns the answers the messages most likely should have got: what patients then chose first, then the likeliest."""
    scores: Dict[str, float] = {}
    for row in rows:
        for intent, share in [*row["ranking"], *([[row["meant"], 3.0]] if row["meant"] else [])]:
            scores[intent] = scores.get(intent, 0.0) + share
    got = {row["intent"] for row in rows}  # what all of them got is "was right", no other answer
    wrong = scores if len(got) > 1 else scores.keys() - got
    best = sorted((intent for intent in wrong if catalogue.exists(intent)), key=lambda intent: -scores[intent])
    return best[:_SUGGESTED]


def _text(row: messages.Row, code: str) -> str:
    return str(row["text"] or catalogue.title(str(row["intent"]), code))


def _verdicts(visit: Visit) -> Dict[str, str]:
    return {
        review.NEW_TOPIC: visit.gettext("New topic needed"),
        review.NOT_OURS: visit.gettext("Not for us"),
        review.RIGHT: visit.gettext("Was right"),
    }


def _number_words(number: int) -> str:
    return str(number) if number < review.COUNTED else f"{review.COUNTED - 1}+"


def _numbers(lines: str) -> List[int]:
    return [number for number in map(whole, lines.split()) if number is not None][:_LOOKED_AT]
