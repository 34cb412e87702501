"""One message of a patient who is being asked for something: what it says, for the field asked for and for others.

Both the policy, which decides whether a message belongs to the form at all, and the form's validation read it here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Dict, List, Optional, Tuple

from bot.nlu.languages import LANGUAGES, fold, straighten
from bot.scheduling import contacts, dates, hours, names
from bot.scheduling.tokens import Token
from bot.scheduling.words import likely_first
from bot.settings import Clinic

SKIPPED = ""  # what a field holds that the patient did not want to fill
OPTIONAL = ("request_reason", "request_known")
_REASON = 300  # characters of a reason
_ABBREVIATED = 3  # letters of a day that may close a name; "John Smith Tuesday" is a name and a day
_SURE = 0.5  # of the classifier, that a message is a question or a wish and no answer
_QUESTIONS = r"faq_|uncovered_|personal_|clinic_contact"
_ORDERS = ("stop", "talk_to_human", "erase_my_data", "change_language", "privacy", "emergency", "goodbye")
_NAMED = ("weekday", "date", "span", "rel", "daynumber", "in_weeks", "in_days", "week", "weekdays", "weekend")


@dataclass(frozen=True)
class Heard:
    """A message as the pipeline understood it; `choice` is what a button of the form said.

    `chat` is whether the conversation itself can be the way to reach the patient, see `bot.scheduling.form.by_chat`.
    """

    text: str
    language: str
    intent: str
    confidence: float = 0.0
    choice: Optional[str] = None
    chat: bool = False


@dataclass(frozen=True)
class Reading:
    """What was read: `values` by slot, a `problem` with the field asked for, and a field to ask `again`, or "back"."""

    values: Dict[str, Any] = field(default_factory=dict)
    problem: Optional[str] = None
    again: Optional[str] = None

    def __bool__(self) -> bool:
        return bool(self.values or self.problem or self.again)


def read(asked: Optional[str], heard: Heard, clinic: Clinic, today: date) -> Reading:
    """Returns what `heard` says in answer to `asked`, the slot asked for; None at the very start of a request."""
    if heard.choice:
        return _by_button(asked, heard, today)
    text = straighten(heard.text)
    folded = fold(text)
    if not folded and heard.intent not in ("affirm", "deny"):  # those may come from a button
        return Reading()
    if asked and _full(r"BACK", folded, heard.language):
        return Reading(again="back")
    answer = _Answer(asked, heard, text, folded, clinic, today)
    reading = answer.read()
    if asked and not reading.values and not answer.may_be_question() and (field := _to_change(folded, heard.language)):
        return Reading(again=field)
    return reading


def _by_button(asked: Optional[str], heard: Heard, today: date) -> Reading:
    choice = heard.choice
    if choice == "chat" and asked == "request_contact" and heard.chat:
        return Reading({"request_contact": contacts.CHAT})
    if choice == "skip" and asked in OPTIONAL:
        return Reading({asked: SKIPPED})
    if choice in ("self", "other"):
        return Reading({"request_whom": choice})
    if choice in ("new", "known") and asked == "request_known":
        return Reading({"request_known": choice})
    if choice in ("any", "morning", "afternoon"):
        window = dates.anytime(today, None if choice == "any" else choice)
        return Reading({"request_when": [window.as_json()]})
    if choice == "send" and asked == "request_consent":
        return Reading({"request_consent": True})
    if choice == "change":
        return Reading(again="request_consent")
    if choice in ("request_name", "request_contact", "request_when"):
        return Reading(again=choice)
    return Reading()


class _Answer:
    def __init__(self, asked: Optional[str], heard: Heard, text: str, folded: str, clinic: Clinic, today: date) -> None:
        self._asked, self._heard, self._text, self._folded = asked, heard, text, folded
        self._clinic, self._today = clinic, today
        self._contact = contacts.read(text)
        cut = self._contact.span if self._contact else (0, 0)
        self._rest = text[: cut[0]] + "," + text[cut[1] :] if self._contact else text

    def read(self) -> Reading:
        if self._asked == "request_reason":
            return self._reason()
        own = self._own()
        others = {slot: value for slot, value in self._others().items() if slot not in own.values}
        if own.problem and not others:
            return own
        return Reading({**others, **own.values}, own.problem, own.again)

    def is_question(self) -> bool:
        """Whether it is surely a question to the assistant and no answer to its own."""
        return self._heard.confidence >= _SURE and self._asks(_QUESTIONS)

    def may_be_question(self) -> bool:
        """Whether it may be one: reason enough to leave alone what was not asked for."""
        return self._asks(f"{_QUESTIONS}|out_of_scope")

    def _asks(self, intents: str) -> bool:
        module = LANGUAGES.get(self._heard.language, LANGUAGES["en"])
        asks = "?" in self._text or module.ASKS.search(self._folded)
        return bool(asks and re.match(intents, self._heard.intent))

    def _own(self) -> Reading:
        """Returns what is read for the field asked for."""
        readers = {
            "request_whom": self._whom,
            "request_name": lambda: self._some_name("request_name"),
            "request_caller": lambda: self._some_name("request_caller"),
            "request_contact": self._reach,
            "request_when": self._when,
            "request_known": self._known,
            "request_consent": self._agreed,
            "request_change": self._which,
        }
        return readers[self._asked]() if self._asked else Reading()

    def _whom(self) -> Reading:
        if self.is_question():  # "I am 82, is that too old?"
            return Reading()
        if _search("FOR_OTHER", self._folded, self._heard.language):
            return Reading({"request_whom": "other"})
        if _search("FOR_ME", self._folded, self._heard.language):
            return Reading({"request_whom": "self"})
        said = {"affirm": "self", "deny": "other"}.get(self._heard.intent)
        return Reading({"request_whom": said} if said else {})

    def _some_name(self, slot: str) -> Reading:
        name = self._announced() if self.is_question() else names.announced(self._rest, self._heard.language)
        if not name and not self.is_question() and not self._lower_case_topic():
            _, tokens = self._dates(self._rest)
            whole = self._rest if not any(token.kind in _NAMED for token in tokens) else self._rest[: tokens[0].start]
            parts = [names.bare(part, self._heard.language) for part in re.split(r"[,;\n]", whole)]
            name = next((part for part in parts if part), None)
        return Reading({slot: name} if name else {})

    def _lower_case_topic(self) -> bool:
        """Whether it was typed without capitals and is rather a topic: "cement leak" is nobody's name."""
        sure = self._heard.confidence >= _SURE and self._heard.intent.startswith("faq_")
        return sure and not any(letter.isupper() for letter in self._text[1:])

    def _reach(self) -> Reading:
        if self._contact is None:
            if _search("REFUSES", self._folded, self._heard.language):
                return Reading(problem="unclear")
            here = self._heard.chat and _search("THIS_CHAT", self._folded, self._heard.language)
            return Reading({"request_contact": contacts.CHAT} if here else {})
        if self._contact.value:
            return Reading({"request_contact": self._contact.value})
        return Reading() if self.is_question() else Reading(problem="unclear")  # "does it cost 3000-4000 euros?"

    def _when(self) -> Reading:
        if self.is_question():
            return Reading()
        windows, _ = dates.read(self._correction(), self._heard.language, self._today)
        kept, problem = hours.check(self._clinic, windows, self._today)
        return Reading({"request_when": [w.as_json() for w in kept]} if kept else {}, problem if not kept else None)

    def _reason(self) -> Reading:
        if self._heard.intent == "deny" or _full("SKIP", self._folded, self._heard.language):
            return Reading({"request_reason": SKIPPED})
        if self.is_question() or not re.search(r"\w", self._text):
            return Reading()
        if self._heard.intent in _ORDERS and self._heard.confidence >= _SURE:
            return Reading()
        if self._heard.intent in ("affirm", "thank", "greet"):
            return Reading()
        return Reading({"request_reason": self._text[:_REASON]})

    def _known(self) -> Reading:
        if _full("SKIP", self._folded, self._heard.language):
            return Reading({"request_known": SKIPPED})
        if self._heard.intent in ("affirm", "deny"):
            return Reading({"request_known": "known" if self._heard.intent == "affirm" else "new"})
        if not self.is_question():
            for pattern, value in (("NEW", "new"), ("KNOWN", "known")):
                if _search(pattern, self._folded, self._heard.language):
                    return Reading({"request_known": value})
        return Reading()

    def _agreed(self) -> Reading:
        if self._others() or _to_change(self._folded, self._heard.language):
            return Reading()
        if self._heard.intent == "affirm":
            return Reading({"request_consent": True})
        return Reading(again="request_consent") if self._heard.intent == "deny" else Reading()

    def _which(self) -> Reading:
        """Returns the field that is named; nothing if the new value itself was written, or no field."""
        if self.may_be_question() or self._others():
            return Reading()
        field = _field(self._folded, self._heard.language)
        return Reading(again=field) if field else Reading()

    def _others(self) -> Dict[str, Any]:
        """Returns what was said beside, or instead of, what was asked for."""
        found: Dict[str, Any] = {}
        if self._contact and self._contact.value:
            found["request_contact"] = self._contact.value
        if self._asked not in ("request_name", "request_caller") and (name := self._announced()):
            found["request_name"] = name
        if self._asked is None:
            # After the mark, what only means "me" at the start of an answer ("I am …") is none here.
            patterns = (("FOR_OTHER", self._folded, "other"), ("FOR_ME", f". {self._folded}", "self"))
            whom = [value for name, text, value in patterns if _search(name, text, self._heard.language)]
            if whom:
                found["request_whom"] = whom[0]
        if self._asked != "request_when" and not _search("SINCE", self._folded, self._heard.language):
            windows, tokens = self._dates(self._correction())
            day = any(t.kind in _NAMED or (t.kind == "any" and len(t.text) > 8 and self._asked is None) for t in tokens)
            kept, _ = hours.check(self._clinic, windows, self._today)
            if kept and day and not (self._asked and self.may_be_question()):
                found["request_when"] = [window.as_json() for window in kept]
        return found

    def _dates(self, text: str) -> Tuple[List[dates.Window], List[Token]]:
        """Returns what `dates.read` does, but nothing for a day that is part of a name."""
        windows, tokens = dates.read(text, self._heard.language, self._today)
        asked_for_a_name = self._asked in ("request_name", "request_caller")
        if asked_for_a_name and len(tokens) == 1 and self._is_named(tokens[0], text):
            return [], []
        return windows, tokens

    def _is_named(self, day: Token, text: str) -> bool:
        """Whether `day` is part of a name, each word of which has its capital: "Cuma Yılmaz", "Minh Thu"."""
        name = names.announced(text, self._heard.language) or names.bare(text, self._heard.language) or ""
        words = fold(name).split()
        capitals = {fold(word) for word in text.split() if word[0].isupper()}
        last = day.text in words[1:] and len(day.text) <= _ABBREVIATED
        return capitals.issuperset(words) and (last or day.text in words[:-1])

    def _announced(self) -> Optional[str]:
        """Returns a name that is announced in its capitals: "c'est exact", "je suis sous Xarelto" announce nobody."""
        name = names.announced(self._rest, self._heard.language)
        words = name.split() if name and name in self._rest else []
        return name if words and words[0][0].isupper() and words[-1][0].isupper() else None

    def _correction(self) -> str:
        """Returns the text without the "no" that opens a correction: "no, Wednesday" excludes nothing."""
        return re.sub(r"^(no|non|hayır|hayir)\s*[,.!]\s*", "", self._rest, flags=re.IGNORECASE)


def _to_change(folded: str, language: str) -> Optional[str]:
    """Returns the field that the patient says is wrong; None if they say no such thing."""
    if not _search("CHANGE", folded, language):
        return None
    return _field(folded, language)


def _field(folded: str, language: str) -> Optional[str]:
    found = (s for words in likely_first(language) for s, pattern in words.FIELDS.items() if re.search(pattern, folded))
    return next(found, None)


def _search(name: str, folded: str, language: str) -> bool:
    return any(re.search(getattr(words, name), folded) for words in likely_first(language))


def _full(name: str, folded: str, language: str) -> bool:
    trimmed = folded.strip(" .!,")
    return any(re.fullmatch(getattr(words, name), trimmed) for words in likely_first(language))
