"""Small repairs of extracted text: bullets, ligatures, invisible signs."""

import re
import unicodedata
from collections.abc import Iterable

# A letter or dash is a list sign only when a blank follows it; a round bullet even without one.
_STRONG_BULLET = re.compile(r"^\s*([•◦▪▫●○■□◆◇►▸▹‣⁃∙➢➤✓✔✦❖❑❒✧])[\s\u200b]*(?=\S)")
# A day of the month ("12. March 2020") is no list number.
_WEAK_BULLET = re.compile(
    r"^\s*([·\-–—*»›→➔★o]|\+(?=\s+\D)|\(?\d{1,2}\)|\d{1,2}\.(?!\s*\w{3,10}\.?\s+\d{4})|[a-z]\))\s+(?=\S)"
)
DASHES = "-–—"
# After a dash a lone date is the end of a range.
_DATE = re.compile(r"\s*(?:\d\d?[./-])?(?:19|20)\d\d(?:[./-]\d\d?)?\s*")
_LIGATURES = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "ft", "ﬆ": "st", "Ĳ": "IJ", "ĳ": "ij"}
)
# Zero-width signs, soft hyphens, byte order marks; the joiners of Arabic and Indic scripts stay.
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff\u180e\x00-\x08\x0e-\x1f\x7f]")
# Browsers write some ideographs as the radical of the same shape. Kangxi radicals decompose by themselves; for the
# others this is the Equivalent_Unified_Ideograph property of the Unicode Character Database.
_KANGXI = re.compile("[\u2f00-\u2fd5]+")
_KANA = re.compile("[\u3041-\u30ff]")
_RADICALS = str.maketrans(
    "⺁⺄⺈⺊⺌⺍⺎⺒⺓⺕⺘⺛⺜⺝⺞⺟⺠⺩⺫⺬⺮⺶⺹⺼⺽⻂⻃⻄⻅⻆⻉⻊⻋⻌⻍⻎⻏⻑⻓⻔⻗⻘⻙⻚⻛⻜⻝⻟⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲⻳",
    "厂乙刀卜小小兀巳幺彐扌旡日月歹母民王目示竹羊耂肉臼衤覀西见角贝足车辶辶辶阝長长门雨青韦页风飞食飠马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟",
)
# Word for Mac writes each hyphen of a PDF twice.
_DOUBLE_HYPHEN = re.compile("-\u2010|\u2010-")
# Typesetting programs put these for the hyphen of the keyboard, in telephone numbers too.
_HYPHENS = re.compile("[\u2010\u2011]")
_SOFT_HYPHEN_AT_END = re.compile("\u00ad\\s*$")
_ARABIC_SHAPES = re.compile("[\ufb50-\ufdff\ufe70-\ufefc]+")
_PARTED = re.compile(r"[^\W\d_]{2}-$")
_BLANKS = re.compile(r"[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")


def cut_bullet(text: str) -> tuple[str, str]:
    """Return the list sign at the front of `text`, empty where there is none, and the rest."""
    match = _STRONG_BULLET.match(text) or _WEAK_BULLET.match(text)
    if match is None or (match[1] in DASHES and _DATE.fullmatch(text[match.end() :])):
        return "", text
    return match[1], text[match.end() :]


def normalise(text: str) -> str:
    """Return text in composed form, without ligatures and invisible signs, every run of blanks as one space.

    Tabs stay: they stand between parts of a line that are set far apart.
    """
    if _ARABIC_SHAPES.search(text):
        text = _ARABIC_SHAPES.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)
    if _KANGXI.search(text):
        if _KANA.search(text):
            text = text.replace("⼾", "戸")
        text = _KANGXI.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)
    text = _SOFT_HYPHEN_AT_END.sub("-", unicodedata.normalize("NFC", text).translate(_LIGATURES).translate(_RADICALS))
    return _BLANKS.sub(" ", _HYPHENS.sub("-", _DOUBLE_HYPHEN.sub("-", _INVISIBLE.sub("", text))))


def join_wrapped(texts: Iterable[str]) -> str:
    """Return lines of one paragraph as one text; a word that was parted at a line's end is put together.

    A hyphen stays where the next line begins with a capital or a digit ("Baden-" + "Württemberg").
    """
    joined = ""
    for text in texts:
        if not joined:
            joined = text
        elif _PARTED.search(joined) and text[:1].islower():
            joined = joined[:-1] + text
        elif joined.endswith(("-", "/")) and not joined.endswith((" -", " /")):
            joined += text
        else:
            joined = f"{joined} {text}"
    return joined


def is_right_to_left(text: str) -> bool:
    """Return whether letters of right-to-left scripts prevail in a text."""
    kinds = [unicodedata.bidirectional(char) for char in text]
    return kinds.count("R") + kinds.count("AL") > kinds.count("L")
