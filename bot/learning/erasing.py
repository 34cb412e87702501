"""What is kept of a person, and what was learnt from them, gone at their wish.

A model that was trained with their sentences serves until the next start: examples that are gone change the fingerprint,
and a model without them is trained then.
"""
from __future__ import annotations

from bot.learning import conversations, overlay, questions
from bot.learning.overlay import Example
from bot.store import erasure, proposals


def erase(conversation: str, *, reachable: bool = False) -> str:
    """Deletes `conversation`, everything about it, and the examples and tests made of it; returns the receipt.

    The files first: if one cannot be written (OSError) or the database is away (sqlalchemy.exc.SQLAlchemyError), asking
    once more finishes the work. `reachable`: see :func:`bot.store.erasure.erase`.
    """
    theirs = {Example(row["language"], row["intent"], row["text"]) for row in proposals.of(conversation)}
    for folder in [*overlay.versions(), questions.folder() / questions.FRESH] if theirs else []:
        learnt = overlay.read(folder)
        if not theirs.isdisjoint(learnt):
            overlay.put(folder, [example for example in learnt if example not in theirs])
    conversations.forget(conversation)
    return erasure.erase(conversation, reachable=reachable)
