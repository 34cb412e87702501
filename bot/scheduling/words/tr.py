"""Turkish. A day or month may carry a case: salıya, cumadan, Aralık'ta; folded, so ı is i and ö is o."""

import re

_CASE = r"(?:'?(?:a|e|ya|ye|yi|i|u|da|de|ta|te|dan|den|tan|ten|lari|leri|lar|ler|si|nin|in|un|nun|ki|ki gun))?"
WEEKDAYS = (
    rf"pazartesi{_CASE}",
    rf"sali{_CASE}",
    rf"carsamba{_CASE}",
    rf"persembe{_CASE}",
    rf"cuma(?!rtesi){_CASE}",
    rf"cumartesi{_CASE}",
    rf"pazar(?!tesi){_CASE}",
)
MONTHS = tuple(
    rf"(?:{month}){_CASE}"
    for month in (
        *("ocak|ocag", "subat", "mart", "nisan", "mayis", "haziran", "temmuz", "agustos", "eylul", "ekim", "kasim"),
        "aralik|aralig",
    )
)
ORDINAL = "'?(?:u|i|si|su|nci|ncu|inci|uncu|unde|inde|sinde|undan|inden|sindan|sinden|den|dan|ten|tan)"
OF = "nin|"
IN_MONTH = ("", "(?<=[dt][ea])|(?<=[dt][ea]ki)| ayi\\w*")
PLURAL = re.compile(r"l[ae]ri?$")
TO = "ile|ve|ila"
NUMBERS = {"bir": 1, "iki": 2, "uc": 3, "dort": 4, "bes": 5, "alti": 6, "yedi": 7, "sekiz": 8, "on": 10, "on bes": 15}
AFTERWARDS = True
DATES = (
    (
        "any",
        None,
        r"fark ?etme[zs]\w*|ne zaman (?:olursa\w*|uygunsa\w*|isterseniz)(?: olsun)?|her ?zaman|her ?gun"
        r"|herhangi(?: bir)?(?: gun)?\w*|hangi gun olursa(?: olsun)?",
    ),
    (
        "any",
        None,
        r"(?:mumkun olan )?en (?:kisa|erken|yakin|yakinda)(?: (?:zaman\w*|sure\w*|tarih\w*|gun\w*))?"
        r"|bir an once|ilk (?:bos|uygun|musait)\w*(?: gun\w*)?|hepsi olur|hemen",
    ),
    ("morning", None, r"sabah\w*|ogleden once\w*|ogleye kadar"),
    ("afternoon", None, r"ogleden sonra\w*|ogledensonra\w*|aksam\w*|ikindi\w*|gun sonu\w*"),
    ("rel", 2, r"obur ?gun|yarindan sonra(?:ki gun)?|ertesi gun"),
    ("rel", 1, r"yarin(?:a|ki)?"),
    ("rel", 0, r"bugun\w*"),
    ("rel", -1, r"dun(?:ku)?"),
    ("week", -1, r"gecen hafta\w*"),
    ("week", 2, r"(?:haftaya degil )?(?:oburku|obur) hafta\w*"),
    ("week", 1, r"haftaya(?: bu ?gun)?|(?:gelecek|onumuzdeki|oteki|sonraki) hafta\w*"),
    ("week", 0, r"bu hafta(?:ki|nin)?(?! sonu)"),
    ("month", 1, r"(?:gelecek|onumuzdeki) ay\b"),
    ("month", 0, r"bu ay\b"),
    ("in_days", "n", r"(?P<n>NUMBER) gun (?:sonra\w*|icinde)"),
    ("in_weeks", "n", r"(?P<n>NUMBER) hafta (?:sonra\w*|icinde)"),
    ("in_months", "n", r"(?P<n>NUMBER) ay (?:sonra\w*|icinde)"),
    ("weekdays", None, r"hafta ?ici\w*|is gun\w+"),
    ("weekend", None, r"hafta ?sonu?\w*"),
    ("weekof", None, r"haftasi\w*"),
    (
        "not",
        None,
        r"haric\w*|disinda\w*|olmasin|olmaz|degil|uymaz|uymuyor|gelemem|gelemiyorum|istemem|istemiyorum"
        r"|olmayan|musait degil\w*|uygun degil\w*|mumkun degil",
    ),
    ("ok", None, r"olur|uygun\w*|musait\w*|iyi|tercih\w*|olabilir"),
    ("but", None, r"ama|fakat|ancak"),
    ("after", None, r"sonra(?:si|sinda)?"),
    ("from", None, r"itibaren|basla\w+"),
    ("until", None, r"kadar"),
    ("before", None, r"once(?:si|sinde)?"),
    ("between", None, r"arasi\w*"),
    ("later", None, r"(?:gelecek|oteki)(?= (?:WEEKDAY))"),
    ("last", None, r"gecen(?= (?:WEEKDAY))"),
    ("every", None, r"her"),
    ("everyday", None, r"gunleri\b"),
    ("daynumber", "n", r"ayin (?P<n>\d{1,2})(?:'?\w{1,5})?"),
    ("and", None, r"ve|veya|ya da|yahut|yada|&"),
)
FOR_OTHER = (
    r"\b(?:anne\w*|baba\w*|es|esim\w*|kocam\w*|karim\w*|kari?m|oglum\w*|kizim\w*|kardesim\w*|ablam\w*"
    r"|agabeyim\w*|abim\w*|teyzem\w*|halam\w*|amcam\w*|dayim\w*|dedem\w*|ninem\w*|babaannem\w*"
    r"|anneannem\w*|kayinvalidem\w*|kayinpederim\w*|komsum\w*|arkadasim\w*|yakinim\w*) (?:icin|adina)\b"
    r"|\b(?:annem|babam|esim|kocam|karim|oglum|kizim|kardesim|ablam|abim|teyzem|halam|dedem|ninem"
    r"|babaannem|anneannem|kayinvalidem|komsum)(?:in|e|i|a|nin|ime|imin)?\b"
    r"|\bbaskasi\b|\bbaska(?: biri(?:si)?)?(?: icin)?\b|\bbir yakinim\w*|\bonun icin\b|\bbaskasinin\b"
)
FOR_ME = r"\b(?:kendim|kendime|benim|bana)\b(?: icin)?|\bkendim icin\b|^ben\b"
MY_NAME = (
    r"(?:(?:merhaba|evet|tabii|selam)[ ,.!]+)?(?:benim (?:adim|ismim)(?: soyadim)?:?"
    r"|adim(?: soyadim)?:?|ismim(?: soyismim)?:?|ad(?:i)? soyad(?:i)? ?:|ben"
    r"|(?:annemin|babamin|esimin|onun|hastanin) (?:adi|ismi)(?: soyadi)?:?|adi(?: soyadi)?:?|ismi:?|isim ?:)"
)
NOT_A_NAME = (
    "ben sen o biz siz onlar bana benim sizin bu su ve veya ama icin ile de da mi mu bir hayir evet "
    "tamam tesekkur tesekkurler lutfen merhaba selam pardon ne neden nicin niye nasil nerede zaman kac "
    "kim "
    "hangi cunku eger belki iptal yardim gec atla geri isim ad adi telefon numara numarasi eposta mail "
    "randevu doktor hemsire agri agrisi sirt bel omurga ameliyat kifoplasti vertebroplasti cimento "
    "kirik risk "
    "riskler riskleri fiyat ucret sigorta var yok degil istiyorum istemiyorum gerek bilmiyorum sonra "
    "hic hicbir kimse insan bekleyin soru ister misiniz olur olmaz dur durun durdur vazgectim "
    "gunu gunleri uygun gelecek onumuzdeki haftaya ingilizce fransizca turkce"
)
SKIP = (
    r"gec(?:elim|iniz|in)?|atla(?:yalim|yin)?|soylemek istemiyorum|belirtmek istemiyorum|yok|bilmiyorum"
    r"|hicbiri?|bos birak\w*|neden yok|hayir tesekkurler"
)
BACK = r"geri(?: don\w*| al\w*| git\w*)?|(?:bir )?onceki(?: soru\w*)?"
CHANGE = r"\b(?:degis\w+|duzelt\w+|yanlis\w*|hata\w*|dogru degil)\b"
FIELDS = {
    "request_caller": r"\b(?:kendi (?:adim|ismim)\w*|benim (?:adim|ismim)\w*)\b",
    "request_name": r"\b(?:ad|adi|adini|adim|adimi|isim|ismi|ismini|ismim|ismimi|soyad\w*|hasta\w*)\b",
    "request_contact": r"\b(?:telefon\w*|numara\w*|cep|e-?posta\w*|mail\w*|iletisim\w*)\b",
    "request_when": r"\b(?:gun\w*|tarih\w*|saat\w*|zaman\w*)\b",
    "request_reason": r"\b(?:neden\w*|sebep|sebeb\w*|konu\w*)\b",
    "request_known": r"\b(?:ilk kez|daha once\w*|kayit\w*)\b",
    "request_whom": r"\b(?:kimin icin|kendim)\b",
}
NEW = r"\b(?:ilk (?:kez|defa|sefer)\w*|yeni(?:yim)?|hic gelmedim|gelmedim)\b"
KNOWN = r"\b(?:daha once|geldim|hastanizim|kayitliyim|onceden)\b"
WITHDRAW = r"\b(?:iptal\w*|geri (?:cek|al)\w*|sil(?:in|er)?\w*|vazgec\w*|gerek kalmadi|istemiyorum artik)\b"
SINCE = r"\b(?:beri|dir|once(?:den)?|kirildi|dustu\w*|dustum|ameliyat oldu\w*|basladi)\b"
CALL_ME = r"\b(?:beni|bizi|geri) (?:\w+ )?ara\w*\b"
THIS_CHAT = r"\bbu (?:sohbet|yazisma|konusma|numara)\w*|\b(?:buradan|burada|buraya)\b|\bwhats ?app\w*"
REFUSES = (
    r"\b(?:numara|telefon|e-?posta)\w*\b.*\b(?:istemiyorum|istemem|vermem|vermeyece\w+)\b"
    r"|\b(?:vermek|paylasmak) istemiyorum\b"
)
