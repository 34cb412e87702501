"""How fast one patient, or one address, may send: a bucket each that refills with time."""
from __future__ import annotations

import time
from typing import Dict, Tuple

_KEPT = 10_000  # buckets; the oldest go first


class Limiter:
    """Allows `burst` messages at once and `rate` a second in the long run, for each key by itself."""

    def __init__(self, *, rate: float, burst: int) -> None:
        self._rate, self._burst = rate, float(burst)
        self._buckets: Dict[str, Tuple[float, float]] = {}  # key: what is left, when

    def allows(self, key: str) -> bool:
        """Returns whether `key` may send now, and counts it if so."""
        now = time.monotonic()
        left, since = self._buckets.pop(key, (self._burst, now))
        left = min(self._burst, left + (now - since) * self._rate)
        allowed = left >= 1
        self._buckets[key] = (left - allowed, now)
        if len(self._buckets) > _KEPT:
            del self._buckets[next(iter(self._buckets))]
        return allowed
