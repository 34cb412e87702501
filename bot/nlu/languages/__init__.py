"""The facts about each language, one module a language, all with the same names.

A module `xx.py` holds:

* ``CODE``: ISO 639-1 code, also the folder name under data/nlu/.
* ``NAME``: the language's own name.
* ``NAMES``: how speakers of all served languages call it, folded (see :func:`fold`).
* ``AND``: folded words that join two questions, the first of which may be short.
* ``SPLIT_BEFORE``: folded phrases of one or two tokens that may open a second question in one message.
* ``SPLIT_AFTER``: a pattern of folded words that may end a question where nobody typed a question mark.
* ``ASKS``: a pattern found in folded text that asks for something, question mark or not.
* ``WITHOUT_SUBJECT``: a pattern of the folded words that, beside spaCy's stop words, may stand in a question that does not
  say what it is about ("is it dangerous").
* ``OPENING``, ``CLOSING``: patterns of folded courtesy before and after what is said: a greeting, an apology, thanks.
* ``lower(text)``, ``upper(text)``: lower and upper case by the language's rules.

A fourth language is a fourth module, its name in ``clinic.yml``, its folders of data and its column in the answers.
"""
from __future__ import annotations

import re
import unicodedata
from types import ModuleType
from typing import Dict

from bot.nlu.languages import en, fr, tr

LANGUAGES: Dict[str, ModuleType] = {module.CODE: module for module in (en, fr, tr)}

_APOSTROPHES = re.compile("[\u2018\u2019\u02bc\u00b4\u0060\u2032\uff07]")
_NO_DECOMPOSITION = str.maketrans({"ı": "i", "ø": "o", "ł": "l", "œ": "oe", "æ": "ae", "ß": "ss", "đ": "d"})


def straighten(text: str) -> str:
    """Returns `text` with composed characters and one kind of apostrophe and space."""
    text = unicodedata.normalize("NFKC", text)
    return re.sub(r"\s+", " ", _APOSTROPHES.sub("'", text)).strip()


def fold(text: str) -> str:
    """Returns `text` in lower case without diacritics: what people type on any keyboard.

    The same for every language: I, İ, ı and i all become i, so it needs no language to be known and also matches
    text typed in capitals or without accents.
    """
    lowered = straighten(text).replace("İ", "i").lower().translate(_NO_DECOMPOSITION)
    decomposed = unicodedata.normalize("NFD", lowered)
    return "".join(character for character in decomposed if not unicodedata.combining(character))
