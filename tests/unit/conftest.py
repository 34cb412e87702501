"""A state folder of their own for the unit tests: the assistant that other tests left running reads along in theirs."""
import os

import pytest

from bot.settings import settings
from bot.store import database


def _forget():
    for kept in (settings, database._ready, database._connect):
        kept.cache_clear()


@pytest.fixture(scope="package", autouse=True)
def _own_state(tmp_path_factory):
    before = os.environ["ASSISTANT_STATE"]
    os.environ["ASSISTANT_STATE"] = str(tmp_path_factory.mktemp("state"))
    _forget()
    yield
    os.environ["ASSISTANT_STATE"] = before
    _forget()
