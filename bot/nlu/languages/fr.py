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
    r"|lequel|laquelle|savoir|dites|dire|expliquez|expliquer|demande|comprendre|rdv|rendez)\b|-(t-)?(je|il|ils"
    r"|elle|elles|on|vous|ce|tu)\b"
    r"|\b(peut|faut|doit|puis|va|dois|pourrai|serai|aurai|peux|y a) (t )?(on|il|elle|je|ils|tu|t il)\b"
    r"|\bqu'|\bque (se|fait|faire|va)\b|^((et|aussi|puis|ensuite) )*si\b|\bou (est|se|sont|etes|votre)\b"
)
WITHOUT_SUBJECT = re.compile(
    r"danger(eux|euse)?|risques?|risquee?|surs?|sures?|graves?|serieux|serieuse|gros|grosse|inquieter|inquietant"
    r"|pire|peur|frequent"
    r"|rare|longs?|longues?|temps|duree?|durent|durera|prend|prendra|heures?|jours?|semaines?|mois|environ|mal"
    r"|douloureux"
    r"|douloureuse|causes?|dus?|due|raison|arriver?|vient|viens|passer?|passera|marche|fonctionne|efficace|sert"
    r"|aide|soigner?"
    r"|sent|sente|souvent|cas|soignee?|traiter?|traitee?|guerit|guerir|guerissable|revenir|revient|recommencer"
    r"|remarque|voit|savoir|reconnait|faut"
    r"|franchement|vraiment|normal|normalement|trop|beaucoup|svp|plait|bon|ok|euh|hein|maman|papa|docteur"
)
OPENING = (
    r"(bonjour|bonsoir|salut|coucou|hello|bjr|bsr|slt|cc|rebonjour|re bonjour)"
    r"( (a|tous|toutes|vous|l'equipe|toute l'equipe|tout le monde|(dr|docteur|mme|madame|m|mr"
    r"|monsieur)\.? \w+(?=[ ]?[,.!:;])|docteur|dr|doc|toubib|madame|monsieur|messieurs|mesdames|mademoiselle|mme"
    r"|mr|ou|et))*"
    r"|(cher |chere )?(madame|monsieur|docteur|messieurs|mesdames)( (et|ou|madame|monsieur|docteur))*(?=[ ]?[,.:;!])"
    r"|(je (m'excuse|suis (vraiment |tellement )?desolee?)|(veuillez )?(m')?excuser?z?([ -]?(moi|nous))?|desolee?"
    r"|pardon(ne[zr])?([ -]?moi)?)"
    r"( (vraiment|encore|infiniment|de|du|pour le|pour|d'avance|vous|deranger|derangement|embeter|importuner"
    r"|ennuyer|docteur|a cette heure|si tard|avec (ca|ma question)))*( mais)?"
    r"|je (ne )?(veux|voudrais|voulais) pas (vous )?(deranger|embeter|importuner|ennuyer)( mais)?"
    r"|(j'|nous )?esper(e|ons|ant) que (vous (allez|vous portez)|tu vas|tout va|tout le monde va|ca va)( (tous"
    r"|toutes|chez vous|pour vous))*( bien)?( (tous|toutes|chez vous|pour vous))*"
    r"|(comment (allez[ -]?vous|ca va|vas[ -]?tu)|vous allez bien|ca va)(?=[ ]?[?.!,])"
    r"|((j'ai|juste|encore|une|un) )*((petite|simple|derniere|autre|rapide) )*question( (bete|simple|rapide"
    r"|idiote|pour vous))*(?=[ ]?[:.,;!-])"
    r"|(un grand |mille )?merci( (beaucoup|bien|infiniment|mille fois|encore|docteur|d'avance|a vous|pour (votre"
    r"|vos) \w+))*(?=[ ]?[.,!;:-])"
    r"|je me permets de (vous )?(ecrire|contacter|deranger|solliciter|poser une question)"
    r"( (car|parce que|pour une question))?"
    r"|(je (voudrais|voulais|souhaite|souhaiterais)|j'aimerais|j'aurais|j'avais)"
    r" ((vous )?poser )?(juste )?une (petite )?question"
    r"(?=[ ]?[:.,;!-])"
    r"|(excusez |pardon(nez)? )?ma question( (est|peut-etre|bete|idiote))* mais"
    r"|(c'est peut[ -]etre (bete|idiot)( comme question)?|question (bete|idiote)) mais"
    r"|c'est encore moi(?=[ ]?[:.,;!-])|s'il (vous|te) plait|svp|stp"
)
CLOSING = (
    r"(un (grand|immense) |grand |mille |avec (tous )?mes )?(merci|mersi|remerciements)"
    r"( (beaucoup|bcp|bien|infiniment|mille fois|encore|docteur|madame|monsieur|d'avance|par avance|a vous|a tous"
    r"|de m'avoir lue?|(de|pour) (votre|vos) \w+))*"
    r"|(je |nous )?(vous|te) remerci(e|ons)( (beaucoup|bien|infiniment|d'avance|par avance|docteur|(de"
    r"|pour) (votre|vos) \w+))*"
    r"|en (vous|te) remerciant( (beaucoup|bien|infiniment|d'avance|par avance))*"
    r"|((dans l'|en )attente|au plaisir) de (vous lire|(votre|vos) \w+)|merci de (me|nous) (repondre|renseigner|eclairer)"
    r"|merci (a l'avance|pour (votre|vos) (aide|temps|reponse|patience) \w+)|portez[ -]vous bien|bonne continuation"
    r"|((bien|tres) )?(cordialement|(?<=[.,!?;] )(sincerement|respectueusement|amicalement))(\W+\w+){0,4}"
    r"|bien a vous(\W+\w+){0,3}"
    r"|(mes |sinceres |meilleures |cordiales )*salutations( distinguees)?(\W+\w+){0,3}"
    r"|bonne (journee|soiree|fin de journee|semaine|nuit)( (a|vous|tous|docteur))*|bon (week[ -]?end"
    r"|dimanche)( (a|vous|tous))*"
    r"|s'il (vous|te) plait|svp|stp"
    r"|(excusez[ -]?moi|desolee?|pardon)( encore)? (de (vous )?(deranger|avoir derangee?s?)|pour le derangement)"
)


def lower(text: str) -> str:
    """Returns `text` in lower case."""
    return text.lower()


def upper(text: str) -> str:
    """Returns `text` in upper case."""
    return text.upper()
