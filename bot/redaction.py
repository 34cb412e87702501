"""Words of patients as staff see them first, and as they are kept for search: without what tells who somebody is.

Found are e-mail addresses, telephone and bank account numbers, the national numbers of Belgium, Britain, France and Turkey,
references of requests, full dates, streets with a number, names that are announced ("my name is …", "my son …"), stand by a
title ("Mrs …") or are on the lists of bot/first_names.py, and whatever the same conversation gave as a name or contact.
A rare name that nothing announces stays. tests/unit/test_redaction.py measures how much is found.

Anybody may write anything, and `re` lets nobody else work meanwhile: every repetition in a pattern has an upper bound.
"""
from __future__ import annotations

import re
from functools import lru_cache
from typing import Iterable, Iterator, List, Tuple

import phonenumbers
from babel.dates import get_month_names

from bot import first_names
from bot.nlu.languages import LANGUAGES, fold
from bot.scheduling import names
from bot.scheduling.contacts import regions
from bot.settings import settings

HIDDEN = re.compile(r"⟨(\w+)⟩")  # what stands where something was hidden, and its kind
_Span = Tuple[int, int, str]
_TRIES = 50  # stretches of digits that are no telephone number, after which no more are looked at for a country
_GAP = r"\s{1,9}"
_YEAR = r"(?:19|20)\d\d"
_MONTH = "|".join(sorted({name for code in LANGUAGES for name in get_month_names("wide", locale=code).values()}, key=len))
_CITY = rf"(?:,?{_GAP}(?:\d{{4,5}}{_GAP})?[A-ZÀ-ÖØ-Þ][\w'’-]{{1,40}})?"
_PATTERNS = [
    ("email", r"[^\s,;<>()\"@]{1,64}\s?@\s?[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}\.\w{2,63}"),
    ("link", r"https?://\S{1,2000}"),
    ("account", r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b"),
    ("reference", r"(?i:\b(?=[A-Z-]{0,8}\d)[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}\b)"),  # also as a patient types it
    ("reference", r"\b(?=[A-Z]{0,7}\d)(?=\d{0,7}[A-Z])[2-9A-HJ-NP-Z]{8}\b"),
    ("reference", r"(?i:\b(?=\w{0,6}[A-Z]\d)[2-9A-HJ-NP-Z]{8}\b)"),  # not "8haftada"
    ("number", r"\b\d{2}\.?\d{2}\.?\d{2}[- ]?\d{3}[.-]?\d{2}\b"),  # Belgium's; also any 11 digits, as Turkey's
    ("number", r"\b\d{3}[ -]\d{3}[ -](?:\d{4}|\d{3} ?\d{2})\b"),  # Britain's health service; Turkey's in groups
    ("number", r"\b[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b"),  # Britain's national insurance
    ("number", r"\b(?=(?:[A-Z]{0,4}\d){6})(?=\d{0,9}[A-Z])[A-Z0-9]{8,10}\b"),  # passports
    ("number", r"\b[12] ?\d{2} ?\d{2} ?\d{2} ?\d{3} ?\d{3}(?: ?\d{2})?\b"),  # France's social security
    ("date", rf"\b\d{{1,2}}[./-]\d{{1,2}}[./-]{_YEAR}\b|\b{_YEAR}-\d\d-\d\d\b"),
    ("date", rf"(?i:\b\d{{1,2}}(?:st|nd|rd|th|er)?\.?{_GAP}(?:of{_GAP})?(?:{_MONTH}),?{_GAP}{_YEAR}\b)"),
    ("date", rf"(?i:\b(?:{_MONTH}){_GAP}\d{{1,2}}(?:st|nd|rd|th)?,?{_GAP}{_YEAR}\b)"),
    ("phone", r"(?<![\w.,])\+?\(?\d(?:[ ./()-]{0,2}\d){7,14}(?!\w)"),
    # streets, with the number of the house
    (
        "address",
        r"\b(?:(?i:flat|apartment|apt)\.? ?\w{1,9},? )?\d{1,4} ?[A-Za-z]?,? (?:[A-Z][\w'’.-]{0,40}\s{1,9}){1,4}"
        rf"(?i:street|road|lane|avenue|drive|close|court|place|square|gardens|st|rd|ave)\b{_CITY}",
    ),
    ("address", r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b"),  # a British postcode
    (
        "address",
        r"\b\d{1,4} ?(?:bis|ter|[a-z])?,? (?i:rue|avenue|av\.|boulevard|bd|chaussée|place|quai|impasse|allée|chemin|square)"
        rf" (?:(?:de|du|des|la|le|les|d'|l')\s{{0,9}}){{0,3}}[A-ZÀ-ÖØ-Þ0-9]\w{{0,40}}"
        rf"(?:[ '’-][A-ZÀ-ÖØ-Þ]\w{{0,40}}){{0,5}}{_CITY}",
    ),
    (
        "address",
        r"\b(?i:rue|avenue|boulevard|chaussée|place|quai|impasse|allée|chemin|square) "
        r"(?:(?:de|du|des|la|le|les|d'|l')\s{0,9}){0,3}[A-ZÀ-ÖØ-Þ][\w'’-]{0,40}(?: [\w'’-]{1,40}){0,3}?,? ?\d{1,4}\b"
        rf"(?: ?(?:bte|boîte) ?\d{{1,4}})?{_CITY}",
    ),
    ("address", rf"\b[A-Z]\w{{1,40}}(?:straat|laan|steenweg|plein|dreef|weg) \d{{1,4}}{_CITY}"),
    (
        "address",
        r"(?:[A-ZÇĞİÖŞÜ0-9][\w'’.-]{0,40}\s{1,9}){1,3}"
        r"(?:[Mm]ahallesi|[Mm]ah\.|[Ss]oka[kğ]ı?|[Ss]ok?\.|[Cc]addesi|[Cc]ad\.|[Bb]ulvarı)"
        r"(?:,?\s{1,9}(?:[A-ZÇĞİÖŞÜ][\w'’.-]{0,40}\s{1,9}){0,3}(?:[Ss]oka[kğ]ı?|[Ss]ok?\.|[Cc]addesi|[Cc]ad\.))?"
        r"(?:,?\s{0,9}(?:(?:[Nn]o|[Dd]aire|[Dd]|[Kk]at)\s{0,9}[:.]?\s{0,9})?\d[\d/]{0,9}){0,5}",
    ),
]
# Words before a name: titles, who somebody is to the patient, what announces it; the name follows, in capitals.
_NAME = r"(?:(?:de|van|von|der|den|el|le|la|du)\s{1,9}){0,2}[^\W\d_a-zà-öø-ÿçğışöü][\w'’-]{1,40}"
_FULL = rf"({_NAME}(?:{_GAP}{_NAME}){{0,3}})"
_TITLED = re.compile(
    r"\b(?:(?:[Pp]rof|[Dd]o[cç]|[Oo]p|[Uu]zm)\.?\s{1,9})?"
    rf"(?:[Mm]rs?|[Mm]s|[Mm]iss|[Dd]r|[Pp]rof|[Mm]me|[Mm]lle|[Mm]adame|[Mm]onsieur|M)\.?{_GAP}{_FULL}"
    rf"|\b(?:[Dd]octor|[Dd]octeur|[Dd]oktor|[Ss]ayın|[Nn]urse|[Pp]rofessor|[Pp]rofesseur|[Ii]nfirmière?|[Hh]emşire){_GAP}{_FULL}"
)
_RELATED = re.compile(
    r"\b(?i:husband|wife|son|daughter|mother|father|mum|dad|sister|brother|friend|neighbour|aunt|uncle|"
    r"mari|femme|épouse|fils|fille|mère|père|maman|sœur|soeur|frère|amie?|voisine?|tante|oncle|"
    r"eşim|kızım|oğlum|annem|babam|ablam|kardeşim|arkadaşım|komşum|teyzem|amcam|"
    rf"patiente?|hasta|speak to|ask for|demandez|au nom de|this is|ici|it's|c'est|it is)\s{{0,9}}:?{_GAP}{_FULL}"
)
_CALLED = re.compile(
    r"\b(?i:is called|are called|call me|name is|named|called|s'appelle|m'appelle|nommée?|son nom est|adı|ismi|soyadım|bana)"
    rf"{_GAP}{_FULL}"
)
_SIGNED = re.compile(
    r"\b(?i:regards|wishes|thanks|thank you|sincerely|yours|love|cordialement|à vous|merci|salutations|bises|"
    rf"saygılarımla|saygılar|teşekkürler|sevgiler|selamlar)\s{{0,9}}[,.\n]\s{{0,9}}{_FULL}\s{{0,9}}[.!]?\s{{0,9}}$"
)
_SPEAKING = re.compile(rf"{_FULL}{_GAP}(?:here|speaking|à l'appareil|ben)\b(?![^,.;!?]{{0,200}}\?)")
_TURKISH_TITLED = re.compile(rf"({_NAME}(?:{_GAP}{_NAME}){{0,2}}){_GAP}(?:[Hh]anım|[Bb]ey|HANIM|BEY)\b")
_SURE = (_TITLED, _TURKISH_TITLED, _SIGNED, _CALLED)
_LIKELY = (_RELATED, _SPEAKING)  # if the lists of names know one of the words
_SAYS_NAME = re.compile(r"\b(?:name|nom|appelle|prenom|ismim|soyadim|benim adim)\b")
_CAPITALS = re.compile(rf"{_NAME}(?:{_GAP}{_NAME}){{0,3}}")


def redact(text: str, known: Iterable[str] = (), language: str = "en") -> str:
    """Returns `text` with ⟨phone⟩, ⟨name⟩ and so on in place of what tells who somebody is.

    `known` are names and contacts that the conversation gave elsewhere; they are found in any case and without accents.
    """
    kept, position = [], 0
    public = [span for words in _public() for span in _places(text, words)]
    for start, end, kind in _without_overlaps([*_spans(text, language), *_known(text, known)]):
        if any(first <= start and end <= last for first, last in public):
            continue
        kept += [text[position:start], f"⟨{kind}⟩"]
        position = end
    return "".join([*kept, text[position:]])


def _public() -> List[str]:
    """Returns what everybody may know: how to reach the clinic."""
    clinic = settings().clinic
    facts = (clinic.name, clinic.address, clinic.phone, clinic.email, clinic.booking_link, clinic.privacy_link)
    return [fact for fact in facts if fact]


def _spans(text: str, language: str) -> Iterator[_Span]:
    for kind, pattern in _PATTERNS:
        for match in re.finditer(pattern, text):
            yield (*match.span(), kind)
    if sum(character.isdigit() for character in text) >= 6:
        for region in regions():
            for number in phonenumbers.PhoneNumberMatcher(text, region, max_tries=_TRIES):
                yield number.start, number.end, "phone"
    for announcing in _SURE:
        for match in announcing.finditer(text):
            group = match.lastindex or 1
            if fold(_bare(match.group(group).split()[0])) not in first_names.NOT_NAMED:
                yield (*match.span(group), "name")
    yield from _listed(text)
    yield from _announced(text, language)


def _announced(text: str, language: str) -> Iterator[_Span]:
    """Yields where the name stands that the text itself announces, if it is surely one."""
    announced = names.announced(text, language)
    if not announced:
        return
    says = bool(_SAYS_NAME.search(fold(text)))
    listed = not first_names.known().isdisjoint(fold(announced).split())
    for start, end, kind in _known(text, [announced]):
        words = fold(text[start:end]).split()
        sure = says or words[0] in first_names.first() or (text[start].isupper() and listed)
        if sure and not first_names.NOT_NAMED.intersection(words):  # "I am diabetic" announces no name
            yield start, end, kind


def _listed(text: str) -> Iterator[_Span]:
    """Yields names in capitals one of whose words the lists have."""
    for pattern in _LIKELY:
        for match in pattern.finditer(text):
            if any(fold(_bare(word)) in first_names.known() for word in match.group(1).split()):
                yield (*match.span(1), "name")
    if text.isupper() or text.istitle():
        return
    for match in _CAPITALS.finditer(text):
        words = [fold(_bare(word)) for word in match.group().split()]
        found = next((number for number, word in enumerate(words) if word in first_names.first()), None)
        if found is not None and words[found] not in first_names.NOT_NAMED:
            start = match.start() + (0 if found == 0 else re.match(rf"(?:\S+\s+){{{found}}}", match.group()).end())  # type: ignore
            yield start, match.end(), "name"


def _bare(word: str) -> str:
    """Returns `word` without the ending that Turkish puts behind an apostrophe, and without a possessive."""
    return re.split(r"['’]", word)[0] if len(re.split(r"['’]", word)[0]) > 2 else word


def _known(text: str, known: Iterable[str]) -> Iterator[_Span]:
    """Yields where `known` names and contacts stand, each whole and each word of a name by itself."""
    for value in filter(None, known):
        kind = "email" if "@" in value else "phone" if any(c.isdigit() for c in value) else "name"
        words = [value] if kind != "name" else [value, *(word for word in value.split() if len(word) > 2)]
        for word in words:
            for start, end in _places(text, word):
                yield start, end, kind


def _places(text: str, words: str) -> Iterator[Tuple[int, int]]:
    """Yields where `words` stand in `text`, in any case and without accents."""
    folded, places = _folded(text)
    for match in re.finditer(rf"(?<!\w){re.escape(_folded(words)[0].strip())}(?!\w)", folded):
        yield places[match.start()], places[match.end()]


@lru_cache(maxsize=64)
def _folded(text: str) -> Tuple[str, Tuple[int, ...]]:
    """Returns `text` folded, and where in `text` each of its characters comes from; last where `text` ends.

    Letter by letter, for folding makes one of several spaces, two letters of one, and nothing of an accent.
    """
    letters, places = "", []
    for place, letter in enumerate(text):
        plain = " " if letter.isspace() else fold(letter)
        if plain != " " or not letters.endswith(" "):
            letters += plain
            places += [place] * len(plain)
    return letters, (*places, len(text))


def _without_overlaps(spans: List[_Span]) -> List[_Span]:
    """Returns the spans in order; of those that overlap, the first and longest, stretched over the rest."""
    kept: List[_Span] = []
    for start, end, kind in sorted(spans, key=lambda span: (span[0], -span[1])):
        if kept and start < kept[-1][1]:
            kept[-1] = (kept[-1][0], max(end, kept[-1][1]), kept[-1][2])
        else:
            kept.append((start, end, kind))
    return kept
