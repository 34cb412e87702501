"""What of a message is understood: what is said, not how politely or how loudly. Needs nothing of Rasa."""
from __future__ import annotations

import re
from typing import Tuple

from bot.nlu.languages import LANGUAGES, fold, straighten

# In every language at once: "merhaba, what is kyphoplasty, merci".
_OPENING, _CLOSING = (
    "|".join(f"(?:{getattr(module, name)})" for module in LANGUAGES.values()) for name in ("OPENING", "CLOSING")
)
# How many courtesies are looked for is bounded, so that no text makes the search long.
_BEFORE = re.compile(rf"\W*(?:(?:{_OPENING})(?!\w)\W*){{1,5}}")
_AFTER = re.compile(rf"(?:(?<!\w)(?:{_CLOSING})\W*){{1,4}}$")
_AFTERWARDS = 150  # characters at most of the courtesy at the end
_LONGEST = 1_000  # characters that are encoded; nobody asks one question with more
_A_WORD, _THREE_WORDS = re.compile(r"\w\w"), re.compile(r"\w+\W+\w+\W+\w")  # "thank you, young man" says nothing besides
_AT_THE_END = " .!…,;:-"
_STOP = re.compile(r"[.?!…]")
_TURKISH = frozenset("ığşİĞŞ")
_PICTURES = re.compile("[\u2190-\u2bff\u3030\ufe0f\u200d\U0001f000-\U0001faff]+")
_MARKS = re.compile(r"[?!]+")
_ONE_LETTER = str.maketrans("œŒæÆß", "oOaAs")  # fold makes two of each


def said(text: str) -> str:
    """Returns what :func:`span` finds in the straightened `text`."""
    text = straighten(text)
    begin, end = span(text)
    return text[begin:end]


def span(text: str) -> Tuple[int, int]:
    """Returns where in straightened `text` that begins and ends which is no greeting, apology or thanks around it.

    All of it if it says nothing else: then the courtesy is the message. Courtesy changes no question, but a classifier
    takes it for a part of the meaning: people who are sorry to bother often have an emergency. Nor does a full stop, but
    it does to a classifier: whoever tells calmly how it goes ends with one, whoever calls for help does not.
    """
    folded = fold(text.translate(_ONE_LETTER))
    whole = len(text.rstrip(_AT_THE_END)) or len(text)
    if len(folded) != len(text):
        return 0, whole  # letters of other scripts
    opening = _BEFORE.match(folded)
    begin = opening.end() if opening else 0
    closing = _AFTER.search(folded, max(begin, len(text) - _AFTERWARDS))
    end = closing.start() if closing else len(text)
    rest = folded[begin:end].rstrip(_AT_THE_END)
    around = folded[:begin] + (folded[:end][-2:] + folded[end:] if closing else "")
    enough = _A_WORD if _STOP.search(around) else _THREE_WORDS
    return (begin, begin + len(rest)) if enough.search(rest) or asks(rest) else (0, whole)


def tells_besides(text: str) -> bool:
    """Returns whether `text` has courtesy around something that is told and not asked."""
    besides = said(text)
    return besides != straighten(text).rstrip(_AT_THE_END) and not asks(fold(besides))


def asks(folded: str) -> bool:
    """Returns whether `folded` text asks for something, by a question mark or its words, in any language."""
    return "?" in folded or any(module.ASKS.search(folded) for module in LANGUAGES.values())


def encoded(text: str) -> str:
    """Returns what of `text` is encoded: what it says in small letters, without emoji and with one mark for several.

    To the encoders a word in capitals is another word, and an emoji, or the third question mark, changes the meaning.
    """
    words = said(text)
    words = _PICTURES.sub(" ", words).strip() or words
    words = _MARKS.sub(lambda marks: "?" if "?" in marks.group() else "!", _small(words))
    return " ".join(words.split())[:_LONGEST]


def _small(text: str) -> str:
    """Returns `text` in small letters; I is Turkish beside letters that only Turkish has, as who has none types i."""
    return text.replace("İ", "i").replace("I", "ı" if _TURKISH & set(text) else "i").lower()
