"""How scikit-learn parts are saved and loaded: skops files, which hold no pickle and only types named here."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import skops.io

_TRUSTED = ["scipy.sparse._csr.csr_matrix"]  # beside scikit-learn's and NumPy's own


def load(path: Path) -> Any:
    """Returns the object in `path`; raises skops' UntrustedTypesFoundException if it holds any other type."""
    return skops.io.load(path, trusted=_TRUSTED)


def dump(part: Any, path: Path) -> None:
    """Writes `part`, a vectorizer or a pipeline that begins with one.

    Its vocabulary gets plain numbers: scikit-learn's own are NumPy's, of which each would be a file of its own in `path`,
    and a hundred thousand of them take a server ten seconds at every start.
    """
    for step in [each for _, each in getattr(part, "steps", [("", part)])]:
        if hasattr(step, "vocabulary_"):
            step.vocabulary_ = {term: int(index) for term, index in step.vocabulary_.items()}
    skops.io.dump(part, path)
