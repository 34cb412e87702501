"""French."""
import re

CODE = "fr"
NAME = "Français"
NAMES = ("french", "francais", "francaise", "fransizca", "fransizcaya", "fransizcayi")
AND = ("et", "ou")
SPLIT_BEFORE = (
    *("et", "aussi", "mais", "puis", "ensuite", "ou", "sinon", "egalement", "deuxiemement", "autre"),
    *("est -ce", "est ce", "combien", "pourquoi", "comment", "c quoi", "du coup", "pis", "pi", "dites", "dis"),
    *("d' ou", "quand", "quel", "quelle", "quels"),
)
SPLIT_AFTER = re.compile(r"(?!)")  # no word does
ASKS = re.compile(
    r"\best[ -]ce\b|\bd'? ?ou (vient|viennent|tu|vous|sort|sortent|tenez|tirez)\b"
    r"|\b(quand|combien|comment|pourquoi|pkoi|quel|quelle|quels|quelles|qui|quoi|koi|kan|kand|ki|kel|kelle|koman"
    r"|lequel|laquelle|savoir|dites|dire|expliquez|expliquer|demande|comprendre|rdv|rendez)\b|-(t-)?(je|il|ils|elle|elles|on|vous|ce|tu)\b"
    r"|\b(peut|faut|doit|puis|va|dois|pourrai|serai|aurai|peux|y a) (t )?(on|il|elle|je|ils|tu|t il)\b"
    r"|\bqu'|\bque (se|fait|faire|va)\b|^((et|aussi|puis|ensuite) )*si\b|\bou (est|se|sont|etes|votre)\b"
)
WITHOUT_SUBJECT = re.compile(
    r"danger(eux|euse)?|risques?|risquee?|surs?|sures?|graves?|serieux|serieuse|gros|grosse|inquieter|inquietant|pire|peur|frequent"
    r"|rare|longs?|longues?|temps|duree?|durent|durera|prend|prendra|heures?|jours?|semaines?|mois|environ|mal|douloureux"
    r"|douloureuse|causes?|dus?|due|raison|arriver?|vient|viens|passer?|passera|marche|fonctionne|efficace|sert|aide|soigner?"
    r"|sent|sente|souvent|cas|soignee?|traiter?|traitee?|guerit|guerir|guerissable|revenir|revient|recommencer|remarque|voit|savoir|reconnait|faut"
    r"|franchement|vraiment|normal|normalement|trop|beaucoup|svp|plait|bon|ok|euh|hein|maman|papa|docteur"
)


def lower(text: str) -> str:
    """Returns `text` in lower case."""
    return text.lower()


def upper(text: str) -> str:
    """Returns `text` in upper case."""
    return text.upper()
