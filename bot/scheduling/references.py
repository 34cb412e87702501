"""The reference of a request, like 7KXM-92QP: how it is made, and where one stands in a patient's words."""

from __future__ import annotations

import re
import secrets
from itertools import islice
from typing import Iterator, List

from bot.nlu.languages import fold

_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that is read as another: no 0, O, 1, I; so no year is one either
_HALF = f"([{_LETTERS}]{{4}})"
_SHAPE = re.compile(rf"{_HALF}[ -]?{_HALF}")
_MEASURE = re.compile(r"\d+(?:EME|ND|RD|TH|MG|KG|ML|MM|CM|YRS?|ANS|H\d\d|HEURES|SAAT\w+)")  # "2ème-3ème", "24heures"
_MANY = 8  # possible references that are looked at in one message


def made() -> str:
    """Returns eight characters nobody guesses (10^12), with digits and letters: never like words, nor a phone number."""
    while True:
        half, other = ("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(2))
        if _mixed(half + other):
            return f"{half}-{other}"


def written(text: str) -> List[str]:
    """Returns what can hardly be anything but a reference: with its hyphen, or nothing else in the message."""
    words = fold(text).upper()
    whole = _SHAPE.fullmatch(re.sub(r"^\W+|\W+$", "", words))
    found = [whole.group()] if whole else re.findall(rf"\b[{_LETTERS}]{{4}}-[{_LETTERS}]{{4}}\b", words)
    return [
        f"{each[:4]}-{each[-4:]}"
        for each in found
        if _mixed(each) and not any(map(_MEASURE.fullmatch, re.split("[ -]", each)))
    ]


def possible(text: str) -> List[str]:
    """Returns what may be one, for the database to tell: written apart or together, in a sentence."""
    return list(islice(_pairs(fold(text).upper()), _MANY))


def _pairs(words: str) -> Iterator[str]:
    for match in re.finditer(rf"(?=\b{_SHAPE.pattern}\b)", words):  # they may overlap: "send 7kxm 92qp"
        if _mixed("".join(match.groups())):
            yield "-".join(match.groups())


def _mixed(letters: str) -> bool:
    return any(c.isdigit() for c in letters) and any(c.isalpha() for c in letters)
