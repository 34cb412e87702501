"""The answers as patients get them now: those of data/answers, and in place of some the clinic's own.

The clinic's own are files in the state folder, one a topic, in the form of data/answers: so they outlive an upgrade of
this repository, are there when the database is away, and need no restart. The staff console writes them; several
machines have to share that folder. One that does not fit (any more) is left out, and the delivered answer is given.
"""
from __future__ import annotations

import logging
import os
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, Mapping, Optional, Sequence, Tuple, Union

import yaml

from bot import answer_files, yaml_files
from bot.answers import Answer, Catalogue
from bot.errors import CatalogueError
from bot.files import write_whole
from bot.settings import ANSWERS, settings

logger = logging.getLogger(__name__)
_File = Tuple[str, int, int, int]  # its name, inode, time of its last change, size
_Stamp = Tuple[_File, ...]


class Book:
    """The answers in two folders; what is in the second, `own`, is said in place of what is in the first."""

    def __init__(self, delivered: Path, own: Path, languages: Sequence[str]) -> None:
        self.delivered, self._own = Catalogue.load(delivered, languages), own
        self._files: Dict[_File, Union[Answer, str]] = {}  # what came of each file, so that only what changed is read
        self._state: Tuple[Optional[_Stamp], Catalogue, Dict[str, str]] = (None, self.delivered, {})

    def now(self) -> Catalogue:
        """Returns the answers; the same object as long as no file was changed."""
        return self._read()[1]

    def faulty(self) -> Dict[str, str]:
        """Returns which of the clinic's own answers are not said, and why."""
        return self._read()[2]

    def own(self) -> Dict[str, Answer]:
        """Returns the clinic's own answers that are said and differ from the delivered ones."""
        return {name: answer for name, answer in self.now().answers.items() if answer != self.delivered.answers[name]}

    def publish(self, topic: str, entry: Optional[Mapping[str, Any]]) -> None:
        """Has `entry` said from the next question on; None goes back to the delivered answer. OSError if that fails."""
        path = self._own / f"{topic}.yml"
        if entry is None:
            path.unlink(missing_ok=True)
            return
        write_whole(path, answer_files.write(topic, entry))

    def _read(self) -> Tuple[Optional[_Stamp], Catalogue, Dict[str, str]]:
        stamp = self._stamp()
        if stamp != self._state[0]:
            self._state = (stamp, *self._merged(stamp))
        return self._state

    def _stamp(self) -> _Stamp:
        try:
            with os.scandir(self._own) as files:
                found = [(file.name, file.stat()) for file in files if file.name.endswith(".yml")]
        except OSError:
            return ()
        return tuple(sorted((name, stat.st_ino, stat.st_mtime_ns, stat.st_size) for name, stat in found))

    def _merged(self, stamp: _Stamp) -> Tuple[Catalogue, Dict[str, str]]:
        known = self._files
        self._files = {file: known[file] if file in known else self._checked(file[0][: -len(".yml")]) for file in stamp}
        found = {file[0][: -len(".yml")]: result for file, result in self._files.items()}
        own = {topic: result for topic, result in found.items() if isinstance(result, Answer)}
        return self._with(own), {topic: result for topic, result in found.items() if isinstance(result, str)}

    def _checked(self, topic: str) -> Union[Answer, str]:
        """Returns the clinic's own answer, or why it is not said."""
        try:
            return self._own_answer(topic)
        except CatalogueError as error:
            logger.error("the clinic's own answer %s is left out: %s", topic, error)
            return str(error)

    def _own_answer(self, topic: str) -> Answer:
        path = self._own / f"{topic}.yml"
        if topic not in self.delivered.answers:
            raise CatalogueError(f"{path}: there is no topic of that name")
        try:
            answer = Answer.read(topic, yaml_files.read(path)[topic])
            self._with({topic: answer}).responses(settings().clinic)
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise CatalogueError(f"cannot read {path}: {error}") from error
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise CatalogueError(f"{path} lacks or garbles {error}") from error
        return answer

    def _with(self, own: Mapping[str, Answer]) -> Catalogue:
        known = self.delivered
        return Catalogue({**known.answers, **own}, known.replies, known.documents, known.languages)


@lru_cache(maxsize=1)
def book() -> Book:
    """Returns the book of this process; CatalogueError if a delivered answer is missing or wrong."""
    return Book(ANSWERS, settings().state / "answers", settings().clinic.languages)


class Responses:
    """What the book comes to as Rasa's responses, made anew when an answer changes."""

    def __init__(self) -> None:
        self._made: Tuple[Optional[Catalogue], Dict[str, Any]] = (None, {})

    def now(self) -> Dict[str, Any]:
        """Returns the responses by name."""
        catalogue = book().now()
        if catalogue is not self._made[0]:
            self._made = (catalogue, self.made(catalogue))
        return self._made[1]

    def say(self, name: str, language: Optional[str]) -> Dict[str, Any]:
        """Returns the response `name` in `language`, or in the clinic's default one, without a running dialogue."""
        clinic = settings().clinic
        code = language if language in clinic.languages else clinic.default_language
        return dict(next(v for v in self.now()[name] if v["metadata"]["language"] == code))

    def made(self, catalogue: Catalogue) -> Dict[str, Any]:
        """Returns the responses of `catalogue`."""
        return catalogue.responses(settings().clinic)
