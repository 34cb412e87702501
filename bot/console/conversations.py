"""The list of conversations, and one of them: what was said, how it was understood, and what staff do with it."""
from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any, Dict, List, Optional
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.responses import Response

from bot.console import catalogue
from bot.console.pages import Refused, Visit, page
from bot.redaction import redact
from bot.settings import settings
from bot.store import handovers, messages, review, transcripts
from bot.store.channels import WHATSAPP, channel

_PAGE = 50
_FLAGS = ("emergency", "unsure", "uncovered", "down", "up")
_LONGEST = 4_000  # characters of a reply


@page("/conversations", role="reader")
def conversations(visit: Visit) -> Response:
    """Lists conversations, the latest first, by what the form above them asks for."""
    asked = visit.query
    flag = asked.get("flag", "")
    found = messages.listed(
        words=asked.get("words", ""),
        since=_day(asked.get("since")),
        until=_day(asked.get("until"), days=1),
        before=_number(asked.get("before")),
        flags=[flag] if flag in _FLAGS else [],
        among=[
            *([review.tagged(asked["tag"])] if asked.get("tag") else []),
            *([review.all_reviewed()] if asked.get("reviewed") == "yes" else []),
        ],
        without=[review.all_reviewed()] if asked.get("reviewed") == "no" else [],
        language=asked.get("language"),
        channel=asked.get("channel"),
        limit=_PAGE + 1,
    )
    more = None
    if len(found) > _PAGE:
        found = found[:_PAGE]
        more = urlencode({**{key: value for key, value in asked.items() if value}, "before": repr(found[-1]["last_at"])})
    values: Dict[str, Any] = {"found": found, "more": more, "tags": review.tags(), "flags": _flags(visit)}
    return visit.page("conversations.html", live=handovers.live(), **values)


@page("/waiting", role="reader")
def waiting(visit: Visit) -> Response:
    """Says how many patients wait for a person; every page asks for it."""
    return visit.page("waiting.html", count=len(handovers.waiting()))


@page("/conversations/{conversation}", role="reader")
def conversation(visit: Visit) -> Response:
    """Shows a conversation, redacted."""
    visit.note("conversation.read", visit.parts["conversation"])
    return _shown(visit, plain=False)


@page("/conversations/{conversation}/plain", role="editor", method="POST")
def plainly(visit: Visit) -> Response:
    """Shows a conversation with the names and numbers in it."""
    visit.note("conversation.revealed", visit.parts["conversation"])
    return _shown(visit, plain=True)


@page("/conversations/{conversation}/talk", role="reader")
def talk(visit: Visit) -> Response:
    """Returns what was said, for a page that is open; asked for again and again while a person has the conversation."""
    return visit.page("talk.html", **_talk(visit, plain=False))


@page("/conversations/{conversation}/take", role="editor", method="POST")
def take(visit: Visit) -> Response:
    """Gives the conversation to this member of staff, whether the patient asked for a person or not."""
    name = visit.parts["conversation"]
    known = _known(visit, name)
    handovers.ask(name, known["language"] or settings().clinic.default_language, {"topics": [], "red_flags": []}, ())
    if not handovers.take(name, visit.name):
        raise Refused(409, visit.gettext("Somebody else has this conversation."))
    visit.note("conversation.taken", name)
    return visit.to(f"/conversations/{name}#reply")


@page("/conversations/{conversation}/reply", role="editor", method="POST")
def reply(visit: Visit) -> Response:
    """Sends the patient what this member of staff wrote."""
    name, text = visit.parts["conversation"], visit.form.get("text", "").strip()
    if not text or len(text) > _LONGEST:
        raise Refused(400, visit.gettext("Write something, up to 4000 characters."))
    if not handovers.reply(name, visit.name, text):
        raise Refused(409, visit.gettext("You do not have this conversation any more. Your words were not sent."))
    visit.note("conversation.replied", name)
    return visit.to(f"/conversations/{name}#reply")


