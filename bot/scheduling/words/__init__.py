"""The words of days, times and form answers in each language, one module a language, all with the same names.

Everything is matched against folded text (see `bot.nlu.languages.fold`): lower case, no diacritics. A module `xx.py` holds:

* ``WEEKDAYS``, ``MONTHS``: alternatives of a pattern for each, Monday and January first.
* ``ORDINAL``: what may follow the number of a day; ``OF``: what may stand between it and the month.
* ``IN_MONTH``: what stands before and after the name of a month when the whole month is meant; ``PLURAL``: how a weekday
  ends when every one of them is meant.
* ``TO``: what stands between the two ends of a range.
* ``NUMBERS``: words for small numbers.
* ``DATES``: more patterns with their token, tried in this order before the weekdays; see `bot/scheduling/dates.py`.
* ``AFTERWARDS``: True where "not", "after" and "until" follow the day they are about.
* ``FOR_ME``, ``FOR_OTHER``, ``MY_NAME``, ``NOT_A_NAME``, ``SKIP``, ``BACK``, ``CHANGE``, ``FIELDS``, ``NEW``, ``KNOWN``,
  ``WITHDRAW``, ``SINCE``, ``CALL_ME``, ``THIS_CHAT``, ``REFUSES``: how form answers and corrections begin or read.
"""

from __future__ import annotations

from types import ModuleType
from typing import Dict, List

from bot.scheduling.words import en, fr, tr

WORDS: Dict[str, ModuleType] = {"en": en, "fr": fr, "tr": tr}


def likely_first(language: str) -> List[ModuleType]:
    """Returns the modules of all languages, that of `language` first: people mix them."""
    return [WORDS[code] for code in sorted(WORDS, key=lambda code: code != language)]
