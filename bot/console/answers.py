"""What the assistant answers: every topic in all languages, edits with a second pair of eyes, history, review dates."""
from __future__ import annotations

import time
from typing import Any, Dict, List, Optional, Tuple

from starlette.responses import Response

from bot import answer_files
from bot.answer_book import book
from bot.answer_files import Entry
from bot.answer_rules import EASY, LONGEST, measures, problems
from bot.answers import Answer, fill, spoken
from bot.console import answer_form
from bot.console.pages import Refused, Visit, page, whole
from bot.nlu.languages import LANGUAGES
from bot.settings import ANSWERS, ROOT, settings
from bot.store import answer_versions as versions

_LONGEST_REASON = 1_000
_DECIDED = {"withdraw": "answer.withdrawn", "refuse": "answer.refused", "approve": "answer.approved"}


@page("/answers", role="reader")
def answers(visit: Visit) -> Response:
    """Lists the topics with what is to be done about each."""
    reviews, waiting, own = versions.reviews(), {v.topic for v in versions.proposed()}, book().own()
    rows = [
        {
            "topic": topic,
            "title": answer.title.get(visit.code, topic),
            "question": answer.question.get(visit.code, ""),
            "own": topic in own,
            "waiting": topic in waiting,
            "review": reviews.get(topic),
            "due": _due(reviews.get(topic)),
        }
        for topic, answer in book().now().answers.items()
    ]
    counts = {name: sum(bool(row[name]) for row in rows) for name in ("waiting", "due", "own")}
    show = visit.query.get("show", "")
    shown = [row for row in rows if show not in counts or row[show]]
    shown.sort(key=lambda row: (not row["waiting"], str(row["title"]).casefold()))
    return visit.page("answers.html", rows=shown, counts=counts, show=show, total=len(rows), faulty=book().faulty())


@page("/answers.diff", role="editor")
def as_diff(visit: Visit) -> Response:
    """Returns what puts the clinic's own answers into the files of the repository: git apply answers.diff."""
    changed = {topic: answer_files.of(answer) for topic, answer in book().own().items()}
    visit.note("answers.exported", f"{len(changed)} topics")
    text = answer_files.diff(ANSWERS, changed, ROOT)
    return Response(text, media_type="text/x-diff", headers={"content-disposition": "attachment; filename=answers.diff"})


@page("/answers/{topic}", role="reader")
def answer(visit: Visit) -> Response:
    """Shows a topic: its texts side by side, facts and sources, proposals, history."""
    return _shown(visit, _now(visit))


@page("/answers/{topic}/edit", role="editor")
def edit(visit: Visit) -> Response:
    """Shows the form of a topic, with what is said now, or with what an open proposal says."""
    now, number = _now(visit), whole(visit.query.get("proposal"))
    version = next((v for v in versions.proposed() if v.topic == now.intent and v.id == number), None)
    entry = answer_files.tidy(version.entry) if version and version.entry else answer_files.of(now)
    return _form(visit, entry, now)


@page("/answers/{topic}/check", role="editor", method="POST")
def check(visit: Visit) -> Response:
    """Returns what is wrong with the form as it is, and how patients would see it; asked for while somebody types."""
    now = _now(visit)
    return visit.page("answer_checked.html", live=True, **_checked(visit, _filled(visit, now), now))


@page("/answers/{topic}/propose", role="editor", method="POST")
def propose(visit: Visit) -> Response:
    """Stores the form as a proposal, if no rule is broken; nothing that was typed is lost."""
    now = _now(visit)
    entry = _filled(visit, now)
    base, reason = visit.form.get("base", ""), visit.form.get("reason", "").strip()
    if entry == answer_files.of(now):
        return _form(visit, entry, now, visit.gettext("Nothing was changed."), 400)
    if _problems(entry, now):
        return _form(visit, entry, now, visit.gettext("Some things have to be mended first; they are listed below."), 400)
    if base != answer_files.digest(now):
        words = visit.gettext("Somebody changed this answer in the meantime. Compare yours with it, then save again.")
        return _form(visit, entry, now, words, 409)
    if not reason or len(reason) > _LONGEST_REASON:
        words = visit.gettext("Say in a sentence why it is changed; whoever approves it has to know.")
        return _form(visit, entry, now, words, 400)
    number = versions.propose(now.intent, entry, base, visit.name, reason)
    visit.note("answer.proposed", f"{now.intent} {number}")
    return visit.to(f"/answers/{now.intent}#version-{number}")


