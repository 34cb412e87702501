"""What one training encoded, kept for the next: a file an encoder. Needs nothing of Rasa: the console forgets in it too.

The slowest encoder's vectors of the examples also ship with the repository, a byte a number: they are two thirds of a first
training. What is missing there, or was encoded by another version, is encoded.
"""
from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import List, Sequence, Tuple

import numpy as np

from bot.settings import ROOT

DAMAGED = (OSError, ValueError, KeyError, zipfile.BadZipFile)  # what `read` raises of half a file
SHIPPED = ROOT / "data" / "vectors"


def rasa_cache() -> Path:
    """Returns the folder of Rasa's cache, whose own setting and default these are."""
    return ROOT / os.environ.get("RASA_CACHE_DIRECTORY", ".rasa/cache")


def folder() -> Path:
    """Returns where they are: beside Rasa's cache."""
    return rasa_cache().parent / "vectors"


def read(file: Path) -> Tuple[List[str], np.ndarray]:
    """Returns the texts and their vectors, shape (texts, dimensions); raises one of `DAMAGED` if that cannot be."""
    with np.load(file) as found:
        vectors = found["vectors"]
        if "scales" in found:
            vectors = vectors.astype(np.float32) * found["scales"][:, np.newaxis]
        return found["texts"].tobytes().decode().split("\n"), vectors


def write(file: Path, texts: Sequence[str], vectors: np.ndarray) -> None:
    """Writes texts without line ends and their vectors, so that readers see the old file or the whole new one."""
    draft = file.with_suffix(f".{os.getpid()}.npz")
    np.savez(draft, texts=_packed(texts), vectors=vectors)
    os.replace(draft, file)


def ship(name: str, texts: Sequence[str], vectors: np.ndarray) -> Path:
    """Writes texts without line ends and their vectors, each as bytes and a scale, into SHIPPED; returns the file."""
    scales = (np.abs(vectors).max(axis=1) / 127).astype(np.float32)
    rounded = np.round(vectors / scales[:, np.newaxis]).astype(np.int8)
    SHIPPED.mkdir(exist_ok=True)
    np.savez_compressed(SHIPPED / name, texts=_packed(texts), vectors=rounded, scales=scales)
    return SHIPPED / name


def _packed(texts: Sequence[str]) -> np.ndarray:
    return np.frombuffer("\n".join(texts).encode(), np.uint8)
