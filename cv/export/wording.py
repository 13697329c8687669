"""The words of an exported document, by language: section titles, months, and how a date is written."""

import datetime
import re
from dataclasses import dataclass

from cv.resume import Dated, PartialDate

EN_DASH = " – "


@dataclass(frozen=True, slots=True)
class Wording:
    """Words of one language. `months` are the usual abbreviations; without them dates are written in numbers."""

    titles: dict[str, str]
    present: str
    months: tuple[str, ...] = ()
    born: str = "Born"
    nationality: str = "Nationality"
    expires: str = "valid until"
    native: str = "native"
    courses: str = "Courses"
    contact: str = "Contact"
    day_month: str = "{day} {month}"
    full_months: tuple[str, ...] = ()
    full_date: str = "{day} {month} {year}"
    numeric: tuple[str, str, str] = ("{year}", "{month:02d}/{year}", "{day:02d}/{month:02d}/{year}")


_KEYS = (
    "summary", "employers", "projects", "education", "skills", "languages", "certificates",
    "publications", "awards", "volunteering", "interests", "references",
)  # fmt: skip


def _titles(*titles: str) -> dict[str, str]:
    return dict(zip(_KEYS, titles, strict=True))


def _months(names: str) -> tuple[str, ...]:
    return tuple(names.split())


WORDINGS: dict[str, Wording] = {
    "en": Wording(
        _titles(
            "Summary", "Experience", "Projects", "Education", "Skills", "Languages", "Certificates",
            "Publications", "Awards", "Volunteering", "Interests", "References",
        ),
        present="Present",
        months=_months("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"),
        full_months=_months("January February March April May June July August September October November December"),
    ),
    "de": Wording(
        _titles(
            "Profil", "Berufserfahrung", "Projekte", "Ausbildung", "Kenntnisse", "Sprachen", "Zertifikate",
            "Veröffentlichungen", "Auszeichnungen", "Ehrenamt", "Interessen", "Referenzen",
        ),
        present="heute",
        months=_months("Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez."),
        born="Geboren",
        nationality="Staatsangehörigkeit",
        expires="gültig bis",
        native="Muttersprache",
        courses="Schwerpunkte",
        contact="Kontakt",
        day_month="{day}. {month}",
        full_months=_months("Januar Februar März April Mai Juni Juli August September Oktober November Dezember"),
        full_date="{day}. {month} {year}",
    ),
    "fr": Wording(
        _titles(
            "Profil", "Expérience professionnelle", "Projets", "Formation", "Compétences", "Langues", "Certifications",
            "Publications", "Distinctions", "Bénévolat", "Centres d’intérêt", "Références",
        ),
        present="aujourd’hui",
        months=_months("janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc."),
        born="Date de naissance",
        nationality="Nationalité",
        expires="valable jusqu’au",
        native="langue maternelle",
        courses="Cours",
        full_months=_months("janvier février mars avril mai juin juillet août septembre octobre novembre décembre"),
    ),
    "es": Wording(
        _titles(
            "Perfil", "Experiencia", "Proyectos", "Formación", "Competencias", "Idiomas", "Certificados",
            "Publicaciones", "Premios", "Voluntariado", "Intereses", "Referencias",
        ),
        present="actualidad",
        months=_months("ene feb mar abr may jun jul ago sep oct nov dic"),
        born="Fecha de nacimiento",
        nationality="Nacionalidad",
        expires="válido hasta",
        native="lengua materna",
        courses="Asignaturas",
        contact="Contacto",
        full_months=_months("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"),
        full_date="{day} de {month} de {year}",
    ),
    "it": Wording(
        _titles(
            "Profilo", "Esperienza", "Progetti", "Istruzione", "Competenze", "Lingue", "Certificazioni",
            "Pubblicazioni", "Premi", "Volontariato", "Interessi", "Referenze",
        ),
        present="oggi",
        months=_months("gen feb mar apr mag giu lug ago set ott nov dic"),
        born="Data di nascita",
        nationality="Cittadinanza",
        expires="valido fino a",
        native="madrelingua",
        courses="Corsi",
        contact="Contatti",
        full_months=_months("gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"),
    ),
    "pt": Wording(
        _titles(
            "Perfil", "Experiência", "Projetos", "Formação", "Competências", "Idiomas", "Certificados",
            "Publicações", "Prémios", "Voluntariado", "Interesses", "Referências",
        ),
        present="atual",
        months=_months("jan fev mar abr mai jun jul ago set out nov dez"),
        born="Data de nascimento",
        nationality="Nacionalidade",
        expires="válido até",
        native="língua materna",
        courses="Disciplinas",
        contact="Contacto",
        full_months=_months("janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro"),
        full_date="{day} de {month} de {year}",
    ),
    "nl": Wording(
        _titles(
            "Profiel", "Werkervaring", "Projecten", "Opleiding", "Vaardigheden", "Talen", "Certificaten",
            "Publicaties", "Prijzen", "Vrijwilligerswerk", "Interesses", "Referenties",
        ),
        present="heden",
        months=_months("jan feb mrt apr mei jun jul aug sep okt nov dec"),
        born="Geboren",
        nationality="Nationaliteit",
        expires="geldig tot",
        native="moedertaal",
        courses="Vakken",
        full_months=_months("januari februari maart april mei juni juli augustus september oktober november december"),
    ),
    "pl": Wording(
        _titles(
            "Profil", "Doświadczenie zawodowe", "Projekty", "Wykształcenie", "Umiejętności", "Języki", "Certyfikaty",
            "Publikacje", "Nagrody", "Wolontariat", "Zainteresowania", "Referencje",
        ),
        present="obecnie",
        born="Data urodzenia",
        nationality="Obywatelstwo",
        expires="ważny do",
        native="język ojczysty",
        courses="Przedmioty",
        contact="Kontakt",
        numeric=("{year}", "{month:02d}.{year}", "{day:02d}.{month:02d}.{year}"),
        full_months=_months("stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia"),
    ),
    "zh": Wording(
        _titles(
            "个人简介", "工作经历", "项目经历", "教育背景", "技能", "语言", "证书", "出版物", "奖项", "志愿服务", "兴趣", "推荐人",
        ),
        present="至今",
        born="出生日期",
        nationality="国籍",
        expires="有效期至",
        native="母语",
        courses="课程",
        contact="联系方式",
        numeric=("{year}年", "{year}年{month}月", "{year}年{month}月{day}日"),
    ),
    "ja": Wording(
        _titles(
            "自己紹介", "職歴", "プロジェクト", "学歴", "スキル", "語学", "資格", "出版物", "受賞歴", "ボランティア", "趣味", "推薦者",
        ),
        present="現在",
        born="生年月日",
        nationality="国籍",
        expires="有効期限",
        native="母語",
        courses="履修科目",
        contact="連絡先",
        numeric=("{year}年", "{year}年{month}月", "{year}年{month}月{day}日"),
    ),
    "ko": Wording(
        _titles(
            "자기소개", "경력", "프로젝트", "학력", "기술", "언어", "자격증", "출판물", "수상", "봉사활동", "관심사", "추천인",
        ),
        present="현재",
        born="생년월일",
        nationality="국적",
        expires="유효기간",
        native="모국어",
        courses="이수 과목",
        contact="연락처",
        numeric=("{year}년", "{year}년 {month}월", "{year}년 {month}월 {day}일"),
    ),
    "ru": Wording(
        _titles(
            "О себе", "Опыт работы", "Проекты", "Образование", "Навыки", "Языки", "Сертификаты",
            "Публикации", "Награды", "Волонтёрство", "Интересы", "Рекомендации",
        ),
        present="настоящее время",
        born="Дата рождения",
        nationality="Гражданство",
        expires="действителен до",
        native="родной",
        courses="Курсы",
        contact="Контакты",
        numeric=("{year}", "{month:02d}.{year}", "{day:02d}.{month:02d}.{year}"),
    ),
    "el": Wording(
        _titles(
            "Προφίλ", "Επαγγελματική εμπειρία", "Έργα", "Εκπαίδευση", "Δεξιότητες", "Γλώσσες", "Πιστοποιήσεις",
            "Δημοσιεύσεις", "Βραβεία", "Εθελοντισμός", "Ενδιαφέροντα", "Συστάσεις",
        ),
        present="σήμερα",
        born="Ημερομηνία γέννησης",
        nationality="Υπηκοότητα",
        expires="ισχύει έως",
        native="μητρική γλώσσα",
        courses="Μαθήματα",
        contact="Επικοινωνία",
    ),
    "ar": Wording(
        _titles(
            "الملخص", "الخبرة العملية", "المشاريع", "التعليم", "المهارات", "اللغات", "الشهادات",
            "المنشورات", "الجوائز", "العمل التطوعي", "الاهتمامات", "المراجع",
        ),
        present="حتى الآن",
        born="تاريخ الميلاد",
        nationality="الجنسية",
        expires="صالح حتى",
        native="اللغة الأم",
        courses="المقررات",
        contact="الاتصال",
    ),
}  # fmt: skip


