"""Improve: a candidate model is trained in the background, compared with the present one, and promoted or not."""
from __future__ import annotations

import time
from itertools import chain
from typing import Any, Dict, List, Optional

from starlette.responses import Response

from bot.console import catalogue
from bot.console.pages import Refused, Visit, page
from bot.errors import CatalogueError
from bot.evaluation.comparison import PARTS, mark
from bot.learning import conversations, overlay, promotion, questions, worker
from bot.learning.diff import patch
from bot.nlu.languages import LANGUAGES
from bot.store import messages, proposals, review, trainings

_TOPICS = 20  # messages without a topic that are shown
_CHANGES = 300  # questions that got better or worse


@page("/improve", role="reader")
def improve(visit: Visit) -> Response:
    """Shows what waits, how far the training is, what it came to, and what was promoted."""
    training = trainings.latest()
    approved = questions.approved(proposals.TRAINING)
    used = set(overlay.read(overlay.current()))
    values: Dict[str, Any] = {
        "counts": proposals.counts(),
        "fresh": len(questions.approved(proposals.TEST)),
        "new": len(set(approved) ^ used),
        "topics": [row for row in map(messages.get, review.new_topics()[:_TOPICS]) if row],
        "tests": _tests(),
        "promotions": trainings.promotions(),
        "can_go_back": promotion.can_go_back(),
        "diff": bool(used) or bool(questions.fresh()),
        "why": _whys(visit).get((training or {}).get("why") or ""),
    }
    return visit.page("improve.html", **values, **_progress(visit, training), **_report(visit))


@page("/improve/progress", role="reader", polled=True)
def progress(visit: Visit) -> Response:
    """Says how far the training is; when it has ended, has the page drawn anew."""
    training = trainings.latest()
    answer = visit.page("progress.html", **_progress(visit, training))
    if training is None or training["state"] != trainings.RUNNING:
        answer.headers["HX-Refresh"] = "true"
    return answer


@page("/improve/train", role="approver", method="POST")
def train(visit: Visit) -> Response:
    """Starts a training."""
    number = worker.start(visit.name)
    if number is None:
        raise Refused(409, visit.gettext("A candidate is being trained already. Wait until it is done, or stop it."))
    visit.note("training.started", str(number))
    return visit.to("/improve")


@page("/improve/stop", role="approver", method="POST")
def stop(visit: Visit) -> Response:
    """Stops the training."""
    training = trainings.latest()
    if training and training["state"] == trainings.RUNNING:
        trainings.ask_to_stop(training["id"])
        visit.note("training.stopped", str(training["id"]))
    return visit.to("/improve")


@page("/improve/{number:int}/promote", role="approver", method="POST")
def promote(visit: Visit) -> Response:
    """Gives patients the candidate."""
    number = int(visit.parts["number"])
    try:
        version = promotion.promote(number, visit.name)
    except promotion.NotNow as error:
        raise Refused(409, _not_now(visit)[str(error)]) from error
    visit.note("model.promoted", f"{number} {version}")
    return visit.to("/improve")


@page("/improve/back", role="approver", method="POST")
def go_back(visit: Visit) -> Response:
    """Gives patients the model before the present one again."""
    try:
        version = promotion.go_back(visit.name)
    except promotion.NotNow as error:
        raise Refused(409, _not_now(visit)[str(error)]) from error
    visit.note("model.back", version)
    return visit.to("/improve")


@page("/improve/changes.diff", role="editor")
def changes(visit: Visit) -> Response:
    """Returns what is in use as a patch for the repository."""
    return _patch(visit, overlay.current().name)


@page("/improve/{number:int}/changes.diff", role="editor")
def changes_of(visit: Visit) -> Response:
    """Returns what a candidate was trained on as a patch for the repository."""
    training = trainings.get(int(visit.parts["number"]))
    if training is None or not training["version"]:
        raise Refused(404, visit.gettext("There is no such page."))
    return _patch(visit, training["version"])


def _patch(visit: Visit, version: str) -> Response:
    visit.note("changes.exported", version)
    name = {"Content-Disposition": f'attachment; filename="clinic-{version}.diff"'}
    return Response(patch(overlay.version(version)), media_type="text/x-diff; charset=utf-8", headers=name)


