"""What Rasa trains on: data/nlu by language folder, data/stories, domain.yml, and the names of the answers."""
from __future__ import annotations

from pathlib import Path
from typing import List, Optional, Text

from rasa.shared.core.domain import Domain
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.answers import Catalogue
from bot.errors import CatalogueError
from bot.nlu.wording import tells_besides
from bot.settings import ANSWERS, settings

LANGUAGE = "language"  # message property: the code of the folder an example comes from
_COURTESIES = ("greet", "thank")
_TELLS = "out_of_scope"


class AssistantImporter(RasaFileImporter):
    """Rasa's file importer, plus the language of each example and an action for each response of the answer catalogue."""

    def get_domain(self) -> Domain:
        """Returns domain.yml with the catalogue's responses as actions.

        Not with their words, which are read when they are said (bot.dialogue.answer_generator) and, in the model, would
        take a server six seconds at each start.
        """
        clinic = settings().clinic
        responses = Catalogue.load(ANSWERS, clinic.languages).responses(clinic)
        return super().get_domain().merge(Domain.from_dict({"actions": list(responses)}))

    def get_nlu_data(self, language: Optional[Text] = "en") -> TrainingData:
        """Returns all examples, each with the message property `language` named by its folder.

        Courtesy is no part of what is understood (bot.nlu.wording), so a greeting or thanks that tell something besides
        are learnt as what only tells.

        Raises:
            CatalogueError: a file of examples lies outside a language folder, or a language has none.
        """
        parts: List[TrainingData] = []
        languages, present = settings().clinic.languages, set()
        for path in sorted(self._nlu_files):
            code = Path(path).parent.name
            if code not in languages:
                raise CatalogueError(f"{path}: examples belong in data/nlu/<language>/, one of {', '.join(languages)}")
            part = load_data(path, code)
            for message in part.training_examples:
                message.set(LANGUAGE, code)
                if message.get(INTENT) in _COURTESIES and tells_besides(message.get(TEXT)):
                    message.set(INTENT, _TELLS)
            parts.append(part)
            present.add(code)
        missing = [code for code in languages if self._nlu_files and code not in present]
        if missing:
            raise CatalogueError(f"data/nlu/{missing[0]}/ has no examples")
        return TrainingData().merge(*parts)  # all at once: each merge copies everything
