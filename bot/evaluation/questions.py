"""Test questions: <set>/<language>/*.yml in Rasa's format, and two files of other kinds.

`compound.yml`: two questions in one message. `follow_ups.yml`: what is understood with the answer before it only.

tests/nlu/ holds three sets. `project`: by the authors of the training examples. `development`, `confirming`: two halves
of questions by people who had not seen the training examples; errors are studied on the first half only.
"""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Optional, Tuple

import yaml

from bot import yaml_files
from bot.errors import CatalogueError

_FOLLOW_UPS = "follow_ups.yml"


@dataclass(frozen=True)
class Question:
    """One test question; `intents` is what must be answered, usually one."""

    text: str
    language: str
    intents: Tuple[str, ...]
    after: Optional[str] = None  # the topic that was answered just before


def load(folder: Path) -> Dict[str, List[Question]]:
    """Returns the questions of each language folder in the set `folder`, without those that follow an answer.

    Raises:
        CatalogueError: the folder has none, or a file is malformed.
    """
    found: Dict[str, List[Question]] = {}
    for path in sorted(path for path in folder.glob("*/*.yml") if path.name != _FOLLOW_UPS):
        language = path.parent.name
        try:
            entries = yaml_files.read(path)
            if path.stem == "compound":
                new = [Question(entry["text"], language, tuple(entry["intents"])) for entry in entries]
            else:
                new = [
                    Question(line[2:].strip(), language, (entry["intent"],))
                    for entry in entries["nlu"]
                    for line in entry["examples"].splitlines()
                    if line.startswith("- ")
                ]
        except (yaml.YAMLError, KeyError, TypeError) as error:
            raise CatalogueError(f"cannot read {path}: {error}") from error
        found.setdefault(language, []).extend(new)
    if not found:
        raise CatalogueError(f"no test questions in {folder}; it holds one folder a language")
    return found


def follow_ups(folder: Path) -> Dict[str, List[Question]]:
    """Returns what follows an answer in the set `folder`, by language; empty if it has none.

    Raises:
        CatalogueError: a file is malformed.
    """
    found: Dict[str, List[Question]] = {}
    for path in sorted(folder.glob(f"*/{_FOLLOW_UPS}")):
        try:
            language, entries = path.parent.name, yaml_files.read(path)
            found[language] = [Question(entry["text"], language, (entry["intent"],), entry["after"]) for entry in entries]
        except (yaml.YAMLError, KeyError, TypeError) as error:
            raise CatalogueError(f"cannot read {path}: {error}") from error
    return found
