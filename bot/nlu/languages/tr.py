"""Turkish: I is the capital of ı, İ that of i."""
CODE = "tr"
NAME = "Türkçe"
NAMES = ("turkish", "turc", "turque", "turkce", "turkceye", "turkceyi", "turkcesi")
SPLIT_BEFORE = ("ve", "ayrica", "ama", "peki", "bir", "birde", "sonra", "yoksa", "bide", "hem", "ikincisi")


def lower(text: str) -> str:
    """Returns `text` in lower case, İ to i and I to ı."""
    return text.replace("İ", "i").replace("I", "ı").lower()
