"""English."""

import re

WEEKDAYS = (
    "mondays?",
    "tue(?:s|sday)?s?",
    "wed(?:s|nesday)?s?",
    "thu(?:r|rs|rsday)?s?",
    "fri(?:day)?s?",
    "saturdays?",
    "sundays?",
)
MONTHS = (
    *("january|jan", "february|feb", "march", "april|apr", "may", "june|jun", "july|jul", "august|aug"),
    *("september|sept?", "october|oct", "november|nov", "december|dec"),
)
ORDINAL = "st|nd|rd|th"
OF = "of|in"
IN_MONTH = (r"(?:in|during|early|late|mid)[ -](?:early |late |mid[ -]?)?", "")
PLURAL = re.compile(r"days$")
TO = "to|until|till|through|and"
NUMBERS = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "ten": 10}
AFTERWARDS = False
DATES = (
    (
        "any",
        None,
        r"(?:i )?(?:do not|don'?t) (?:mind|care)|(?:does not|doesn'?t) matter|no preference|any ?(?:time|day|date)?\b",
    ),
    (
        "any",
        None,
        r"whenever|as soon as (?:possible|you can)|asap|the (?:earliest|soonest)|first (?:available"
        r"|free)|every ?day|flexible",
    ),
    ("from", None, r"not before|no earlier than|not earlier than"),
    ("rel", 2, r"(?:the )?day after tomorrow"),
    ("rel", 1, r"tomorrow|tmrw|tomorow"),
    ("rel", 0, r"today|tonight"),
    ("rel", -1, r"yesterday"),
    ("week", -1, r"last week"),
    ("week", 2, r"(?:the )?week after next"),
    ("week", 1, r"next week|(?:the )?(?:following|coming) week"),
    ("week", 0, r"this week"),
    ("month", 1, r"next month"),
    ("month", 0, r"this month"),
    ("weeks_on", 1, r"(?<=day )(?:week|in a week)\b"),
    ("in_days", "n", r"in (?P<n>NUMBER) days?(?: time)?"),
    ("in_weeks", "n", r"in (?P<n>NUMBER) weeks?(?:'? time)?|(?P<n2>NUMBER) weeks? from (?:now|today)"),
    ("in_months", "n", r"in (?P<n>NUMBER) months?(?: time)?"),
    ("weekof", None, r"(?:the )?week (?:of|starting|beginning)(?: the)?"),
    ("weekdays", None, r"(?:on )?(?:weekdays?|working days?|during the week)"),
    ("weekend", None, r"week ?ends?"),
    ("morning", None, r"mornings?|before (?:noon|lunch)|early in the day"),
    ("afternoon", None, r"(?<!\d )(?<!\d)(?:afternoons?|evenings?|after (?:lunch|noon|work)|late in the day)"),
    (
        "not",
        None,
        r"except(?:ing)?(?: for)?|but not|apart from|other than|besides|not|never|cannot|can'?t|don'?t"
        r"|doesn'?t|isn'?t|won'?t",
    ),
    ("not", None, r"impossible|unavailable|never mind"),
    ("ok", None, r"fine|ok|okay|good|great|best|possible|works?|suits?|prefer(?:ably|red)?"),
    ("but", None, r"but|however|although"),
    ("from", None, r"from|starting|as of|onwards?"),
    ("after", None, r"after"),
    ("until", None, r"until|till|up to|by|no later than"),
    ("before", None, r"before"),
    ("between", None, r"between"),
    ("later", None, r"next(?= (?:WEEKDAY))"),
    ("last", None, r"last(?= (?:WEEKDAY))"),
    ("every", None, r"every|each"),
    ("daynumber", "n", r"(?:the )?(?P<n>\d{1,2})(?:st|nd|rd|th)"),
    ("and", None, r"and|or|&"),
)
FOR_OTHER = (
    r"\b(?:for|to see) (?:my|our|his|her|a|the) (?:\w+ )?(?:mother|mum|mom|mam|mummy|dad|father|wife"
    r"|husband|partner|son|daughter|sister"
    r"|brother|aunt|uncle|grand\w+|gran|granny|nan|parents?|friend|neighbou?r|relative|in-law\w*)\b"
    r"|\b(?:my|our) (?:mother|mum|mom|mam|dad|father|wife|husband|partner|son|daughter|sister|brother"
    r"|aunt|uncle|grand\w+|gran|nan|friend|neighbou?r)\b"
    r"|\b(?:someone|somebody) else\b|\bfor (?:her|him|them)\b|\banother person\b|\bon behalf\b"
)
FOR_ME = r"\b(?:for|it'?s|is) (?:me|myself)\b|\bmyself\b|^(?:me|i am|mine)\b"
MY_NAME = (
    r"(?:(?:hi|hello|yes|well|sure)[ ,.!]+)?(?:my (?:full |first |last )?name(?: is|'?s|:)|i am called"
    r"|i'?m called|the name is|name ?:|i am|i'?m|this is|it'?s"
    r"|(?:her|his|their|the patient'?s?|my (?:mother|mum|mom|father|dad|wife|husband)'?s?) name(?: is"
    r"|'?s|:)|(?:she|he) is(?: called)?|(?:mr|mrs|ms|miss|dr)\b\.?)"
)
NOT_A_NAME = (
    "i you he she it we they me my your the this that these a an of to in on at for from with and or "
    "not no yes yeah ok okay please thanks thank sorry hello hi hey bye "
    "is are was were do does did can could will would should have has had what why when where who how "
    "which because but if so then maybe sure stop cancel help skip back "
    "name phone number email appointment doctor nurse pain back spine surgery operation kyphoplasty "
    "vertebroplasty cement fracture risk risks cost price insurance "
    "want need know think really never always rather don't dont won't can't isn't later nothing none "
    "nobody human person wait moment idea matter tell ask else next english french turkish"
)
SKIP = (
    r"skip|pass|rather not(?: say)?|prefer not(?: to(?: say)?)?|no (?:reason|comment|thanks|thank you)"
    r"|nothing(?: special)?|none|not sure|i don'?t know|leave it(?: out)?|i don'?t want to say"
)
BACK = r"(?:go |one step )?back|previous(?: question)?|undo|go back(?: please)?"
CHANGE = r"\b(?:change|correct|wrong|edit|fix|mistake|amend|modify|update|not right|incorrect)\b"
FIELDS = {
    "request_caller": r"\b(?:my own name|my name)\b",
    "request_name": r"\b(?:name|spelling|patient)\b",
    "request_contact": r"\b(?:phone|number|mobile|e-?mail|mail|contact)\b",
    "request_when": r"\b(?:days?|dates?|times?|when|hour|morning|afternoon)\b",
    "request_reason": r"\b(?:reason|topic|motive)\b",
    "request_known": r"\b(?:known|new patient|been (?:here|there)|first time)\b",
    "request_whom": r"\b(?:for whom|who it is for|for me)\b",
}
NEW = r"\b(?:first (?:time|visit|appointment)|new (?:patient|here)|^new$|never been|not yet|i am new|i'm new)\b"
KNOWN = r"\b(?:already|existing|known|been (?:here|there|to)|returning|before)\b"
WITHDRAW = r"\b(?:cancel|withdraw|delete|drop|remove|call off|no longer need|don'?t need|take (?:it )?back)\b"
SINCE = r"\b(?:since|for the last|has been|have been|broke|fell|started|operated|ago)\b"
CALL_ME = r"\b(?:call|phone|ring) (?:me|us)\b|\bcall ?back\b"
THIS_CHAT = r"\b(?:this|the) (?:chat|conversation|number)\b|\b(?:here|whats ?app)\b"
REFUSES = r"\b(?:don'?t|do not|won'?t|rather not|prefer not|refuse)\b.*\b(?:give|share|say|tell|number|phone|e-?mail)\b"
