"""French."""
CODE = "fr"
NAME = "Français"
NAMES = ("french", "francais", "francaise", "fransizca", "fransizcaya", "fransizcayi")
SPLIT_BEFORE = ("et", "aussi", "mais", "puis", "ensuite", "ou", "sinon", "egalement", "deuxiemement", "autre")


def lower(text: str) -> str:
    """Returns `text` in lower case."""
    return text.lower()
