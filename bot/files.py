"""Files that somebody else may be reading."""
from __future__ import annotations

import os
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Writes `path`, its folder too if there is none; readers see the old text or the new one, never half of it.

    Raises:
        OSError: the disk is full or must not be written to; the old text is still there then.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}")
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, path)
