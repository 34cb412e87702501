"""What is kept of a person, and what was learnt from them, gone at their wish.

A model that was trained with their sentences serves until the next start: examples that are gone change the fingerprint,
and a model without them is trained then.
"""
from __future__ import annotations

import os
import zipfile
from typing import Set

import numpy as np

from bot.learning import conversations, overlay, questions
from bot.learning.overlay import Example
from bot.nlu.languages import straighten
from bot.settings import ROOT
from bot.store import erasure, proposals, trainings

_CACHE = ROOT / os.environ.get("RASA_CACHE_DIRECTORY", ".rasa/cache")  # Rasa's own setting and default


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
    _forget_vectors({straighten(example.text) for example in theirs})


def _forget_vectors(texts: Set[str]) -> None:
    """Takes `texts` out of what one training encoded for the next: the files of bot/nlu/encoders.py."""
    for file in (_CACHE.parent / "vectors").glob("*.npz"):
        try:
            with np.load(file) as found:
                known, vectors = found["texts"].tobytes().decode().split("\n"), found["vectors"]
        except (OSError, ValueError, KeyError, zipfile.BadZipFile):  # half a file; the next training makes it anew
            file.unlink(missing_ok=True)
            continue
        kept = [number for number, text in enumerate(known) if text not in texts]
        if len(kept) < len(known):
            draft, left = file.with_suffix(f".{os.getpid()}.npz"), "\n".join(known[number] for number in kept)
            np.savez(draft, texts=np.frombuffer(left.encode(), np.uint8), vectors=vectors[kept])
            os.replace(draft, file)
