"""Sentences of patients as they may enter a file: without what tells who somebody is, on one line, without markup."""
from __future__ import annotations

import re
import unicodedata
from typing import Dict, List, Sequence

from bot.redaction import HIDDEN, redact

LONGEST = 300  # characters: who writes more asks several things, and teaches none of them well
_MARKUP = str.maketrans({"[": "(", "]": ")", "{": "(", "}": ")", "⟨": "(", "⟩": ")", "`": "'"})
# What stands in for what was hidden, so that the sentence still reads like one. Nobody has these names and numbers.
_STAND_INS: Dict[str, Dict[str, str]] = {
    "en": {
        "name": "Mary Example",
        "date": "the first of May",
        "email": "my e-mail address",
        "phone": "my phone number",
        "address": "my address",
        "link": "this page",
        "account": "my account number",
        "reference": "my reference",
        "number": "my patient number",
    },
    "fr": {
        "name": "Marie Exemple",
        "date": "le premier mai",
        "email": "mon adresse mail",
        "phone": "mon numéro",
        "address": "mon adresse",
        "link": "cette page",
        "account": "mon compte",
        "reference": "ma référence",
        "number": "mon numéro de patient",
    },
    "tr": {
        "name": "Ayşe Örnek",
        "date": "bir Mayıs",
        "email": "e-posta adresim",
        "phone": "telefon numaram",
        "address": "adresim",
        "link": "bu sayfa",
        "account": "hesap numaram",
        "reference": "referansım",
        "number": "hasta numaram",
    },
}


def stand_ins(language: str) -> List[str]:
    """Returns the words that stand in for hidden ones in `language`."""
    return [*_of(language).values()]


def natural(redacted: str, language: str) -> str:
    """Returns `redacted` (see bot/redaction.py) as a sentence, with stand-ins where something is hidden."""
    return tidy(HIDDEN.sub(lambda found: _of(language).get(found.group(1), _of(language)["reference"]), redacted))


def tidy(text: str) -> str:
    """Returns `text` on one line, without control characters and without what Rasa would read as markup."""
    text = " ".join(unicodedata.normalize("NFC", text).translate(_MARKUP).split())
    text = "".join(character for character in text if unicodedata.category(character) not in ("Cc", "Cs", "Co", "Cn"))
    return re.sub(r"^[\s/\-]+", "", text).strip()


def personal(text: str, language: str, known: Sequence[str] = ()) -> List[str]:
    """Returns which kinds of personal data `text` still has ("name", "phone" …), besides the stand-ins.

    `known`: names and contacts that the conversation gave elsewhere.
    """
    for words in sorted(stand_ins(language), key=len, reverse=True):
        text = text.replace(words, "…")
    return list(dict.fromkeys(HIDDEN.findall(redact(text, known, language))))


def _of(language: str) -> Dict[str, str]:
    return _STAND_INS.get(language, _STAND_INS["en"])
