"""A small clinic: a few intents with a few examples each, so that a true training takes seconds."""
import shutil
from collections import Counter

from bot.learning import overlay
from bot.learning.overlay import Example
from bot.settings import ROOT

# What every model of these examples gets right by far, so that a training that is worth nothing changes nothing here.
_ASKED = {
    "en": {
        "faq_getting_up": "When can I get up after the operation?",
        "faq_risks": "What are the risks?",
        "faq_hospital_stay": "How long will I stay in hospital?",
        "faq_cost": "How much does the operation cost?",
        "emergency": "I cannot feel my legs any more",
        "out_of_scope": "What will the weather be like tomorrow?",
    },
    "fr": {
        "faq_getting_up": "Quand pourrai-je me lever après l'opération ?",
        "faq_risks": "Quels sont les risques ?",
        "faq_hospital_stay": "Combien de temps vais-je rester à l'hôpital ?",
        "faq_cost": "Combien coûte l'opération ?",
        "emergency": "Je ne sens plus mes jambes",
        "out_of_scope": "Quel temps fera-t-il demain ?",
    },
    "tr": {
        "faq_getting_up": "Ameliyattan sonra ne zaman ayağa kalkabilirim?",
        "faq_risks": "Riskleri nelerdir?",
        "faq_hospital_stay": "Hastanede ne kadar kalacağım?",
        "faq_cost": "Ameliyatın ücreti ne kadar?",
        "emergency": "Bacaklarımı hissetmiyorum",
        "out_of_scope": "Yarın hava nasıl olacak?",
    },
}
INTENTS = tuple(_ASKED["en"])
_EXAMPLES = 15  # an intent and language


def make(folder):
    """Writes data and held-out questions of the small clinic below `folder`; returns the settings that use them."""
    _few(ROOT / "data" / "nlu", folder / "data" / "nlu")
    asked = [Example(code, intent, text) for code, texts in _ASKED.items() for intent, text in texts.items()]
    overlay.put(folder / "questions" / "project", asked)
    shutil.copytree(ROOT / "data" / "stories", folder / "data" / "stories")
    names = {"DATA": folder / "data", "QUESTIONS": folder / "questions", "MODELS": folder / "models"}
    return {f"ASSISTANT_{name}": str(place) for name, place in {**names, "STATE": folder / "var"}.items()}


def _few(source, target):
    seen, kept = Counter(), []
    for example in overlay.read(source):
        seen[example[:2]] += 1
        if example.intent in INTENTS and seen[example[:2]] <= _EXAMPLES:
            kept.append(example)
    overlay.put(target, kept)
