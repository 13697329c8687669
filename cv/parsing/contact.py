"""Contact data: e-mail, phone, addresses on the web, profiles, the place of living, and other personal data."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache

import phonenumbers

from cv.extraction.types import TextLine
from cv.parsing.dates import find_periods, parse_date
from cv.parsing.heads import URL, is_country, is_place, is_region
from cv.parsing.lexicon import alternatives, folded, table, words
from cv.parsing.rows import visible_text
from cv.parsing.types import Look, Part, Row, Section
from cv.parsing.values import note, set_value
from cv.resume import Location, Person, Profile

EMAIL = re.compile(r"[\w.+'-]+@(?:[\w-]+\.)+[a-z]{2,}", re.IGNORECASE)
PHONE = re.compile(r"(?<![\w/.-])(?:\+|00)?[\d(][\d\s().\-–/‑]{5,22}\d(?![\w@]|[-./]\w)")
_CUT_EMAIL = re.compile(r"[\w.+-]+@[\w.-]*")
_EMAIL_FRONT = re.compile(r"[a-z0-9._+-]*[a-z0-9]-")
_TOKEN = re.compile(r"[\w.-]{1,40}")
_WHOLE_EMAIL = re.compile(
    r"[\w.+'-]+@(?:[\w-]+\.)+(?:com|org|net|edu|gov|io|dev|de|fr|es|it|pt|br|nl|pl|cz|uk|ca|au|ch|at|ru|tr|jp|cn)",
    re.IGNORECASE,
)
# Sections that are lists, below which contact data may stand without a heading of their own.
LISTS = frozenset({"skills", "languages", "interests", "certificates", "awards", "summary", "custom", "other"})
MAX_CONTACT_LABEL = 10
MAX_TOWN = 3
MAX_USERNAME_WORDS = 2
MAX_PROFILE_WORDS = 6
# Each link is compared with all before it; few documents have more.
KEPT_ADDRESSES = 4_096
NETWORKS = {
    "linkedin.com": "LinkedIn", "github.com": "GitHub", "gitlab.com": "GitLab", "twitter.com": "Twitter", "x.com": "X",
    "facebook.com": "Facebook", "instagram.com": "Instagram", "xing.com": "XING", "stackoverflow.com": "Stack Overflow",
    "medium.com": "Medium", "youtube.com": "YouTube", "behance.net": "Behance", "dribbble.com": "Dribbble",
    "orcid.org": "ORCID", "scholar.google.com": "Google Scholar", "researchgate.net": "ResearchGate",
    "t.me": "Telegram", "soundcloud.com": "SoundCloud", "kaggle.com": "Kaggle", "vk.com": "VK",
    "bitbucket.org": "Bitbucket", "codepen.io": "CodePen", "dev.to": "DEV", "leetcode.com": "LeetCode",
    "mastodon.social": "Mastodon", "bsky.app": "Bluesky", "pinterest.com": "Pinterest", "vimeo.com": "Vimeo",
    "huggingface.co": "Hugging Face", "gitee.com": "Gitee", "qiita.com": "Qiita", "keybase.io": "Keybase",
}  # fmt: skip
_SPLIT = re.compile(r"\s*[|¦•·∙⋅●‣▪◦]\s*|\t+|\s{3,}|\s+[–—-]\s+")
_STREET = re.compile(
    r"\d.*\b(?:st|street|ave|avenue|rd|road|blvd|lane|ln|dr|drive|way|court|ct|place|plaza|prom|rue|boulevard|allée|"
    r"calle|avenida|via|viale|piazza|rua|straat|laan|ulica|ul|str|straße|strasse|weg|platz|gasse|allee|sokağı|caddesi|"
    r"улица|ул|проспект|пр|аллея|наб|suite|apt|way|square|terrace|close|view)\b|"
    r"(?:straße|strasse|weg|platz|gasse|allee|straat|gatan|vägen|vej|katu|utca)\s*\d|[号號]|丁目|番地|\d+-\d+-\d+|\b(?:ul|ulica|al|calle|rue|via|rua|av|avenida|carrer|ул|пр|аллея|улица)\.?\s.*\d",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Snippet:
    """A piece of the contact data: text between separators. `used` says that some field holds it."""

    text: str
    lines: list[TextLine]
    look: Look
    url: str = ""
    row: int = 0
    label: str = ""
    used: bool = False
    rows: list[Row] = field(default_factory=list)


def snippets_of(rows: Sequence[Row]) -> list[Snippet]:
    """Cut contact rows at separators, and labels ("Phone:") off what they name."""
    snippets: list[Snippet] = []
    pending = ""
    for number, row in enumerate(join_cut_addresses(rows)):
        for text, part_lines, look, url in _texts(row):
            label, rest = cut_label(text)
            if label and not rest and not _leads_to_page(url):
                pending = label
                continue
            snippets.append(Snippet(rest or text, part_lines, look, url, number, label or pending, rows=[row]))
            pending = ""
    return snippets


def join_cut_addresses(rows: Sequence[Row]) -> list[Row]:
    """Put an e-mail address together that a narrow column cut in two."""
    kept: list[Row] = []
    for row in rows:
        before = kept[-1] if kept else None
        text = visible_text(row.text)
        if before is not None and _ends_in_email(before, row):
            last, first = before.parts[-1], row.parts[0]
            address = visible_text(last.text) + visible_text(first.text)
            whole = replace(last, text=address, lines=[*last.lines, *first.lines])
            kept[-1] = replace(before, lines=[*before.lines, *first.lines], parts=[*before.parts[:-1], whole])
            row = replace(row, parts=row.parts[1:])  # noqa: PLW2901 - without what belongs to the row above
            if row.parts:
                kept.append(row)
            continue
        cut = before is not None and _CUT_EMAIL.fullmatch(visible_text(before.text)) and _TOKEN.fullmatch(text)
        if (
            before is not None
            and cut
            and not _WHOLE_EMAIL.fullmatch(visible_text(before.text))
            and _WHOLE_EMAIL.fullmatch(visible_text(before.text) + text)
        ):
            part = replace(before.parts[0], text=visible_text(before.text) + text)
            kept[-1] = Row(
                [*before.lines, *row.lines], [replace(part, lines=[*before.lines, *row.lines])], before.bullet
            )
        else:
            kept.append(row)
    return kept


def _ends_in_email(before: Row, row: Row) -> bool:
    """Return whether a row ends with the front of an e-mail address, up to a hyphen, and the next begins with its rest."""
    front, rest = visible_text(before.parts[-1].text), visible_text(row.parts[0].text)
    return _EMAIL_FRONT.fullmatch(front) is not None and _WHOLE_EMAIL.fullmatch(rest) is not None


def _texts(row: Row) -> Iterator[tuple[str, list[TextLine], Look, str]]:
    """Yield the row's pieces between separators; parts of different looks on one line stay together where no sign divides them."""
    for text, parts in _runs(row):
        urls = list(dict.fromkeys(part.url for part in parts if part.url))
        for piece in _SPLIT.split(text):
            plain = visible_text(piece).strip(" ,;•·|")
            if plain:
                own = [part for part in parts if part.text.strip() and part.text.strip() in plain] or parts
                url = next((part.url for part in own if part.url), urls[0] if len(urls) == 1 else "")
                yield plain, own[0].lines, own[0].look, url


