"""What is kept of a person, and what was learnt from them, gone at their wish.

A model that was trained with their sentences serves until the next start: examples that are gone change the fingerprint,
and a model without them is trained then.
"""
from __future__ import annotations

from typing import Set

from bot.learning import conversations, overlay, questions
from bot.learning.overlay import Example
from bot.nlu import vector_files
from bot.nlu.wording import encoded
from bot.store import erasure, proposals, trainings


def erase(conversation: str, *, reachable: bool = False) -> str:
    """Deletes `conversation`, everything about it, and the examples and tests made of it; returns the receipt.

    The files first: if one cannot be written (OSError) or the database is away (sqlalchemy.exc.SQLAlchemyError), asking
    once more finishes the work. `reachable`: see :func:`bot.store.erasure.erase`.
    """
    theirs = {Example(row["language"], row["intent"], row["text"]) for row in proposals.of(conversation)}
    if theirs:
        _unlearn(theirs)
    conversations.forget(conversation)
    return erasure.erase(conversation, reachable=reachable)


def _unlearn(theirs: Set[Example]) -> None:
    """Takes `theirs` out of examples, tests and vectors; a training that may be learning from them is stopped."""
    training = trainings.latest()
    if training and training["state"] == trainings.RUNNING:
        trainings.ask_to_stop(training["id"])
    for folder in [*overlay.versions(), questions.folder() / questions.FRESH]:
        learnt = overlay.read(folder)
        if not theirs.isdisjoint(learnt):
            overlay.put(folder, [example for example in learnt if example not in theirs])
    _forget_vectors({encoded(example.text) for example in theirs})


def _forget_vectors(texts: Set[str]) -> None:
    """Takes `texts` out of what one training encoded for the next."""
    for file in vector_files.folder().glob("*.npz"):
        try:
            known, vectors = vector_files.read(file)
        except vector_files.DAMAGED:  # half a file; the next training makes it anew
            file.unlink(missing_ok=True)
            continue
        kept = [number for number, text in enumerate(known) if text not in texts]
        if len(kept) < len(known):
            vector_files.write(file, [known[number] for number in kept], vectors[kept])
