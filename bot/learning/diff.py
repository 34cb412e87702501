"""The clinic's own examples and test questions as a patch for the repository: `git apply` takes it in a checkout."""
from __future__ import annotations

import difflib
from pathlib import Path
from typing import Iterator, List

from bot.learning import overlay
from bot.learning.overlay import Example
from bot.learning.questions import FRESH, folder
from bot.settings import settings


def patch(version: Path) -> str:
    """Returns what the examples in the folder `version` and the clinic's test questions add to the repository.

    The files are data/nlu/<language>/clinic.yml and tests/nlu/clinic/<language>/clinic.yml, in every language, as the
    repository's own tests ask; "" if nothing is new.
    """
    examples = [*_file("data/nlu", settings().data / "nlu", overlay.read(version))]
    asked = [*_file("tests/nlu/clinic", settings().questions / "clinic", overlay.read(folder() / FRESH))]
    return "".join([*examples, *asked])


def _file(name: str, place: Path, added: List[Example]) -> Iterator[str]:
    if not added:
        return
    for code in settings().clinic.languages:
        path = place / code / overlay.FILE
        here, kept = (path.read_text("utf-8"), overlay.read_file(path)) if path.exists() else ("", [])
        others = (other for other in (place / code).glob("*.yml") if other != path)
        elsewhere = {each.text for other in others for each in overlay.read_file(other)}
        new = (each for each in added if each.language == code and each.text not in elsewhere)
        after = overlay.text([*kept, *new])
        if after == here:
            continue
        target = f"{name}/{code}/{overlay.FILE}"
        yield f"diff --git a/{target} b/{target}\n" + ("" if path.exists() else "new file mode 100644\n")
        source = f"a/{target}" if path.exists() else "/dev/null"
        yield from difflib.unified_diff(here.splitlines(True), after.splitlines(True), source, f"b/{target}")
