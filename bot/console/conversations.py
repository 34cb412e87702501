"""One conversation: what was said, how it was understood, and what staff do with it."""
from __future__ import annotations

import hashlib
import time
from functools import partial
from typing import Any, Callable, Dict, List, Optional

from starlette.responses import Response

from bot.console import catalogue
from bot.console.pages import Refused, Visit, page
from bot.redaction import redact
from bot.settings import settings
from bot.store import assignments, audit, handovers, messages, review, shares, staff, transcripts
from bot.store.channels import WHATSAPP, channel
from bot.store.database import transaction

_LONGEST = 4_000  # characters of a reply
Hide = Callable[[str, Optional[str]], str]  # takes a text and its language


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
    name, held = values["name"], values["held"]
    if held is None or not audit.noted(visit.name, "conversation.read", name, held.at):
        visit.note("conversation.read", name)
    if held is not None and visit.query.get("state") == values["state"]:
        return Response(status_code=204)
    return visit.page("talk.html", **values)


@page("/conversations/{conversation}/take", role="editor", method="POST")
def take(visit: Visit) -> Response:
    """Gives the conversation to this member of staff, whether the patient asked for a person or not."""
    name = visit.parts["conversation"]
    known = _known(visit, name)
    language = known["language"] or settings().clinic.default_language
    with transaction() as connection:
        handovers.ask(name, language, {"topics": [], "red_flags": []}, (), within=connection)
        if not handovers.take(name, visit.name, within=connection):
            raise Refused(409, visit.gettext("Somebody else has this conversation."))
        visit.note("conversation.taken", name, within=connection)
    return visit.to(f"/conversations/{name}#reply")


@page("/conversations/{conversation}/reply", role="editor", method="POST")
def reply(visit: Visit) -> Response:
    """Sends the patient what this member of staff wrote."""
    name, text = visit.parts["conversation"], written(visit)
    with transaction() as connection:
        if not handovers.reply(name, visit.name, text, key=visit.once, within=connection):
            raise Refused(409, visit.gettext("You do not have this conversation any more. Your words were not sent."))
        visit.note("conversation.replied", name, within=connection)
    return visit.to(f"/conversations/{name}#reply")


@page("/conversations/{conversation}/give-back", role="editor", method="POST")
def give_back(visit: Visit) -> Response:
    """Gives the conversation back to the assistant, which says so."""
    name = visit.parts["conversation"]
    held = handovers.current(name)
    if held is None or not (held.taken_by == visit.name or _may_end(visit)):
        raise Refused(409, visit.gettext("Somebody else has this conversation."))
    words = catalogue.say("utter_handover_back", held.language)
    with transaction() as connection:
        if handovers.give_back(name, words, within=connection):
            visit.note("conversation.given-back", name, within=connection)
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
    if wish and wish not in staff.workers():
        raise Refused(400, visit.gettext("There is no such account."))
    assignments.assign(name, name, wish or None)
    visit.note("conversation.assigned", f"{name} {wish or '-'}")
    return visit.to(f"/conversations/{name}")


def written(visit: Visit) -> str:
    """Returns what a member of staff wrote to the patient; refuses what is empty or too long."""
    text = visit.form.get("text", "").strip()
    if not text or len(text) > _LONGEST:
        raise Refused(400, visit.gettext("Write something, up to 4000 characters."))
    return text


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
    values.update(known=known, tags=review.tags(name), done=review.reviewed(name))
    values.update(may_end=_may_end(visit), all_tags=review.tags(), whatsapp=channel(name) == WHATSAPP)
    values.update(link=link, shares=shares.of(name), assigned=assignments.who(name), everybody=staff.workers())
    values.update(reachable=reachable(name))
    return visit.page("conversation.html", **values)


def lines(visit: Visit, name: str, *, plain: bool) -> List[Dict[str, Any]]:
    """Returns what was said in the conversation `name`, redacted unless `plain`, with what was understood."""
    return _lines(visit, name, _hiding(name, plain))


def _lines(visit: Visit, name: str, hide: Hide) -> List[Dict[str, Any]]:
    rows, judged = {row["id"]: row for row in messages.of(name)}, review.verdicts(name)
    found: List[Dict[str, Any]] = []
    for line in transcripts.read(name):
        row = rows.get(line.number) if line.number else None
        text = hide(line.text, (row or {}).get("language"))
        if line.button and not text:
            text = catalogue.title(line.button, visit.code)
        found.append({"line": line, "text": text, "row": row, "verdict": judged.get(line.number or 0)})
    return found


def _talk(visit: Visit, plain: bool) -> Dict[str, Any]:
    name = visit.parts["conversation"]
    held, hide = handovers.current(name), _hiding(name, plain)
    question = hide(held.summary.get("open_question") or "", held.language) if held else ""
    notes = [(each, hide(each.text, None)) for each in review.notes(name)]
    said, title = _lines(visit, name, hide), partial(catalogue.title, code=visit.code)
    state = hashlib.sha256(repr([held and (held.id, held.state), said, notes]).encode()).hexdigest()[:16]
    values = {"name": name, "lines": said, "held": held, "question": question, "notes": notes, "state": state}
    return {**values, "title": title, "plain": plain}


def _hiding(name: str, plain: bool) -> Hide:
    """Returns what hides who somebody is in a text of the conversation `name` and a language; nothing if `plain`."""
    if plain:
        return lambda text, _: text
    known = transcripts.identifying(name)
    return lambda text, language: redact(text, known, language or settings().clinic.default_language)


def _may_end(visit: Visit) -> bool:
    return bool(visit.member and visit.member.may("administrator"))


def _known(visit: Visit, name: str) -> Dict[str, Any]:
    known = messages.conversation(name)
    if known is None and not transcripts.read(name):
        raise Refused(404, visit.gettext("There is no such conversation. It may have been erased."))
    return known or {"conversation": name, "language": None}  # it began a moment ago; the index has not got so far
