"""The clinic's own test questions: in the state folder, beside no file of the repository, so that an upgrade keeps both.

    questions/fresh/<language>/clinic.yml            what patients asked here, one sentence a question
    questions/conversations/<language>/<name>.yml    whole conversations, see bot/learning/conversations.py

They judge every candidate model.
"""
from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Dict, List, Optional, Sequence, Tuple

from bot.evaluation.copies import Copies, normal
from bot.evaluation.questions import Question, load
from bot.learning import overlay
from bot.learning.overlay import Example
from bot.learning.wording import LONGEST, personal
from bot.settings import settings
from bot.store import proposals

FRESH = "fresh"
_ONE_IN = 4  # of an intent's sentences in a language, the first, the fifth and so on are test questions


def folder() -> Path:
    """Returns the folder of the clinic's own sets of test questions."""
    return settings().state / "questions"


def held_out() -> Dict[str, List[Question]]:
    """Returns the test questions of the repository, by set, all languages together."""
    sets = sorted(place for place in settings().questions.iterdir() if place.is_dir())
    return {place.name: [question for group in load(place).values() for question in group] for place in sets}


def fresh() -> List[Question]:
    """Returns the clinic's own test questions."""
    return [Question(each.text, each.language, (each.intent,)) for each in overlay.read(folder() / FRESH)]


def write_fresh() -> None:
    """Writes the approved test questions into their files."""
    overlay.put(folder() / FRESH, approved(proposals.TEST))


def approved(use: str) -> List[Example]:
    """Returns the approved proposals of one use."""
    rows = proposals.listed(proposals.APPROVED, use)
    return [Example(row["language"], row["intent"], row["text"]) for row in rows]


def use_of(language: str, intent: str, earlier: int = 0) -> str:
    """Returns what the next sentence of `intent` is for; `earlier`: those that are about to be proposed before it.

    The first goes to the test questions, so that what the model learns next is measured; then one in four.
    """
    number = proposals.so_far(language, intent) + earlier
    return proposals.TEST if number % _ONE_IN == 0 else proposals.TRAINING


class Check:
    """Says what keeps a sentence from being a test question or a training example.

    Looks at the repository's files and at the proposals that are open or approved, without the one of `number`.
    """

    def __init__(self, number: Optional[int] = None) -> None:
        self._mine: Dict[Tuple[str, str], List[str]] = {}  # by use and language
        for state in (proposals.OPEN, proposals.APPROVED):
            for row in proposals.listed(state):
                if row["id"] != number:
                    self.add(row["text"], row["language"], row["use"])

    def add(self, text: str, language: str, use: str) -> None:
        """Takes a sentence into account that is about to be proposed."""
        self._mine.setdefault((use, language), []).append(text)

    def why_not(self, text: str, language: str, use: str, known: Sequence[str] = ()) -> Optional[str]:
        """Returns a word for what is wrong; None if nothing is.

        "empty", "long"; "personal": it tells who somebody is; "twice": it is proposed already; "known": the model learns
        from it, or nearly, already; "copy": it is a test question, or nearly, and must not be learnt from. `known`:
        names and contacts of the conversation.
        """
        plain = normal(text)
        if not plain:
            return "empty"
        if len(text) > LONGEST:
            return "long"
        if personal(text, language, known):
            return "personal"
        asked, trained = (self._mine.get((each, language), []) for each in (proposals.TEST, proposals.TRAINING))
        if plain in map(normal, [*asked, *trained]):
            return "twice"
        if _trained(language).has(text):
            return "known"
        if use == proposals.TRAINING:
            return "copy" if _asked(language).of(text) or Copies(asked).of(text) else None
        return "known" if _trained(language).of(text) or Copies(trained).of(text) else None


@lru_cache(maxsize=None)
def _trained(language: str) -> Copies:
    """Returns the repository's training examples, read once."""
    return Copies(each.text for each in overlay.read(settings().data / "nlu") if each.language == language)


@lru_cache(maxsize=None)
def _asked(language: str) -> Copies:
    """Returns the repository's test questions, read once."""
    return Copies(question.text for group in held_out().values() for question in group if question.language == language)
