"""The catalogue of everything the assistant says: data/answers/*.yml, expanded into Rasa responses.

A file holds two kinds of entry, each with the languages side by side:

* ``faq_…``: the answer to a topic of the documents: ``title``, ``question``, ``facts``, ``next``, ``full``, ``simple``.
  Each sentence of ``full`` and ``simple`` ends in a marker, ``[1]`` or ``[1,2]`` naming the facts it rests on, or
  ``[-]`` where it asserts none. The markers are for reviewers and tests; patients never see them.
* ``utter_…``: any other reply: ``say`` and, if it has any, ``buttons``, each the name of an intent or
  ``{intent, title}``.

A topic ``faq_x`` becomes three responses: ``utter_faq_x``, ``utter_faq_x_simple`` and ``utter_faq_x_sources``.
"""
from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Container, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

import yaml

from bot import yaml_files
from bot.errors import CatalogueError
from bot.settings import Clinic

Text = Mapping[str, str]  # language: text
_MARKER = re.compile(r"\s*\[([\d, -]+)\]")
_RESPONSE = re.compile(r"utter_(faq_\w+?)(?:_simple|_sources)?")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
# What an action fills in at the moment it speaks; all other placeholders are facts of the clinic.
AT_THE_TIME = frozenset(
    ("summary", "reference", "request_reference", "state", "details", "opens", "receipt", "expected")
)
MAX_TITLE = 20  # characters on a WhatsApp reply button
TEXTS = ("title", "question", "full", "simple")  # of the answer to a topic

_KINDS = {"utter_data_erased": "erased"}  # what the channel has to act on


@dataclass(frozen=True)
class Fact:
    """One fact of the documents, restated; `sources` are document keys, empty where no document says anything."""

    say: str
    sources: Tuple[str, ...]
    differ: bool


@dataclass(frozen=True)
class Answer:
    """What the assistant says on one topic. `full` and `simple` still carry their fact markers."""

    intent: str
    title: Text
    question: Text
    facts: Mapping[int, Fact]
    next: Tuple[str, ...]
    full: Text
    simple: Text

    @property
    def sources(self) -> Tuple[str, ...]:
        """The documents the answer rests on, in order."""
        return tuple(sorted({source for fact in self.facts.values() for source in fact.sources}))

    @classmethod
    def read(cls, intent: str, entry: Mapping[str, Any]) -> Answer:
        """Returns the answer that `entry`, as a file has it, describes.

        Raises KeyError, TypeError, AttributeError or ValueError where that is garbled.
        """
        facts = {
            int(number): Fact(fact["say"], tuple(fact["from"]), bool(fact.get("differ", False)))
            for number, fact in entry["facts"].items()
        }
        texts = {field: dict(entry[field]) for field in TEXTS}
        return cls(intent=intent, facts=facts, next=tuple(entry["next"]), **texts)


@dataclass(frozen=True)
class Button:
    """A choice offered below a message: the intent it stands for and its title per language."""

    intent: str
    title: Text


@dataclass(frozen=True)
class Reply:
    """Anything the assistant says that is not the answer to a topic."""

    name: str
    say: Text
    buttons: Tuple[Button, ...]


def sentences(marked: str) -> Iterator[Tuple[str, Tuple[int, ...]]]:
    """Yields each marked sentence of `marked` with the numbers of its facts; ``[-]`` gives none.

    Raises:
        CatalogueError: what comes last has no marker; the text is the error's.
    """
    position = 0
    for marker in _MARKER.finditer(marked):
        numbers = tuple(int(number) for number in re.findall(r"\d+", marker.group(1)))
        yield marked[position : marker.start()].strip(), numbers
        position = marker.end()
    if marked[position:].strip():
        raise CatalogueError(marked[position:].strip())


def topic_of(response: str) -> Optional[str]:
    """Returns the topic that `response` answers in one of its versions, or None if it is no answer to a topic."""
    found = _RESPONSE.fullmatch(response)
    return found.group(1) if found else None


def spoken(marked: str) -> str:
    """Returns `marked` as patients read it: without markers, line breaks or double spaces."""
    return re.sub(r"\s*\n\s*", " ", _MARKER.sub("", marked)).strip()


