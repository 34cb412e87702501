"""Pictures of counts as numbers a template draws: bars in SVG, no script. Sizes are in units of the picture."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

WIDTH, HEIGHT = 900, 220
_LEFT, _BOTTOM, _TOP = 44, 24, 10  # room for the numbers of the axes


@dataclass(frozen=True)
class Bar:
    """A stack of parts (name of the part, top, height) that stands for the days `first` to `last`."""

    first: date
    last: date
    x: float
    width: float
    parts: Tuple[Tuple[str, float, float], ...]
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """What all parts come to."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class Stacked:
    """Stacked bars over time; `lines` are (height, number) of the grid, `marks` (x, words) of what happened."""

    bars: Tuple[Bar, ...]
    lines: Tuple[Tuple[float, int], ...]
    marks: Tuple[Tuple[float, str], ...]
    labels: Tuple[Tuple[float, date], ...]


def stacked(
    rows: Sequence[Mapping[str, Any]], names: Sequence[str], first: date, last: date, marks: Sequence[Tuple[date, str]]
) -> Stacked:
    """Returns the counts `names` of `rows` (one a day, with the key "day") as bars of a day, a week or four weeks."""
    step = _step((last - first).days + 1)
    found: Dict[str, Mapping[str, Any]] = {row["day"]: row for row in rows}
    spans = [(begin, min(begin + timedelta(days=step - 1), last)) for begin in _every(first, last, step)]
    sums = [{name: sum(found[d][name] for d in _days(*span) if d in found) for name in names} for span in spans]
    top, inner = nice(max([sum(counts.values()) for counts in sums] or [0])), HEIGHT - _BOTTOM - _TOP
    wide = (WIDTH - _LEFT) / max(1, len(spans))

    def bar(index: int) -> Bar:
        parts, base = [], float(HEIGHT - _BOTTOM)
        for name in names:
            height = sums[index][name] / top * inner
            base -= height
            parts.append((name, round(base, 1), round(height, 1)))
        x = _LEFT + index * wide
        return Bar(*spans[index], round(x + wide * 0.08, 1), round(wide * 0.84, 1), tuple(parts), sums[index])

    def place(day: date) -> float:
        return round(_LEFT + (day - first).days / step * wide, 1)

    every = max(1, len(spans) // 8)
    return Stacked(
        bars=tuple(bar(index) for index in range(len(spans))),
        lines=tuple((round(HEIGHT - _BOTTOM - share * inner, 1), round(top * share)) for share in (0, 0.5, 1)),
        marks=tuple((place(day), words) for day, words in marks if first <= day <= last),
        labels=tuple((place(begin), begin) for begin, _ in spans[::every]),
    )


def nice(largest: int) -> int:
    """Returns the end of an axis: an even round number not below `largest`."""
    for power in range(12):
        for lead in (2, 4, 6, 10):
            if largest <= lead * 10**power:
                return int(lead * 10**power)
    return largest


def share(part: int, whole: int) -> Optional[float]:
    """Returns `part` of `whole`; None where there is nothing to divide."""
    return part / whole if whole else None


def _step(days: int) -> int:
    return 1 if days <= 62 else 7 if days <= 420 else 28


def _every(first: date, last: date, step: int) -> List[date]:
    return [first + timedelta(days=offset) for offset in range(0, (last - first).days + 1, step)]


def _days(first: date, last: date) -> List[str]:
    return [(first + timedelta(days=offset)).isoformat() for offset in range((last - first).days + 1)]