@page("/answers/{topic}/decide", role="editor", method="POST")
def decide(visit: Visit) -> Response:
    """Approves or refuses somebody else's proposal, or takes one's own back."""
    now, version = _now(visit), _version(visit)
    wish = visit.form.get("decision")
    if wish == "withdraw":
        done = versions.withdraw(version.id, visit.name)
    elif visit.member is None or not visit.member.may("approver"):
        raise Refused(403, visit.gettext("Your account may not do this. Ask an administrator."))
    elif wish == "refuse":
        done = versions.refuse(version.id, visit.name)
    elif wish == "approve":
        done = _approve(visit, version, now)
    else:
        raise Refused(400, visit.gettext("Approve it or refuse it."))
    if not done:
        raise Refused(409, visit.gettext("This proposal was decided already."))
    visit.note(_DECIDED[wish], f"{now.intent} {version.id}")
    return visit.to(f"/answers/{now.intent}")


@page("/answers/{topic}/return", role="approver", method="POST")
def go_back(visit: Visit) -> Response:
    """Has an earlier version said again, which two people approved then, or the delivered answer."""
    now, number = _now(visit), _number(visit)
    version = versions.get(number)
    entry = answer_files.tidy(version.entry) if version and version.entry else None
    if entry and _problems(entry, None, now.intent):
        raise Refused(409, visit.gettext("This version breaks a rule of today. Edit the answer instead."))

    def publish() -> None:
        _publish(visit, now.intent, entry)

    if not versions.go_back(now.intent, number, answer_files.digest(now), visit.name, publish):
        raise Refused(409, visit.gettext("This version was never approved."))
    visit.note("answer.returned", f"{now.intent} {number}")
    return visit.to(f"/answers/{now.intent}")


@page("/answers/{topic}/reviewed", role="editor", method="POST")
def reviewed(visit: Visit) -> Response:
    """Notes that the answer was looked through and is right, and when it is due again."""
    topic, days = _now(visit).intent, whole(visit.form.get("days"))
    if days is None or not 0 < days <= 3650:
        raise Refused(400, visit.gettext("Write in how many days it is due again, 1 to 3650."))
    versions.reviewed(topic, visit.name, days)
    visit.note("answer.reviewed", f"{topic} {days}")
    return visit.to(f"/answers/{topic}")


def to_do() -> Tuple[int, int]:
    """Returns how many answers wait for approval, and how many are due to be looked through."""
    reviews = versions.reviews()
    due = sum(_due(reviews.get(topic)) for topic in book().now().answers)
    return len({version.topic for version in versions.proposed()}), due


def _approve(visit: Visit, version: versions.Version, now: Answer) -> bool:
    if version.staff == visit.name:
        raise Refused(403, visit.gettext("Nobody approves their own proposal. A colleague has to."))
    if version.base != answer_files.digest(now):
        raise Refused(409, visit.gettext("The answer has changed since this was proposed. It has to be edited again."))
    entry = answer_files.tidy(version.entry or {})
    if _problems(entry, now):
        raise Refused(409, visit.gettext("This version breaks a rule of today. Edit the answer instead."))
    done = versions.approve(version.id, visit.name, lambda: _publish(visit, now.intent, entry))
    if done:
        versions.reviewed(now.intent, visit.name, settings().clinic.review_answers_after_days)
    return done


