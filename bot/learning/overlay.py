"""The clinic's own examples: files in the state folder, read beside data/nlu, so that an upgrade never touches them.

    nlu.versions/0003/<language>/clinic.yml   all examples of one version; once it is written only an erasure changes it
    nlu -> nlu.versions/0003                  the version in use; switched in one step, so that nobody reads half of two
    nlu.before -> nlu.versions/0002           the one before, to go back to

Version "0000" is the one without any. Which model patients get follows from the version: see bot/cli/training.py.
"""
from __future__ import annotations

import os
from pathlib import Path
from typing import Dict, Iterable, List, NamedTuple

import yaml

from bot import yaml_files
from bot.errors import CatalogueError
from bot.files import write_whole
from bot.settings import settings

FILE = "clinic.yml"


class Example(NamedTuple):
    """A sentence of a patient, without personal data, and the intent it should be understood as."""

    language: str
    intent: str
    text: str


def current() -> Path:
    """Returns the folder of the version in use; it need not exist."""
    return _target(_link())


def before() -> Path:
    """Returns the folder of the version before; that in use if there is none."""
    return _target(_link(".before"))


def version(name: str) -> Path:
    """Returns the folder of the version `name`, such as "0003"."""
    return _versions() / name


def versions() -> List[Path]:
    """Returns the folders of all versions."""
    return sorted(path for path in _versions().glob("*") if path.name.isdigit())


def write(examples: Iterable[Example]) -> Path:
    """Returns the folder of a new version that has `examples`; OSError if the disk is full."""
    _versions().mkdir(parents=True, exist_ok=True)
    number = max((int(path.name) for path in versions()), default=0)
    while True:
        number += 1
        try:
            folder = version(f"{number:04}")
            folder.mkdir()
            break
        except FileExistsError:  # two at once
            continue
    put(folder, examples)
    return folder


def put(folder: Path, examples: Iterable[Example]) -> None:
    """Writes `examples` into `folder`, a file a language, each at once or not at all."""
    wanted = list(examples)
    for code in sorted({example.language for example in wanted} | {path.parent.name for path in folder.glob(f"*/{FILE}")}):
        write_whole(folder / code / FILE, text(example for example in wanted if example.language == code))


def text(examples: Iterable[Example]) -> str:
    """Returns the file that holds `examples`, all of one language, in Rasa's format."""
    by_intent: Dict[str, List[str]] = {}
    for example in sorted(set(examples)):
        by_intent.setdefault(example.intent, []).append(example.text)
    lines = ['version: "3.1"', "nlu:" if by_intent else "nlu: []"]
    for intent, sentences in by_intent.items():
        lines += [f"- intent: {intent}", "  examples: |", *(f"    - {sentence}" for sentence in sentences)]
    return "\n".join(lines) + "\n"


def read(folder: Path) -> List[Example]:
    """Returns the examples in all `folder`/<language>/*.yml but compound.yml; none if there is no such folder.

    Raises:
        CatalogueError: a file is malformed.
    """
    paths = (path for path in sorted(folder.glob("*/*.yml")) if path.stem != "compound")
    return [example for path in paths for example in read_file(path)]


def read_file(path: Path) -> List[Example]:
    """Returns the examples in <language>/<name>.yml.

    Raises:
        CatalogueError: the file is malformed.
    """
    try:
        return [
            Example(path.parent.name, entry["intent"], line[2:].strip())
            for entry in yaml_files.read(path)["nlu"]
            for line in entry["examples"].splitlines()
            if line.startswith("- ")
        ]
    except (yaml.YAMLError, KeyError, TypeError, OSError) as error:
        raise CatalogueError(f"cannot read {path}: {error}") from error


def use(folder: Path) -> None:
    """Makes `folder` the version in use, and that in use until now the one before."""
    _point(_link(".before"), current())
    _point(_link(), folder)


def _point(link: Path, folder: Path) -> None:
    draft = link.with_name(f"{link.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    draft.symlink_to(Path(_versions().name) / folder.name)
    os.replace(draft, link)


def _target(link: Path) -> Path:
    try:
        return version(Path(os.readlink(link)).name)
    except FileNotFoundError:
        return version("0000") if link == _link() else current()


def _link(suffix: str = "") -> Path:
    return settings().state / f"nlu{suffix}"


def _versions() -> Path:
    return settings().state / "nlu.versions"
