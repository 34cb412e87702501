"""What short questions mean after which answer: data/follow_ups.yml."""
from __future__ import annotations

from pathlib import Path
from typing import Dict, Mapping

import yaml

from bot import yaml_files
from bot.errors import CatalogueError

_SAME = "the same"


def read(path: Path) -> Mapping[str, Mapping[str, str]]:
    """Returns for each topic that may have been answered last, and each intent by the words alone, the intent that is meant.

    Raises:
        CatalogueError: the file is malformed.
    """
    found: Dict[str, Dict[str, str]] = {}
    try:
        for entry in yaml_files.read(path):
            for topic in entry["after"]:
                for said, meant in entry["means"].items():
                    found.setdefault(topic, {})[said] = topic if meant == _SAME else meant
    except (OSError, yaml.YAMLError, AttributeError, KeyError, TypeError) as error:
        raise CatalogueError(f"cannot read {path}: {error}") from error
    return found
