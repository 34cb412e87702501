"""Words of patients as staff see them first, and as they are kept for search: without what tells who somebody is.

Found are e-mail addresses, telephone and bank account numbers, the national numbers of Belgium, France and Turkey,
references of requests, dates, names that are announced ("my name is …") or stand by a title ("Mrs …"), and whatever the
same conversation gave as a name or contact. A name that nothing announces stays.
"""
from __future__ import annotations

import re
from typing import Iterable, Iterator, List, Tuple

import phonenumbers

from bot.nlu.languages import fold
from bot.scheduling import names
from bot.scheduling.contacts import regions

_Span = Tuple[int, int, str]
_PATTERNS = [
    ("email", r"[^\s,;<>()\"]+\s?@\s?[^\s,;<>()\"]+\.\w{2,}"),
    ("link", r"https?://\S+"),
    ("account", r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b"),
    ("reference", r"\b(?=[2-9A-HJ-NP-Z-]*\d)[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}\b"),
    ("number", r"\b\d{2}\.?\d{2}\.?\d{2}[- ]?\d{3}[.-]?\d{2}\b"),  # Belgium's; also any 11 digits, as Turkey's
    ("number", r"\b[12] ?\d{2} ?\d{2} ?\d{2} ?\d{3} ?\d{3}(?: ?\d{2})?\b"),  # France's social security
    ("date", r"\b\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d\d\b|\b(?:19|20)\d\d-\d\d-\d\d\b"),
    ("phone", r"(?<![\w.,])\+?\(?\d(?:[ ./()-]{0,2}\d){7,14}(?!\w)"),
]
# A title before a name, or the words that announce somebody's; the name follows, in capitals.
_NAME = r"[^\W\d_a-zà-öø-ÿçğışöü][\w'’-]+"
_TITLED = re.compile(
    rf"\b(?:[Mm]rs?|[Mm]s|[Mm]iss|[Dd]r|[Pp]rof|[Mm]me|[Mm]lle|[Mm]adame|[Mm]onsieur|[Dd]octeur|[Dd]oktor|[Ss]ayın|[Nn]urse|M)\.?"
    rf"\s+({_NAME}(?:\s+{_NAME}){{0,3}})"
)
_CALLED = re.compile(
    r"\b(?i:is called|are called|name is|named|s'appelle|nommée?|son nom est|adı|ismi)\s+"
    rf"({_NAME}(?:\s+{_NAME}){{0,3}})"
)
_SAYS_NAME = re.compile(r"\b(?:name|nom|appelle|prenom|adim|ismim|soyadim)\b")
_TURKISH_TITLED = re.compile(rf"({_NAME}(?:\s+{_NAME}){{0,2}})\s+(?:[Hh]anım|[Bb]ey|HANIM|BEY)\b")


def redact(text: str, known: Iterable[str] = (), language: str = "en") -> str:
    """Returns `text` with ⟨phone⟩, ⟨name⟩ and so on in place of what tells who somebody is.

    `known` are names and contacts that the conversation gave elsewhere; they are found in any case and without accents.
    """
    kept, position = [], 0
    for start, end, kind in _without_overlaps([*_spans(text, language), *_known(text, known)]):
        kept += [text[position:start], f"⟨{kind}⟩"]
        position = end
    return "".join([*kept, text[position:]])


def _spans(text: str, language: str) -> Iterator[_Span]:
    for kind, pattern in _PATTERNS:
        for match in re.finditer(pattern, text):
            yield (*match.span(), kind)
    if sum(character.isdigit() for character in text) >= 6:
        for region in regions():
            for number in phonenumbers.PhoneNumberMatcher(text, region):
                yield number.start, number.end, "phone"
    for before_or_after in (_TITLED, _TURKISH_TITLED, _CALLED):
        for match in before_or_after.finditer(text):
            yield (*match.span(1), "name")
    announced = names.announced(text, language) or ""
    for start, end, _ in _known(text, [announced]):  # "I am diabetic" announces no name, "I am Diabate" does
        if text[start].isupper() or _SAYS_NAME.search(fold(text)):
            yield start, end, "name"


def _known(text: str, known: Iterable[str]) -> Iterator[_Span]:
    """Yields where `known` names and contacts stand, each whole and each word of a name by itself."""
    folded = fold(text)
    if len(folded) != len(text):  # spaces were joined or a letter became two: look for them as they were written
        folded = text.lower()
    for value in filter(None, known):
        kind = "email" if "@" in value else "phone" if any(c.isdigit() for c in value) else "name"
        words = [value] if kind != "name" else [value, *(word for word in value.split() if len(word) > 2)]
        for word in words:
            for match in re.finditer(rf"(?<!\w){re.escape(fold(word))}(?!\w)", folded):
                yield (*match.span(), kind)


def _without_overlaps(spans: List[_Span]) -> List[_Span]:
    """Returns the spans in order; of those that overlap, the first and longest, stretched over the rest."""
    kept: List[_Span] = []
    for start, end, kind in sorted(spans, key=lambda span: (span[0], -span[1])):
        if kept and start < kept[-1][1]:
            kept[-1] = (kept[-1][0], max(end, kept[-1][1]), kept[-1][2])
        else:
            kept.append((start, end, kind))
    return kept
