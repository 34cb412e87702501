"""Conversations that must go well with every model: made by staff from real ones, without personal data.

One file each, questions/conversations/<language>/<name>.yml in the state folder: `turns`, a list of {text, intents}. Each
message must be understood as its intents; what the dialogue makes of them is rules, which have tests of their own.
"""
from __future__ import annotations

import hashlib
import secrets
from pathlib import Path
from typing import Any, Dict, Iterator, List, Sequence

import yaml

from bot import yaml_files
from bot.errors import CatalogueError
from bot.evaluation.questions import Question
from bot.files import write_whole
from bot.learning.questions import folder
from bot.settings import settings

Turn = Dict[str, Any]  # text, intents


def add(language: str, turns: Sequence[Turn], conversation: str) -> str:
    """Writes a test made of `conversation` and returns its name; OSError if the disk is full."""
    name = f"{_mark(conversation)}-{secrets.token_hex(4)}"
    text = yaml.safe_dump({"turns": list(turns)}, allow_unicode=True, sort_keys=False, width=1_000)
    write_whole(folder() / "conversations" / language / f"{name}.yml", text)
    return name


def everything() -> Dict[str, List[Question]]:
    """Returns the messages of each test by its name.

    Raises:
        CatalogueError: a file is malformed.
    """
    found: Dict[str, List[Question]] = {}
    for path in _paths():
        try:
            turns = yaml_files.read(path)["turns"]
            found[path.stem] = [Question(turn["text"], path.parent.name, tuple(turn["intents"])) for turn in turns]
        except (yaml.YAMLError, KeyError, TypeError, OSError) as error:
            raise CatalogueError(f"cannot read {path}: {error}") from error
    return found


def of(conversation: str) -> List[List[Turn]]:
    """Returns the turns of the tests that were made of `conversation`; CatalogueError if a file is malformed."""
    mine = f"{_mark(conversation)}-"
    tests = (turns for name, turns in everything().items() if name.startswith(mine))
    return [[{"text": turn.text, "intents": list(turn.intents)} for turn in turns] for turns in tests]


def remove(name: str) -> bool:
    """Deletes a test; returns False if there is none of that name."""
    for path in _paths():
        if path.stem == name:
            path.unlink()
            return True
    return False


def forget(conversation: str) -> None:
    """Deletes the tests that were made of `conversation`."""
    for path in list(_paths()):
        if path.stem.startswith(f"{_mark(conversation)}-"):
            path.unlink(missing_ok=True)


def _mark(conversation: str) -> str:
    return hashlib.sha256(conversation.encode()).hexdigest()[:16]


def _paths() -> Iterator[Path]:
    for code in settings().clinic.languages:
        yield from sorted((folder() / "conversations" / code).glob("*.yml"))
