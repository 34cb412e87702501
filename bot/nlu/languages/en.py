"""English."""
import re

CODE = "en"
NAME = "English"
NAMES = ("english", "anglais", "anglaise", "ingilizce", "inglizce", "ingilizceye", "ingilizceyi")
AND = ("and", "plus", "or")
SPLIT_BEFORE = (
    *("and", "also", "but", "then", "plus", "or", "another", "second", "secondly", "because", "why", "how", "when", "whats"),
    *("what 's", "what is", "what are", "what if", "where", "who", "will it", "will there"),
    *("can i", "is it", "is there", "do i", "does it"),
)
SPLIT_AFTER = re.compile(r"(?!)")  # no word does
ASKS = re.compile(
    r"\b(what|whats|when|whens|where|wheres|why|who|whos|which|how|hows|whether|tell|know|wonder|wondering|explain|ask"
    r"|asking|book|appointment|curious|understand)\b"
    r"|^((and|but|so|also|or|then|plus|please|ok|well),? )*"
    r"(is|are|was|were|do|does|did|can|could|will|would|should|may|must|has|have|am|isn't|aren't|don't|can't|won't|any)\b"
    r"|\b(is|does|do|can|could|will|would|should|are|may|shall|must)"
    r" (it|i|she|he|they|you|we|there|my|the|that|this|mum|mam|dad|one)\b"
)
WITHOUT_SUBJECT = re.compile(
    r"danger(ous)?|risk[sy]?|(un)?safe|bad|harmful|serious(ly)?|big|deal|worr(y|ied)|worse|ok|okay|common|rare|often|long(er)?|time"
    r"|takes?|taking|lasts?|lasting|stays?|hours?|days?|weeks?|months?|roughly|usually|normal(ly)?|exactly|hurts?|hurting|painful"
    r"|sore|causes?|caused|reason|happen(s|ing|ed)?|works?|helps?|treat(ed|able)?|cured?|curable|heals?|fixed|comes?|coming|like|lot"
    r"|feels?|notice|know|tell|whats|hows|thats|its|dont|doesnt|isnt|wont|cant|actually|pls|sorry|oh|right|mum|dad"
)


def lower(text: str) -> str:
    """Returns `text` in lower case."""
    return text.lower()


def upper(text: str) -> str:
    """Returns `text` in upper case."""
    return text.upper()