@dataclass(frozen=True)
class Problem:
    """What is wrong with the answer to a topic: a rule by name, where, and the words or number that break it."""

    rule: str
    topic: str
    field: str  # one of `TEXTS`, "next", or "facts"
    language: str = ""
    about: str = ""

    def __str__(self) -> str:
        place = ".".join(filter(None, (self.topic, self.field, self.language)))
        return f"{place}: {_RULES.get(self.rule, self.rule)}".format(about=self.about)


# What a catalogue cannot do without; bot/answer_rules.py has what makes an answer a good one.
_RULES = {
    "missing": "lacks words in this language",
    "title": f"'{{about}}' is over {MAX_TITLE} characters",
    "topic": "'{about}' is no topic",
    "document": "unknown document {about}",
    "unmarked": "sentence without a [fact] marker: '{about}'",
    "no_fact": "no fact {about}",
}


def flaws(
    answer: Answer, topics: Container[str], documents: Container[str], languages: Sequence[str]
) -> Iterator[Problem]:
    """Yields what is missing in `answer`, or points to nothing."""
    for field in TEXTS:
        texts = getattr(answer, field)
        for code in languages:
            if not str(texts.get(code) or "").strip():
                yield Problem("missing", answer.intent, field, code)
    for code, title in answer.title.items():
        if len(title) > MAX_TITLE:
            yield Problem("title", answer.intent, "title", code, title)
    yield from (Problem("topic", answer.intent, "next", about=name) for name in answer.next if name not in topics)
    for fact in answer.facts.values():
        yield from (Problem("document", answer.intent, "facts", about=key) for key in fact.sources if key not in documents)
    for field, code, marked in _marked(answer):
        try:
            used = {number for _, numbers in sentences(marked) for number in numbers}
        except CatalogueError as error:
            yield Problem("unmarked", answer.intent, field, code, str(error))
        else:
            lacking = sorted(used - set(answer.facts))
            yield from (Problem("no_fact", answer.intent, field, code, str(number)) for number in lacking)


def _marked(answer: Answer) -> Iterator[Tuple[str, str, str]]:
    for field in ("full", "simple"):
        yield from ((field, code, marked or "") for code, marked in getattr(answer, field).items())


