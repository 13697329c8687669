"""Small statements of postings, in several languages, and what is read from them."""

import pytest

from jobs.analysis import analyse_with_rules
from jobs.analysis.header import read_header
from jobs.analysis.language import language_of
from jobs.analysis.patterns import Section
from jobs.analysis.pieces import pieces_of
from jobs.analysis.requirements import language_level, years_in
from jobs.analysis.segments import heading_section, segments_of
from jobs.analysis.terms import contact_in, employment_type_in, is_remote_in, salary_in
from jobs.posting import Requirement


def requirements_of(*lines: str, heading: str = "Requirements") -> list[Requirement]:
    text = f"{heading}\n" + "\n".join(f"- {line}" for line in lines)
    return analyse_with_rules(text).requirements


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("5+ years of experience", 5),
        ("3–5 years' experience", 3),
        ("at least two (2) years", 2),
        ("mindestens 2 Jahre Berufserfahrung", 2),
        ("2-jährige Berufserfahrung", 2),
        ("mehrjährige Berufserfahrung", 3),
        ("mehrere Jahre Erfahrung", 3),
        ("langjährige Erfahrung", 5),
        ("3 à 5 ans d'expérience", 3),
        ("plusieurs années d'expérience", 3),
        ("al menos 2 años de experiencia", 2),
        ("minimum trzy lata doświadczenia", 3),
        ("6 months of experience", 0.5),
        ("1.5 years in sales", 1.5),
        ("at least 18 years old", None),
        ("experience with Python", None),
    ],
)
def test_years(text, years):
    assert years_in(text) == years


@pytest.mark.parametrize(
    ("line", "category", "kind", "concept"),
    [
        ("Full UK driving licence", "certificate", "knock_out", "Driving licence B"),
        ("Staplerschein erforderlich", "certificate", "knock_out", "Forklift licence"),
        ("A clean driving licence is a plus", "certificate", "nice", "Driving licence B"),
        ("PMP certification", "skill", "must", "PMP"),
        ("Right to work in the UK", "eligibility", "knock_out", "Work permit"),
        ("We cannot sponsor visas", "eligibility", "knock_out", "Work permit"),
        ("Gültige Arbeitserlaubnis", "eligibility", "knock_out", "Work permit"),
        ("You must be at least 18 years old", "eligibility", "knock_out", "Minimum age"),
        ("Bereitschaft zu Wochenenddiensten", "eligibility", "knock_out", "Working conditions"),
        ("Willingness to travel", "eligibility", "knock_out", "Working conditions"),
        ("Enhanced DBS check", "eligibility", "knock_out", "Police clearance"),
        ("Master's degree required", "education", "knock_out", "Master's degree"),
        ("Bachelor's degree or equivalent experience required", "education", "must", "Bachelor's degree"),
        ("Abgeschlossenes Studium der Informatik", "education", "must", "Bachelor's degree"),
        ("Bac+5 en informatique", "education", "must", "Master's degree"),
        ("Fluent German", "language", "knock_out", "German"),
        ("Verhandlungssichere Deutschkenntnisse", "language", "knock_out", "German"),
        ("Gute Englischkenntnisse", "language", "must", "English"),
        ("Anglais courant exigé", "language", "knock_out", "English"),
        ("Inglés nivel B2 deseable", "language", "nice", "English"),
        ("Teamfähigkeit", "soft_skill", "must", "Teamwork"),
        ("La connaissance de Docker serait un plus", "skill", "nice", "Docker"),
        ("mile widziana znajomość SAP", "skill", "nice", "SAP"),
        ("Idealerweise Erfahrung mit DATEV", "skill", "nice", "DATEV"),
        ("3 years of experience in a bakery", "experience", "must", "Baking"),
        ("Two years of experience as a keeper of lighthouses", "experience", "must", ""),
    ],
)
def test_one_line_is_one_requirement(line, category, kind, concept):
    (found,) = requirements_of(line)

    assert (found.category.value, found.kind.value, found.concept) == (category, kind, concept)


