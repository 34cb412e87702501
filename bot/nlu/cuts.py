"""How a message may be cut into questions, and what speaks for a cut."""
from __future__ import annotations

import math
import re
from operator import itemgetter
from typing import Iterator, List, Sequence, Tuple

from rasa.shared.nlu.constants import INTENT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.properties import ASKS, HALF_OF, SPAN, confidence

# What a part of a message may ask; a greeting or a "thanks" beside a question is no question.
ANSWERABLE = re.compile(
    r"faq_|uncovered_medical_question|personal_medical_advice|clinic_contact|request_appointment|change_appointment|privacy"
    r"|talk_to_human|erase_my_data|bot_challenge"
)
# Of the features of a cut; fitted by `python -m benchmarks.compounds`, see docs/evaluation.md.
WEIGHTS = (1.0, -3.2, -3.6, -0.55)
_SMALL = 1e-6  # a probability below those in the ranking


def best(message: Message, clauses: Sequence[Message], *, least: float, answer: float, most: int) -> List[Message]:
    """Returns the cut of :func:`possible` for which most speaks; empty if its :func:`evidence` does not reach `least`."""
    judged = ((evidence(message, cut), cut) for cut in possible(clauses, answer=answer, most=most))
    found, cut = max(judged, key=itemgetter(0), default=(-math.inf, []))
    return cut if found >= least else []


def possible(clauses: Sequence[Message], *, answer: float, most: int) -> List[List[Message]]:
    """Returns every cut into two to `most` of the `clauses`, from where the first of them begins to where the last ends.

    Each part is a question of its own, different from the others and with a confidence of `answer` or more.
    """
    if not clauses:
        return []
    first, last = min(clause.get(SPAN)[0] for clause in clauses), max(clause.get(SPAN)[1] for clause in clauses)
    asking = [clause for clause in clauses if ANSWERABLE.match(_name(clause)) and clause.get(INTENT)["confidence"] >= answer]
    return [cut for cut in _chains(asking, first, last, most) if len({_name(part) for part in cut}) == len(cut) > 1]


def evidence(message: Message, parts: Sequence[Message]) -> float:
    """Returns the evidence, in log-odds, that `message` asks what each of its `parts` asks."""
    return sum(weight * value for weight, value in zip(WEIGHTS, features(message, parts)))


def features(message: Message, parts: Sequence[Message]) -> Tuple[float, int, int, float]:
    """Returns what the evidence is made of.

    These are the log-odds of the parts' intents together; how many parts ask nothing by their words; how many are
    halves, which no sign of the text divides; and the distance between the intents in the whole message, in log-odds. A
    part that only tells the story ("my neighbour had the same") reads like a question when it stands alone, but hardly
    moves the whole, of which the other intent is far surer.
    """
    alone = sum(_log_odds(part.get(INTENT)["confidence"]) for part in parts)
    whole = [_log_odds(confidence(message, _name(part))) for part in parts]
    statements, halves = sum(not part.get(ASKS) for part in parts), sum(bool(part.get(HALF_OF)) for part in parts)
    return alone, statements, halves, max(whole) - min(whole)


def _name(clause: Message) -> str:
    return (clause.get(INTENT) or {}).get("name") or ""


def _chains(clauses: Sequence[Message], first: int, last: int, most: int) -> Iterator[List[Message]]:
    """Yields every way from `first` to `last` over at most `most` clauses of which each begins where the one before ends."""
    for clause in clauses:
        begin, end = clause.get(SPAN)
        if begin != first:
            continue
        if end == last:
            yield [clause]
        elif most > 1:
            for rest in _chains(clauses, end, last, most - 1):
                yield [clause, *rest]


def _log_odds(probability: float) -> float:
    return math.log((probability + _SMALL) / (1 - probability + _SMALL))
