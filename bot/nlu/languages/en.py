"""English."""
CODE = "en"
NAME = "English"
NAMES = ("english", "anglais", "anglaise", "ingilizce", "inglizce", "ingilizceye", "ingilizceyi")
SPLIT_BEFORE = ("and", "also", "but", "then", "plus", "or", "another", "second", "secondly", "because")


def lower(text: str) -> str:
    """Returns `text` in lower case."""
    return text.lower()
