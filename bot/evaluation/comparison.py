"""An old model against a new one, question by question; and whether the new one may take its place.

It may not if it misses an emergency that the old one recognised, if in any language fewer questions get their right
answer, in the repository's sets or in the clinic's own, or if a conversation that must go well no longer does. What
counts as right is what counts in `bot evaluate`.
"""
from __future__ import annotations

import hashlib
from typing import Any, Dict, List, Mapping, NamedTuple, Sequence, Tuple

from bot.evaluation.measures import EMERGENCY, Result, given, right
from bot.evaluation.questions import Question

HELD_OUT, FRESH, CONVERSATIONS = "held_out", "fresh", "conversations"
PARTS = (HELD_OUT, FRESH, CONVERSATIONS)
UNSEEN = "confirming"  # a set whose questions nobody studies: it is counted, and never shown


class Asked(NamedTuple):
    """A test question, the set it is from, and in which part of the report it counts."""

    part: str
    name: str
    question: Question


def compare(asked: Sequence[Asked], old: Sequence[Result], new: Sequence[Result]) -> Dict[str, Any]:
    """Returns the report on two models that were asked the same.

    "figures": by part and language, {"questions", "old", "new"} right, {"emergencies", "emergencies_old",
    "emergencies_new"} recognised and {"alarms_old", "alarms_new"} false; "changes": what got better or worse, emergencies
    first, then what got worse, each {"part", "language", "text" (None if unseen or of patients), "question" (its mark),
    "expected", "old", "new", "better", "red_flag"}; "refused": [[reason, language], …], empty if the new model may take
    the old one's place.
    """
    figures: Dict[str, Dict[str, Dict[str, int]]] = {}
    changes: List[Dict[str, Any]] = []
    for each, before, after in zip(asked, old, new):
        by_language = figures.setdefault(each.part, {})
        _count(by_language.setdefault(each.question.language, _zeros()), each.question, before, after)
        changes += _change(each, before, after)
    changes.sort(key=lambda each: (not each["red_flag"], each["better"], PARTS.index(each["part"]), each["language"]))
    return {"figures": figures, "changes": changes, "refused": _refused(figures, changes)}


def mark(question: Question) -> str:
    """Returns what names a question in a report without its words: those of patients are kept in one place only."""
    return hashlib.sha256(f"{question.language} {question.text}".encode()).hexdigest()[:16]


def _zeros() -> Dict[str, int]:
    names = ("questions", "old", "new", "emergencies", "emergencies_old", "emergencies_new", "alarms_old", "alarms_new")
    return dict.fromkeys(names, 0)


def _count(counts: Dict[str, int], question: Question, before: Result, after: Result) -> None:
    counts["questions"] += 1
    urgent = EMERGENCY in question.intents
    counts["emergencies"] += urgent
    for which, result in (("old", before), ("new", after)):
        counts[which] += right(question, result)
        if EMERGENCY in given(result):
            counts[f"emergencies_{which}" if urgent else f"alarms_{which}"] += 1


def _change(each: Asked, before: Result, after: Result) -> List[Dict[str, Any]]:
    question = each.question
    was, now = right(question, before), right(question, after)
    if was == now and not _missed(question, before, after):
        return []
    red_flag = EMERGENCY in (*question.intents, *given(before), *given(after))
    return [
        {
            "part": each.part,
            "language": question.language,
            "text": None if each.name == UNSEEN or each.part != HELD_OUT else question.text,
            "question": mark(question),
            "expected": list(question.intents),
            "old": given(before),
            "new": given(after),
            "better": now and not was,
            "red_flag": red_flag,
            "missed": _missed(question, before, after),
        }
    ]


def _missed(question: Question, before: Result, after: Result) -> bool:
    """Returns whether an emergency was recognised and is not any more."""
    return EMERGENCY in question.intents and EMERGENCY in given(before) and EMERGENCY not in given(after)


def _refused(
    figures: Mapping[str, Mapping[str, Mapping[str, int]]], changes: Sequence[Mapping[str, Any]]
) -> List[Tuple[str, str]]:
    found = {("red_flag", change["language"]): None for change in changes if change["missed"]}
    for part in (HELD_OUT, FRESH):
        found.update({(part, code): None for code, counts in figures.get(part, {}).items() if counts["new"] < counts["old"]})
    broken = [change for change in changes if change["part"] == CONVERSATIONS and not change["better"]]
    found.update({(CONVERSATIONS, change["language"]): None for change in broken})
    return list(found)
