"""The red-flag catalogue: which words of a patient mean "call the emergency number now".

Two kinds of file under data/red_flags/:

* ``concepts.yml``: a concept (``legs``, ``cannot_move``) and how people say it, per language. A term is a sequence of
  words in folded text (lower case, no diacritics). ``leg*`` is any word that starts so, ``*arsa`` any that ends so,
  ``..`` up to three words of any kind, ``a|b`` either word.
* ``rules.yml``: a rule names the concepts that must stand close together, in any order, and what calms it down.

One concept is special: ``negated`` ("no fever") takes away whatever it covers.

Concepts of *every* language are looked for in every message: a patient abroad mixes languages, and a message too short
to tell its language may still be an emergency.
"""
from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import AbstractSet, Any, Collection, Dict, Iterator, List, Mapping, Optional, Sequence, Set, Tuple

import yaml

from bot import yaml_files
from bot.errors import CatalogueError
from bot.nlu.languages import fold

_WORD = re.compile(r"[a-z0-9]+|%|[.!?;:\n]+")
_DECIMAL = re.compile(r"(?<=\d)[.,](?=\d)")
_ENDS = frozenset(".!?;:\n")
_GENERAL = "general"
_LONG_AGO, _NOW = "long_ago", "now"  # "operated two years ago, and now ..." is no old story
_UNDONE = ("figurative", _LONG_AGO, "hypothetical")  # by "now": "could it reach the lungs, he is gasping now"
_NEGATED = "negated"  # the concept that takes the findings inside it away
_GAP, _LONGEST_GAP = "..", 3
_NEAR = (8, 6)  # words before and after a match in which a calming cue counts
# A "not" says something of its neighbours only, "I read that" and "thirty years ago" of a whole sentence; the "kg" of
# "40 kg" of the number right before it.
_REACH = {"denied": (3, 2), "elsewhere": (20, 20), _LONG_AGO: (20, 20), "measured": (0, 1)}

Span = Tuple[int, int]


@dataclass(frozen=True)
class Rule:
    """One red flag.

    Attributes:
        id: written to the log when the rule matches, `group.what`; the group decides which answer the patient gets.
        meaning: what it stands for, for the clinician who reviews the rules.
        all_of: concepts that must all be found within `within` words; each may list alternatives with `|`.
        within: width of the window, words.
        unless: concepts that calm the rule when they stand close before or after the match.
        examples: per language, `alarm` and `calm` sentences that must and must not match.
    """

    id: str
    meaning: str
    all_of: Tuple[Tuple[str, ...], ...]
    within: int
    unless: Tuple[str, ...]
    examples: Mapping[str, Mapping[str, Sequence[str]]]

    @property
    def response(self) -> str:
        """The name of the emergency answer; see :func:`response`."""
        return response(self.id)


def response(rule_id: Optional[str]) -> str:
    """Returns the emergency answer for a rule, or the general one where only the classifier saw an emergency."""
    group = (rule_id or _GENERAL).split(".")[0]
    return "utter_emergency" if group == _GENERAL else f"utter_emergency_{group}"