@page("/conversations/{conversation}/give-back", role="editor", method="POST")
def give_back(visit: Visit) -> Response:
    """Gives the conversation back to the assistant, which says so."""
    name = visit.parts["conversation"]
    held = handovers.current(name)
    if held is None or not (held.taken_by == visit.name or _may_end(visit)):
        raise Refused(409, visit.gettext("Somebody else has this conversation."))
    handovers.give_back(name, catalogue.say("utter_handover_back", held.language))
    visit.note("conversation.given-back", name)
    return visit.to(f"/conversations/{name}")


@page("/conversations/{conversation}/note", role="editor", method="POST")
def note(visit: Visit) -> Response:
    """Adds a note for colleagues."""
    name = _known(visit, visit.parts["conversation"])["conversation"]
    if review.note(name, visit.name, visit.form.get("text", "")):
        visit.note("conversation.noted", name)
    return visit.to(f"/conversations/{name}")


@page("/conversations/{conversation}/tag", role="editor", method="POST")
def tag(visit: Visit) -> Response:
    """Adds a tag, or takes one away."""
    name = _known(visit, visit.parts["conversation"])["conversation"]
    if visit.form.get("away"):
        review.untag(name, visit.form["away"])
    review.tag(name, visit.form.get("tag", ""))
    visit.note("conversation.tagged", name)
    return visit.to(f"/conversations/{name}")


@page("/conversations/{conversation}/reviewed", role="editor", method="POST")
def reviewed(visit: Visit) -> Response:
    """Notes that somebody went through the conversation, or takes that back."""
    name = _known(visit, visit.parts["conversation"])["conversation"]
    review.set_reviewed(name, visit.name, visit.form.get("done") == "yes")
    visit.note("conversation.reviewed", name)
    return visit.to(f"/conversations/{name}")


def _shown(visit: Visit, *, plain: bool) -> Response:
    name = visit.parts["conversation"]
    values = _talk(visit, plain)
    known = messages.conversation(name)
    if known is None and not values["lines"]:
        raise Refused(404, visit.gettext("There is no such conversation. It may have been erased."))
    values.update(known=known, notes=review.notes(name), tags=review.tags(name), done=review.reviewed(name))
    values.update(may_end=_may_end(visit), all_tags=review.tags(), whatsapp=channel(name) == WHATSAPP)
    return visit.page("conversation.html", **values)


def _talk(visit: Visit, plain: bool) -> Dict[str, Any]:
    name = visit.parts["conversation"]
    known = [] if plain else transcripts.identifying(name)
    rows, judged = {row["id"]: row for row in messages.of(name)}, review.verdicts(name)
    lines: List[Dict[str, Any]] = []
    for line in transcripts.read(name):
        row = rows.get(line.number) if line.number else None
        text = line.text if plain else redact(line.text, known, (row or {}).get("language") or "en")
        if line.button and not text:
            text = catalogue.title(line.button, visit.code)
        lines.append({"line": line, "text": text, "row": row, "verdict": judged.get(line.number or 0)})
    held = handovers.current(name)
    question = redact((held.summary.get("open_question") if held else None) or "", known)
    title = partial(catalogue.title, code=visit.code)
    return {"name": name, "lines": lines, "held": held, "question": question, "title": title, "plain": plain}


def _may_end(visit: Visit) -> bool:
    return bool(visit.member and visit.member.may("administrator"))


def _known(visit: Visit, name: str) -> Dict[str, Any]:
    known = messages.conversation(name)
    if known is None:
        raise Refused(404, visit.gettext("There is no such conversation. It may have been erased."))
    return known


def _flags(visit: Visit) -> Dict[str, str]:
    return {
        "emergency": visit.gettext("Emergency"),
        "unsure": visit.gettext("Not understood"),
        "uncovered": visit.gettext("Not in the documents"),
        "down": visit.gettext("Did not help"),
        "up": visit.gettext("Helped"),
    }


def _day(text: Optional[str], days: int = 0) -> Optional[float]:
    """Returns when the day `text` (2026-11-21) begins on the clinic's clock, `days` later; None if it is no day."""
    try:
        begins = datetime.strptime(text or "", "%Y-%m-%d").replace(tzinfo=ZoneInfo(settings().clinic.time_zone))
        return (begins + timedelta(days=days)).timestamp()
    except (ValueError, OverflowError):
        return None


def _number(text: Optional[str]) -> Optional[float]:
    try:
        return float(text or "")
    except ValueError:
        return None
