"""Which model patients get: the one for the version of the clinic's examples that is in use, see bot/learning/overlay.py.

Promoting and going back switch the version; the assistant notices, loads the model beside the old one and answers the
next message by it (bot/channels/model.py). Conversations go on: they are in the database.
"""
from __future__ import annotations

import os
from typing import Optional

from bot.cli import training
from bot.learning import overlay
from bot.store import trainings


class NotNow(Exception):
    """A model that cannot be promoted; its text is "running", "refused", "stale" or "gone"."""


def promote(number: int, staff: str) -> str:
    """Makes training `number` the model of patients and returns the version.

    Raises:
        NotNow: it is not done, was refused, was compared with another model than the one in use, or is not there.
    """
    row = trainings.get(number)
    if row is None or row["state"] != trainings.DONE or not row["report"]:
        raise NotNow("running")
    if row["report"]["refused"]:
        raise NotNow("refused")
    version, path = overlay.version(row["version"]), training.model_path(overlay.version(row["version"]))
    if row["base"] != overlay.current().name or row["version"] == row["base"]:
        raise NotNow("stale")
    if path.name != row["model"] or not path.exists():
        raise NotNow("gone")
    _use(version.name, staff, number)
    return version.name


def go_back(staff: str) -> str:
    """Makes the model before the present one that of patients again, and returns its version.

    Raises:
        NotNow: there is none, or its model is not there any more.
    """
    earlier = overlay.before()
    if earlier == overlay.current():
        raise NotNow("gone")
    _use(earlier.name, staff, None)
    return earlier.name


def can_go_back() -> bool:
    """Returns whether there is a version before the present one whose model is there."""
    earlier = overlay.before()
    return earlier != overlay.current() and training.model_path(earlier).exists()


def _use(version: str, staff: str, number: Optional[int]) -> None:
    path = training.model_path(overlay.version(version))
    if not path.exists():
        raise NotNow("gone")
    os.utime(path)
    trainings.promote(path.name, version, staff, number)
    overlay.use(overlay.version(version))
