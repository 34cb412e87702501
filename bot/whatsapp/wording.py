"""The sentences only WhatsApp needs, from data/whatsapp.yml."""
from __future__ import annotations

from typing import Dict, Optional, Sequence

import yaml

from bot import yaml_files
from bot.answers import fill
from bot.errors import CatalogueError
from bot.settings import ROOT, Clinic

PATH = ROOT / "data" / "whatsapp.yml"
_OWN = {"first": "{first}", "count": "{count}"}  # filled in for each message


class Wording:
    """Every sentence in every language of the clinic.

    Raises:
        CatalogueError: the file cannot be read, or a sentence lacks a language or names an unknown placeholder.
    """

    def __init__(self, clinic: Clinic) -> None:
        self._languages, self._default = clinic.languages, clinic.default_language
        try:
            entries = yaml_files.read(PATH)
        except (OSError, yaml.YAMLError) as error:
            raise CatalogueError(f"cannot read {PATH}: {error}") from error
        self._says: Dict[str, Dict[str, str]] = {}
        for name, texts in entries.items():
            missing = [code for code in clinic.languages if not str(texts.get(code) or "").strip()]
            if missing:
                raise CatalogueError(f"{PATH}: '{name}' lacks '{missing[0]}'")
            self._says[name] = {code: fill(texts[code].strip(), clinic, code, _OWN) for code in clinic.languages}

    def say(self, name: str, language: Optional[str]) -> str:
        """Returns the sentence `name`; in every language, one below the other, where the patient's is not known yet."""
        if language in self._languages:
            return self._says[name][str(language)]
        first = sorted(self._languages, key=lambda code: code != self._default)
        return "\n\n".join(self._says[name][code] for code in first)

    def footer(self, documents: Sequence[str], language: Optional[str]) -> str:
        """Returns where an answer comes from, in one line; nothing if it rests on no document."""
        if not documents:
            return ""
        name = "source" if len(documents) == 1 else "source_and_more"
        return self.say(name, language).format(first=documents[0], count=len(documents) - 1)
