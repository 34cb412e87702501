"""What `bot validate` and every start check before anything else runs."""
from __future__ import annotations

from pathlib import Path
from typing import Dict, Set

import yaml

from bot import follow_ups, yaml_files
from bot.answer_book import book
from bot.answers import Catalogue
from bot.errors import CatalogueError
from bot.learning import overlay
from bot.nlu.red_flags import RedFlags
from bot.settings import ANSWERS, FOLLOW_UPS, RED_FLAGS, ROOT, settings
from bot.whatsapp.wording import Wording


def settings_and_answers() -> None:
    """Checks the settings, the answers in every language, the red flags and the domain against each other.

    Raises:
        SettingsError, CatalogueError: something is missing or wrong; the text names it.
    """
    clinic = settings().clinic
    catalogue = Catalogue.load(ANSWERS, clinic.languages)
    catalogue.responses(clinic)  # every placeholder is known
    Wording(clinic)
    for rule in RedFlags.load(RED_FLAGS).rules:
        if rule.response not in catalogue.replies:
            raise CatalogueError(f"data/answers/emergency.yml lacks {rule.response}, the answer to red flag {rule.id}")
    intents = {next(iter(i)) if isinstance(i, dict) else i for i in _yaml(ROOT / "domain.yml")["intents"]}
    topics = {intent for intent in intents if intent.startswith("faq_")}
    for intent in sorted(topics ^ set(catalogue.answers)):
        place = "data/answers/" if intent in topics else "domain.yml"
        raise CatalogueError(f"the topic '{intent}' is missing in {place}")
    for after, means in follow_ups.read(FOLLOW_UPS).items():
        for intent in sorted({after, *means, *means.values()} - intents):
            raise CatalogueError(f"{FOLLOW_UPS}: there is no topic '{intent}'")
    unknown = [example for example in overlay.read(overlay.current()) if example.intent not in intents]
    for example in unknown[:1]:
        file = overlay.current() / example.language / overlay.FILE
        raise CatalogueError(f"{file}: there is no topic '{example.intent}' any more; delete its examples there")
    for code, found in _examples(clinic.languages).items():
        lacking = sorted({i for i in intents if not i.startswith("nlu_")} - found)
        if lacking:
            raise CatalogueError(f"data/nlu/{code}/ has no examples of {', '.join(lacking)}")


def own_answers() -> None:
    """Checks the answers that the clinic changed; one that does not fit is not said, but stops no start.

    Raises:
        CatalogueError: one does not fit; the text names it.
    """
    for topic, fault in book().faulty().items():
        raise CatalogueError(f"the clinic's own answer {topic} is not said: {fault}")


def rasa_data() -> None:
    """Runs Rasa's own validation of domain, rules and stories.

    Raises:
        CatalogueError: Rasa found a fault; its own lines say which.
    """
    from rasa.validator import Validator

    from bot.importer import AssistantImporter

    importer = AssistantImporter(
        str(ROOT / "config.yml"), str(ROOT / "domain.yml"), [str(ROOT / "data" / "nlu"), str(ROOT / "data" / "stories")]
    )
    validator = Validator.from_importer(importer)
    if not (validator.verify_utterances_in_stories() and validator.verify_story_structure()):
        raise CatalogueError("data/stories: Rasa's validation failed; its lines above say where")


def _examples(languages: tuple) -> Dict[str, Set[str]]:
    return {
        code: {
            entry["intent"] for path in (ROOT / "data" / "nlu" / code).glob("*.yml") for entry in _yaml(path)["nlu"]
        }
        for code in languages
    }


def _yaml(path: Path) -> Dict:
    try:
        return yaml_files.read(path)
    except (OSError, yaml.YAMLError) as error:
        raise CatalogueError(f"cannot read {path}: {error}") from error
