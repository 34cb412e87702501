"""Makes a candidate model and its report: `python -m bot.learning.candidate NUMBER`, started by bot/learning/worker.py.

What it found is in the database, step by step; it ends with 0, or with the code of what went wrong.
"""
from __future__ import annotations

import errno
import logging
import os
import shutil
import sys
from pathlib import Path
from typing import List

from bot.quiet import QUIET

os.environ.update(QUIET)  # before anything imports TensorFlow or SQLAlchemy

from bot.cli import training
from bot.errors import AssistantError, ModelError
from bot.evaluation.comparison import CONVERSATIONS, FRESH, HELD_OUT, Asked, compare
from bot.learning import conversations, overlay, promotion, questions
from bot.settings import settings
from bot.store import proposals, trainings

logger = logging.getLogger(__name__)
REASONS = {10: "disk", 11: "training", 12: "nothing", 13: "base", 14: "data"}  # exit code: why
_NEEDED = 400 * 1024 * 1024  # bytes that a training may need on the disk for a while
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def make(number: int) -> None:
    """Trains training `number` and compares it with the model in use.

    Raises:
        Failed: it cannot be done; its code says why.
    """
    base = overlay.current()
    old = training.model_path(base)
    if not old.exists():  # the repository's data changed under a running assistant
        raise Failed("base")
    if room() < _NEEDED:
        raise Failed("disk")
    there = set(overlay.read(settings().data / "nlu"))  # what came there by a patch since
    examples = [each for each in questions.approved(proposals.TRAINING) if each not in there]
    if set(examples) == set(overlay.read(base)):
        raise Failed("nothing")
    questions.write_fresh()
    tests, asked = promotion.tests(), _asked()
    version = overlay.write(examples)
    trainings.note(number, step="train", base=base.name, version=version.name)
    parent = os.getppid()

    def say(text: str) -> None:
        if os.getppid() != parent:
            sys.exit("nobody waits for this training any more")
        print(text, flush=True)
        component = text.split()[-1] if text.startswith("  ") else ""
        trainings.note(number, step=f"train {component}".strip())

    new = training.train(say, additions=version)
    trainings.note(number, model=new.name, step="measure")
    texts = [each.question.text for each in asked]
    before, after = (list(_understood(model, texts)) for model in (old, new))
    trainings.note(number, report={**compare(asked, before, after), "tests": tests})


class Failed(Exception):
    """A training that cannot go on; its text is one of REASONS."""


def room() -> int:
    """Returns how many bytes are free where models and the clinic's files are, the smaller of both."""
    places: List[Path] = []
    for place in (settings().models, settings().state):
        places.append(next(each for each in (place, *place.parents) if each.exists()))
    return min(shutil.disk_usage(place).free for place in places)


def _asked() -> List[Asked]:
    found = [Asked(HELD_OUT, name, each) for name, group in questions.held_out().items() for each in group]
    found += [Asked(FRESH, FRESH, each) for each in questions.fresh()]
    return found + [Asked(CONVERSATIONS, name, turn) for name, turns in conversations.everything().items() for turn in turns]


def _understood(model: Path, texts: List[str]) -> List[dict]:
    from bot.understanding import Understanding

    return list(Understanding.load(model).parse(texts))


def why(error: BaseException) -> str:
    """Returns which of REASONS `error` stands for."""
    chain = [error, error.__cause__, error.__context__]
    if any(isinstance(each, OSError) and each.errno in _NO_ROOM for each in chain) or "disk is full" in str(error):
        return "disk"
    if isinstance(error, Failed):
        return str(error)
    return "training" if isinstance(error, ModelError) or not isinstance(error, AssistantError) else "data"


def main() -> None:
    """Makes the training that the command line names."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    os.nice(10)  # patients come first
    try:
        make(int(sys.argv[1]))
    except Exception as error:
        logger.exception("training %s failed", sys.argv[1])
        sys.exit(next(code for code, reason in REASONS.items() if reason == why(error)))


if __name__ == "__main__":
    main()
