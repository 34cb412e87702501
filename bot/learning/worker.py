"""Watches over one training, in a process that does not end with the console: `python -m bot.learning.worker NUMBER`.

It says in the database that the training lives, stops it when it is asked to, and notes how it ended, whatever happened.
"""
from __future__ import annotations

import logging
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Optional

from sqlalchemy.exc import SQLAlchemyError

from bot.cli import training
from bot.learning import overlay
from bot.learning.candidate import REASONS
from bot.settings import ROOT, settings
from bot.store import trainings

logger = logging.getLogger(__name__)
_PAUSE = 2.0  # seconds between two signs of life


def start(staff: str) -> Optional[int]:
    """Starts a training in the name of `staff` and returns its number; None if one is running."""
    number = trainings.begin(staff)
    if number is None:
        return None
    try:
        log = _log(number)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            command = [sys.executable, "-m", "bot.learning.worker", str(number)]
            subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output, start_new_session=True)
    except OSError:
        trainings.end(number, trainings.FAILED, "disk")
    return number


def watch(number: int) -> None:
    """Runs training `number` to its end."""
    child = subprocess.Popen([sys.executable, "-m", "bot.learning.candidate", str(number)], cwd=ROOT)
    try:
        while True:
            try:
                code = child.wait(timeout=_PAUSE)
                break
            except subprocess.TimeoutExpired:
                pass
            if not _goes_on(number):
                child.kill()  # a component that is learning hears nothing gentler
                child.wait()
                trainings.end(number, trainings.STOPPED)
                return
        if code == 0:
            trainings.end(number, trainings.DONE)
        else:  # a negative code: the system ended it, as it does when memory runs out
            trainings.end(number, trainings.FAILED, "memory" if code == -9 else REASONS.get(code, "training"))
    finally:
        training.sweep()
        _tidy_up(number)


def _goes_on(number: int) -> bool:
    try:
        return trainings.alive(number)
    except SQLAlchemyError as error:  # the database is away; it comes back or the training is given up
        logger.warning("cannot say that training %s lives: %s", number, type(error).__name__)
        return True


def _tidy_up(number: int) -> None:
    """Deletes what a training that led to nothing wrote."""
    row = trainings.get(number)
    if row and row["state"] != trainings.DONE and row["version"]:
        shutil.rmtree(overlay.version(row["version"]), ignore_errors=True)


def _log(number: int) -> Path:
    return settings().state / "logs" / f"training-{number}.log"


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    watch(int(sys.argv[1]))
