"""Turkish: I is the capital of ı, İ that of i."""
import re

CODE = "tr"
NAME = "Türkçe"
NAMES = ("turkish", "turc", "turque", "turkce", "turkceye", "turkceyi", "turkcesi")
SPLIT_BEFORE = ("ve", "ayrica", "ama", "peki", "bir de", "birde", "sonra", "yoksa", "bide", "hem", "ikincisi")
_PARTICLE = "mi|mu|miyim|muyum|misin|musun|misiniz|musunuz|miyiz|muyuz|midir|mudur|miydi|muydu"
SPLIT_AFTER = (*_PARTICLE.split("|"), "nedir", "neler")
ASKS = re.compile(
    rf"\b({_PARTICLE}|ne|neyi|neden|niye|nicin|nasil|nasi|kim|kime|kimler|kac|kaca|kacta|kacti|hangi|hangisi|nerede|nereye|neresi"
    r"|nerde|neler|neleri|nedir|neydi|sormak|merak|ogrenmek|anlatin|soyleyin|randevu)\b|(mi|mu)\?"
)


def lower(text: str) -> str:
    """Returns `text` in lower case, İ to i and I to ı."""
    return text.replace("İ", "i").replace("I", "ı").lower()