def _runs(row: Row) -> Iterator[tuple[str, list[Part]]]:
    """Yield the row's stretches without a wide gap whose parts are of one size: a name may be half bold."""
    text, parts = "", list[Part]()
    for part in row.parts:
        if parts and (part.gap or abs(part.look.size - parts[-1].look.size) > 1.5):
            yield text, parts
            text, parts = "", []
        text += part.text
        parts.append(part)
    if parts:
        yield text, parts


def cut_label(text: str) -> tuple[str, str]:
    """Return the kind of a label in front of a text ("email", "phone", …) and the rest."""
    match = re.match(r"^\s*([^\d:：@]{1,30}?)\s*[:：]\s*(.*)$", text)
    if match and (kind := _label_kind(match[1])) and "//" not in match[0][: match.end(1) + 3]:
        return kind, match[2].strip()
    if kind := _label_kind(text):
        return kind, ""
    return "", text


def _label_kind(text: str) -> str:
    plain = folded(text)
    for kind in ("email", "phone", "url", "location", "birth", "nationality", "name", "reading"):
        if plain in words("labels", kind):
            return kind
    if plain in words("labels", "profile"):
        return f"profile:{text.strip()}"
    return ""


def cut_contact(section: Section) -> list[Section]:
    """Return a section without contact data that stand at its end, as below the lists of a sidebar, and these apart."""
    if section.kind not in LISTS:
        return [section]
    begin = len(section.rows)
    while begin > 0 and _is_contact_row(section.rows[begin - 1]):
        begin -= 1
    begin = min(begin, _profiles_begin(section))
    tail = section.rows[begin:]
    if begin == 0 or not tail or not any(EMAIL.search(row.text) or _names_networks(row) for row in tail):
        return [section]
    return [replace(section, rows=section.rows[:begin]), Section("contact", "", None, tail)]