@pytest.mark.parametrize(
    ("line", "concepts"),
    [
        ("Python, Django and PostgreSQL", [["Python"], ["Django"], ["PostgreSQL"]]),
        ("Java, Kotlin or Scala", [["Java", "Kotlin", "Scala"]]),
        ("a framework such as React, Angular or Vue.js", [["React", "Angular", "Vue.js"]]),
        ("Cloud platforms (AWS, Azure)", [["Cloud computing", "AWS", "Azure"]]),
        ("Deutsch und Englisch", [["German"], ["English"]]),
        ("backend services in Python", [["Python"]]),
        ("SQL, communication skills", [["SQL"]]),
        ("a kind heart", [[]]),
        ("Python and more Python", [["Python"]]),
    ],
)
def test_a_line_is_cut_at_what_it_asks_for(line, concepts):
    pieces = pieces_of(line)

    assert [piece.concepts for piece in pieces] == concepts
    assert all(0 <= piece.start < piece.end <= len(line) for piece in pieces)


def test_a_wish_word_covers_its_own_list_only():
    found = {
        r.concept: r.kind.value
        for r in requirements_of("Python and SQL, experience with Docker and Kubernetes is a plus")
    }

    assert found == {"Python": "must", "SQL": "must", "Docker": "nice", "Kubernetes": "nice"}


def test_years_cover_the_list_that_they_begin():
    found = {r.concept: r.years for r in requirements_of("3+ years with Python and SQL, knowledge of Docker")}

    assert found == {"Python": 3, "SQL": 3, "Docker": None}


def test_a_heading_of_wishes_makes_wishes():
    found = requirements_of("MATLAB", "Experience in a regulated industry", heading="Nice to have:")

    assert {requirement.kind.value for requirement in found} == {"nice"}


@pytest.mark.parametrize(
    ("heading", "section"),
    [
        ("What you'll bring", Section.MUST),
        ("Your profile:", Section.MUST),
        ("Minimum Qualifications", Section.MUST),
        ("REQUIREMENT/MINIMUM QUALIFICATION", Section.MUST),
        ("Das bringen Sie mit", Section.MUST),
        ("Profil recherché", Section.MUST),
        ("Requisitos", Section.MUST),
        ("Wymagania:", Section.MUST),
        ("Preferred Skills", Section.NICE),
        ("Nice to have", Section.NICE),
        ("Ihre Aufgaben", Section.DUTIES),
        ("Key Responsibilities", Section.DUTIES),
        ("Vos missions", Section.DUTIES),
        ("Zakres obowiązków", Section.DUTIES),
        ("About us", Section.IGNORED),
        ("Wir bieten", Section.IGNORED),
        ("Benefits", Section.IGNORED),
        ("How to apply", Section.IGNORED),
        ("Equal Opportunity Employer", Section.IGNORED),
        ("We build bridges between islands", None),
        ("", None),
    ],
)
def test_headings_open_sections(heading, section):
    assert heading_section(heading) == section


def test_a_paragraph_without_line_breaks_is_cut():
    text = (
        "Responsibilities: Plan routes for our drivers and keep them informed.Requirements:Two years of experience in logistics"
        "Good knowledge of Excel. Benefits: A canteen with free fruit, every day of the week, all year round and more."
    )

    assert [(s.section.value, s.text) for s in segments_of(text)] == [
        ("duties", "Plan routes for our drivers and keep them informed"),
        ("must", "Two years of experience in logistics"),
        ("must", "Good knowledge of Excel"),
        ("ignored", "A canteen with free fruit, every day of the week, all year round and more"),
    ]


def test_a_wrapped_line_is_one_unit():
    (segment,) = segments_of("Requirements\n- experience with route\n  planning software\n")

    assert segment.text == "experience with route\n  planning software"


def test_an_advertisement_without_headings_is_read_by_what_it_names():
    analysis = analyse_with_rules("Small office in Linz. The tools here are DATEV and Excel. Payroll for 40 people.")

    assert {"DATEV", "Payroll"} <= {requirement.concept for requirement in analysis.requirements}


@pytest.mark.parametrize(
    ("text", "low", "high", "currency", "period"),
    [
        ("Salary: €50,000 - €60,000 per year", 50_000, 60_000, "EUR", "year"),
        ("Gehalt: 45.000 bis 55.000 € brutto/Jahr", 45_000, 55_000, "EUR", "year"),
        ("Salary £38k-£45k", 38_000, 45_000, "GBP", "year"),
        ("Pay $25.50 per hour", 25.5, None, "USD", "hour"),
        ("Wynagrodzenie 6 000 - 8 000 zł brutto miesięcznie", 6_000, 8_000, "PLN", "month"),
        ("Lohn CHF 80'000 bis 95'000", 80_000, 95_000, "CHF", "year"),
        ("Salaire : 42 k€ - 48 k€ brut par an", 42_000, 48_000, "EUR", "year"),
        ("ANNUAL SALARY\n\n$95,714 to $139,917", 95_714, 139_917, "USD", "year"),
        ("We raised $20M and pay well", None, None, "", ""),
        ("Our budget is $500", None, None, "", ""),
    ],
)
def test_pay(text, low, high, currency, period):
    salary = salary_in(text)

    assert (salary.low, salary.high, salary.currency, salary.period) == (low, high, currency, period)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Full-time position", "full_time"),
        ("in Teilzeit (20 Stunden)", "part_time"),
        ("contrat en CDI", "permanent"),
        ("befristeter Vertrag", "temporary"),
        ("Summer internship", "internship"),
        ("nothing", ""),
    ],
)
def test_employment_type(text, kind):
    assert employment_type_in(text) == kind


