"""From what staff said about messages to proposals: sentences for the fresh test set or for training."""
from __future__ import annotations

import re
from typing import Any, Dict, Iterable, List, Optional, Set, Tuple

from bot import first_names
from bot.learning.questions import Check, use_of
from bot.learning.wording import natural, stand_ins, tidy
from bot.nlu.languages import fold
from bot.scheduling import names
from bot.settings import settings
from bot.store import messages, proposals, review, transcripts

_HIDDEN = "\0"  # a stand-in; no sentence has it, see bot/learning/wording.py
_COVERED = 8  # words and marks that one stand-in may take the place of, such as those of an address


def propose(batch: str) -> int:
    """Proposes the messages that were judged in `batch`; returns how many are open now.

    What cannot be used is kept as left out, with the reason, until its conversation goes. Buttons have no words, and of
    a topic that is still to be written there is nothing to learn yet.
    """
    rows, check = [], Check()
    earlier: Dict[Tuple[str, str], int] = {}
    judged = [(messages.get(number), verdict) for number, verdict in review.of_batch(batch).items()]
    proposals.withdraw(messages=[row["id"] for row, _ in judged if row])
    for row, verdict in judged:
        intent = intent_of(row, verdict) if row else None
        if row is None or intent is None or not row["text"]:
            continue
        language = row["language"] if row["language"] in settings().clinic.languages else settings().clinic.default_language
        text = natural(row["text"], language)
        use = use_of(language, intent, earlier.get((language, intent), 0))
        why = check.why_not(text, language, use, transcripts.identifying(row["conversation"]))
        is_open = why in (None, "personal", "long")  # the rest no editing can mend
        if is_open:
            earlier[(language, intent)] = earlier.get((language, intent), 0) + 1
            check.add(text, language, use)
        values = {"text": text, "language": language, "intent": intent, "use": use, "proposer": verdict.staff}
        values.update(message=row["id"], conversation=row["conversation"], batch=batch)
        rows.append({**values, "state": proposals.OPEN if is_open else proposals.LEFT_OUT, "why": why})
    proposals.add(rows)
    return sum(row["state"] == proposals.OPEN for row in rows)


def edit(number: int, text: str, language: str, intent: str, staff: str) -> Optional[str]:
    """Changes an open proposal; returns why it cannot be used, None if it can.

    Who changes what it means or its words proposes it from then on, and somebody else approves; taking names and numbers
    away, or putting stand-ins for words, is no new proposal.
    """
    row = proposals.get(number)
    if row is None or row["state"] != proposals.OPEN:
        return "gone"
    text = tidy(text)
    why = Check(number).why_not(text, language, row["use"], known(row))
    if why in ("empty", "long"):
        return why
    same = (language, intent) == (row["language"], row["intent"]) and _less(text, row["text"], language)
    proposer = row["proposer"] if same else staff
    proposals.change(number, text=text, language=language, intent=intent, proposer=proposer, why=why)
    return why


def known(row: proposals.Row) -> List[str]:
    """Returns the names and contacts that the conversation of a proposal gave, as long as it is there."""
    return transcripts.identifying(row["conversation"]) if row["conversation"] else []


def approve(number: int, staff: str, **seen: str) -> Optional[str]:
    """Approves a proposal; returns why it cannot be, None if it is done.

    See :meth:`Check.why_not`, and "own", and "gone": it is decided, or its columns are not what `staff` has `seen`.
    """
    row = proposals.get(number)
    if row is None or row["state"] != proposals.OPEN:
        return "gone"
    if row["proposer"] == staff:
        return "own"
    why = Check(number).why_not(row["text"], row["language"], row["use"], known(row))
    if why:
        proposals.change(number, why=why)
        return why
    return None if proposals.decide(number, proposals.APPROVED, staff, **seen) else "gone"


def intent_of(row: messages.Row, verdict: Any) -> Optional[str]:
    """Returns what a message is to be understood as, after the verdict on it; None if that is no intent we have."""
    if verdict.verdict == review.ANSWER:
        return str(verdict.answer)
    if verdict.verdict == review.NOT_OURS:
        return "out_of_scope"
    if verdict.verdict == review.RIGHT and row["intent"] not in messages.UNCLEAR:
        return row["intent"]
    return None


def _less(new: str, old: str, language: str) -> bool:
    """Returns whether `new` is `old` without some names and numbers, or with stand-ins in the place of some words."""
    left = _parts(old, language)
    reached = {0}  # how much of `left` may be used up by the parts of `new` so far
    for part in _parts(new, language):
        if part == _HIDDEN:
            reached = {begin + length for begin in reached for length in range(1, _COVERED + 1)}
        else:
            reached = {place + 1 for place in _without_names(left, reached) if left[place : place + 1] == [part]}
    return len(left) in _without_names(left, reached)


def _parts(text: str, language: str) -> List[str]:
    """Returns the words and marks of `text`, each stand-in as one."""
    for words in sorted(stand_ins(language), key=len, reverse=True):
        text = text.replace(words, _HIDDEN)
    return re.findall(r"\w+|[^\w\s]", text)


def _without_names(parts: List[str], places: Iterable[int]) -> Set[int]:
    """Returns `places` in `parts`, and those behind them that are reached by leaving out names, numbers and marks."""
    found: Set[int] = set()
    for place in places:
        while place < len(parts) and _is_name(parts, place):
            found.add(place)
            place += 1
        found.add(place)
    return found


def _is_name(parts: List[str], place: int) -> bool:
    word = parts[place]
    begins = place == 0 or parts[place - 1] in ".!?"  # a capital says nothing there
    capital = word.istitle() and not begins and names.bare(word) is not None
    return not word.isalpha() or capital or fold(word) in first_names.first()
