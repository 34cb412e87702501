"""A small clinic: a few intents with a few examples each, so that a true training takes seconds."""
import shutil

import yaml

from bot.learning import overlay
from bot.learning.overlay import Example
from bot.settings import ROOT

INTENTS = (
    *("faq_getting_up", "faq_risks", "faq_hospital_stay", "faq_cost", "emergency", "out_of_scope", "greet"),
    *("uncovered_medical_question", "talk_to_human"),
)
_EXAMPLES, _QUESTIONS = 12, 4  # an intent and language


def make(folder):
    """Writes data and held-out questions of the small clinic below `folder`; returns the settings that use them."""
    for place in (folder / "data" / "nlu", folder / "questions" / "project"):
        source = ROOT / "data" / "nlu" if place.name == "nlu" else ROOT / "tests" / "nlu" / "project"
        _few(source, place, _EXAMPLES if place.name == "nlu" else _QUESTIONS)
    shutil.copytree(ROOT / "data" / "stories", folder / "data" / "stories")
    names = {"DATA": folder / "data", "QUESTIONS": folder / "questions", "MODELS": folder / "models"}
    return {f"ASSISTANT_{name}": str(place) for name, place in {**names, "STATE": folder / "var"}.items()}


def _few(source, target, count):
    seen, kept = {}, []
    for example in overlay.read(source):
        number = seen[example[:2]] = seen.get(example[:2], 0) + 1
        if example.intent in INTENTS and number <= count:
            kept.append(Example(*example))
    overlay.put(target, kept)


def examples(folder):
    """Returns what git would show: the clinic's files as they read back."""
    return {path.name: yaml.safe_load(path.read_text()) for path in folder.glob("*/*.yml")}
