"""Test questions must be new to the model: what counts as a copy, or nearly one, of another sentence."""
from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import Dict, Iterable, List, Optional, Set

from bot.nlu.languages import fold

_ALIKE = 0.8  # share of common four-letter pieces (Jaccard) from which two sentences are nearly the same
_SHORT = 3  # words, "yes please", "merci beaucoup": all that can be said, so nobody has copied it


def normal(text: str) -> str:
    """Returns `text` without what changes no meaning: capitals, accents, punctuation, double spaces."""
    return " ".join(re.findall(r"\w+", fold(text)))


class Copies:
    """Finds which of `sentences` another one copies, or nearly does."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self._known = sorted(set(map(normal, sentences)))
        self._sizes: List[int] = []
        self._with: Dict[str, List[int]] = defaultdict(list)  # from a piece to the numbers of the sentences that have it
        for number, text in enumerate(self._known):
            pieces = _pieces(text)
            self._sizes.append(len(pieces))
            for piece in pieces:
                self._with[piece].append(number)
        self._whole = frozenset(self._known)

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
        pieces = _pieces(text)
        common = Counter(number for piece in pieces for number in self._with.get(piece, ()))
        for number, both in common.items():
            if both > _ALIKE * (len(pieces) + self._sizes[number] - both):
                return self._known[number]
        return None


def _pieces(text: str) -> Set[str]:
    padded = f" {text} "
    return {padded[i : i + 4] for i in range(len(padded) - 3)}
