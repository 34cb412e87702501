"""What makes the answer to a topic a good one; the same for the tests of data/answers and for an edit by staff.

Each rule yields a :class:`bot.answers.Problem`; nothing is raised. Medical truth no rule can judge: for that an edit
needs a second person.
"""
from __future__ import annotations

import re
from typing import Container, Iterator, Optional, Sequence, Set, Tuple

from bot.answers import AT_THE_TIME, Answer, Problem, fill, flaws, sentences, spoken
from bot.errors import CatalogueError
from bot.readability import reading_ease
from bot.settings import Clinic

LONGEST = {"full": 95, "simple": 50}  # words
EASY = 70  # reading ease of a 12-year-old, for the simple versions
_FORMAL = {"fr": r"\b(tu|ton|tes|toi|t')\b", "tr": r"\b(sen|senin|sana|seni)\b"}
_OWN_TEAM = {
    "en": r"care team|clinic|doctor",
    "fr": r"équipe soignante|clinique|médecin",
    "tr": r"sağlık ekib|klini|doktor|hekim",
}
# What rests on no fact may only send to somebody, or say what the assistant cannot do.
_SENDS = re.compile(
    r"\b(ask|talk|speak|follow|call|contact|discuss|tell|clinic|care team|doctor|specialist|insurer|I )|"
    r"(deman|parl|suiv|appel|contact|discut|équipe|clinique|médecin|spécialiste|assureur|[Jj]e )|"
    r"(sor|danış|konuş|uy|ara|görüş|söyle|ekib|klini|doktor|hekim|uzman|sigorta|ben|bilgi)"
)
_MARKUP = re.compile(r"\n\s*\n|\*\*|__|<\w|\[[\d,-]+\]|https?://")
_PLACEHOLDER = re.compile(r"\{\w*\}")
_FIGURE = re.compile(r"\d+")


def problems(
    answer: Answer,
    topics: Container[str],
    documents: Container[str],
    clinic: Clinic,
    before: Optional[Answer] = None,
) -> Iterator[Problem]:
    """Yields what is wrong with `answer`, first what is missing altogether; `before` is the answer it would replace."""
    languages = clinic.languages
    missing = list(flaws(answer, topics, documents, languages))
    yield from missing
    if missing:
        return  # the other rules need whole texts
    yield from _of_the_facts(answer)
    yield from _of_the_buttons(answer)
    for field in ("full", "simple"):
        for code in languages:
            yield from _of_a_text(answer, field, code, clinic)
    yield from _spoken_to(answer, languages)
    if before:
        yield from _emergency_number(answer, before, languages)


def _of_the_facts(answer: Answer) -> Iterator[Problem]:
    for number, fact in answer.facts.items():
        if not fact.say.strip():
            yield Problem("empty_fact", answer.intent, "facts", about=str(number))
        elif not fact.sources and _FIGURE.search(fact.say):
            yield Problem("fact_source", answer.intent, "facts", about=fact.say)


def _of_the_buttons(answer: Answer) -> Iterator[Problem]:
    if not 2 <= len(answer.next) <= 3 or answer.intent in answer.next:
        yield Problem("buttons", answer.intent, "next")


def _of_a_text(answer: Answer, field: str, code: str, clinic: Clinic) -> Iterator[Problem]:
    marked = getattr(answer, field)[code]

    def problem(rule: str, about: str = "") -> Problem:
        return Problem(rule, answer.intent, field, code, about)

    used: Set[int] = set()
    for sentence, numbers in sentences(marked):
        used.update(numbers)
        known = " ".join(answer.facts[n].say for n in numbers if answer.facts[n].sources)
        for figure in _FIGURE.findall(_PLACEHOLDER.sub("", sentence)):
            if figure not in _FIGURE.findall(known):
                yield problem("figure", f"{figure}: {sentence}")
        if not numbers and not _SENDS.search(sentence):
            yield problem("asserts", sentence)
    text = spoken(marked)
    if field == "full":
        for number in sorted(set(answer.facts) - used):
            yield problem("fact_left_out", answer.facts[number].say)
        if any(fact.differ for fact in answer.facts.values()) and not re.search(_OWN_TEAM[code], text):
            yield problem("differ")
    if len(text.split()) > LONGEST[field]:
        yield problem("long", str(len(text.split())))
    if field == "simple" and ease(text, code) < EASY:
        yield problem("hard", str(round(ease(text, code))))
    try:
        fill(text, clinic, code)
    except CatalogueError:
        yield problem("placeholder", text)
    odd = [word for word in _PLACEHOLDER.findall(text) if word.strip("{}") in AT_THE_TIME]  # no action fills these in here
    if odd or _MARKUP.search(text) or text.count("{") != len(_PLACEHOLDER.findall(text)):
        yield problem("markup")


def _spoken_to(answer: Answer, languages: Sequence[str]) -> Iterator[Problem]:
    for field in ("question", "full", "simple"):
        for code in languages:
            if not polite(getattr(answer, field)[code], code):
                yield Problem("polite", answer.intent, field, code)


def _emergency_number(answer: Answer, before: Answer, languages: Sequence[str]) -> Iterator[Problem]:
    for field in ("full", "simple"):
        for code in languages:
            was, now = getattr(before, field).get(code, ""), getattr(answer, field)[code]
            if "{emergency_number}" in was and "{emergency_number}" not in now:
                yield Problem("emergency", answer.intent, field, code)


def ease(text: str, code: str) -> float:
    """Returns the reading ease of `text`; 0 if it has no words."""
    try:
        return reading_ease(text, code)
    except ValueError:
        return 0.0


def polite(text: str, code: str) -> bool:
    """Returns whether `text` addresses the patient as adults are."""
    return code not in _FORMAL or not re.search(_FORMAL[code], text, re.IGNORECASE)


def measures(answer: Answer, languages: Sequence[str]) -> Iterator[Tuple[str, str, int, float]]:
    """Yields version, language, number of words and reading ease of every text."""
    for field in ("full", "simple"):
        for code in languages:
            text = spoken(getattr(answer, field).get(code) or "")
            yield field, code, len(text.split()), ease(text, code)