class RedFlags:
    """The compiled catalogue; :meth:`match` is its only question."""

    def __init__(self, rules: Sequence[Rule], concepts: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
        self.rules = tuple(rules)
        self._terms, self._by_language = _Terms(), defaultdict(_Terms)  # type: _Terms, Dict[str, _Terms]
        for name, by_language in concepts.items():
            if not any(by_language.values()):
                raise CatalogueError(f"red flags: concept '{name}' has no terms; add some in concepts.yml")
            for code, terms in by_language.items():
                for term in terms:
                    self._terms.add(name, term)
                    self._by_language[code].add(name, term)
        for rule in self.rules:
            for concept in {c for options in rule.all_of for c in options} | set(rule.unless):
                if concept not in concepts:
                    raise CatalogueError(f"red flags: rule '{rule.id}' names the unknown concept '{concept}'")

    @classmethod
    def load(cls, folder: Path) -> RedFlags:
        """Returns the catalogue in `folder`.

        Raises:
            CatalogueError: a file is missing or malformed; the text names the rule.
        """
        try:
            concepts = yaml_files.read(folder / "concepts.yml")
            entries = yaml_files.read(folder / "rules.yml")
        except (OSError, yaml.YAMLError) as error:
            raise CatalogueError(f"red flags: cannot read {folder}: {error}") from error
        return cls([_rule(entry) for entry in entries], concepts)

    def match(self, text: str) -> Optional[Rule]:
        """Returns the first rule, in catalogue order, that `text` fulfils, or None. Never raises."""
        words = _words(text)
        if not words:
            return None
        found = self._terms.find(words)
        absent = found.pop(_NEGATED, ())
        for name, spans in found.items():
            if name != _LONG_AGO:
                found[name] = {span for span in spans if not any(_takes_away(negation, span) for negation in absent)}
        return next((rule for rule in self.rules if _fulfils(rule, words, found)), None)

    def language(self, text: str) -> Optional[str]:
        """Returns the language whose terms cover more words of `text` than any other's; None if there is no such."""
        words = _words(text)
        covered = {code: terms.cover(words) for code, terms in self._by_language.items()}
        most = max(covered.values(), default=0)
        best = [code for code, count in covered.items() if count == most]
        return best[0] if most and len(best) == 1 else None


class _Terms:
    """The terms of all concepts, found by their first word: what a message does not begin to say costs nothing."""

    def __init__(self) -> None:
        # From what a word is, starts with or ends in to the elements of terms ("leg|foot*") that it fits.
        self._whole: Dict[str, Set[str]] = defaultdict(set)
        self._starts: Dict[str, Set[str]] = defaultdict(set)
        self._ends: Dict[str, Set[str]] = defaultdict(set)
        self._longest = 0
        self._by_first: Dict[str, List[Tuple[str, Sequence[str]]]] = defaultdict(list)

    def add(self, concept: str, term: str) -> None:
        """Adds one term of `concept`.

        Raises:
            CatalogueError: the term is not folded, or has no word at its beginning or end.
        """
        if fold(term) != term:
            raise CatalogueError(f"red flags: term '{term}' of '{concept}' must be lower case without diacritics")
        elements = term.split()
        if not elements or _GAP in (elements[0], elements[-1]):
            raise CatalogueError(f"red flags: term '{term}' of '{concept}' must begin and end with a word")
        self._by_first[elements[0]].append((concept, elements[1:]))
        for element in elements:
            for option in element.split("|"):
                part = option.strip("*")
                table = self._whole if part == option else self._starts if option.endswith("*") else self._ends
                table[part].add(element)
                self._longest = max(self._longest, len(part))

    def find(self, words: Sequence[str]) -> Dict[str, Set[Span]]:
        """Returns where each concept stands in `words`, by name; concepts that do not occur are left out."""
        fits = [self._elements(word) for word in words]
        found: Dict[str, Set[Span]] = defaultdict(set)
        for start, elements in enumerate(fits):
            for element in elements:
                for concept, rest in self._by_first.get(element, ()):
                    found[concept].update((start, end) for end in _ends(rest, words, fits, start + 1))
        return {concept: spans for concept, spans in found.items() if spans}

    def cover(self, words: Sequence[str]) -> int:
        """Returns how many of `words` belong to a term of any concept."""
        return len({at for spans in self.find(words).values() for start, end in spans for at in range(start, end)})

    def _elements(self, word: str) -> AbstractSet[str]:
        elements = set(self._whole.get(word, ()))
        for length in range(1, min(len(word), self._longest) + 1):
            elements.update(self._starts.get(word[:length], ()), self._ends.get(word[-length:], ()))
        return elements


def _words(text: str) -> List[str]:
    return _WORD.findall(_DECIMAL.sub(" ", fold(text.replace("\n", " . "))))


def _ends(rest: Sequence[str], words: Sequence[str], fits: Sequence[AbstractSet[str]], at: int) -> Iterator[int]:
    """Yields every position where the elements `rest` of a term can end when they begin at `at`."""
    if not rest:
        yield at
    elif rest[0] == _GAP:
        yield from _ends(rest[1:], words, fits, at)
        for after in range(at + 1, min(at + _LONGEST_GAP, len(words)) + 1):
            if words[after - 1][0] in _ENDS:
                break
            yield from _ends(rest[1:], words, fits, after)
    elif at < len(words) and rest[0] in fits[at]:
        yield from _ends(rest[1:], words, fits, at + 1)


def _rule(entry: Mapping[str, Any]) -> Rule:
    try:
        return Rule(
            id=entry["id"],
            meaning=entry["meaning"],
            all_of=tuple(tuple(options.split("|")) for options in entry["all"]),
            within=int(entry.get("within", 0)),
            unless=tuple(entry.get("unless", ())),
            examples=entry["examples"],
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise CatalogueError(f"red flags: rule {entry!r:.80} lacks or garbles {error}") from error


def _takes_away(negation: Span, finding: Span) -> bool:
    """True if the finding lies inside the negation, or ends with it ("j'ai | pas de fièvre")."""
    return negation[1] == finding[1] or (negation[0] <= finding[0] and finding[1] <= negation[1])


def _fulfils(rule: Rule, words: Sequence[str], found: Mapping[str, Collection[Span]]) -> bool:
    choices = [{span for option in options for span in found.get(option, ())} for options in rule.all_of]
    for spans in _close_together(choices, rule.within):
        start, end = min(s for s, _ in spans), max(e for _, e in spans)
        inside = sum(e - s for s, e in spans)
        if end - start - inside > rule.within or any(word[0] in _ENDS for word in words[start:end]):
            continue
        if not _calmed(rule, words, found, spans):
            return True
    return False


def _close_together(choices: Sequence[Collection[Span]], within: int) -> Iterator[Tuple[Span, ...]]:
    """Yields one span per concept, leaving out those hopelessly far from the first: a long message stays quick to read."""
    if all(choices):
        width = within + sum(max(end - start for start, end in spans) for spans in choices)
        for first in choices[0]:
            yield from product([first], *([s for s in spans if abs(s[0] - first[0]) <= width] for spans in choices[1:]))


def _calmed(rule: Rule, words: Sequence[str], found: Mapping[str, Collection[Span]], spans: Sequence[Span]) -> bool:
    """True if a calming cue stands near the match, in its sentence, and is no part of what matched ("cannot")."""
    match = min(s for s, _ in spans), max(e for _, e in spans)
    for name in rule.unless:
        if name in _UNDONE and _in_sentence(words, match, found.get(_NOW, ())):
            continue
        left, right = _around(words, match, *_REACH.get(name, _NEAR))
        for start, end in found.get(name, ()):
            if left <= start and end <= right and not any(s <= start and end <= e for s, e in spans):
                return True
    return False


def _in_sentence(words: Sequence[str], match: Span, spans: Collection[Span]) -> bool:
    left, right = _around(words, match, len(words), len(words))
    return any(left <= start and end <= right for start, end in spans)


def _around(words: Sequence[str], match: Span, before: int, after: int) -> Span:
    """Returns `match` widened by that many words, within its sentence."""
    left, right = match
    while left > 0 and match[0] - left < before and words[left - 1][0] not in _ENDS:
        left -= 1
    while right < len(words) and right - match[1] < after and words[right][0] not in _ENDS:
        right += 1
    return left, right