def _profiles_begin(section: Section) -> int:
    """Return where the names of networks with user names below them begin at a summary's end, else its length."""
    rows = section.rows
    if section.kind != "summary":
        return len(rows)
    heads = [number for number, row in enumerate(rows) if _names_networks(row)]
    begin = min(heads, default=len(rows))
    is_tail = all(len(visible_text(row.text).split()) <= MAX_PROFILE_WORDS for row in rows[begin:])
    return begin if is_tail else len(rows)


def _names_networks(row: Row) -> bool:
    """Return whether a row is nothing but names of networks."""
    names = [folded(visible_text(part.text)) for part in row.parts]
    return bool(names) and all(name in words("labels", "profile") for name in names)


def _is_contact_row(row: Row) -> bool:
    """Return whether a row is e-mail addresses, telephone numbers or addresses on the web in cells, perhaps with a town."""
    cells = [cell for cell in visible_text(row.text).split("\t") if cell.strip()]
    found = [_is_contact_text(cell) for cell in cells]
    return any(found) and all(
        is_one or len(cell.split()) <= MAX_TOWN for cell, is_one in zip(cells, found, strict=True)
    )


def _is_contact_text(text: str) -> bool:
    rest = URL.sub("", EMAIL.sub("", text))
    if rest != text:
        return len(rest.strip(" :|,·•()")) <= MAX_CONTACT_LABEL
    match = PHONE.search(text)
    return match is not None and len(text) - len(match[0]) <= MAX_CONTACT_LABEL and not find_periods(text)


def fill_contact(person: Person, rows: Sequence[Row], everything: Sequence[Row], region: str) -> list[Snippet]:
    """Fill the contact fields from the rows of the header and the contact sections.

    E-mail and phone are looked for in `everything` where the header has none. Returns the snippets, those that
    went into a field marked as used.
    """
    snippets = snippets_of(rows)
    _fill_email(person, snippets, everything)
    for snippet in snippets:
        _fill_labelled(person, snippet)
    _fill_phone(person, snippets, everything, region)
    for snippet in snippets:
        _fill_urls(person, snippet)
    shown = {bare(address) for address in (person.url, *(page.url for page in person.profiles))}
    person.profiles = [page for page in person.profiles if page.url or bare(page.link) not in shown]
    _fill_profiles_by_name(person, snippets)
    _fill_location(person, snippets)
    return snippets


def _fill_email(person: Person, snippets: Sequence[Snippet], everything: Sequence[Row]) -> None:
    for snippet in snippets:
        match = EMAIL.search(snippet.text)
        linked = snippet.url.removeprefix("mailto:").partition("?")[0] if snippet.url.startswith("mailto:") else ""
        address = match[0] if match else linked
        if match and _is_linked(match[0], linked):
            address = linked
        if address and not person.email:
            set_value(person, "email", address, snippet.lines, 0.99, quotation=snippet.text)
        if address:
            note(person, "email", snippet.lines, 0.99)
            snippet.text = EMAIL.sub(" ", snippet.text).replace("mailto:", "").strip(" ()<>,;|")
            snippet.used = snippet.used or not snippet.text or not match
    for row in [] if person.email else everything:
        if match := EMAIL.search(row.text):
            set_value(person, "email", match[0], row.lines, 0.8, quotation=match[0])
            return


def _is_linked(shown: str, linked: str) -> bool:
    """Return whether a link leads to the address that is shown: cut off, or with the hyphen of a line's end in it."""
    one, other = shown.casefold(), linked.casefold()
    return other.startswith(one) or (bool(other) and one.replace("-", "") == other.replace("-", ""))


def _fill_labelled(person: Person, snippet: Snippet) -> None:
    if snippet.label == "birth" and (date := parse_date(snippet.text)):
        set_value(person, "birth_date", date, snippet.lines, 0.95, quotation=snippet.text)
        snippet.used = True
    elif snippet.label == "nationality" and snippet.text:
        set_value(person, "nationality", snippet.text, snippet.lines, 0.95)
        snippet.used = True
    elif snippet.label == "name" and snippet.text and not person.name:
        set_value(person, "name", snippet.text, snippet.lines, 0.97)
        snippet.used = True


def _fill_phone(person: Person, snippets: Sequence[Snippet], everything: Sequence[Row], region: str) -> None:
    for snippet in snippets:
        found = find_phone(snippet.text, region, labelled=snippet.label == "phone")
        if found and not snippet.used:
            if not person.phone:
                set_value(person, "phone", found, snippet.lines, 0.95, quotation=snippet.text)
            else:
                continue
            snippet.text = snippet.text.replace(found, " ").strip(" ()<>,;|")
            snippet.used = not snippet.text
            if any(phone in folded(snippet.text).split() for phone in words("labels", "phone")):
                snippet.used = True
    for row in [] if person.phone else everything:
        is_contact = "@" in row.text or cut_label(row.text)[0] == "phone"
        if is_contact and (found := find_phone(row.text, region, labelled=True)):
            set_value(person, "phone", found, row.lines, 0.7, quotation=found)
            return


