"""Words about days and times, found in a patient's text and turned into tokens that are the same in every language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType
from typing import Any, Callable, Iterator, List, Optional, Tuple

_YEAR = r"(?:,? (?P<y>(?:19|20)\d\d))?"


@dataclass(frozen=True)
class Token:
    """A `kind` with its `value`, read from `start` to `end` of the folded text."""

    kind: str
    value: Any
    start: int
    end: int
    text: str = ""


@lru_cache(maxsize=8)
def _lexicon(words: ModuleType) -> List[Tuple[str, Callable[["re.Match[str]"], Any], "re.Pattern[str]"]]:
    """Returns the patterns of a language in the order they are tried, each with its kind and what makes its value."""
    weekday, month = "|".join(words.WEEKDAYS), "|".join(words.MONTHS)
    number = r"\d{1,2}|" + "|".join(sorted(words.NUMBERS, key=len, reverse=True))
    ordinal = rf"(?: ?(?:{words.ORDINAL}))?"
    day = rf"(?P<d>\d{{1,2}}){ordinal}"
    other, of = rf"(?P<d2>\d{{1,2}}){ordinal}", f"(?:(?:{words.OF}) )?"
    clock = r"(?P<h>\d{1,2})(?:[:.h](?P<min>[0-5]\d)) ?(?P<ap>[ap]\.?m\b\.?)?(?:'?[dt][ea]|'?y?[ea])?"
    rules: List[Tuple[str, Any, str]] = [
        ("date", _ymd, r"(?P<y>20\d\d)-(?P<m>\d{1,2})-(?P<d>\d{1,2})\b"),
        ("date", _dmy, r"(?<! -)(?<!^-)(?P<d>\d{1,2})[/.](?P<m>\d{1,2})(?:[/.](?P<y>20\d\d|\d\d))?(?![\d/:]|\.\d)\.?"),
        (
            "span",
            _month(words, "d", "d2"),
            rf"{day} ?(?:-|–|(?:{words.TO})(?: le| the)?) ?{other} {of}(?P<month>{month}){_YEAR}",
        ),
        ("date", _month(words, "d"), rf"(?:(?:the|le) )?{day} {of}(?P<month>{month}){_YEAR}\b"),
        ("date", _month(words, "d"), rf"(?P<month>{month}) (?:the )?{day}(?! ?(?:h|:|heure)){_YEAR}\b"),
        ("time", _clock, r"(?:(?:at|a|vers|saat|around|about) )?" + clock),
        ("time", _clock, r"(?:(?:at|around|about) )?(?P<h>\d{1,2}) ?(?P<ap>[ap]\.?m\b\.?)"),
        ("time", _clock, r"(?:a |vers )?(?P<h>\d{1,2}) ?(?:h|heures?|o'?clock)\b"),
        ("time", _clock, r"(?:at|saat) (?P<h>\d{1,2})(?:'?\w{1,3})?\b(?! (?:" + month + "))"),
    ]
    for kind, value, pattern in words.DATES:
        rules.append((kind, value, pattern))
    rules += [("weekday", index, names) for index, names in enumerate(words.WEEKDAYS)]
    rules += [
        ("monthname", _named(index), f"{words.IN_MONTH[0]}(?:{names})(?:{words.IN_MONTH[1]}){_YEAR}")
        for index, names in enumerate(words.MONTHS, 1)
    ]
    rules += [("to", None, rf"(?:-|–|{words.TO})"), ("sep", None, r"[,;\n]|\.(?= |$)")]
    found = []
    for kind, value, pattern in rules:
        pattern = pattern.replace("WEEKDAY", weekday).replace("MONTH", month).replace("NUMBER", number)
        edge = r"(?!\w)" if kind not in ("sep", "to") else ""
        compiled = re.compile(rf"(?:{pattern}){edge}")
        make = _number(words) if value == "n" else value if callable(value) else _constant(value)
        found.append((kind, make, compiled))
    return found


def lex(text: str, words: ModuleType) -> Iterator[Token]:
    """Yields the tokens of folded `text`; other words give a token of kind "word"."""
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        for kind, make, pattern in _lexicon(words):
            match = pattern.match(text, position)
            if match and match.end() > position:
                value = make(match)
                if value is not False:
                    yield Token(kind, value, position, match.end(), match.group())
                    position = match.end()
                    break
        else:
            match = re.compile(r"\w+'?|.").match(text, position)
            assert match is not None
            yield Token("word", match.group(), position, match.end())
            position = match.end()


def _constant(value: Any) -> Callable[["re.Match[str]"], Any]:
    return lambda _: value


def _number(words: ModuleType) -> Callable[["re.Match[str]"], Any]:
    def value(match: "re.Match[str]") -> int:
        text = next(found for found in match.groupdict().values() if found)
        return int(text) if text.isdigit() else words.NUMBERS[text]

    return value


def _month(words: ModuleType, *days: str) -> Callable[["re.Match[str]"], Any]:
    """Returns what reads (year or None, month, day) and, of a range, the day it ends on."""
    months = [re.compile(rf"(?:{names})$") for names in words.MONTHS]

    def value(match: "re.Match[str]") -> Any:
        number = next(index for index, names in enumerate(months, 1) if names.match(match.group("month")))
        year = match.group("y")
        return (int(year) if year else None, number, *(int(match.group(day)) for day in days))

    return value


def _named(month: int) -> Callable[["re.Match[str]"], Any]:
    """Returns what reads (month, year or None) of a whole month."""
    return lambda match: (month, int(match.group("y")) if match.group("y") else None)


def _ymd(match: "re.Match[str]") -> Any:
    return int(match.group("y")), int(match.group("m")), int(match.group("d"))


def _dmy(match: "re.Match[str]") -> Any:
    day, month, year = int(match.group("d")), int(match.group("m")), match.group("y")
    if month > 12 >= day:  # as North Americans write it
        day, month = month, day
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return False
    return (int(year) + (2000 if len(year) == 2 else 0) if year else None), month, day


def _clock(match: "re.Match[str]") -> Any:
    found = match.groupdict()
    hour, minute = int(found["h"]), int(found.get("min") or 0)
    half: Optional[str] = (found.get("ap") or "")[:1]
    if (half == "p" and hour < 12) or (not half and 1 <= hour <= 6):  # nobody means three in the night
        hour += 12
    return f"{hour:02d}:{minute:02d}" if hour < 24 else False
