"""Step 4: the parts of a message that may hold more than one question."""
from __future__ import annotations

import re
from itertools import combinations, pairwise
from types import ModuleType
from typing import Any, Dict, Iterator, List, Text, Tuple

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.tokenizers.tokenizer import Token
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu import wording
from bot.nlu.component import UntrainedComponent
from bot.nlu.languages import LANGUAGES, fold, straighten
from bot.nlu.properties import ASKS, CLAUSES, FOLDED, HALF_OF, LANGUAGE, SPAN

_PUNCTUATION = frozenset(".?!;,:…+&")
_SENTENCE_END = frozenset(".?!;…")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class ClauseSplitter(UntrainedComponent):
    """Sets the message property `clauses`: what may be a question of its own, as messages of their own.

    These are every run of neighbouring pieces, which end at sentence ends, commas, "and" and the like; and, as many
    people write neither, both halves of each piece, cut between any two of its words. The component only proposes; the
    best way to cut a message into questions is decided by the intents the clauses get.
    """

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Returns the defaults.

        `min_words` of a piece inside a sentence, and at most `max_pieces` of a message; a piece of more than
        `max_halved` words is not cut in halves.
        """
        return {"min_words": 2, "max_pieces": 5, "max_halved": 16}

    def __init__(self, config: Dict[Text, Any]) -> None:
        for key in ("min_words", "max_pieces", "max_halved"):
            if not isinstance(config[key], int) or config[key] < 1:
                raise InvalidConfigException(f"ClauseSplitter: {key}={config[key]!r} must be a whole number from 1")
        super().__init__(config)
        self._min_words, self._max_pieces, self._max_halved = (
            config[key] for key in ("min_words", "max_pieces", "max_halved")
        )

    def process(self, messages: List[Message]) -> List[Message]:
        """Sets `clauses` on each message that may be cut; each knows its `span`, whether it `asks` and is a half."""
        for message in messages:
            clauses = list(self._clauses(message))
            if clauses:
                message.set(CLAUSES, clauses)
        return messages

    def _clauses(self, message: Message) -> Iterator[Message]:
        language, text = LANGUAGES.get(message.get(LANGUAGE), LANGUAGES["en"]), straighten(message.get(TEXT) or "")
        begin, end = wording.span(text)
        tokens: List[Token] = [t for t in message.get(TOKENS_NAMES[TEXT]) or () if begin <= t.start and t.end <= end]
        edges = self._edges(tokens, language)
        runs = [(span, None) for span in combinations(edges, 2) if span != (0, len(tokens))]
        halves = [(half, piece) for piece in pairwise(edges) for half in self._halves(tokens, piece)]
        for span, piece in runs + halves:
            clause = text[tokens[span[0]].start : tokens[span[1] - 1].end]
            folded = fold(wording.said(clause))
            # A question mark is the whole piece's: "is 90 too old for | vertebroplasty?" asks nothing after the cut.
            asks = bool(language.ASKS.search(folded)) or (piece is None and folded.endswith("?"))
            known = {LANGUAGE: message.get(LANGUAGE), ENTITIES: [], FOLDED: folded}
            yield Message({TEXT: clause, **known, SPAN: span, ASKS: asks, HALF_OF: piece})

    def _edges(self, tokens: List[Token], language: ModuleType) -> List[int]:
        """Returns the tokens at which pieces begin, and the end; together the pieces are the whole text.

        Of too many cuts those at sentence ends stay, and of these the last: people tell their story first and ask then.
        """
        cuts = self._cuts([fold(token.text) for token in tokens], language)
        if len(cuts) >= self._max_pieces:
            kept = sorted(cuts, key=lambda cut: (cut[1], cut[0]))[1 - self._max_pieces :]
            cuts = [cut for cut in cuts if cut in kept]
        return [0, *(here for here, _ in cuts), len(tokens)]

    def _halves(self, tokens: List[Token], piece: Tuple[int, int]) -> Iterator[Tuple[int, int]]:
        """Yields both halves of a piece for each place between two of its words; of two words none is a question."""
        words = [here for here in range(*piece) if _is_word(tokens[here].text)]
        if 2 < len(words) <= self._max_halved:
            for here in words[1:]:
                yield piece[0], here
                yield here, piece[1]

    def _cuts(self, words: List[str], language: ModuleType) -> List[Tuple[int, bool]]:
        """Returns the tokens at which a piece may begin, and whether a sentence ends before each.

        A word before a hyphen opens nothing: French "puis" does, "puis-je" does not. A fragment too short to be a
        question stays with its neighbour; after a sentence end or a comma one word is enough ("price, how long, ..."),
        before an "and" two, if they ask something.
        """
        cuts: List[Tuple[int, bool]] = []
        for here in range(1, len(words)):
            before, word, after = words[here - 1], words[here], words[here + 1] if here + 1 < len(words) else ""
            opens = f"{word} {after}" in language.SPLIT_BEFORE or (word in language.SPLIT_BEFORE and after[:1] != "-")
            ended = bool(language.SPLIT_AFTER.fullmatch(before)) or before[0] in _PUNCTUATION
            if word[0] in _PUNCTUATION or not (ended or opens):
                continue
            sentence = before[0] in _SENTENCE_END
            piece = words[cuts[-1][0] if cuts else 0 : here]
            joined = word in language.AND and bool(language.ASKS.search(" ".join(piece)))
            enough = 1 if sentence or before == "," else self._min_words + (not ended and not joined)
            if self._length(piece) >= enough:
                cuts.append((here, sentence))
        while cuts and self._length(words[cuts[-1][0] :]) < (1 if cuts[-1][1] else self._min_words):
            cuts.pop()
        return cuts

    @staticmethod
    def _length(words: List[str]) -> int:
        return sum(_is_word(word) for word in words)


def _is_word(token: str) -> bool:
    return bool(re.search(r"\w", token))