def find_phone(text: str, region: str, *, labelled: bool = False) -> str:
    """Return the phone number as written in a text, or an empty string.

    A number counts when it is possible in `region` (ISO 3166) or written internationally, or when a label names it.
    """
    if turned := re.fullmatch(r"\s*([\d\s().-]+)\+\s*", text):
        # In a line of a right-to-left script the groups of a number stand in reverse order.
        text = "+" + " ".join(reversed(turned[1].split()))
    for match in PHONE.finditer(text.translate({0xA0: " ", 0x2011: "-"})):
        written = match[0].strip()
        digits = re.sub(r"\D", "", written)
        if not 6 <= len(digits) <= 15 or _is_years(written):
            continue
        if labelled or _is_possible(written, region) or _looks_like_phone(written, digits):
            begin = match.start()
            if begin and text[begin - 1] in "(+":
                written = text[begin - 1] + written
            return written if written.count("(") == written.count(")") else written.strip("()")
    return ""


def _is_years(text: str) -> bool:
    return bool(re.fullmatch(r"(?:19|20)\d\d\s*[-–/.]?\s*(?:(?:19|20)\d\d|\d\d?)?(?:[-./]\d\d)?", text)) or bool(
        re.fullmatch(r"\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d\d", text)
    )


def _is_possible(text: str, region: str) -> bool:
    try:
        number = phonenumbers.parse(text, None if text.startswith("+") else region or None)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_possible_number(number)


def _looks_like_phone(text: str, digits: str) -> bool:
    return len(digits) >= 7 and (
        text.startswith(("+", "00", "0", "(")) or len(re.split(r"[\s\-./()]+", text)) >= 3 or len(digits) >= 9
    )


# An address may link to where it is on a map.
_MAP = re.compile(r"^https?://(?:(?:www\.)?google\.[\w.]+/maps|maps\.|(?:www\.)?openstreetmap\.|goo\.gl/maps)", re.I)


def _fill_urls(person: Person, snippet: Snippet) -> None:
    seen = [match[0].rstrip(".,") for match in URL.finditer(snippet.text)]
    link = _link_of(snippet)
    if link and any(_is_cut(address, link) for address in seen):
        seen = [link]
    rest = visible_text(URL.sub(" ", snippet.text)).strip(" ()<>,;|:")
    if link and not seen:
        label = snippet.label.partition(":")[2] if snippet.label.startswith("profile:") else ""
        _add_link(person, snippet, link, network_of(link) or label or rest)
    for address in dict.fromkeys(seen):
        network = network_of(address)
        if network or snippet.label.startswith("profile:"):
            name = rest if rest and rest not in address else ""
            _add_profile(person, snippet, address, network or snippet.label.partition(":")[2], name)
        elif person.url and bare(person.url) != bare(address):
            _add_profile(person, snippet, address, rest if folded(rest) in words("labels", "profile") else "", "")
        elif not person.url:
            set_value(person, "url", address, snippet.lines, 0.9, quotation=snippet.text)
        else:
            note(person, "url", snippet.lines, 0.9)
    if seen or link:
        snippet.used = True


def _link_of(snippet: Snippet) -> str:
    """Return the page on the web that a snippet leads to; a place on a map is none."""
    return snippet.url if _leads_to_page(snippet.url) else ""


def _leads_to_page(url: str) -> bool:
    return url.startswith(("http://", "https://")) and not _MAP.search(url)


def _add_link(person: Person, snippet: Snippet, link: str, network: str) -> None:
    """Take what a name or sign leads to for a profile; the page does not show the address, so it is no `url`."""
    shown = visible_text(snippet.text)
    if match := _named_profile().match(shown):
        shown = match[1]
    known = next((page for page in person.profiles if bare(page.link) == bare(link)), None)
    if known is None:
        path = bare(link).partition("/")[2].removeprefix("in/").removeprefix("pub/").removeprefix("@")
        is_name = shown and len(shown.split()) <= MAX_USERNAME_WORDS and folded(shown) != folded(network)
        known = Profile(network=network, username=shown if is_name else "" if "/" in path else path, link=link)
        person.profiles.append(known)
    for field_name in ("username", "link"):
        if getattr(known, field_name):
            note(known, field_name, snippet.lines, 0.9, snippet.text)


