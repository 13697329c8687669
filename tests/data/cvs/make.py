"""Makes the CVs of this folder: invented people, set by programs that know nothing of the reader.

Chromium, Typst, python-docx and Pillow set the same truths in several layouts. Run it from the repository's root with
`python tests/data/cvs/make.py`; the files are kept in the repository, so that tests need none of these programs.
"""

import html
import io
import json
import random
from pathlib import Path

import docx
import typst
from docx.shared import Pt
from PIL import Image, ImageFilter
from playwright.sync_api import Browser, sync_playwright

FOLDER = Path(__file__).parent
PEOPLE = json.loads((FOLDER / "people.json").read_text(encoding="utf-8"))
HEADINGS = {
    "en": ("Profile", "Work Experience", "Education", "Skills", "Languages", "present"),
    "de": ("Profil", "Berufserfahrung", "Ausbildung", "Kenntnisse", "Sprachen", "heute"),
    "es": ("Perfil", "Experiencia laboral", "Formación académica", "Habilidades", "Idiomas", "actualidad"),
    "pl": ("Profil", "Doświadczenie zawodowe", "Wykształcenie", "Umiejętności", "Języki", "obecnie"),
    "fr": ("Profil", "Expérience professionnelle", "Formation", "Compétences", "Langues", "aujourd’hui"),
    "ar": ("نبذة", "الخبرات العملية", "المؤهلات العلمية", "المهارات", "اللغات", "حتى الآن"),
}
MONTHS = {
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "pl": "styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "ar": "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
}
STYLE = """@page { size: A4; margin: 14mm } body { font: 10.5pt/1.35 'DejaVu Sans', sans-serif; color: #222; margin: 0 }
h1 { font-size: 22pt; margin: 0 } h2 { font-size: 13pt; margin: 12pt 0 4pt; color: #1b4b72 } h3 { font-size: 10.5pt; margin: 6pt 0 0 }
p, ul { margin: 2pt 0 } ul { padding-left: 14pt } .date { float: right; color: #555; font-weight: normal } td { vertical-align: top; padding: 0 10pt 6pt 0 }
.grid { display: grid; grid-template-columns: 32% 1fr; gap: 16pt } .side { background: #e4ecf2; padding: 8pt; font-size: 9pt } .banner { background: #223; color: #fff; padding: 12pt }
.three { display: grid; grid-template-columns: 30% 42% 1fr; gap: 14pt; font-size: 8.5pt } .three h2 { margin-top: 0 } .three p, .three h3 { font-size: 8.5pt } .three .date { float: none; display: block }
.step { display: flex } .step > .when { width: 28mm; font-size: 8.5pt; color: #666 } .step > div + div { border-inline-start: 2pt solid #246; padding-inline-start: 8pt }
.aside { display: grid; grid-template-columns: 22% 1fr; gap: 12pt } .aside h2 { margin-top: 0 } [dir=rtl] .date { float: none; display: block }"""


def when(entry: dict, language: str) -> str:
    """Return an entry's dates as its language writes them."""
    ends = []
    for key in ("startDate", "endDate"):
        if not entry.get(key):
            ends.append(HEADINGS[language][5])
            continue
        year, month = entry[key].split("-")
        ends.append(f"{MONTHS[language].split()[int(month) - 1]} {year}")
    return " – ".join(ends)


def sections(person: dict) -> dict[str, str]:
    """Return the parts of a CV as HTML: contact, summary, work, education, skills, languages."""
    language, basics = person["language"], person["basics"]
    names = HEADINGS[language]

    def e(text: str) -> str:
        return html.escape(text)

    def entry(title: str, below: str, item: dict) -> str:
        points = "".join(f"<li>{e(point)}</li>" for point in item.get("highlights", []))
        story = f"<ul>{points}</ul>" if points else ""
        return f"<h3>{e(title)} <span class=date>{when(item, language)}</span></h3><p>{e(below)}</p>{story}"

    skills = "".join(f"<p><b>{e(g['name'])}:</b> {e(', '.join(g['keywords']))}</p>" for g in person["skills"])
    spoken = "".join(f"<p>{e(x['language'])}: {e(x['fluency'])}</p>" for x in person["languages"])
    return {
        "name": f"<h1>{e(basics['name'])}</h1><p>{e(basics['label'])}</p>",
        "contact": f"<p>{e(basics['email'])}</p><p>{e(basics['phone'])}</p><p>{e(basics['url'])}</p>",
        "summary": f"<h2>{names[0]}</h2><p>{e(basics['summary'])}</p>",
        "work": f"<h2>{names[1]}</h2>" + "".join(entry(x["position"], x["name"], x) for x in person["work"]),
        "education": f"<h2>{names[2]}</h2>"
        + "".join(entry(x["institution"], f"{x['studyType']}, {x['area']}", x) for x in person["education"]),
        "skills": f"<h2>{names[3]}</h2>{skills}",
        "languages": f"<h2>{names[4]}</h2>{spoken}",
    }


