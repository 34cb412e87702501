"""French."""

import re

WEEKDAYS = ("lundis?", "mardis?", "mercredis?", "jeudis?", "vendredis?", "samedis?", "dimanches?")
MONTHS = (
    *("janvier|janv", "fevrier|fevr?", "mars", "avril|avr", "mai", "juin", "juillet|juil", "aout", "septembre|sept"),
    *("octobre|oct", "novembre|nov", "decembre|dec"),
)
ORDINAL = "er|ere|e|eme"
OF = "du mois de|de|du"
IN_MONTH = (r"(?:en|courant|debut|fin|mi|au mois de|au mois d')[ -]?(?:debut |fin )?", "")
PLURAL = re.compile(r"s$")
TO = "au|a|et|jusqu'au"
NUMBERS = {
    "un": 1,
    "une": 1,
    "deux": 2,
    "trois": 3,
    "quatre": 4,
    "cinq": 5,
    "six": 6,
    "sept": 7,
    "huit": 8,
    "dix": 10,
    "quinze": 15,
}
AFTERWARDS = False
DATES = (
    (
        "any",
        None,
        r"n'?importe (?:quel jour|quand|quelle date|quelle heure|lequel)?|peu(?: m)? ?'?importe"
        r"|ca m'est egal|aucune preference|pas de preference",
    ),
    (
        "any",
        None,
        r"(?:des|aussitot) que (?:possible|vous pouvez)|(?:au |le )?plus (?:tot|vite"
        r"|rapidement)(?: possible)?|au plus vite|tous les jours|quand vous voulez"
        r"|premiere? \w*disponib\w*",
    ),
    ("any", None, r"quand (?:c'est|ce sera) possible|toujours (?:libre|disponible)|rapidement|comme vous voulez"),
    ("from", None, r"pas avant(?= (?:le |la |l'|\d|demain|WEEKDAY))"),
    ("morning", None, r"matins?|matinees?|avant[- ]midis?"),
    ("afternoon", None, r"apres[- ]?midis?|aprems?|apm|soirs?|soirees?|fin de (?:journee|l'apres[- ]midi)"),
    ("rel", 2, r"apres[- ]?demain"),
    ("rel", 1, r"demain|2main"),
    ("rel", 0, r"aujourd'?hui|ce soir"),
    ("rel", -1, r"hier|avant[- ]hier"),
    ("weeks_on", 1, r"en (?:8|huit)\b"),
    ("weeks_on", 2, r"en (?:15|quinze)\b"),
    ("week", -1, r"(?:la )?semaine (?:derniere|passee)"),
    ("week", 2, r"(?:dans quinze jours|(?:la )?semaine (?:d'apres|suivante))"),
    ("week", 1, r"(?:la )?semaine (?:prochaine|qui vient|pro)|(?:la )?prochaine semaine"),
    ("week", 0, r"cette semaine"),
    ("month", 1, r"(?:le )?mois prochain"),
    ("month", 0, r"ce mois(?:-ci)?"),
    ("in_days", "n", r"dans (?P<n>NUMBER) jours?"),
    ("in_weeks", "n", r"dans (?P<n>NUMBER) semaines?|d'ici (?P<n2>NUMBER) semaines?"),
    ("in_months", "n", r"dans (?P<n>NUMBER) mois"),
    ("weekof", None, r"(?:la )?semaine du"),
    ("weekend", None, r"week[- ]?ends?|fin de semaine"),
    ("weekdays", None, r"(?:en|les jours de) semaine|jours? ouvrables?"),
    ("not", None, r"sauf|hormis|excepte|a part|en dehors d(?:e|u|es)|pas|jamais|impossible|ne peux|indisponible"),
    (
        "ok",
        None,
        r"convient|conviendrait|va bien|me va|ok|possible|bien|parfait|libre|disponible|prefere|plutot"
        r"|idealement",
    ),
    ("but", None, r"mais|cependant"),
    ("from", None, r"a partir d(?:e|u)|des(?= (?:le |WEEKDAY|demain))"),
    ("after", None, r"apres"),
    ("until", None, r"jusqu'(?:au|a|en)|d'ici(?: le| a)?"),
    ("before", None, r"avant"),
    ("between", None, r"entre(?: le)?|du(?= (?:\d|WEEKDAY))"),
    ("last", None, r"(?<=di )(?:dernier|passe)"),
    ("every", None, r"chaque|tous les(?! jours)|les?(?= (?:WEEKDAY)(?! (?:\d|1er|premier|prochain|en|dans)))"),
    ("daynumber", "n", r"le (?P<n>\d{1,2})(?:er)?(?! ?(?:h|heures?|/|\.\d))"),
    ("and", None, r"et|ou|soit|&"),
)
FOR_OTHER = (
    r"\bpour (?:ma|mon|mes|notre|un|une|sa|son) (?:\w+[- ])?(?:mere|maman|pere|papa|femme|epouse|mari"
    r"|epoux|compagn\w+|conjoint\w*|fils|fille|soeur|frere|tante"
    r"|oncle|grand\w*|mamie|papi|parents?|ami\w*|voisin\w*|proche|belle\w*|beau\w*)\b"
    r"|\b(?:ma|mon) (?:mere|maman|pere|papa|femme|epouse|mari|epoux|soeur|frere|fille|fils|tante|oncle"
    r"|grand-?mere|grand-?pere|mamie|papi|voisine?|amie?)\b"
    r"|\bquelqu'un d'autre\b|\bune autre personne\b|\bpour (?:elle|lui|eux|un proche)\b"
)
FOR_ME = r"\bpour (?:moi|moi-meme)\b|^(?:moi|c'est moi)\b|\bmoi-meme\b"
MY_NAME = (
    r"(?:(?:bonjour|oui|alors|bien sur)[ ,.!]+)?(?:je m'appelle|je me (?:nomme|prenomme)|moi,? c'est"
    r"|mon nom(?: complet)? (?:est|c'est|:)|mon nom,? c'est|je suis"
    r"|(?:elle|il) s'appelle|(?:son|sa) nom (?:est|c'est)|nom ?:|c'est|(?:m|mme|mlle|madame|monsieur|dr)\b\.?)"
)
NOT_A_NAME = (
    "je tu il elle nous vous ils on me moi mon ma mes votre vos le la les un une des ce cet cette ces "
    "de du en au aux a pour par avec et ou pas ne non oui ouais ok merci svp "
    "bonjour bonsoir salut pardon desole est sont suis etes etait fait faire peut peux pouvez voudrais "
    "veux veut dois doit faut sera serai ai as avez ont quoi pourquoi quand comment combien qui que "
    "quel quelle quels quelles car mais si alors peut-etre stop annuler arreter aide passer retour nom "
    "telephone numero mail rendez-vous rdv docteur medecin douleur dos colonne operation opere operee "
    "kyphoplastie vertebroplastie ciment fracture risque risques prix cout assurance rien aucun aucune "
    "personne humain attendez moment idee savoir dire demander sais plutot jamais toujours c'est j'ai "
    "prochain prochaine d'accord l'operation qu'est-ce anglais francais turc est-ce"
)
SKIP = (
    r"passe[rz]?|je passe|je prefere ne pas(?: le)?(?: dire| repondre)?|sans (?:reponse|motif)"
    r"|aucun(?: motif|e)?|rien(?: de special)?|non merci|je ne sais pas|ne souhaite pas(?: le)? dire"
    r"|pas de motif"
)
BACK = r"retour|revenir|(?:revenir |retour )en arriere|question precedente|precedent"
CHANGE = (
    r"\b(?:changer|change[zs]?|modifier|modifiez|corriger|corrigez|erreur|faux|fausse|trompe|incorrecte?"
    r"|rectifier|pas bon|pas correct)\b"
)
FIELDS = {
    "request_caller": r"\b(?:mon propre nom|mon nom)\b",
    "request_name": r"\b(?:nom|prenom|orthographe|patiente?)\b",
    "request_contact": r"\b(?:telephone|tel|numero|portable|gsm|natel|e-?mail|mail|courriel|coordonnees|contact)\b",
    "request_when": r"\b(?:jours?|dates?|heures?|moment|matin|apres-midi|creneau)\b",
    "request_reason": r"\b(?:motif|raison|sujet)\b",
    "request_known": r"\b(?:deja (?:venue?|patiente?)|connue?|premiere fois)\b",
    "request_whom": r"\b(?:pour qui|pour moi)\b",
}
NEW = r"\b(?:premiere (?:fois|visite|consultation)|nouve(?:au|lle)|jamais venue?|pas encore)\b"
KNOWN = r"\b(?:deja|connue?|suivie?|ancien(?:ne)?)\b"
WITHDRAW = r"\b(?:annul\w+|retir\w+|supprim\w+|plus besoin|laisse[rz] tomber|renonce\w*)\b"
SINCE = r"\b(?:depuis|il y a|casse|cassee?|tombee?|opere\w*|a commence)\b"
CALL_ME = r"\b(?:rappele[rz]|appele[rz])[- ](?:moi|nous)\b|\bm'appeler\b|\bme rappeler\b|\betre rappelee?\b"
THIS_CHAT = r"\b(?:cette (?:conversation|discussion)|ce (?:chat|numero))\b|\b(?:ici|whats ?app)\b"
REFUSES = r"\b(?:pas|refuse|evite\w*)\b.*\b(?:donner|communiquer|partager|laisser|numero|telephone|e-?mail)\b"
