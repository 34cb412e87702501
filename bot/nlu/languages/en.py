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
    r"\b(what|whats|when|whens|where|wheres|why|who|whos|which|how|hows|whether|tell|know|wonder|wondering"
    r"|explain|ask"
    r"|asking|book|appointment|curious|understand)\b"
    r"|^((and|but|so|also|or|then|plus|please|ok|well),? )*"
    r"(is|are|was|were|do|does|did|can|could|will|would|should|may|must|has|have|am|isn't|aren't|don't|can't"
    r"|won't|any)\b"
    r"|\b(is|does|do|can|could|will|would|should|are|may|shall|must)"
    r" (it|i|she|he|they|you|we|there|my|the|that|this|mum|mam|dad|one)\b"
)
WITHOUT_SUBJECT = re.compile(
    r"danger(ous)?|risk[sy]?|(un)?safe|bad|harmful|serious(ly)?|big|deal|worr(y|ied)|worse|ok|okay|common|rare"
    r"|often|long(er)?|time"
    r"|takes?|taking|lasts?|lasting|stays?|hours?|days?|weeks?|months?|roughly|usually|normal(ly)?|exactly|hurts?"
    r"|hurting|painful"
    r"|sore|causes?|caused|reason|happen(s|ing|ed)?|works?|helps?|treat(ed|able)?|cured?|curable|heals?|fixed"
    r"|comes?|coming|like|lot"
    r"|feels?|notice|know|tell|whats|hows|thats|its|dont|doesnt|isnt|wont|cant|actually|pls|sorry|oh|right|mum|dad"
)
OPENING = (
    r"(hi|hiya|hello|helo|hey|heya|howdy|hallo|greetings|good ?(morning|afternoon|evening|day)|dear)"
    r"( (there|again|all|both|everyone|everybody|folks|guys|team|love|(dr|doctor|mr|mrs|ms)\.? \w+(?=[ ]?[,.!:;])"
    r"|doctor|doctors|doc|dr|nurse|sister|sir|madam|ma'?am|miss|or|and|to you|a (happy|nice|good|blessed) \w+))*"
    r"|((i'?m|i am|im) )?((so|very|really|terribly|awfully|ever so) )*(sorry|apologies)( (to"
    r"|for))? (both?er(ing)?|troubl(e|ing)|disturb(ing)?"
    r"|bug(ging)?|pester(ing)?|be (a|such a) (pain|nuisance|bother)|the (bother|trouble|long message))"
    r"( (you|ya|u|all|again|with (this|that)|so (late|early)|doctor|at this hour))*( but)?"
    r"|(i )?(don'?t|do not|didn'?t) (want|mean|like|wish) to (bother|trouble|disturb|be a (bother|nuisance"
    r"|pain))( (you|anyone|anybody|again))*( but)?"
    r"|(please )?(excuse|pardon|forgive) me( (for (asking|bothering|troubling)( you)?|doctor|please))*( but)?"
    r"|(i |we )?(do )?hope (you(r family)?('re| are|r)?|ur|u r|all is|all'?s|everything is|everything'?s"
    r"|this (message |email )?finds you)( (all|both|keeping|doing))*"
    r" (well|fine|ok|okay|good)"
    r"|how (are|r) (you|u|things)( (all|doing|today))*(?=[ ]?[?.!,])"
    r"|((just|another|a|one|i have|i'?ve got|i have got|may i ask|can i ask) )*(quick|little|small|silly|simple"
    r"|short|stupid|daft)( (quick|little|small|silly))*"
    r" (question|one|query)( for you)?( please)?(?=[ ]?[:.,;!-])"
    r"|((many|so many) )?(thanks|thank you|thankyou|thx|cheers)( (so|very|much|a lot|a million|ever so|again"
    r"|kindly|doctor|doc"
    r"|for (that|this|the (info|information|answer|reply|help|explanation)|your (help|time|answer|reply|patience"
    r"|kindness))))*(?=[ ]?[.,!;:-])"
    r"|(i )?hope (i'?m|i am|it'?s|this is) not (both?er|disturb|troubl)ing( (you|anyone))?( but)?"
    r"|(i )?hope you (don'?t|do not) mind (me|my) asking( but)?"
    r"|if (you (don'?t|do not) mind (me|my) asking|i may ask)( but)?"
    r"|(sorry if )?((this|it) (is|might be|may be) )?(a )?(silly|stupid|daft|dumb) question( maybe)? but"
    r"|(can|could|may) i ask( you)? (something|a question|one question|a quick question)(?=[ ]?[?:.,;!-])"
    r"|(it'?s )?me again(?=[ ]?[:.,;!-])|please"
)
CLOSING = (
    r"((many|so many|with) )?(thanks|thank you|thankyou|thank u|thanx|thx|thnx|cheers)"
    r"( (so|very|kindly|much|a lot|lots|a million|a bunch|loads|ever so|again|kindly|in advance|doctor|doc|dr|nurse|all"
    r"|love|dear|mate|xx?"
    r"|for (that|this|the (info|information|answer|reply|help|explanation|advice)|(your|the) (help|time|answer"
    r"|reply|patience|kindness|advice)|(helping|reading|answering))))*"
    r"|((with|my) )?(kind|kindest|best|warm|warmest) (regards|wishes)(\W+\w+){0,3}|(?<=[.,!?;] )regards(\W+\w+){0,3}"
    r"|(yours |(?<=[.,!?;] ))(sincerely|faithfully)( yours)?(\W+\w+){0,3}|all the best(\W+\w+)?|god bless( you)?"
    r"|have a (nice|good|lovely|great|blessed) (day|evening|weekend|one|afternoon)"
    r"|(looking forward to|awaiting|waiting for) (hear(ing)? from you|your (reply|answer|response))( soon)?"
    r"|(i )?hope to hear from you( soon)?|take care|(?<=[.,!?;] )(ta|tia)"
    r"|thank you (so much )?for (taking the time|all your help|your (kind|time and) (help|patience|attention))"
    r"|(please|pls|plz|plse)( (advise|(let me|do let me) know|reply|answer|respond))?|(much appreciated"
    r"|(i('?d)? )?appreciate it)"
    r"|((so|very|really) )*sorry (to|for) (bother(ing)?|trouble|troubling|disturb(ing)?|the (bother|trouble"
    r"|long message))( (you|again|with this))*|xx+"
)


def lower(text: str) -> str:
    """Returns `text` in lower case."""
    return text.lower()


def upper(text: str) -> str:
    """Returns `text` in upper case."""
    return text.upper()
