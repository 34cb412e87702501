"""Keeps quiet what comes from the libraries and what no operator can act on. Imports none of them."""
from __future__ import annotations

# The environment of every process of this assistant, set before anything imports TensorFlow or SQLAlchemy.
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "PYTHONWARNINGS": "ignore",
    "PYTHONUNBUFFERED": "1",
    "TQDM_DISABLE": "1",
}