def page_of(body: str, *, direction: str = "ltr") -> str:
    """Return an HTML page."""
    return f"<!doctype html><html dir={direction}><head><meta charset=utf-8><title>CV</title><style>{STYLE}</style></head><body>{body}</body></html>"


def single(person: dict) -> str:
    """One column."""
    return page_of("".join(sections(person).values()))


def sidebar(person: dict) -> str:
    """A coloured sidebar with contact data, skills and languages."""
    part = sections(person)
    side = part["contact"] + part["skills"] + part["languages"]
    main = part["summary"] + part["work"] + part["education"]
    return page_of(f"{part['name']}<div class=grid><div class=side>{side}</div><div>{main}</div></div>")


def banner(person: dict) -> str:
    """White letters on a dark banner, then two even columns."""
    part = sections(person)
    left, right = part["work"], part["summary"] + part["education"] + part["skills"] + part["languages"]
    head = f"<div class=banner>{part['name']}{part['contact']}</div>"
    return page_of(
        f"{head}<div class=grid style='grid-template-columns: 1fr 1fr'><div>{left}</div><div>{right}</div></div>"
    )


def table(person: dict) -> str:
    """A table with the dates in the left column."""
    part, language = sections(person), person["language"]
    rows = [
        f"<tr><td>{when(x, language)}</td><td><b>{html.escape(x['position'])}</b><br>{html.escape(x['name'])}"
        f"<ul>{''.join(f'<li>{html.escape(p)}</li>' for p in x['highlights'])}</ul></td></tr>"
        for x in person["work"]
    ]
    studies = [
        f"<tr><td>{when(x, language)}</td><td><b>{html.escape(x['studyType'])}, {html.escape(x['area'])}</b><br>"
        f"{html.escape(x['institution'])}</td></tr>"
        for x in person["education"]
    ]
    names = HEADINGS[language]
    body = part["name"] + part["contact"] + part["summary"]
    body += f"<h2>{names[1]}</h2><table>{''.join(rows)}</table><h2>{names[2]}</h2><table>{''.join(studies)}</table>"
    return page_of(body + part["skills"] + part["languages"])


def three(person: dict) -> str:
    """Three columns below the name: contact data and languages, work, education and skills."""
    part = sections(person)
    columns = (part["contact"] + part["languages"], part["work"], part["education"] + part["skills"])
    grid = "".join(f"<div>{column}</div>" for column in columns)
    return page_of(f"{part['name']}{part['summary']}<div class=three>{grid}</div>")


def timeline(person: dict) -> str:
    """Dates above each other left of a line, what they date right of it."""
    part, language = sections(person), person["language"]

    def step(item: dict, title: str, below: str) -> str:
        ends = when(item, language).replace(" – ", "<br>")
        points = "".join(f"<li>{html.escape(point)}</li>" for point in item.get("highlights", []))
        text = f"<h3>{html.escape(title)}</h3><p>{html.escape(below)}</p><ul>{points}</ul>"
        return f"<div class=step><div class=when>{ends}</div><div>{text}</div></div>"

    names = HEADINGS[language]
    work = "".join(step(x, x["position"], x["name"]) for x in person["work"])
    studies = "".join(step(x, f"{x['studyType']}, {x['area']}", x["institution"]) for x in person["education"])
    body = f"<h2>{names[1]}</h2>{work}<h2>{names[2]}</h2>{studies}"
    return page_of(part["name"] + part["contact"] + part["summary"] + body + part["skills"] + part["languages"])


def mirrored(person: dict) -> str:
    """Headings in the right margin of a right-to-left page."""
    part = sections(person)
    rows = ""
    for key in ("summary", "work", "education", "skills", "languages"):
        heading, _, rest = part[key].partition("</h2>")
        rows += f"<div class=aside><div>{heading}</h2></div><div>{rest}</div></div>"
    return page_of(part["name"] + part["contact"] + rows, direction="rtl")