def language_code(language: str) -> str:
    """Return the ISO 639 code that a language tag begins with (`de-AT`: `de`), or an empty text."""
    found = re.match(r"[a-z]{2,3}(?![a-z])", language.lower(), re.ASCII)
    return found.group() if found else ""


def wording_for(language: str) -> Wording:
    """Return the words of a language (`de`, `de-AT`), English where there are none of its own."""
    return WORDINGS.get(language_code(language), WORDINGS["en"])


def worded_date(date: PartialDate, words: Wording) -> str:
    """Return a date as it is written in a document: `2019`, `Mar 2019` or `5 Mar 2019`."""
    if date.month is None or not words.months:
        form = words.numeric[(date.month is not None) + (date.day is not None)]
        return form.format(year=date.year, month=date.month, day=date.day)
    month = words.months[date.month - 1]
    if date.day is not None:
        month = words.day_month.format(day=date.day, month=month)
    return f"{month} {date.year}"


def worded_letter_date(date: datetime.date, words: Wording) -> str:
    """Return the day at the head of a letter, the month written out where the language does so: `5 March 2026`."""
    if not words.full_months:
        return words.numeric[2].format(year=date.year, month=date.month, day=date.day)
    return words.full_date.format(day=date.day, month=words.full_months[date.month - 1], year=date.year)


def worded_span(item: Dated, words: Wording) -> str:
    """Return from when until when, such as `Mar 2019 – Present`; empty where nothing is known."""
    start = worded_date(item.start, words) if item.start else ""
    end = words.present if item.current else worded_date(item.end, words) if item.end else ""
    return start if start == end else EN_DASH.join(filter(None, (start, end)))
