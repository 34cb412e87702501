"""When a patient would like to come: from their words to days and half-days, in every language.

The patient sees what was understood before anything is sent, so a likely reading is better than a question. "Next
Tuesday" is the one of next week; "mardi prochain", "önümüzdeki salı" and a bare "Tuesday" are the first to come.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise
from types import ModuleType
from typing import Any, Dict, FrozenSet, Iterator, List, Optional, Sequence, Tuple

from bot.nlu.languages import fold
from bot.scheduling.tokens import Token, lex
from bot.scheduling.words import likely_first

HORIZON = 365  # days ahead that can be asked for
_RECENT = 90  # days: a date without year that lies at most so far back is a slip, not one of next year
_EVERY = frozenset(range(7))
_DAYS = (
    *("date", "span", "weekday", "rel", "daynumber", "weekend", "weekdays", "in_days", "in_weeks", "in_months"),
    *("month", "monthname", "week"),
)
_HALVES = ("morning", "afternoon")


@dataclass(frozen=True)
class Window:
    """Days from `first` to `last`, both included, that fall on `days` of the week (0 is Monday)."""

    first: date
    last: date
    days: FrozenSet[int] = _EVERY
    half: Optional[str] = None  # "morning", "afternoon" or None for both
    time: Optional[str] = None  # "15:00", if an hour was named

    def dates(self) -> Iterator[date]:
        """Yields each day of the window."""
        for ahead in range((self.last - self.first).days + 1):
            day = self.first + timedelta(days=ahead)
            if day.weekday() in self.days:
                yield day

    def as_json(self) -> Dict[str, Any]:
        """Returns the window as a slot and the database keep it."""
        return {
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "days": sorted(self.days),
            "half": self.half,
            "time": self.time,
        }

    @classmethod
    def from_json(cls, data: Dict[str, Any]) -> Window:
        """Returns the window that :meth:`as_json` described."""
        first, last = date.fromisoformat(data["first"]), date.fromisoformat(data["last"])
        return cls(first, last, frozenset(data["days"]), data.get("half"), data.get("time"))


def read(text: str, language: str, today: date) -> Tuple[List[Window], List[Token]]:
    """Returns the windows `text` names, and the tokens they were read from; none if it names no day or time.

    A window that lies in the past is returned as it was said, for the caller to ask about.
    """
    folded = fold(text)
    for words in likely_first(language):
        tokens = list(lex(folded, words))
        windows = _Reader(words, today).read(tokens)
        if windows:
            return windows, [token for token in tokens if token.kind in (*_DAYS, *_HALVES, "any", "time")]
    return [], []


def anytime(today: date, half: Optional[str] = None) -> Window:
    """Returns every day from tomorrow on."""
    return Window(today + timedelta(days=1), today + timedelta(days=HORIZON), half=half)


@dataclass
class _Clause:
    """What stands between two "or", commas or "but"."""

    windows: List[Window] = field(default_factory=list)
    half: Optional[str] = None
    time: Optional[str] = None
    negative: bool = False
    not_half: bool = False
    anything: bool = False
    continues: bool = False  # after "and" or "or": no new thought

    @property
    def empty(self) -> bool:
        return not (self.windows or self.half or self.time or self.negative or self.anything)


class _Reader:
    def __init__(self, words: ModuleType, today: date) -> None:
        self._words, self._today = words, today
        self._end = today + timedelta(days=HORIZON)

    def read(self, tokens: Sequence[Token]) -> List[Window]:
        clauses = self._clauses(tokens)
        self._spread_negation(clauses)
        positive = [clause for clause in clauses if not clause.negative]
        negative = [clause for clause in clauses if clause.negative]
        windows: List[Window] = []
        for clause in positive:
            if clause.half and not clause.windows and windows:  # "Tuesday or Friday, in the morning"
                windows = [w if w.half else replace(w, half=clause.half, time=w.time or clause.time) for w in windows]
                continue
            windows += [replace(w, half=clause.half, time=clause.time) for w in clause.windows]
            if (clause.half or clause.time or clause.anything) and not clause.windows:
                windows.append(self._anytime(clause.half, clause.time))
        windows = self._half_of_the_last_for_all(windows, positive)
        if not windows and any(clause.windows or clause.half for clause in negative):
            windows = [self._anytime()]
        for clause in negative:
            windows = self._without(windows, clause)
        if len(windows) > 1:  # "any time, best on Tuesday" is about Tuesday
            windows = [w for w in windows if w.last < self._end or w.days != _EVERY or w.half] or windows[:1]
        return list(dict.fromkeys(windows))

    def _anytime(self, half: Optional[str] = None, time: Optional[str] = None) -> Window:
        return replace(anytime(self._today, half), time=time)

    @staticmethod
    def _half_of_the_last_for_all(windows: List[Window], clauses: List[_Clause]) -> List[Window]:
        """Returns the windows; the half-day of "Monday or Tuesday afternoon" is that of both."""
        spoken = [clause for clause in clauses if clause.windows]
        if len(spoken) > 1 and spoken[-1].half and spoken[-1].continues and not any(c.half or c.time for c in spoken[:-1]):
            return [replace(window, half=spoken[-1].half) for window in windows]
        return windows

    @staticmethod
    def _without(windows: List[Window], clause: _Clause) -> List[Window]:
        if clause.half and not clause.windows:
            other = _HALVES[clause.half == "morning"]
            return [replace(window, half=other) for window in windows if window.half != clause.half]
        kept = []
        for window in windows:
            days = set(window.days)
            for gone in clause.windows:
                single = {day.weekday() for day in gone.dates()} if gone.first == gone.last else set()
                days -= gone.days if gone.days != _EVERY else single
            if days and not clause.half:
                kept.append(replace(window, days=frozenset(days)))
            elif clause.half:  # "not Friday afternoon": the mornings of Friday stay
                kept.append(replace(window, days=frozenset(days)))
                gone_days = frozenset(set(window.days) - days)
                if gone_days:
                    kept.append(replace(window, days=gone_days, half=_HALVES[clause.half == "morning"]))
        return [window for window in kept if window.days]

    def _spread_negation(self, clauses: List[_Clause]) -> None:
        """Makes "except Monday and Tuesday" negative to its end, before or after the word as the language has it."""
        order = list(reversed(clauses)) if self._words.AFTERWARDS else clauses
        for before, clause in pairwise(order):
            joined = before.continues if self._words.AFTERWARDS else clause.continues
            if before.negative and joined and not clause.negative and clause.windows and not clause.anything:
                clause.negative = True

    def _clauses(self, tokens: Sequence[Token]) -> List[_Clause]:
        clauses: List[_Clause] = []
        groups = list(_groups(tokens, self._words.AFTERWARDS))
        for group, continues in groups:
            current = self._clause(group)
            current.continues = continues
            if current.negative and not current.windows and not current.half and clauses:
                clauses[-1].negative = True  # "Friday, that is impossible"
            elif not current.empty:
                clauses.append(current)
        return clauses

    def _clause(self, tokens: Sequence[Token]) -> _Clause:
        kinds = [token.kind for token in tokens]
        clause = _Clause()
        week = next((token.value for token in tokens if token.kind == "week"), None)
        if week is None:
            week = next((token.value for token in tokens if token.kind == "in_weeks"), None) if "weekday" in kinds else None
        for index, token in enumerate(tokens):
            if token.kind in _HALVES:
                clause.half = None if clause.half and clause.half != token.kind else token.kind
            elif token.kind == "time":
                clause.time, clause.half = token.value, _HALVES[token.value >= "12:00"]
            elif token.kind == "any":
                clause.anything = True
            elif token.kind == "not":
                clause.negative = True
            elif token.kind in _DAYS:
                clause.windows += self._window(tokens, index, week)
        clause.windows = self._ranges(tokens, clause.windows)
        return clause

    def _window(self, tokens: Sequence[Token], index: int, week: Optional[int]) -> List[Window]:
        token, kinds = tokens[index], [token.kind for token in tokens]
        today, value = self._today, token.value
        if token.kind == "weekday":
            first = today + timedelta(days=(value - today.weekday() - 1) % 7 + 1)
            if week is not None:
                first = today + timedelta(days=7 * week + value - today.weekday())
            elif "later" in kinds[:index]:
                first = today + timedelta(days=7 + value - today.weekday())
            elif "last" in kinds:
                first = today - timedelta(days=(today.weekday() - value - 1) % 7 + 1)
            elif "weeks_on" in kinds:
                first += timedelta(days=7 * next(t.value for t in tokens if t.kind == "weeks_on"))
            elif "every" in kinds[:index] or "everyday" in kinds or self._words.PLURAL.search(token.text):
                return [Window(today + timedelta(days=1), self._end, frozenset((value,)))]
            if any(t.kind == "date" for t in tokens):  # "Tuesday 24 November": the date says it
                return []
            return [Window(first, first)]
        if token.kind == "week":
            if "weekday" in kinds or "weekend" in kinds:
                return []
            monday = today + timedelta(days=7 * value - today.weekday())
            return [Window(max(monday, today + timedelta(days=1)) if value == 0 else monday, monday + timedelta(days=6))]
        if token.kind in ("weekend", "weekdays"):
            days = frozenset((5, 6) if token.kind == "weekend" else range(5))
            if week is not None:
                monday = today + timedelta(days=7 * week - today.weekday())
                return [Window(monday, monday + timedelta(days=6), days)]
            return [Window(today + timedelta(days=1), self._end, days)]
        if token.kind == "in_weeks":
            if "weekday" in kinds:
                return []
            first = today + timedelta(days=7 * value)
            return [Window(first, first + timedelta(days=6))]
        if token.kind == "in_days":
            return [Window(today + timedelta(days=value), today + timedelta(days=value))]
        if token.kind == "in_months":
            first = today + timedelta(days=30 * value)
            return [Window(first, first + timedelta(days=13))]
        if token.kind == "month":
            first = (today.replace(day=1) + timedelta(days=31 * value)).replace(day=1)
            return [Window(max(first, today + timedelta(days=1)), _end_of_month(first))]
        if token.kind == "monthname":
            return self._whole_month(*value)
        found = self._date(token)
        if token.kind == "span" and found:
            end = self._day(found.year, found.month, value[3])
            return [Window(found, end)] if end and end >= found else []
        if found and "weekof" in kinds:
            monday = found - timedelta(days=found.weekday())
            return [Window(monday, monday + timedelta(days=6))]
        return [Window(found, found)] if found else []

    def _date(self, token: Token) -> Optional[date]:
        if token.kind == "rel":
            return self._today + timedelta(days=token.value)
        if token.kind == "daynumber":
            found = self._day(self._today.year, self._today.month, token.value)
            if found and found > self._today:
                return found
            following = _end_of_month(self._today) + timedelta(days=1)
            return self._day(following.year, following.month, token.value)
        year, month, day = token.value[:3]
        found = self._day(year or self._today.year, month, day)
        if found and year is None and (self._today - found).days > _RECENT:
            found = self._day(self._today.year + 1, month, day)
        return found

    @staticmethod
    def _day(year: int, month: int, day: int) -> Optional[date]:
        try:
            return date(year, month, day)
        except ValueError:
            return None

    def _whole_month(self, month: int, year: Optional[int]) -> List[Window]:
        first = date(year or self._today.year + (month < self._today.month), month, 1)
        last = _end_of_month(first)
        return [Window(min(max(first, self._today + timedelta(days=1)), last), last)]

    def _ranges(self, tokens: Sequence[Token], windows: List[Window]) -> List[Window]:
        """Applies "from", "after", "until", "before" and "… to …" to the days of one clause."""
        kinds = {token.kind for token in tokens}
        if not windows:
            return windows
        days = [token for token in tokens if token.kind in _DAYS]
        if len(windows) == 2 and ("to" in kinds or "between" in kinds or {"from", "until"} <= kinds):
            begin, end = windows
            weekdays = [token.value for token in days if token.kind == "weekday"]
            if len(weekdays) == 2 and len(days) == 2:
                span = frozenset((weekdays[0] + step) % 7 for step in range((weekdays[1] - weekdays[0]) % 7 + 1))
                return [Window(self._today + timedelta(days=1), self._end, span)]
            return [Window(begin.first, end.last)] if end.last >= begin.first else windows
        [window, *rest] = windows
        if "from" in kinds or "after" in kinds:
            later = "after" in kinds and window.first == window.last
            return [Window(window.first + timedelta(days=int(later)), self._end, window.days), *rest]
        if "until" in kinds or "before" in kinds:
            last = window.last if "until" in kinds else window.first - timedelta(days=1)
            return [Window(min(self._today + timedelta(days=1), last), last), *rest]
        return windows


def _groups(tokens: Sequence[Token], afterwards: bool) -> Iterator[Tuple[List[Token], bool]]:
    """Yields the tokens of each clause, and whether it continues the one before."""
    group: List[Token] = []
    continues = opens_negation = False
    for index, token in enumerate(tokens):
        kinds = [t.kind for t in group]
        later = afterwards and any(t.kind == "between" for t in tokens[index:])
        if token.kind == "and" and ("between" in kinds or later):
            group.append(Token("to", None, token.start, token.end))
            continue
        bare = token.kind == "sep" and not any(t.kind in ("not", "ok") for t in group)
        if token.kind in ("and", "sep", "but") or (token.kind == "not" and not afterwards and _said(group)):
            if token.kind == "but" and "any" in kinds and not any(t.kind == "not" for t in tokens[index:]):
                opens_negation = True  # "any time but Friday"
            if token.kind == "not" and not any(t.kind in (*_DAYS, *_HALVES) for t in tokens[index:]):
                group.append(token)  # "Friday does not work"
                continue
            if group:
                yield group, continues
            group = [token] if token.kind == "not" else []
            continues = token.kind == "and" or bare
            if opens_negation:
                group, opens_negation = [Token("not", None, token.start, token.end)], False
            continue
        group.append(token)
    if group:
        yield group, continues


def _said(group: Sequence[Token]) -> bool:
    return any(token.kind in (*_DAYS, *_HALVES, "any", "time") for token in group)


def _end_of_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