def _progress(visit: Visit, training: Optional[trainings.Row]) -> Dict[str, Any]:
    usual, part, minutes = trainings.usual_seconds(), None, None
    if training and usual:
        spent = time.time() - training["at"]
        part, minutes = min(0.97, spent / usual), max(1, round((usual - spent) / 60))
    step = (training["step"] if training else "").split(" ")[0]
    words = {
        "": visit.gettext("The examples are put together."),
        "train": visit.gettext("A candidate learns from the examples."),
        "measure": visit.gettext("The candidate and the present model answer the test questions."),
    }
    return {"training": training, "part": part, "minutes": minutes, "step": words.get(step, words[""])}


def _report(visit: Visit) -> Dict[str, Any]:
    candidate = trainings.latest(trainings.DONE)
    report = candidate["report"] if candidate else {"figures": {}, "changes": [], "refused": []}
    own = {mark(each): each.text for each in [*questions.fresh(), *chain.from_iterable(_tests().values())]}
    return {
        "candidate": candidate,
        "report": report,
        "shown": [{**row, "text": row["text"] or own.get(row.get("question"))} for row in report["changes"][:_CHANGES]],
        "parts": {part: words for part, words in _parts(visit).items() if part in report["figures"]},
        "part_names": _parts(visit),
        "refused": [_refusals(visit)[reason] % {"language": LANGUAGES[code].NAME} for reason, code in report["refused"]],
        "title": lambda intents: ", ".join(catalogue.title(intent, visit.code) for intent in intents),
        "text": lambda row: str(row["text"] or catalogue.title(str(row["intent"]), visit.code)),
        "promoted": bool(candidate and candidate["version"] == overlay.current().name),
        "outdated": _not_now(visit).get((candidate and promotion.why_outdated(candidate)) or ""),
    }


def _tests() -> Dict[str, List[Any]]:
    try:
        return conversations.everything()
    except CatalogueError:  # the training says so, with what to do
        return {}


def _parts(visit: Visit) -> Dict[str, str]:
    words = {
        "held_out": visit.gettext("Test questions of the assistant's makers"),
        "fresh": visit.gettext("Questions of your own patients"),
        "conversations": visit.gettext("Conversations that must go well"),
    }
    return {part: words[part] for part in PARTS}


def _refusals(visit: Visit) -> Dict[str, str]:
    return {
        "red_flag": visit.gettext("%(language)s: an emergency that is recognised now would be missed."),
        "held_out": visit.gettext("%(language)s: fewer of the makers' test questions would get their right answer."),
        "fresh": visit.gettext("%(language)s: fewer of your own patients' questions would get their right answer."),
        "conversations": visit.gettext("%(language)s: a conversation that must go well would not."),
    }


def _whys(visit: Visit) -> Dict[str, str]:
    return {
        "disk": visit.gettext("The disk is full. Ask your administrator to free some space, then train again."),
        "memory": visit.gettext("The machine ran out of memory. Ask your administrator to make room, then train again."),
        "nothing": visit.gettext("There is nothing new to learn. Approve proposals first, then train."),
        "base": visit.gettext("The assistant was updated. Ask your administrator to restart it, then train again."),
        "data": visit.gettext("A file of your examples or tests cannot be read. Ask your administrator: the log names it."),
        "training": visit.gettext("The training failed. Try once more, then ask your administrator: the log says why."),
        "gone": visit.gettext("The training ended by itself, perhaps because the machine was restarted. Train again."),
    }


def _not_now(visit: Visit) -> Dict[str, str]:
    return {
        "running": visit.gettext("This candidate is not finished."),
        "refused": visit.gettext("This candidate would make something worse, so patients do not get it."),
        "stale": visit.gettext("Another model was promoted meanwhile. Train again, so that both are compared."),
        "unasked": visit.gettext("Your test questions have changed since. Train again, so that all are asked."),
        "gone": visit.gettext("This model is not there any more, or the assistant was updated since. Train again."),
    }
