"""Candidate models: how far each training is and what it came to; and which model was promoted when, by whom."""
from __future__ import annotations

import json
import time
from contextlib import contextmanager
from typing import Any, Dict, Iterator, List, Optional

import sqlalchemy as sa

from bot.store.database import engine, metadata

RUNNING, DONE, FAILED, STOPPED = "running", "done", "failed", "stopped"
_SILENT = 90.0  # seconds after which a training that says nothing is taken for dead
Row = Dict[str, Any]

_trainings = sa.Table(
    "trainings",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("staff", sa.String(120), nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("running", sa.Boolean, unique=True),  # True or None: of those that run there is one
    sa.Column("seen", sa.Float, nullable=False),  # when it last said that it lives
    sa.Column("stop", sa.Boolean, nullable=False, default=False),
    sa.Column("step", sa.String(120), nullable=False, default=""),
    sa.Column("why", sa.String(40)),  # it failed
    sa.Column("base", sa.String(16)),  # version of the clinic's examples it is compared with
    sa.Column("version", sa.String(16)),  # that it was trained on
    sa.Column("model", sa.String(80)),
    sa.Column("report", sa.Text),  # see bot/evaluation/comparison.py, as JSON
    sa.Column("ended", sa.Float),
    sqlite_autoincrement=True,
)
_promotions = sa.Table(
    "promotions",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", sa.Float, nullable=False, index=True),
    sa.Column("model", sa.String(80), nullable=False),
    sa.Column("version", sa.String(16), nullable=False),
    sa.Column("staff", sa.String(120), nullable=False),
    sa.Column("training", sa.Integer),  # None for going back to an earlier one
    sa.Column("loaded_at", sa.Float),  # since when patients are answered by it
    sa.Column("failed", sa.Boolean, nullable=False, default=False),  # the assistant could not load it
    sqlite_autoincrement=True,
)


def begin(staff: str) -> Optional[int]:
    """Returns the number of a new training; None if one is running."""
    _bury()
    now = time.time()
    try:
        with engine().begin() as connection:
            values = {"staff": staff, "at": now, "seen": now, "state": RUNNING, "running": True, "step": ""}
            return int(connection.execute(_trainings.insert().values(**values)).inserted_primary_key[0])
    except sa.exc.IntegrityError:
        return None


def get(number: int) -> Optional[Row]:
    """Returns a training with its report read; None if there is none of that number."""
    return _one(_trainings.c.id == number)


def latest(state: Optional[str] = None) -> Optional[Row]:
    """Returns the newest training, or the newest in `state`; None if there never was one."""
    _bury()
    return _one(_trainings.c.state == state if state else sa.true())


def note(number: int, **values: Any) -> None:
    """Changes columns of a training; a report is given as it is."""
    if "report" in values:
        values["report"] = json.dumps(values["report"], ensure_ascii=False)
    with engine().begin() as connection:
        connection.execute(_trainings.update().where(_trainings.c.id == number).values(**values))


def alive(number: int) -> bool:
    """Notes that training `number` lives; returns False if it shall stop or was given up."""
    with engine().begin() as connection:
        mine = (_trainings.c.id == number, _trainings.c.state == RUNNING)
        connection.execute(_trainings.update().where(*mine).values(seen=time.time()))
        return bool(connection.execute(sa.select(_trainings.c.id).where(*mine, ~_trainings.c.stop)).first())


def ask_to_stop(number: int) -> None:
    """Asks a training that is running to stop."""
    note(number, stop=True)


def end(number: int, state: str, why: Optional[str] = None) -> None:
    """Notes how a running training ended; the first to say so is right."""
    with engine().begin() as connection:
        mine = (_trainings.c.id == number, _trainings.c.state == RUNNING)
        values = {"state": state, "why": why, "running": None, "ended": time.time()}
        connection.execute(_trainings.update().where(*mine).values(**values))


def usual_seconds() -> Optional[float]:
    """Returns how long the last training that ended well took; None if none did."""
    query = sa.select(_trainings.c.ended - _trainings.c.at).where(_trainings.c.state == DONE)
    with engine().connect() as connection:
        return connection.execute(query.order_by(_trainings.c.id.desc())).scalar()


@contextmanager
def promoting(model: str, version: str, staff: str, training: Optional[int]) -> Iterator[None]:
    """Notes that patients are to be answered by `model` from now on, if what is done inside, the switch, succeeds."""
    values = {"at": time.time(), "model": model, "version": version, "staff": staff, "training": training}
    with engine().begin() as connection:
        connection.execute(_promotions.insert().values(**values))
        yield


def loaded(model: str, well: bool) -> None:
    """Notes of the newest promotion, if it is of `model`, that the assistant now answers by it, or could not load it."""
    newest = sa.select(sa.func.max(_promotions.c.id)).scalar_subquery()
    values = {"loaded_at": time.time() if well else None, "failed": not well}
    with engine().begin() as connection:
        mine = (_promotions.c.id == newest, _promotions.c.model == model)
        connection.execute(_promotions.update().where(*mine).values(**values))


def promotions(limit: Optional[int] = 20) -> List[Row]:
    """Returns the latest promotions, newest first; None is no limit."""
    query = sa.select(_promotions).order_by(_promotions.c.id.desc()).limit(limit)
    with engine().connect() as connection:
        return [dict(row._mapping) for row in connection.execute(query)]


def _bury() -> None:
    """Ends trainings that have been silent for too long: their machine or process is gone."""
    with engine().begin() as connection:
        silent = (_trainings.c.state == RUNNING, _trainings.c.seen < time.time() - _SILENT)
        values = {"state": FAILED, "why": "gone", "running": None, "ended": time.time()}
        connection.execute(_trainings.update().where(*silent).values(**values))


def _one(where: Any) -> Optional[Row]:
    with engine().connect() as connection:
        row = connection.execute(sa.select(_trainings).where(where).order_by(_trainings.c.id.desc())).first()
    return {**row._mapping, "report": json.loads(row.report) if row.report else None} if row else None
