"""Turkish: I is the capital of ı, İ that of i."""
import re

CODE = "tr"
NAME = "Türkçe"
NAMES = ("turkish", "turc", "turque", "turkce", "turkceye", "turkceyi", "turkcesi")
AND = ("ve",)
SPLIT_BEFORE = (
    *("ve", "ayrica", "ama", "peki", "bir de", "birde", "bi de", "bide", "sonra", "yoksa", "hem", "ikincisi", "yaninda"),
    *("kac", "nasil", "neden", "niye", "nerede", "ne zaman", "ne kadar"),
)
_PARTICLE = "mi|mu|miyim|muyum|misin|musun|misiniz|musunuz|miyiz|muyuz|midir|mudur|miydi|muydu"
# The particle as it should be written, and as it is typed: joined to a verb or a word like "var" ("varmi", "olurmu").
_JOINED = (
    r"\w*(var|yok|[iuae]r|iyo|yor|[dt][iu]|lar|ler|cak|cek|m[iu]s|[ae]z|lazim|sart|normal|dogru|tehlikeli)(mi"
    r"|mu)\w{0,5}"
)
SPLIT_AFTER = re.compile(
    rf"{_PARTICLE}|{_JOINED}|nedir|neler|demek|\w+[iu]yor?su(n|nuz)"
    r"|\w+(alin|yazin|silin|verin|gonderin|baglayin|soyleyin)"
)
ASKS = re.compile(
    rf"\b({_PARTICLE}|{_JOINED}|ne|neyi|neden|niye|nicin|nasil|nasi|kim|kime|kimler|kac|kaca|kacta|kacti|hangi|hangisi"
    r"|nerede|nerden|nereden|nereye|neresi|nerde|neler|neleri|nedir|neydi|sormak|merak|ogrenmek|anlatin|soyleyin"
    r"|randevu|yazin|alin|silin|verin|gonderin|baglayin|iptal)\b|(mi|mu)\?"
)
WITHOUT_SUBJECT = re.compile(
    r"tehlike\w*|risk\w*|ciddi\w*|guvenli\w*|zarar\w*|kotu\w*|kork\w*|endise\w*|yaygin|nadir|sik|normal|uzun"
    r"|sur(er|mez|uyo\w*|ecek\w*)"
    r"|sure|suresi|saat|gun|hafta|ay|zaman|aci(r|tir|yo\w*|tiyo\w*|li|sini)|agri(r|li|yo\w*)|sanci(r|li|yo\w*)"
    r"|sebe[bp]\w*|nedeni"
    r"|oluyo\w*|olacak\w*|gec(er|iyo\w*|mez)|yapil\w*|edil\w*|tedavi\w*|iyiles\w*|yara(r|maz)|yariyo\w*|etkili"
    r"|fayda\w*|tekrar\w*"
    r"|gorul(ur|uyo\w*|mesi)|rastlan\w*|gerek(ir|iyo\w*|li)|sart|geri|gelir|anlasil\w*|belli|belirti\w*|nasi|bir"
    r"|bi|bisey|m[iu]d[iu]r|nedir|neler|nelerdir|hocam|doktor|annem|babam"
)
OPENING = (
    r"(merhaba(lar)?|mrb|selam(lar)?(?! (ver|soyle|gonder|ilet))|slm|selamun ?aleykum|selamin ?aleykum"
    r"|aleykum ?selam|iyi (gunler|aksamlar"
    r"|geceler|sabahlar|haftalar|calismalar)"
    r"|gunaydin|tunaydin|hayirli (gunler|aksamlar|sabahlar|cumalar|geceler|isler)|kolay gelsin|kolay gele|hallo"
    r"|hello)"
    r"( (hocam|doktor|doktorum|dr|bey|hanim|hanimefendi|beyefendi|arkadaslar|herkese|efendim|size|sizlere"
    r"|kardesim|kizim|evladim|dilerim))*"
    r"|(sayin |degerli )?(hocam|doktorum|doktor (bey|hanim)|sayin yetkili(ler)?|hemsire hanim)(?=[ ]?[,.!:;])"
    r"|(sizi )?rahatsiz (ediyorum|ettim|ettigim icin|ediyorsam|ettiysem|etmek (istemem|istemezdim"
    r"|istemiyorum))( (ozur dilerim|kusura bakmayin|hocam))*( (ama|fakat))?"
    r"|(rahatsizlik verdigim icin )?(kusura bakma(yin|yiniz)?|kusuruma bakma(yin)?|ozur dilerim|pardon"
    r"|af+edersiniz|bagislayin)"
    r"( (lutfen|hocam|doktor bey|rahatsiz ediyorum|rahatsiz ettim|sizi))*( (ama|fakat))?"
    r"|(nasilsiniz|nasilsin)( (insallah|hocam|iyi misiniz))*|(umarim|insallah) (iyisiniz|iyisinizdir"
    r"|hepiniz iyisinizdir|iyi?sindir)"
    r"|(size |benim )?(bir|bi|kucuk bir|ufak bir|kisa bir) (sorum|soru|sey) (var|vardi|olacak|olacakti"
    r"|sorabilir miyim|soracaktim|soracagim|sormak istiyorum|sormak istedim|sorayim)"
    r"|(cok )?(tesekkur(ler)?( (ederim|ederiz|ediyorum))?|tesekkurler|tsk(ler)?|sag ?olun|sag ?ol|eyvallah"
    r"|allah razi olsun)( (hocam|cok|doktor bey))*(?=[ ]?[.,!;:-])"
    r"|vaktinizi (aliyorum|almak istemem|almayayim)( (ama|kusura bakmayin))*"
    r"|(size )?(bir|bi) (konuda|sey|konu) (danismak|danisacaktim|bilgi almak|merak ediyorum)"
    r"( (istiyorum|istedim|istiyordum|istemistim))?"
    r"|(size )?(danismak|sormak|merak) (istedigim|ettigim) (bir|bi) (sey|konu) (var|vardi)"
    r"|bilgi almak (istiyorum|istiyordum|istedim)(?=[ ]?[:.,;!-])"
    r"|sayin yetkili(ler)?|lutfen"
)
CLOSING = (
    r"((simdiden|tekrar|cok|ilginiz icin|ilginize|cevabiniz icin|cevap icin|yardiminiz icin|bilgi icin) )*"
    r"(tesekkur(ler)?( (ederim|ederiz|ediyorum))?|tesekkurler|tsk(ler)?|sag ?olun|sag ?olasiniz|sag ?ol|saolun"
    r"|eyvallah|allah razi olsun|mersi)"
    r"( (hocam|doktor bey|doktor hanim|doktorum|simdiden|cok|efendim|sizden|herkese))*"
    r"|saygilar(imla|imizla|imi sunarim)?(\W+\w+){0,3}|selamlar|(iyi|hayirli) (gunler|aksamlar|geceler|calismalar"
    r"|isler)( (dilerim|dileriz|hocam))*"
    r"|kolay gelsin( hocam)?|(cevabinizi|yanitinizi|donusunuzu) bekliyorum"
    r"|(cevap|bilgi|yanit) verirseniz( cok)? sevinirim|(cevaplarsaniz|yanitlarsaniz|yardimci olursaniz)( cok)? sevinirim"
    r"|(elinize|emeginize) saglik|iyi ki varsiniz|allah yardimciniz olsun|(?<=[.,!?;] )sevgiler(le|imle)?"
    r"|rica (ederim|ediyorum|etsem)|lutfen|(rahatsiz ettigim icin )?(kusura bakmayin"
    r"|ozur dilerim)"
)


def lower(text: str) -> str:
    """Returns `text` in lower case, İ to i and I to ı."""
    return text.replace("İ", "i").replace("I", "ı").lower()


def upper(text: str) -> str:
    """Returns `text` in upper case, i to İ and ı to I."""
    return text.replace("i", "İ").upper()
