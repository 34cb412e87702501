"""Test questions must be new to the model: what counts as a copy, or nearly one, of another sentence."""
from __future__ import annotations

import re
from typing import FrozenSet, Iterable, List, Optional, Tuple

from bot.nlu.languages import fold

_ALIKE = 0.8  # share of common four-letter pieces (Jaccard) from which two sentences are nearly the same
_SHORT = 3  # words, "yes please", "merci beaucoup": all that can be said, so nobody has copied it


def normal(text: str) -> str:
    """Returns `text` without what changes no meaning: capitals, accents, punctuation, double spaces."""
    return " ".join(re.findall(r"\w+", fold(text)))


class Copies:
    """Finds which of `sentences` another one copies, or nearly does."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self._known: List[Tuple[str, FrozenSet[str]]] = [(text, _pieces(text)) for text in map(normal, sentences)]
        self._whole = {text for text, _ in self._known}

    def has(self, text: str) -> bool:
        """Returns whether `text` is one of the sentences, however short."""
        return normal(text) in self._whole

    def of(self, text: str) -> Optional[str]:
        """Returns a sentence that `text` copies or nearly copies, normalised; None if there is none, or it is short."""
        text = normal(text)
        if len(text.split()) <= _SHORT:
            return None
        if text in self._whole:
            return text
        mine = _pieces(text)
        return next((known for known, theirs in self._known if _alike(mine, theirs)), None)


def _pieces(text: str) -> FrozenSet[str]:
    padded = f" {text} "
    return frozenset(padded[i : i + 4] for i in range(len(padded) - 3))


def _alike(mine: FrozenSet[str], theirs: FrozenSet[str]) -> bool:
    if min(len(mine), len(theirs)) <= _ALIKE * max(len(mine), len(theirs)):
        return False
    common = len(mine & theirs)
    return common > _ALIKE * (len(mine) + len(theirs) - common)
