"""The answer to a topic as a form that staff fill in, and what is wrong with it in words that say what to do."""
from __future__ import annotations

import difflib
import re
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from markupsafe import Markup, escape

from bot.answer_files import Entry, tidy
from bot.answer_rules import EASY, LONGEST
from bot.answers import MAX_TITLE, TEXTS, Answer, Problem, sentences
from bot.console.pages import Visit
from bot.errors import CatalogueError

SPARE = 2  # empty lines for new facts
_MOST = 12  # facts


def read(form: Mapping[str, str], old: Entry, languages: Sequence[str], documents: Sequence[str]) -> Entry:
    """Returns the entry that `form` describes; what it does not hold is as in `old`."""
    codes = dict.fromkeys([*old["full"], *languages])  # a language that is switched off keeps what it says
    texts = {field: {code: form.get(f"{field}-{code}", old[field].get(code, "")) for code in codes} for field in TEXTS}
    facts: Dict[int, Dict[str, Any]] = {}
    for number in range(1, _MOST + 1):
        said = form.get(f"fact-{number}")
        if form.get(f"drop-{number}"):
            continue
        if number in old["facts"] and said is None:
            facts[number] = old["facts"][number]
        elif number in old["facts"] or (said or "").strip():
            chosen = form.get(f"from-{number}", "").split("\n")
            sources = [key for key in documents if key in chosen]
            facts[number] = {"say": said or "", "from": sources, "differ": bool(form.get(f"differ-{number}"))}
    return tidy({**texts, "facts": facts, "next": old["next"]})


def numbers(entry: Entry) -> List[int]:
    """Returns the numbers of the facts that a form shows: those there are, and some that are free."""
    free = (number for number in range(1, _MOST + 1) if number not in entry["facts"])
    return sorted([*entry["facts"], *list(free)[:SPARE]])


def explained(visit: Visit, problem: Problem, language: str) -> str:
    """Returns what is wrong, and what to do about it; `language` is the name of the text's language."""
    words = {
        "missing": visit.gettext("Words are missing here. Every text is needed in every language."),
        "title": visit.gettext("A short title has at most %(count)s characters, it stands on a button: “%(words)s”."),
        "unmarked": visit.gettext("What does “%(words)s” rest on? End it with the number of a fact, like [1], or [-]."),
        "no_fact": visit.gettext("There is no fact %(words)s. Use the numbers of the facts below, or add the fact there."),
        "document": visit.gettext("There is no document %(words)s."),
        "topic": visit.gettext("There is no topic %(words)s."),
        "empty_fact": visit.gettext("Fact %(words)s is empty. Write it, or tick that it is no longer needed."),
        "fact_source": visit.gettext("The fact “%(words)s” has a figure but no document. Tick the document it comes from."),
        "figure": visit.gettext(
            "A figure that no fact with a document has: “%(words)s”. Correct it, or add the fact with its document."
        ),
        "asserts": visit.gettext("“%(words)s” states something. Name its fact instead of [-], or leave it out."),
        "fact_left_out": visit.gettext("The full answer leaves out a fact: “%(words)s”. Every language says all of them."),
        "differ": visit.gettext("The documents differ here. Say that the care team knows what is done at the clinic."),
        "long": visit.gettext("%(words)s words are too many to read at once; %(count)s is the most. Leave something out."),
        "hard": visit.gettext(
            "Hard to read: %(words)s of the %(count)s points it needs. Use shorter sentences and everyday words."
        ),
        "polite": visit.gettext("Patients are addressed politely: “vous” in French, “siz” in Turkish."),
        "markup": visit.gettext("No empty lines, bold print, links or braces: messengers show them as they are."),
        "placeholder": visit.gettext("Only the clinic's placeholders can stand here, such as {clinic_phone}."),
        "buttons": visit.gettext("Two or three other topics follow an answer."),
        "emergency": visit.gettext("This answer tells when to call {emergency_number}. That has to stay."),
    }
    most = {"title": MAX_TITLE, "long": LONGEST.get(problem.field, 0), "hard": EASY}.get(problem.rule, 0)
    values = {"words": problem.about, "count": most}
    said = words[problem.rule]
    for name, value in values.items():  # not by "%": there may be one in the words
        said = said.replace(f"%({name})s", str(value))
    place = " · ".join(filter(None, (fields(visit)[problem.field], language)))
    return f"{place}: {said}"


def fields(visit: Visit) -> Dict[str, str]:
    """Returns what the parts of an answer are called."""
    return {
        "title": visit.gettext("Short title"),
        "question": visit.gettext("Question"),
        "full": visit.gettext("Full answer"),
        "simple": visit.gettext("Simple version"),
        "facts": visit.gettext("Facts"),
        "next": visit.gettext("What to ask next"),
    }


def lines(answer: Answer, field: str, code: str) -> List[Tuple[str, str]]:
    """Returns each sentence of a text with the numbers of its facts, "–" for none."""
    marked = getattr(answer, field).get(code) or ""
    try:
        return [(said, ", ".join(map(str, used)) or "–") for said, used in sentences(marked)]
    except CatalogueError:  # its last sentence has no marker
        return [(marked, "?")]


def compared(old: Optional[Entry], new: Entry) -> Iterator[Tuple[str, str, Markup]]:
    """Yields part, language and text of everything that differs, with what went and what came marked."""
    for field in TEXTS:
        for code, text in new[field].items():
            before = old[field].get(code, "") if old else ""
            if text != before:
                yield field, code, _marked(before, text)
    was, now = _facts(old) if old else "", _facts(new)
    if was != now:
        yield "facts", "", _marked(was, now)


def _facts(entry: Entry) -> str:
    rows = sorted(entry["facts"].items())
    return "".join(f"{n}. {f['say']} ({', '.join(f['from']) or '–'}{', ≠' if f.get('differ') else ''})\n" for n, f in rows)


def _marked(old: str, new: str) -> Markup:
    words, others = (re.findall(r"\n|[^\s]+[ \t]*", text) for text in (old, new))
    parts: List[str] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, words, others, autojunk=False).get_opcodes():
        if kind == "equal":
            parts.append(escape("".join(words[a:b])))
            continue
        gone, come = "".join(words[a:b]).rstrip("\n"), "".join(others[c:d])
        parts += [Markup("<del>{}</del> ").format(gone)] if gone else []
        parts += [Markup("<ins>{}</ins>").format(come)] if come else []
    return Markup("").join(parts)