def typst_page(person: dict) -> bytes:
    """One column, set by Typst."""
    source = """
#let d = json(bytes(sys.inputs.data))
#set page(paper: "a4", margin: 2cm)
#set text(size: 10pt)
#align(center)[#text(20pt, weight: "bold")[#d.basics.name] \\ #d.basics.label \\ #d.basics.email | #d.basics.phone | #d.basics.url]
= #d.headings.at(0)
#d.basics.summary
= #d.headings.at(1)
#for x in d.work [ #grid(columns: (1fr, auto), strong(x.name), x.when) #emph(x.position) #list(..x.highlights) ]
= #d.headings.at(2)
#for x in d.education [ #grid(columns: (1fr, auto), strong(x.institution), x.when) #x.studyType, #x.area \\ ]
= #d.headings.at(3)
#for x in d.skills [ *#x.name:* #x.keywords.join(", ") \\ ]
= #d.headings.at(4)
#for x in d.languages [ #x.language (#x.fluency) \\ ]
"""
    return typst.compile(source.encode(), sys_inputs={"data": json.dumps(with_dates(person))})


def typst_columns(person: dict) -> bytes:
    """A narrow column without ground on the left, set by Typst."""
    source = """
#let d = json(bytes(sys.inputs.data))
#set page(paper: "a4", margin: 1.6cm)
#set text(size: 9.5pt)
#text(22pt)[#d.basics.name] \\ #text(12pt)[#d.basics.label]
#grid(columns: (5.2cm, 1fr), gutter: 0.9cm, [
== #d.headings.at(3)
#for x in d.skills [ *#x.name* \\ #x.keywords.join(", ") \\ ]
== #d.headings.at(4)
#for x in d.languages [ #x.language: #x.fluency \\ ]
#v(4pt) #d.basics.email \\ #d.basics.phone \\ #d.basics.url
], [
== #d.headings.at(1)
#for x in d.work [ *#x.position*, #x.name \\ #text(fill: gray)[#x.when] #list(..x.highlights) ]
== #d.headings.at(2)
#for x in d.education [ *#x.studyType*, #x.area \\ #x.institution \\ #text(fill: gray)[#x.when] \\ ]
== #d.headings.at(0)
#d.basics.summary
])
"""
    return typst.compile(source.encode(), sys_inputs={"data": json.dumps(with_dates(person))})


def with_dates(person: dict) -> dict:
    """Return a person with headings and written dates."""
    language = person["language"]
    dated = {key: [x | {"when": when(x, language)} for x in person[key]] for key in ("work", "education")}
    return person | dated | {"headings": HEADINGS[language]}


def word(person: dict) -> bytes:
    """Word's own headings, tabs and list styles."""
    document, language, basics = docx.Document(), person["language"], person["basics"]
    names = HEADINGS[language]
    document.add_heading(basics["name"], 0)
    document.add_paragraph(basics["label"])
    document.add_paragraph(f"{basics['email']} | {basics['phone']} | {basics['url']}")
    document.add_heading(names[0], 1)
    document.add_paragraph(basics["summary"])
    document.add_heading(names[1], 1)
    for item in person["work"]:
        line = document.add_paragraph()
        line.add_run(f"{item['position']}, {item['name']}").bold = True
        line.add_run(f"\t{when(item, language)}")
        for point in item["highlights"]:
            document.add_paragraph(point, style="List Bullet")
    document.add_heading(names[2], 1)
    for item in person["education"]:
        line = document.add_paragraph()
        line.add_run(item["institution"]).bold = True
        line.add_run(f"\t{when(item, language)}")
        document.add_paragraph(f"{item['studyType']}, {item['area']}")
    document.add_heading(names[3], 1)
    for group in person["skills"]:
        document.add_paragraph(f"{group['name']}: {', '.join(group['keywords'])}")
    document.add_heading(names[4], 1)
    for item in person["languages"]:
        document.add_paragraph(f"{item['language']}: {item['fluency']}")
    return saved(document)


