"""Names of people, with every letter of Europe, told from what else somebody may write when asked for a name."""

from __future__ import annotations

import re
from typing import Callable, Optional

from bot.nlu.languages import LANGUAGES, fold, straighten
from bot.scheduling.words import WORDS, likely_first

_WORD = re.compile(r"[^\W\d_]+(?:['.-]+[^\W\d_]+)*\.?")
_LONGEST, _LETTERS = 6, 80  # words and characters of a name
_OTHER_WORDS = frozenset(word for words in WORDS.values() for word in words.NOT_A_NAME.split())


def announced(text: str, language: str) -> Optional[str]:
    """Returns the name that `text` announces ("my name is …"), up to the next comma or "and"; None if there is none."""
    text = straighten(text)
    for words in likely_first(language):
        # It ends with a word, "ben", which "Bengü" only begins with, or with a colon.
        for match in re.finditer(rf"\b{words.MY_NAME}(?:(?!\w)|(?<!\w))\s*(?=\S)", _folded(text)):
            rest = text[match.end() : match.end() + 2 * _LETTERS]
            found = bare(re.split(r"[,;.!?\n]| (?:and|et|ve|from|de la part) ", rest)[0], language)
            if found and len(found.split()) > (match.start() > 0):
                return found
    return None


def bare(text: str, language: str = "en") -> Optional[str]:
    """Returns `text` as a name if it can be nothing but one: up to six words of letters, none of them an everyday word.

    What was typed without capitals gets them by the rules of the `language`. What was typed in capitals gets small letters,
    but where these depend on the language: "YILMAZ" may be Yılmaz or Yilmaz, and stays.
    """
    text = straighten(text).strip(" .,!;:-\"'()")
    words = text.split()
    if not words or len(words) > _LONGEST or len(text) > _LETTERS or not all(_WORD.fullmatch(word) for word in words):
        return None
    if any(fold(word).strip(".") in _OTHER_WORDS for word in words) or len(text) < 2:
        return None
    if any(re.search(module.CHANGE, fold(text)) for module in WORDS.values()):  # "my name is wrong"
        return None
    casing = LANGUAGES.get(language, LANGUAGES["en"])
    if not any(letter.isupper() for letter in text) or (text.isupper() and casing.lower(text) == text.lower()):
        return " ".join(_capital(word, casing.upper) for word in words)
    return text


def _folded(text: str) -> str:
    """Returns `text` folded, if that keeps its length; positions then hold for both."""
    folded = fold(text)
    return folded if len(folded) == len(text) else text.lower()


def _capital(word: str, upper: Callable[[str], str]) -> str:
    return re.sub(r"(^|[-'])(\w)", lambda m: m.group(1) + upper(m.group(2)), word.lower())