@pytest.mark.parametrize(
    ("text", "remote"),
    [
        ("This is a fully remote role", True),
        ("Developer (Remote)", True),
        ("100 % Homeoffice", True),
        ("Hybrid, 3 days on site", False),
        ("2 Tage Homeoffice pro Woche", False),
        ("télétravail 2 jours par semaine", False),
        ("Remote control of cranes", None),
        ("In Linz", None),
    ],
)
def test_remote_work(text, remote):
    assert is_remote_in(text) is remote


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Contact: Ms. Erika Beispiel, HR", "Ms. Erika Beispiel"),
        ("Ihre Ansprechpartnerin Frau Maria Muster freut sich", "Frau Maria Muster"),
        ("Personne à contacter : Mme Claire Exemple", "Mme Claire Exemple"),
        ("Osoba do kontaktu: Jan Przykład", "Jan Przykład"),
        ("Vragen? Neem contact op met mevrouw Aaltje Vos.", "mevrouw Aaltje Vos"),
        ("To apply, write to Oliver Sample.", "Oliver Sample"),
        ("Para más información, contactar con Sra. Laura Gómez.", "Sra. Laura Gómez"),
        ("Contact: Human Resources", ""),
        ("Contact us today", ""),
    ],
)
def test_contact_person(text, name):
    assert contact_in(text) == name


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("Cook\nExample Inn Ltd\nLeeds, UK\n\nWe cook.", ("Cook", "Example Inn Ltd", "Leeds, UK")),
        ("Example Inn Ltd\nCook\nLeeds, UK\n", ("Cook", "Example Inn Ltd", "Leeds, UK")),
        ("Cook at Example Inn\n\nAbout us\nWe cook.", ("Cook", "Example Inn", "")),
        ("Job title: Cook\nCompany: Example Inn\nLocation: Leeds\n", ("Cook", "Example Inn", "Leeds")),
        (
            "Office Manager\nEXAMPLE DEPARTMENT\n1 Example Square, Springfield\nSalary: $1\n",
            ("Office Manager", "EXAMPLE DEPARTMENT", "1 Example Square, Springfield"),
        ),
        ("Wir suchen ab sofort eine/n Buchhalter (m/w/d) in Teilzeit für unser Büro.\n", ("Buchhalter", "", "")),
        (
            "We're hiring! We are looking for a Mechanical Design Engineer to join us.\n* Python",
            ("Mechanical Design Engineer", "", ""),
        ),
        (
            "Plumber\n\nThe City of Springfield looks for plumbers. The City of Springfield is big.",
            ("Plumber", "City of Springfield", "Springfield"),
        ),
        (
            "Analyst\nExample Energy Cooperative · Springfield, MD (hybrid, two days a week in the office)\n\nAbout us\n",
            ("Analyst", "Example Energy Cooperative", "Springfield, MD"),
        ),
        ("Analyst\nExample Energy – Leeds, UK (hybrid)\n", ("Analyst", "Example Energy", "Leeds, UK")),
        ("Analyst\nExample Energy | Leeds | Full-time\n", ("Analyst", "Example Energy", "Leeds")),
        ("Analyst\nLeeds, UK · Hybrid\n", ("Analyst", "", "Leeds, UK")),
        ("Koch\nBerlin | Vollzeit | Beispiel GmbH\n", ("Koch", "Beispiel GmbH", "Berlin")),
        ("Analyst\nExample Energy\nLeeds, UK\n", ("Analyst", "Example Energy", "Leeds, UK")),
        ("", ("", "", "")),
    ],
)
def test_the_head_of_a_posting(text, header):
    found = read_header(text)

    assert (found.title, found.employer, found.location) == header


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("We look for a nurse for our ward and the team", "en"),
        ("Wir suchen eine Pflegekraft für unser Team und die Station", "de"),
        ("Nous recherchons une infirmière pour notre équipe et le service", "fr"),
        ("Buscamos una enfermera para el equipo y la planta", "es"),
        ("Szukamy pielęgniarki do pracy w szpitalu oraz na oddziale", "pl"),
        ("xyz", ""),
    ],
)
def test_language(text, code):
    assert language_of(text) == code


