"""How to reach somebody: telephone numbers as people of several countries write them, and e-mail addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Optional, Tuple

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from bot.settings import settings

CHAT = "WhatsApp chat"  # in place of a number: the patient is answered in the conversation the request came from
_ADDRESS = re.compile(r"[^\s,;<>()\"]{1,64}\s?@\s?[^\s,;<>()\"]{1,255}")
_DIGITS = re.compile(r"\+?\(?\d(?:[ ./()-]{0,2}\d){5,}")
_NEIGHBOURS = ("BE", "FR", "TR", "CH", "CA")  # where patients of the clinic may have their telephone


@dataclass(frozen=True)
class Contact:
    """A telephone number in international form or an e-mail address, and where it stands in the text.

    `value` is None for what was surely meant as one but cannot be right.
    """

    value: Optional[str]
    span: Tuple[int, int]


@lru_cache(maxsize=1)
def regions() -> Tuple[str, ...]:
    """Returns the countries a number without country code may be from, the clinic's own first."""
    try:
        home = phonenumbers.region_code_for_number(phonenumbers.parse(settings().clinic.phone, None))
    except phonenumbers.NumberParseException:
        home = None
    return tuple(dict.fromkeys([home, *_NEIGHBOURS] if home else _NEIGHBOURS))


def read(text: str) -> Optional[Contact]:
    """Returns the first e-mail address or telephone number in `text`; None if there is nothing like one."""
    address = _ADDRESS.search(text)
    if address:
        try:
            valid = validate_email(address.group().replace(" ", "").rstrip(".!?"), check_deliverability=False)
            return Contact(valid.normalized, address.span())
        except EmailNotValidError:
            return Contact(None, address.span())
    for leniency, region in product((phonenumbers.Leniency.STRICT_GROUPING, phonenumbers.Leniency.VALID), regions()):
        # Of two countries in which a number exists, the one that writes it in these groups comes first.
        for match in phonenumbers.PhoneNumberMatcher(text, region, leniency=leniency):
            shown = phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
            return Contact(shown, (match.start, match.end))
    digits = _DIGITS.search(text)
    if digits and not re.search(r"\d[./-]\d{1,2}[./-]20\d\d|20\d\d-\d", digits.group()):
        return Contact(None, digits.span())
    return None