def _publish(visit: Visit, topic: str, entry: Optional[Entry]) -> None:
    same = entry == answer_files.of(book().delivered.answers[topic])
    try:
        book().publish(topic, None if same else entry)
    except OSError:
        raise Refused(500, visit.gettext("The answer cannot be stored: is the disk full? Nothing was changed.")) from None


def _now(visit: Visit) -> Answer:
    found = book().now().answers.get(visit.parts["topic"])
    if found is None:
        raise Refused(404, visit.gettext("There is no such topic."))
    return found


def _number(visit: Visit) -> int:
    number = whole(visit.form.get("number"))
    return -1 if number is None else number


def _version(visit: Visit) -> versions.Version:
    version = versions.get(_number(visit))
    if version is None or version.topic != visit.parts["topic"]:
        raise Refused(404, visit.gettext("There is no such version."))
    return version


def _filled(visit: Visit, now: Answer) -> Entry:
    clinic, documents = settings().clinic, list(book().now().documents)
    return answer_form.read(visit.form, answer_files.of(now), clinic.languages, documents)


def _problems(entry: Entry, before: Optional[Answer], topic: str = "") -> List[Any]:
    known = book().now()
    found = Answer.read(before.intent if before else topic, entry)
    was = book().delivered.answers[found.intent]
    return list(problems(found, known.answers, known.documents, settings().clinic, was))


def _checked(visit: Visit, entry: Entry, now: Answer) -> Dict[str, Any]:
    """Returns what the list of problems and the preview need."""
    clinic, found = settings().clinic, Answer.read(now.intent, entry)
    faults = _problems(entry, now)
    names = {code: LANGUAGES[code].NAME for code in clinic.languages}
    known = {"{%s}" % name for name in clinic.placeholders(clinic.default_language)}

    def heard(field: str, code: str) -> str:
        text = spoken(getattr(found, field)[code])
        return text if any(p.rule in ("placeholder", "markup") for p in faults) else fill(text, clinic, code)

    return {
        "faults": [answer_form.explained(visit, problem, names.get(problem.language, "")) for problem in faults],
        "names": names,
        "found": found,
        "heard": heard,
        "measures": {(field, code): (words, round(ease)) for field, code, words, ease in measures(found, clinic.languages)},
        "longest": LONGEST,
        "easy": EASY,
        "placeholders": sorted(known),
        "fields": answer_form.fields(visit),
        "documents": book().now().documents,
    }


def _form(visit: Visit, entry: Entry, now: Answer, wrong: Optional[str] = None, status: int = 200) -> Response:
    values = {"entry": entry, "now": now, "base": answer_files.digest(now), "wrong": wrong}
    values.update(numbers=answer_form.numbers(entry), reason=visit.form.get("reason", ""))
    return visit.page("answer_edit.html", status, **values, **_checked(visit, entry, now))


def _shown(visit: Visit, now: Answer) -> Response:
    topic, reviews = now.intent, versions.reviews()
    past = versions.history(topic)
    values = _checked(visit, answer_files.of(now), now)
    values.update(
        topic=topic,
        proposals=[
            {"version": v, "changes": list(answer_form.compared(answer_files.of(now), answer_files.tidy(v.entry or {})))}
            for v in past
            if v.state == versions.PROPOSED
        ],
        past=[v for v in past if v.state != versions.PROPOSED],
        current=next((v.id for v in past if v.state == versions.APPROVED), versions.DELIVERED),
        own=topic in book().own(),
        digest=answer_files.digest(now),
        review=reviews.get(topic),
        due=_due(reviews.get(topic)),
        days=settings().clinic.review_answers_after_days,
        lines=answer_form.lines,
        states={
            versions.APPROVED: visit.gettext("approved"),
            versions.REFUSED: visit.gettext("refused"),
            versions.WITHDRAWN: visit.gettext("withdrawn"),
        },
    )
    return visit.page("answer.html", **values)


def _due(review: Optional[versions.Review]) -> bool:
    return review is None or review.due < time.time()