def _is_cut(shown: str, link: str) -> bool:
    """Return whether a shown address is only a piece of the one that is linked, as where it wraps."""
    piece = bare(shown).rstrip(".")
    return len(piece) > 3 and piece in bare(link) and piece != bare(link)


@lru_cache(maxsize=KEPT_ADDRESSES)
def bare(url: str) -> str:
    """Return an address without scheme, `www.` and last slash, for comparison."""
    return re.sub(r"^(?:https?://)?(?:www\.)?|/+$", "", url.casefold())


def network_of(url: str) -> str:
    """Return the network that an address belongs to, or an empty string."""
    host = bare(url).partition("/")[0]
    return next((name for domain, name in NETWORKS.items() if host == domain or host.endswith("." + domain)), "")


def _add_profile(person: Person, snippet: Snippet, url: str, network: str, username: str) -> None:
    known = next((profile for profile in person.profiles if bare(profile.url) == bare(url)), None)
    if known is None:
        path = bare(url).partition("/")[2].removeprefix("in/").removeprefix("pub/").removeprefix("@")
        known = Profile(network=network, username=username or ("" if "/" in path else path), url=url)
        person.profiles.append(known)
    note(known, "url", snippet.lines, 0.95, snippet.text)


@cache
def _named_profile() -> re.Pattern[str]:
    """Return the pattern of a user name with its network in brackets."""
    return re.compile(rf"^(\S+)\s*\((?P<network>{alternatives(table('labels')['profile'])})\)$", re.IGNORECASE)


def _fill_profiles_by_name(person: Person, snippets: Sequence[Snippet]) -> None:
    """Take a user name under or beside the name of a network for a profile ("LinkedIn" over "jdoe")."""
    for snippet in snippets:
        if snippet.used or not snippet.text:
            continue
        if snippet.label.startswith("profile:") and len(snippet.text.split()) <= MAX_USERNAME_WORDS:
            profile = Profile(network=snippet.label.partition(":")[2], username=snippet.text)
        elif match := _named_profile().match(snippet.text):
            profile = Profile(network=match["network"], username=match[1])
        else:
            continue
        note(profile, "username", snippet.lines, 0.9, snippet.text)
        person.profiles.append(profile)
        snippet.used = True


def _fill_location(person: Person, snippets: Sequence[Snippet]) -> None:
    options = [snippet for snippet in snippets if not snippet.used and snippet.text]
    for snippet in options:
        if snippet.label == "location" or _is_address(snippet.text):
            confidence = 0.9 if snippet.label == "location" else 0.75
            if person.location is None:
                place = location_of(snippet.text)
            else:
                place = location_of(f"{person.location.text}, {snippet.text}")
            person.location = place
            note(person, "location", snippet.lines, confidence, snippet.text)
            snippet.used = True


def _is_address(text: str) -> bool:
    if len(text) > 90 or len(text.split()) > 14:
        return False
    return bool(_STREET.search(text)) or is_place(text) or bool(re.fullmatch(r"[^\d,@]{2,30}, [A-Z]{2}(?:[ ,].{0,30})?", text)) or bool(re.search(r"\b[A-Z]{2} \d{5}\b|\b\d{5} [A-ZÀ-Þ]", text))  # fmt: skip


def location_of(text: str) -> Location:
    """Return a place as its parts, as far as they are plain; `text` keeps it whole."""
    place = Location(text=text)
    atoms = [atom.strip() for atom in re.split(r"[,，\t]", text) if atom.strip()]
    if atoms and len(atoms) > 1 and is_country(atoms[-1]):
        country = atoms[-1]
        if not is_region(country) or (len(atoms) > 2 and is_region(atoms[-2])):
            place.country_code = country if len(country) == 2 and country.isupper() else ""
            atoms.pop()
    if len(atoms) > 1 and (match := re.fullmatch(r"([A-Z]{2,3})\s+(\d{4,6})", atoms[-1])):
        place.region, place.postal_code = match[1], match[2]
        atoms.pop()
    elif len(atoms) > 1 and is_region(atoms[-1]):
        place.region = atoms.pop()
    if atoms and _STREET.search(atoms[0]) and len(atoms) > 1:
        place.address = atoms.pop(0)
    if atoms:
        city = atoms.pop()
        if match := re.fullmatch(r"(?:[A-Z]{1,2}-)?(\d{4,6})\s+(.+)|(.+?)\s+(\d{4,6})", city):
            place.postal_code = match[1] or match[4]
            city = match[2] or match[3]
        place.city = city
    place.address = ", ".join(filter(None, [place.address, *atoms]))
    return place