@pytest.mark.parametrize(
    ("text", "level"),
    [("native speaker", "native"), ("fließend", "C1"), ("gute", "B2"), ("notions", "A2"), ("C2", "C2"), ("some", "")],
)
def test_language_levels(text, level):
    assert language_level(text) == level


def test_a_posting_without_requirements_warns():
    assert "No requirements were found" in analyse_with_rules("We are a family by the sea.").warnings[0]


def test_endless_lists_end():
    lines = [f"Knowledge of the {number}th rule of the house" for number in range(200)]

    assert len(requirements_of(*lines)) == 60


@pytest.mark.parametrize(
    ("head", "employer", "location"),
    [
        ("Globex, Leeds", "Globex", "Leeds"),
        ("Globex Ltd, Leeds", "Globex Ltd", "Leeds"),
        ("Globex GmbH, 80331 München", "Globex GmbH", "80331 München"),
        ("St. Mary Hospital, Dublin, Ireland", "St. Mary Hospital", "Dublin, Ireland"),
        ("Sunny Side Café, Graz", "Sunny Side Café", "Graz"),
        ("Leeds, UK", "", "Leeds, UK"),
        ("München, Bayern", "", "München, Bayern"),
        ("New York, NY", "", "New York, NY"),
        ("GB, , London\n\nSHS is a community company.", "SHS", "GB, London"),
        ("US, NY, New York\n\nThe Intersect Fund is a nonprofit.", "The Intersect Fund", "US, NY, New York"),
    ],
)
def test_employer_and_place_on_one_line_are_parted(head, employer, location):
    header = read_header(f"Driver\n{head}\n\nRequirements\n- Driving licence\n")

    assert (header.employer, header.location) == (employer, location)


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("Graduation from an accredited four-year college and two years of experience", 2),
        ("A four-year degree and experience in sales", None),
        ("Considerations3-6 years of experience", 3),
        ("3-6 years of experience", 3),
        ("Two years of full-time paid experience", 2),
    ],
)
def test_years_are_those_of_experience_and_the_least_of_a_range(text, years):
    assert years_in(text) == years


def test_full_time_experience_is_not_the_contract():
    assert employment_type_in("Two years of full-time paid experience as a cook.") == ""
    assert employment_type_in("Two years of full-time paid experience. This is a part-time position.") == "part_time"


@pytest.mark.parametrize(
    "offer",
    [
        "Oferujemy umowę o pracę i prywatną opiekę medyczną.",
        "Ofrecemos contrato indefinido y formación.",
        "Vragen? Neem contact op met mevrouw Aaltje Vos.",
        "To apply, write to Oliver Sample.",
    ],
)
def test_what_follows_the_demands_in_a_sentence_is_no_demand(offer):
    analysis = analyse_with_rules(f"Clerk\n\nRequirements\n- Knowledge of Excel\n\n{offer}\n", as_of="2026-11-01")

    assert [requirement.text for requirement in analysis.requirements] == ["Knowledge of Excel"]


def test_tasks_in_running_text_are_read():
    text = "Head Chef\nThe Glasshouse at Wendle Park, near Marlow\n\nAbout the role\nYou will lead a team of seven. You will join a happy house.\n\nRequirements\n- HACCP\n"
    analysis = analyse_with_rules(text, as_of="2026-11-01")

    assert [requirement.text for requirement in analysis.requirements] == ["You will lead a team of seven", "HACCP"]
    assert analysis.employer == "The Glasshouse at Wendle Park"


def test_an_employer_before_town_and_state_is_told_from_the_place_by_the_text():
    text = "Vice President of Operations\nHarvest Lane Bakeries, Boise, Idaho\n\nHarvest Lane runs five bakeries.\n\nRequirements\n- SAP\n- HACCP\n"
    analysis = analyse_with_rules(text, as_of="2026-11-01")

    assert (analysis.employer, analysis.location) == ("Harvest Lane Bakeries", "Boise, Idaho")
