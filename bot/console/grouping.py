"""Messages grouped by meaning, across languages: what was asked in many words is seen once, the most frequent first."""
from __future__ import annotations

import threading
from typing import Any, Callable, Dict, List, Sequence

import numpy as np

from bot.nlu import encoders

Row = Dict[str, Any]
ENCODER = "use"
ALIKE = 0.5  # cosine with the middle of a group from which a message belongs to it; see docs/console.md
_one_at_a_time = threading.Lock()  # the encoder and what it remembers are used by one page at a time


def grouped(rows: Sequence[Row], text: Callable[[Row], str]) -> List[List[Row]]:
    """Returns `rows` in groups, the largest first; within a group and among equals the order of `rows` stays.

    Greedy: each row joins the group whose middle is nearest, if that is near enough, else it opens one. `text` gives the
    words that count of a row.
    """
    if not rows:
        return []
    with _one_at_a_time:
        vectors = encoders.load(ENCODER).encode([text(row) for row in rows])
    vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    sums = np.zeros_like(vectors)  # of the vectors in each group so far
    members: List[List[int]] = []
    for number, vector in enumerate(vectors):
        middles = sums[: len(members)]
        near = middles @ vector / np.maximum(np.linalg.norm(middles, axis=1), 1e-9)
        best = int(near.argmax()) if len(members) else -1
        if best < 0 or near[best] < ALIKE:
            members.append([])
            best = len(members) - 1
        members[best].append(number)
        sums[best] += vector
    return [[rows[number] for number in group] for group in sorted(members, key=len, reverse=True)]
