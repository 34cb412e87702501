"""Loads what scikit-learn parts were saved as: skops files, which hold no pickle and only types named here."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import skops.io

_TRUSTED = ["scipy.sparse._csr.csr_matrix"]  # beside scikit-learn's and NumPy's own


def load(path: Path) -> Any:
    """Returns the object in `path`; raises skops' UntrustedTypesFoundException if it holds any other type."""
    return skops.io.load(path, trusted=_TRUSTED)
