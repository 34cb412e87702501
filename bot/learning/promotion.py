"""Which model patients get: the one for the version of the clinic's examples that is in use, see bot/learning/overlay.py.

Promoting and going back switch the version; the assistant notices, loads the model beside the old one and answers the
next message by it (bot/channels/model.py). Conversations go on: they are in the database.
"""
from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any, Dict, Optional

from bot.cli import training
from bot.errors import CatalogueError
from bot.learning import conversations, overlay, questions
from bot.store import trainings


class NotNow(Exception):
    """A model that cannot be promoted; its text is "running", "refused", "stale", "unasked" or "gone"."""


def promote(number: int, staff: str) -> str:
    """Makes training `number` the model of patients and returns the version.

    Raises:
        NotNow: it is not done, was refused, was compared with another model than the one in use, was not asked every test
            question there is now, or is not there.
    """
    row = trainings.get(number)
    if row is None or row["state"] != trainings.DONE or not row["report"]:
        raise NotNow("running")
    if row["report"]["refused"]:
        raise NotNow("refused")
    outdated = why_outdated(row)
    if outdated:
        raise NotNow(outdated)
    version = overlay.version(row["version"])
    path = training.model_path(version)
    if path.name != row["model"]:
        raise NotNow("gone")
    return _use(version, path, staff, number)


def why_outdated(row: Dict[str, Any]) -> Optional[str]:
    """Returns what happened since the training `row` was measured: "stale" or "unasked" as in NotNow; None if nothing."""
    if row["base"] != overlay.current().name or row["version"] == row["base"]:
        return "stale"
    return None if row["report"].get("tests") == tests() else "unasked"


def tests() -> Optional[str]:
    """Returns a digest of the clinic's own test questions and conversations; None if they cannot be read."""
    try:
        asked = [*questions.fresh(), *(turn for turns in conversations.everything().values() for turn in turns)]
    except CatalogueError:  # a training says so, with what to do
        return None
    rows = sorted((each.language, each.intents, each.text) for each in asked)
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def go_back(staff: str) -> str:
    """Makes the model before the present one that of patients again, and returns its version.

    Raises:
        NotNow: there is none, or its model is not there any more.
    """
    earlier = overlay.before()
    if earlier == overlay.current():
        raise NotNow("gone")
    return _use(earlier, training.model_path(earlier), staff, None)


def can_go_back() -> bool:
    """Returns whether there is a version before the present one whose model is there."""
    earlier = overlay.before()
    return earlier != overlay.current() and training.model_path(earlier).exists()


def _use(version: Path, model: Path, staff: str, number: Optional[int]) -> str:
    if not model.exists():
        raise NotNow("gone")
    os.utime(model)
    with trainings.promoting(model.name, version.name, staff, number):
        overlay.use(version)
    return version.name
