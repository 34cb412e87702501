"""Files that somebody else may be reading."""
from __future__ import annotations

import os
import secrets
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Writes `path`, its folder too if there is none; readers see the old text or the new one, never half of it.

    Any number of threads and processes may do so at once: the last one's text stays. It is on the disk when this returns.

    Raises:
        OSError: the disk is full or must not be written to; the old text is still there then, and nothing beside it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with draft.open("x", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