class Catalogue:
    """All answers and replies, checked to be complete in every language.

    Args:
        answers: by intent, in file order.
        replies: by response name, in file order.
        documents: by key, the `title` and `kind` of each source.
        languages: the languages each text must have.
    """

    def __init__(
        self,
        answers: Mapping[str, Answer],
        replies: Mapping[str, Reply],
        documents: Mapping[str, Mapping[str, str]],
        languages: Sequence[str],
    ) -> None:
        self.answers, self.replies, self.documents = dict(answers), dict(replies), dict(documents)
        self.languages = tuple(languages)
        problems = list(self._problems())
        if problems:
            raise CatalogueError("data/answers: " + "; ".join(problems))

    @classmethod
    def load(cls, folder: Path, languages: Sequence[str]) -> Catalogue:
        """Returns the catalogue in `folder`.

        Raises:
            CatalogueError: a file cannot be read, or a topic, text or language is missing; all are named.
        """
        answers: Dict[str, Answer] = {}
        replies: Dict[str, Reply] = {}
        documents: Dict[str, Mapping[str, str]] = {}
        for path in sorted(folder.glob("*.yml")):
            try:
                entries = yaml_files.read(path) or {}
            except (OSError, yaml.YAMLError) as error:
                raise CatalogueError(f"cannot read {path}: {error}") from error
            if path.stem == "documents":
                documents = entries
                continue
            for name, entry in entries.items():
                if name in answers or name in replies:
                    raise CatalogueError(f"{path}: '{name}' is there twice")
                try:
                    if name.startswith("faq_"):
                        answers[name] = Answer.read(name, entry)
                    else:
                        replies[name] = _reply(name, entry)
                except (KeyError, TypeError, AttributeError, ValueError) as error:
                    raise CatalogueError(f"{path}: '{name}' lacks or garbles {error}") from error
        return cls(answers, replies, documents, languages)

    def title(self, intent: str, language: str) -> str:
        """Returns the short title of `intent` in `language`; :class:`KeyError` if it has none."""
        return self.answers[intent].title[language]

    def responses(self, clinic: Clinic) -> Dict[str, List[Dict[str, Any]]]:
        """Returns Rasa responses: one variation a language, chosen by the slot `language`, and a default one."""
        return {
            name: self._variations(by_language, clinic.default_language) for name, by_language in self._messages(clinic)
        }

    def _messages(self, clinic: Clinic) -> Iterator[Tuple[str, Dict[str, Dict[str, Any]]]]:
        for answer in self.answers.values():
            for version, marked in (("", answer.full), ("_simple", answer.simple)):
                yield f"utter_{answer.intent}{version}", {
                    code: {
                        "text": fill(spoken(marked[code]), clinic, code),
                        "buttons": [_button(self.title(intent, code), intent) for intent in answer.next],
                        "metadata": {"kind": "answer", "topic": answer.intent, "sources": list(answer.sources)},
                    }
                    for code in self.languages
                }
            yield f"utter_{answer.intent}_sources", {
                code: {
                    "text": self.replies["utter_ask_sources"].say[code].strip() + "\n" + self._source_list(answer),
                    "metadata": {"kind": "sources", "topic": answer.intent},
                }
                for code in self.languages
            }
        for reply in self.replies.values():
            kind = "emergency" if reply.name.startswith("utter_emergency") else _KINDS.get(reply.name, "reply")
            yield reply.name, {
                code: {
                    "text": fill(reply.say[code].strip(), clinic, code),
                    "buttons": [_button(button.title[code], button.intent) for button in self._buttons(reply)],
                    "metadata": {"kind": kind, "reply": reply.name},
                }
                for code in self.languages
            }

    def _buttons(self, reply: Reply) -> Iterator[Button]:
        for button in reply.buttons:
            yield button if button.title else Button(button.intent, self.answers[button.intent].title)

    def _source_list(self, answer: Answer) -> str:
        return "\n".join(f"• {self.documents[key]['title']} ({self.documents[key]['publisher']})" for key in answer.sources)

    def _variations(self, by_language: Mapping[str, Dict[str, Any]], default: str) -> List[Dict[str, Any]]:
        variations = []
        for code, message in by_language.items():
            message["metadata"]["language"] = code
            message = {key: value for key, value in message.items() if value}
            condition = [{"type": "slot", "name": "language", "value": code}]
            variations.append({**message, "condition": condition})
            if code == default:
                variations.append(message)
        return variations

    def _problems(self) -> Iterator[str]:
        """Yields what is missing or wrong, in words that name the entry."""
        for answer in self.answers.values():
            yield from map(str, flaws(answer, self.answers, self.documents, self.languages))
        for reply in self.replies.values():
            yield from self._missing(reply.name, reply.say)
            for button in reply.buttons:
                if button.title:
                    yield from self._missing(f"{reply.name}.buttons.{button.intent}", button.title)
                    yield from self._long_titles(reply.name, button.title)
                elif button.intent not in self.answers:
                    yield f"{reply.name}: the button '{button.intent}' needs a title"

    def _missing(self, name: str, text: Text) -> Iterator[str]:
        yield from (f"{name} lacks '{code}'" for code in self.languages if not str(text.get(code) or "").strip())

    @staticmethod
    def _long_titles(name: str, title: Text) -> Iterator[str]:
        yield from (f"{name}: '{t}' is over {MAX_TITLE} characters" for t in title.values() if len(t) > MAX_TITLE)


def _reply(name: str, entry: Mapping[str, Any]) -> Reply:
    buttons: List[Dict[str, Any]] = [{"intent": b} if isinstance(b, str) else b for b in entry.get("buttons", ())]
    return Reply(name, dict(entry["say"]), tuple(Button(b["intent"], dict(b.get("title", {}))) for b in buttons))


def _button(title: str, intent: str) -> Dict[str, str]:
    return {"title": title, "payload": f"/{intent}"}


def fill(text: str, clinic: Clinic, language: str, others: Mapping[str, str] = MappingProxyType({})) -> str:
    """Returns `text` with the clinic's facts, or `others`, in its placeholders; CatalogueError if one is unknown."""
    known = {**clinic.placeholders(language), **others}

    def value(placeholder: "re.Match[str]") -> str:
        if placeholder.group(1) in AT_THE_TIME:
            return placeholder.group(0)
        try:
            return known[placeholder.group(1)]
        except KeyError:
            raise CatalogueError(f"unknown placeholder {placeholder.group(0)} in '{text[:60]}…'") from None

    return _PLACEHOLDER.sub(value, text)