def word_table(person: dict) -> bytes:
    """A table in Word: dates in the left cells."""
    document, language, basics = docx.Document(), person["language"], person["basics"]
    names = HEADINGS[language]
    title = document.add_paragraph()
    title.add_run(basics["name"]).font.size = Pt(22)
    document.add_paragraph(f"{basics['label']}\n{basics['email']}\n{basics['phone']}\n{basics['url']}")
    document.add_heading(names[0], 2)
    document.add_paragraph(basics["summary"])
    for number, key in ((1, "work"), (2, "education")):
        document.add_heading(names[number], 2)
        grid = document.add_table(rows=0, cols=2)
        for item in person[key]:
            cells = grid.add_row().cells
            cells[0].text = when(item, language)
            first = item.get("position") or f"{item['studyType']}, {item['area']}"
            cells[1].paragraphs[0].add_run(first).bold = True
            cells[1].add_paragraph(item.get("name") or item["institution"])
            for point in item.get("highlights", []):
                cells[1].add_paragraph(point, style="List Bullet")
    document.add_heading(names[3], 2)
    for group in person["skills"]:
        document.add_paragraph(f"{group['name']}: {', '.join(group['keywords'])}")
    document.add_heading(names[4], 2)
    document.add_paragraph(", ".join(f"{x['language']} ({x['fluency']})" for x in person["languages"]))
    return saved(document)


def saved(document: docx.document.Document) -> bytes:
    """Return a Word document's bytes."""
    output = io.BytesIO()
    document.save(output)
    return output.getvalue()


def scanned(picture: bytes, chance: random.Random) -> bytes:
    """Return a picture of a page as a scanner gives it: grey, askew, a little blurred and noisy."""
    page = Image.open(io.BytesIO(picture)).convert("L").rotate(1.2, fillcolor=250, resample=Image.Resampling.BICUBIC)
    noise = Image.effect_noise(page.size, 14)
    page = Image.blend(page.filter(ImageFilter.GaussianBlur(0.6)), noise, 0.08 + 0.02 * chance.random())
    output = io.BytesIO()
    page.save(output, format="JPEG", quality=55)
    return output.getvalue()


def printed(browser: Browser, page_html: str, *, as_picture: bool = False) -> bytes:
    """Return a page printed to PDF, or its picture at 150 dots an inch."""
    page = browser.new_page(viewport={"width": 794, "height": 1123}, device_scale_factor=150 / 96)
    page.set_content(page_html.replace("<body>", "<body style='padding: 14mm'>") if as_picture else page_html)
    data = page.screenshot() if as_picture else page.pdf(prefer_css_page_size=True, print_background=True)
    page.close()
    return data


def main() -> None:
    """Write all documents, truths and the manifest."""
    chance = random.Random(4)  # noqa: S311 - noise on a picture
    rows = []

    def keep(person: dict, layout: str, ending: str, data: bytes, columns: int = 1) -> None:
        name = f"{layout}-{person['language']}"
        (FOLDER / f"{name}.{ending}").write_bytes(data)
        rows.append(
            {
                "id": name, "path": f"{name}.{ending}", "kind": "scan" if layout == "scan" else ending,
                "language": person["language"], "theme": layout, "columns": columns,
                "person_id": person["basics"]["name"], "truth": f"truth-{person['language']}.json",
            }
        )  # fmt: skip

    for person in PEOPLE:
        truth = {key: person[key] for key in ("basics", "work", "education", "skills", "languages")}
        path = FOLDER / f"truth-{person['language']}.json"
        path.write_text(json.dumps(truth, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    by_language = {person["language"]: person for person in PEOPLE}
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for layout, languages, columns in (
            (single, "en pl", 1), (sidebar, "de es", 2), (banner, "en fr", 2), (table, "es de", 1),
            (three, "fr pl", 3), (timeline, "de es", 1), (mirrored, "ar", 1),
        ):  # fmt: skip
            for language in languages.split():
                person = by_language[language]
                keep(person, f"web-{layout.__name__}", "pdf", printed(browser, layout(person)), columns)
        keep(
            by_language["de"],
            "scan",
            "jpg",
            scanned(printed(browser, single(by_language["de"]), as_picture=True), chance),
        )
        browser.close()
    for language in ("fr", "en"):
        keep(by_language[language], "typst-page", "pdf", typst_page(by_language[language]))
    for language in ("pl", "en"):
        keep(by_language[language], "typst-columns", "pdf", typst_columns(by_language[language]), 2)
    for language in ("es", "pl"):
        keep(by_language[language], "word", "docx", word(by_language[language]))
    for language in ("de", "fr"):
        keep(by_language[language], "word-table", "docx", word_table(by_language[language]))
    keep(by_language["es"], "html", "html", single(by_language["es"]).encode())
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    (FOLDER / "manifest.jsonl").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
