"""What a page must know before the first word: the widget's labels, the languages, and the clinic's own facts."""
from __future__ import annotations

from functools import lru_cache
from typing import Any, Dict, Optional

from bot import yaml_files
from bot.nlu.languages import LANGUAGES
from bot.settings import ROOT, settings

_LABELS = ROOT / "data" / "widget.yml"


@lru_cache(maxsize=1)
def config() -> Dict[str, Any]:
    """Returns ``{"languages", "default_language", "clinic", "labels"}``; a label's {placeholders} are filled by the page."""
    clinic = settings().clinic
    labels = yaml_files.read(_LABELS)
    return {
        "languages": [{"code": code, "name": LANGUAGES[code].NAME} for code in clinic.languages],
        "default_language": clinic.default_language,
        "clinic": {
            "name": clinic.name,
            "phone": clinic.phone,
            "emergency_number": clinic.emergency_number,
            "privacy_link": clinic.privacy_link,
            "keep_days": clinic.keep_conversations_days,
        },
        "labels": {code: {key: label[code] for key, label in labels.items()} for code in clinic.languages},
    }


def label(key: str, language: Optional[str]) -> str:
    """Returns one of the widget's labels, in the clinic's default language if `language` is not served."""
    labels = config()["labels"]
    return str(labels.get(language, labels[config()["default_language"]])[key])
