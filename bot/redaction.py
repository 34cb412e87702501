"""Words of patients as staff see them first, and as they are kept for search: without what tells who somebody is.

Found are e-mail addresses, telephone and bank account numbers, the national numbers of Belgium, Britain, France and Turkey,
references of requests, full dates, streets with a number, names that are announced ("my name is …", "my son …"), stand by a
title ("Mrs …") or are on the lists of bot/first_names.py, and whatever the same conversation gave as a name or contact.
A rare name that nothing announces stays. tests/unit/test_redaction.py measures how much is found.
"""
from __future__ import annotations

import re
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
_YEAR = r"(?:19|20)\d\d"
_MONTH = "|".join(sorted({name for code in LANGUAGES for name in get_month_names("wide", locale=code).values()}, key=len))
_CITY = r"(?:,?\s+(?:\d{4,5}\s+)?[A-ZÀ-ÖØ-Þ][\w'’-]+)?"
_PATTERNS = [
    ("email", r"[^\s,;<>()\"]+\s?@\s?[^\s,;<>()\"]+\.\w{2,}"),
    ("link", r"https?://\S+"),
    ("account", r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b"),
    # a reference is taken however it is written; without its hyphen it has letters as well
    ("reference", r"(?i:\b(?=[2-9A-HJ-NP-Z-]*\d)[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}\b)"),
    ("reference", r"(?i:\b(?=[A-Z]*\d)(?=\d*[A-Z])[2-9A-HJ-NP-Z]{8}\b)"),
    ("number", r"\b\d{2}\.?\d{2}\.?\d{2}[- ]?\d{3}[.-]?\d{2}\b"),  # Belgium's; also any 11 digits, as Turkey's
    ("number", r"\b\d{3}[ -]\d{3}[ -](?:\d{4}|\d{3} ?\d{2})\b"),  # Britain's health service; Turkey's in groups
    ("number", r"\b[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b"),  # Britain's national insurance
    ("number", r"\b(?=(?:[A-Z]*\d){6})(?=\d*[A-Z])[A-Z0-9]{8,10}\b"),  # passports
    ("number", r"\b[12] ?\d{2} ?\d{2} ?\d{2} ?\d{3} ?\d{3}(?: ?\d{2})?\b"),  # France's social security
    ("date", rf"\b\d{{1,2}}[./-]\d{{1,2}}[./-]{_YEAR}\b|\b{_YEAR}-\d\d-\d\d\b"),
    ("date", rf"(?i:\b\d{{1,2}}(?:st|nd|rd|th|er)?\.?\s+(?:of\s+)?(?:{_MONTH}),?\s+{_YEAR}\b)"),
    ("date", rf"(?i:\b(?:{_MONTH})\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+{_YEAR}\b)"),
    ("phone", r"(?<![\w.,])\+?\(?\d(?:[ ./()-]{0,2}\d){7,14}(?!\w)"),
    # streets, with the number of the house
    (
        "address",
        r"\b(?:(?i:flat|apartment|apt)\.? ?\w+,? )?\d{1,4} ?[A-Za-z]?,? (?:[A-Z][\w'’.-]*\s+){1,4}"
        rf"(?i:street|road|lane|avenue|drive|close|court|place|square|gardens|st|rd|ave)\b{_CITY}",
    ),
    ("address", r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b"),  # a British postcode
    (
        "address",
        r"\b\d{1,4} ?(?:bis|ter|[a-z])?,? (?i:rue|avenue|av\.|boulevard|bd|chaussée|place|quai|impasse|allée|chemin|square)"
        rf" (?:(?:de|du|des|la|le|les|d'|l')\s*){{0,3}}[A-ZÀ-ÖØ-Þ0-9]\w*(?:[ '’-][A-ZÀ-ÖØ-Þ]\w*)*{_CITY}",
    ),
    (
        "address",
        r"\b(?i:rue|avenue|boulevard|chaussée|place|quai|impasse|allée|chemin|square) "
        r"(?:(?:de|du|des|la|le|les|d'|l')\s*){0,3}[A-ZÀ-ÖØ-Þ][\w'’-]*(?: [\w'’-]+){0,3}?,? ?\d{1,4}\b"
        rf"(?: ?(?:bte|boîte) ?\d+)?{_CITY}",
    ),
    ("address", rf"\b[A-Z]\w+(?:straat|laan|steenweg|plein|dreef|weg) \d{{1,4}}{_CITY}"),
    (
        "address",
        r"(?:[A-ZÇĞİÖŞÜ0-9][\w'’.-]*\s+){1,3}(?:[Mm]ahallesi|[Mm]ah\.|[Ss]oka[kğ]ı?|[Ss]ok?\.|[Cc]addesi|[Cc]ad\.|[Bb]ulvarı)"
        r"(?:,?\s+(?:[A-ZÇĞİÖŞÜ][\w'’.-]*\s+){0,3}(?:[Ss]oka[kğ]ı?|[Ss]ok?\.|[Cc]addesi|[Cc]ad\.))?"
        r"(?:,?\s*(?:(?:[Nn]o|[Dd]aire|[Dd]|[Kk]at)\s*[:.]?\s*)?\d[\d/]*)*",
    ),
]
# Words before a name: titles, who somebody is to the patient, what announces it; the name follows, in capitals.
_NAME = r"(?:(?:de|van|von|der|den|el|le|la|du)\s+){0,2}[^\W\d_a-zà-öø-ÿçğışöü][\w'’-]+"
_FULL = rf"({_NAME}(?:\s+{_NAME}){{0,3}})"
_TITLED = re.compile(
    rf"\b(?:(?:[Pp]rof|[Dd]o[cç]|[Oo]p|[Uu]zm)\.?\s+)?(?:[Mm]rs?|[Mm]s|[Mm]iss|[Dd]r|[Pp]rof|[Mm]me|[Mm]lle|[Mm]adame|[Mm]onsieur|M)\.?\s+{_FULL}"
    rf"|\b(?:[Dd]octor|[Dd]octeur|[Dd]oktor|[Ss]ayın|[Nn]urse|[Pp]rofessor|[Pp]rofesseur|[Ii]nfirmière?|[Hh]emşire)\s+{_FULL}"
)
_RELATED = re.compile(
    r"\b(?i:husband|wife|son|daughter|mother|father|mum|dad|sister|brother|friend|neighbour|aunt|uncle|"
    r"mari|femme|épouse|fils|fille|mère|père|maman|sœur|soeur|frère|amie?|voisine?|tante|oncle|"
    r"eşim|kızım|oğlum|annem|babam|ablam|kardeşim|arkadaşım|komşum|teyzem|amcam|"
    rf"patiente?|hasta|speak to|ask for|demandez|au nom de|this is|ici|it's|c'est|it is)\s*:?\s+{_FULL}"
)
_CALLED = re.compile(
    r"\b(?i:is called|are called|call me|name is|named|called|s'appelle|m'appelle|nommée?|son nom est|adı|ismi|soyadım|bana)"
    rf"\s+{_FULL}"
)
_SIGNED = re.compile(
    r"\b(?i:regards|wishes|thanks|thank you|sincerely|yours|love|cordialement|à vous|merci|salutations|bises|"
    rf"saygılarımla|saygılar|teşekkürler|sevgiler|selamlar)\s*[,.\n]\s*{_FULL}\s*[.!]?\s*$"
)
_SPEAKING = re.compile(rf"{_FULL}\s+(?:here|speaking|à l'appareil|ben)\b(?![^,.;!?]*\?)")
_TURKISH_TITLED = re.compile(rf"({_NAME}(?:\s+{_NAME}){{0,2}})\s+(?:[Hh]anım|[Bb]ey|HANIM|BEY)\b")
_SURE = (_TITLED, _TURKISH_TITLED, _SIGNED, _CALLED)
_LIKELY = (_RELATED, _SPEAKING)  # if the lists of names know one of the words
_SAYS_NAME = re.compile(r"\b(?:name|nom|appelle|prenom|ismim|soyadim|benim adim)\b")
_CAPITALS = re.compile(rf"{_NAME}(?:\s+{_NAME}){{0,3}}")


def redact(text: str, known: Iterable[str] = (), language: str = "en") -> str:
    """Returns `text` with ⟨phone⟩, ⟨name⟩ and so on in place of what tells who somebody is.

    `known` are names and contacts that the conversation gave elsewhere; they are found in any case and without accents.
    """
    kept, position = [], 0
    for start, end, kind in _without_overlaps([*_spans(text, language), *_known(text, known)]):
        if any(text[start:end] in public for public in _public()):
            continue
        kept += [text[position:start], f"⟨{kind}⟩"]
        position = end
    return "".join([*kept, text[position:]])


def _public() -> List[str]:
    """Returns what everybody may know: how to reach the clinic."""
    clinic = settings().clinic
    return [clinic.name, clinic.address, clinic.phone, clinic.email, str(clinic.booking_link), str(clinic.privacy_link)]


def _spans(text: str, language: str) -> Iterator[_Span]:
    for kind, pattern in _PATTERNS:
        for match in re.finditer(pattern, text):
            yield (*match.span(), kind)
    if sum(character.isdigit() for character in text) >= 6:
        for region in regions():
            for number in phonenumbers.PhoneNumberMatcher(text, region):
                yield number.start, number.end, "phone"
    for announcing in _SURE:
        for match in announcing.finditer(text):
            group = match.lastindex or 1
            if fold(_bare(match.group(group).split()[0])) not in first_names.NOT_NAMED:
                yield (*match.span(group), "name")
    yield from _listed(text)
    announced = names.announced(text, language) or ""
    for start, end, _ in _known(text, [announced]) if announced else ():
        words = fold(text[start:end]).split()
        listed = any(word in first_names.known() for word in fold(announced).split())
        sure = _SAYS_NAME.search(fold(text)) or words[0] in first_names.first() or (text[start].isupper() and listed)
        if sure and not first_names.NOT_NAMED.intersection(words):  # "I am diabetic" announces no name
            yield start, end, "name"


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
