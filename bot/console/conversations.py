"""One conversation: what was said, how it was understood, and what staff do with it."""
from __future__ import annotations

import hashlib
import time
from functools import partial
from typing import Any, Dict, List, Optional

from starlette.responses import Response

from bot.console import catalogue
from bot.console.pages import Refused, Visit, page
from bot.console.search import names
from bot.redaction import redact
from bot.settings import settings
from bot.store import assignments, handovers, messages, review, shares, transcripts
from bot.store.channels import WHATSAPP, channel

_LONGEST = 4_000  # characters of a reply


@page("/waiting", role="reader", polled=True)
def waiting(visit: Visit) -> Response:
    """Says how many patients wait for a person; every page asks for it."""
    return visit.page("waiting.html", count=len(handovers.waiting()))


@page("/conversations/{conversation}", role="reader")
def conversation(visit: Visit) -> Response:
    """Shows a conversation, redacted."""
    visit.note("conversation.read", visit.parts["conversation"])
    return shown(visit, plain=False)


@page("/conversations/{conversation}/plain", role="editor", method="POST")
def plainly(visit: Visit) -> Response:
    """Shows a conversation with the names and numbers in it."""
    visit.note("conversation.revealed", visit.parts["conversation"])
    return shown(visit, plain=True)


@page("/conversations/{conversation}/talk", role="reader", polled=True)
def talk(visit: Visit) -> Response:
    """Returns what was said, for a page that is open; asked for again and again while a person has the conversation.

    Where nothing is new the page stays as it is, with what somebody has opened, marked or listens to.
    """
    values = _talk(visit, plain=False)
    if values["held"] is None:
        visit.note("conversation.read", visit.parts["conversation"])
    elif visit.query.get("state") == values["state"]:
        return Response(status_code=204)
    return visit.page("talk.html", **values)


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


@page("/conversations/{conversation}/assign", role="editor", method="POST")
def assign(visit: Visit) -> Response:
    """Gives the conversation to a member of staff to look after, or to nobody."""
    name, wish = _known(visit, visit.parts["conversation"])["conversation"], visit.form.get("staff", "")
    if wish and wish not in names():
        raise Refused(400, visit.gettext("There is no such account."))
    assignments.assign(name, name, wish or None)
    visit.note("conversation.assigned", f"{name} {wish or '-'}")
    return visit.to(f"/conversations/{name}")


def reachable(name: str) -> bool:
    """Returns whether the patient can still see what is written: the website begins a new conversation after a while."""
    known = messages.conversation(name)
    oldest = time.time() - settings().clinic.new_conversation_after_hours * 3600
    return channel(name) == WHATSAPP or bool(known and known["last_at"] > oldest)


def shown(visit: Visit, *, plain: bool, link: Optional[str] = None) -> Response:
    """Returns the page of a conversation; `link` is one by which it was just shared."""
    name = visit.parts["conversation"]
    values = _talk(visit, plain)
    known = messages.conversation(name)
    if known is None and not values["lines"]:
        raise Refused(404, visit.gettext("There is no such conversation. It may have been erased."))
    values.update(known=known, notes=review.notes(name), tags=review.tags(name), done=review.reviewed(name))
    values.update(may_end=_may_end(visit), all_tags=review.tags(), whatsapp=channel(name) == WHATSAPP)
    values.update(link=link, shares=shares.of(name), assigned=assignments.who(name), everybody=names())
    values.update(reachable=reachable(name))
    return visit.page("conversation.html", **values)


def lines(visit: Visit, name: str, *, plain: bool) -> List[Dict[str, Any]]:
    """Returns what was said in the conversation `name`, redacted unless `plain`, with what was understood."""
    known = [] if plain else transcripts.identifying(name)
    rows, judged = {row["id"]: row for row in messages.of(name)}, review.verdicts(name)
    found: List[Dict[str, Any]] = []
    for line in transcripts.read(name):
        row = rows.get(line.number) if line.number else None
        text = line.text if plain else redact(line.text, known, (row or {}).get("language") or "en")
        if line.button and not text:
            text = catalogue.title(line.button, visit.code)
        found.append({"line": line, "text": text, "row": row, "verdict": judged.get(line.number or 0)})
    return found


def _talk(visit: Visit, plain: bool) -> Dict[str, Any]:
    name = visit.parts["conversation"]
    held = handovers.current(name)
    asked = held.summary.get("open_question") if held else None
    question = redact(asked, transcripts.identifying(name)) if asked else ""
    title = partial(catalogue.title, code=visit.code)
    said = lines(visit, name, plain=plain)
    state = hashlib.sha256(repr([held and (held.id, held.state), said]).encode()).hexdigest()[:16]
    values = {"name": name, "lines": said, "held": held, "question": question, "title": title, "plain": plain}
    return {**values, "state": state}


def _may_end(visit: Visit) -> bool:
    return bool(visit.member and visit.member.may("administrator"))


def _known(visit: Visit, name: str) -> Dict[str, Any]:
    known = messages.conversation(name)
    if known is None:
        raise Refused(404, visit.gettext("There is no such conversation. It may have been erased."))
    return known
