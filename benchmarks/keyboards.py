"""The same questions, typed otherwise: `python -m benchmarks.keyboards [EVERY]`.

What a question means does not depend on the keyboard, on capitals or on good manners. Prints, for every EVERYth question
of `development` (3) and each way to type, what is answered right: to topics, to emergencies, to both of two questions;
and how much is refused or alarms for nothing. English / French / Turkish, in percent.
"""
from __future__ import annotations

import logging
import random
import re
import sys
from typing import Callable, Dict

from bot.evaluation.measures import measure
from bot.evaluation.questions import load
from bot.nlu.languages import LANGUAGES, fold
from bot.settings import ROOT
from bot.understanding import Understanding

Typed = Callable[[str, str], str]  # of the text and the code of its language

_MANNERS = {
    "en": ("Good morning doctor, sorry to bother you. ", " Thank you so much, kind regards"),
    "fr": ("Bonjour docteur, excusez-moi de vous déranger. ", " Merci beaucoup, bien à vous"),
    "tr": ("İyi günler hocam, rahatsız ediyorum. ", " Çok teşekkür ederim, saygılar"),
}
_FIGURES = ("faq_top1", "emergency_recall", "false_alarms", "out_of_scope_recall", "refused", "compound", "language")


def _slip(text: str, _: str) -> str:
    """One letter of one long word is left out, doubled, or changes places with the next, always the same in a text."""
    chance = random.Random(text)
    words = [match for match in re.finditer(r"\w{5,}", text)]
    if not words:
        return text
    word = chance.choice(words)
    here = chance.randrange(word.start() + 1, word.end() - 1)
    swapped = text[here + 1] + text[here]
    return text[:here] + chance.choice((text[here + 1], text[here] * 2 + text[here + 1], swapped)) + text[here + 2 :]


TYPED: Dict[str, Typed] = {
    "as it was": lambda text, _: text,
    "IN CAPITALS": lambda text, code: LANGUAGES[code].upper(text),
    "IN CAPITALS, NO DIACRITICS": lambda text, _: fold(text).upper(),
    "Each Word With A Capital": lambda text, _: re.sub(r"(?<![\w'’])\w", lambda letter: letter.group().upper(), text),
    "small letters, no diacritics": lambda text, _: fold(text),
    "dictated: no punctuation": lambda text, _: " ".join(re.sub(r"[^\w\s'’-]", " ", text).split()),
    "one slip of the finger": _slip,
    "two slips": lambda text, code: _slip(_slip(text, code), code),
    "a full stop at the end.": lambda text, _: text.rstrip(" .?!") + ".",
    "???!!! at the end": lambda text, _: text.rstrip(" .?!") + " ???!!!",
    "dots for all punctuation...": lambda text, _: re.sub(r"\s*[.,;:?!]+", "...", text),
    "with emoji": lambda text, _: f"{text} 🙏😢",
    "a line for each sentence": lambda text, _: re.sub(r"(?<=[.?!,]) ", "\n", text),
    "a greeting before": lambda text, code: _MANNERS[code][0] + text,
    "thanks after": lambda text, code: text + ("" if text[-1] in ".?!" else ".") + _MANNERS[code][1],
}


def main(every: int) -> None:
    """Prints a line for each way to type."""
    logging.disable(logging.WARNING)  # a line for each red flag
    understanding = Understanding.load()
    asked = {code: questions[::every] for code, questions in load(ROOT / "tests" / "nlu" / "development").items()}
    print(f"| typed | {' | '.join(name.replace('_', ' ') for name in _FIGURES)} |\n|{' --- |' * (len(_FIGURES) + 1)}")
    for name, typed in TYPED.items():
        figures = {
            code: measure(questions, list(understanding.parse(typed(question.text, code) for question in questions)))
            for code, questions in asked.items()
        }
        cells = (" / ".join(f"{100 * (figures[code][key] or 0):.1f}" for code in figures) for key in _FIGURES)
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
