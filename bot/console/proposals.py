"""Proposals: sentences that staff labelled, shown exactly as they would enter a file, for a second person to approve."""
from __future__ import annotations

from typing import Any, Dict, List

from starlette.responses import Response

from bot.console import catalogue
from bot.console.pages import Refused, Visit, page
from bot.learning import conversations, intake, questions
from bot.learning.wording import LONGEST, natural, personal, tidy
from bot.settings import settings
from bot.store import messages, proposals, review, transcripts

_SHOWN = 50
_COLUMNS = ("text", "language", "intent")  # of a proposal, that a form shows
_LEFT_OUT = 20
_TURNS = 60  # of a conversation, the last, that a test can have


@page("/improve/proposals", role="reader")
def waiting(visit: Visit) -> Response:
    """Lists what is open, the oldest first, and what was left out and why."""
    rows = proposals.listed(proposals.OPEN, limit=_SHOWN)
    values: Dict[str, Any] = {"rows": rows, "left_out": proposals.listed(proposals.LEFT_OUT)[-_LEFT_OUT:]}
    values["approved"] = proposals.listed(proposals.APPROVED)[::-1]
    return visit.page("proposals.html", longest=LONGEST, whys=_whys(visit), **values, **_common(visit))


@page("/improve/proposals/{number:int}/save", role="editor", method="POST")
def save(visit: Visit) -> Response:
    """Changes the words, the language or the answer of a proposal."""
    number = int(visit.parts["number"])
    _change(visit, number)
    return visit.to("/improve/proposals")


def _change(visit: Visit, number: int) -> None:
    language, intent = visit.form.get("language", ""), visit.form.get("intent", "")
    kept = (proposals.get(number) or {}).get("intent")  # "was right" may have been said of a greeting
    if language not in settings().clinic.languages or not (catalogue.exists(intent) or intent == kept):
        raise Refused(400, visit.gettext("Choose an answer from the list."))
    why = intake.edit(number, visit.form.get("text", ""), language, intent, visit.name)
    if why in ("empty", "long", "gone"):
        raise Refused(400 if why != "gone" else 409, _whys(visit)[why])
    visit.note("proposal.changed", str(number))


@page("/improve/proposals/{number:int}/approve", role="approver", method="POST")
def approve(visit: Visit) -> Response:
    """Approves what somebody else proposed, as it stands in the form: what was changed there is saved first."""
    number = int(visit.parts["number"])
    here = {name: visit.form.get(name, "") for name in _COLUMNS}
    here["text"] = tidy(here["text"])
    seen = {name: visit.form.get(f"seen-{name}", here[name]) for name in _COLUMNS}
    if here != seen:
        row = proposals.get(number)
        if row is None or any(row[name] != seen[name] for name in _COLUMNS):
            raise Refused(409, _whys(visit)["gone"])
        _change(visit, number)
    why = intake.approve(number, visit.name, **here)
    if why:
        raise Refused(409, _whys(visit)[why])
    questions.write_fresh()
    visit.note("proposal.approved", str(number))
    return visit.to("/improve/proposals")


@page("/improve/proposals/{number:int}/reject", role="editor", method="POST")
def reject(visit: Visit) -> Response:
    """Rejects a proposal: one's own, or as an approver anybody's."""
    number = int(visit.parts["number"])
    row = proposals.get(number)
    if row and row["proposer"] != visit.name and not (visit.member and visit.member.may("approver")):
        raise Refused(403, visit.gettext("Your account may not do this. Ask an administrator."))
    if row is None or not proposals.decide(number, proposals.REJECTED, visit.name):
        raise Refused(409, _whys(visit)["gone"])
    visit.note("proposal.rejected", str(number))
    return visit.to("/improve/proposals")


@page("/improve/proposals/{number:int}/withdraw", role="approver", method="POST")
def withdraw(visit: Visit) -> Response:
    """Takes an approved sentence back; the next candidate does without it."""
    number = int(visit.parts["number"])
    if not proposals.take_back(number, visit.name):
        raise Refused(409, _whys(visit)["gone"])
    questions.write_fresh()
    visit.note("proposal.withdrawn", str(number))
    return visit.to("/improve/proposals")


@page("/conversations/{conversation}/test", role="editor")
def make_test(visit: Visit) -> Response:
    """Shows the messages of a conversation as a test would have them."""
    name = visit.parts["conversation"]
    judged = review.verdicts(name)
    turns = [
        {"id": row["id"], "text": natural(row["text"], _language(row)), "intent": _expected(row, judged)}
        for row in _written(name)
    ]
    if not turns:
        raise Refused(404, visit.gettext("There is no such conversation. It may have been erased."))
    visit.note("conversation.read", name)
    return visit.page("make_test.html", name=name, turns=turns, longest=LONGEST, **_common(visit))


@page("/conversations/{conversation}/test", role="editor", method="POST")
def made_test(visit: Visit) -> Response:
    """Keeps a conversation as a test that every candidate must pass."""
    name = visit.parts["conversation"]
    known, rows = transcripts.identifying(name), _written(name)
    turns = []
    for row in rows:
        text, intent = tidy(visit.form.get(f"text-{row['id']}", "")), visit.form.get(f"intent-{row['id']}", "")
        if not text or not intent:
            continue
        if not catalogue.exists(intent):
            raise Refused(400, visit.gettext("Choose an answer from the list."))
        if personal(text, _language(row), known):
            raise Refused(400, _whys(visit)["personal"])
        turns.append({"text": text[:LONGEST], "intents": [intent]})
    if not turns:
        raise Refused(400, visit.gettext("Leave at least one message in, with its right answer."))
    made = conversations.add(_language(rows[-1]), turns, name)
    visit.note("test.made", made)
    return visit.to("/improve#tests")


@page("/improve/tests/{name}/remove", role="approver", method="POST")
def remove_test(visit: Visit) -> Response:
    """Deletes a conversation that must go well."""
    if not conversations.remove(visit.parts["name"]):
        raise Refused(404, visit.gettext("There is no such page."))
    visit.note("test.removed", visit.parts["name"])
    return visit.to("/improve#tests")


def _common(visit: Visit) -> Dict[str, Any]:
    return {
        "choices": catalogue.choices(visit.code),
        "codes": settings().clinic.languages,
        "offered": catalogue.exists,
        "title": lambda intent: catalogue.title(intent, visit.code),
    }


def _written(conversation: str) -> List[messages.Row]:
    """Returns the last messages of `conversation` that have words."""
    return [row for row in messages.of(conversation) if row["text"]][-_TURNS:]


def _language(row: messages.Row) -> str:
    clinic = settings().clinic
    return row["language"] if row["language"] in clinic.languages else clinic.default_language


def _expected(row: messages.Row, judged: Dict[int, Any]) -> str:
    verdict = judged.get(row["id"])
    intent = intake.intent_of(row, verdict) if verdict else row["intent"]
    return intent if intent and catalogue.exists(intent) else ""


def _whys(visit: Visit) -> Dict[str, str]:
    return {
        "empty": visit.gettext("There are no words in it."),
        "long": visit.gettext("It is too long. Shorten it to the question itself."),
        "personal": visit.gettext("It may still tell who somebody is. Replace names, numbers and dates, then save."),
        "twice": visit.gettext("The same sentence was proposed before."),
        "known": visit.gettext("The assistant learns from this sentence, or nearly the same, already."),
        "copy": visit.gettext("It is, or nearly is, a test question. What is tested must not be learnt by heart."),
        "own": visit.gettext("Somebody else must approve what you proposed or changed."),
        "gone": visit.gettext("This was decided or withdrawn meanwhile. Reload the page."),
    }
