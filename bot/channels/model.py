"""Puts a newly promoted model into the running server. No message waits for it and no conversation is lost."""
from __future__ import annotations

import asyncio
import logging
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from bot.cli import training
from bot.dialogue import shortcuts
from bot.dialogue.graph_runner import SequentialGraphRunner
from bot.learning import overlay
from bot.store import trainings

logger = logging.getLogger(__name__)
_PAUSE = 1.0  # seconds between two looks


async def follow(app: Any, _: Any = None) -> None:
    """Begins to watch which version of the clinic's examples is in use (a listener of Sanic)."""
    shortcuts.take()
    app.add_task(_follow(app))


async def _follow(app: Any) -> None:
    seen, loop = None, asyncio.get_running_loop()  # it may have been promoted while no server ran, or this one started
    while True:
        wanted = overlay.current()
        if wanted != seen:
            seen = wanted
            await loop.run_in_executor(None, _load, app.ctx.agent)
        await asyncio.sleep(_PAUSE)


def _load(agent: Any) -> None:
    """Loads the model for the data as they are now, unless it is in use; a turn that has begun ends with the old one.

    What cannot be loaded changes nothing, and is noted for the staff.
    """
    path = training.model_path()
    well = agent.is_ready() and agent.model_name == path.name
    try:
        if not well and path.exists():
            agent.load_model(str(path))
            well = True
        if agent.is_ready():
            agent.processor.graph_runner = SequentialGraphRunner(agent.processor.graph_runner)
    except Exception:  # whatever is wrong with the file, the assistant answers on
        logger.exception("cannot load the promoted model %s; answering on with the one before", path.name)
    _note(path.name, well)


def _note(model: str, well: bool) -> None:
    try:
        trainings.loaded(model, well)
    except SQLAlchemyError as error:
        logger.warning("cannot note that %s was loaded: %s", model, type(error).__name__)
