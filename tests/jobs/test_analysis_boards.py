"""Whole postings in the manners of job boards and of several languages, all invented."""

import pytest

from jobs.analysis import analyse_with_rules
from jobs.analysis.terms import reference_in
from jobs.importing import import_posting
from jobs.posting import RequirementCategory, RequirementKind
from jobs.services.postings import analyse_by_rules

PORTUGUESE = """Operador de Armazém (m/f)
Logística do Sado, Lda.
Setúbal

Funções:
- Receção e conferência de mercadorias
- Condução de empilhador

Requisitos:
- Experiência mínima de 2 anos em armazém
- Carta de condução de ligeiros (obrigatório)
- Conhecimentos de Excel
- Disponibilidade para turnos rotativos

Valorizamos:
- Conhecimentos de SAP
- Inglês intermédio

Oferecemos:
- Contrato sem termo
- Salário: 950 € a 1.100 € por mês
"""


def test_a_portuguese_posting_is_read_by_its_headings():
    analysis = analyse_with_rules(PORTUGUESE)

    kinds = {one.concept: one.kind for one in analysis.requirements}
    assert (analysis.language, analysis.employer, analysis.location) == ("pt", "Logística do Sado, Lda.", "Setúbal")
    assert (analysis.salary_min, analysis.salary_max, analysis.salary_period) == (950, 1100, "month")
    assert analysis.employment_type == "permanent"
    assert kinds["Driving licence B"] is RequirementKind.KNOCK_OUT
    assert kinds["Microsoft Excel"] is RequirementKind.MUST
    assert kinds["SAP"] is kinds["English"] is RequirementKind.NICE
    assert sum(one.category is RequirementCategory.DUTY for one in analysis.requirements) == 2


@pytest.mark.parametrize(
    ("head", "title", "employer", "location"),
    [
        ("CAMPUS INTERVIEWS ONLY\nGraduate Process Engineer\nNorthfield Chemicals plc, Teesside", "Graduate Process Engineer", "Northfield Chemicals plc", "Teesside"),
        ("Wir suchen zum nächstmöglichen Zeitpunkt eine/n\n\nBuchhalter (m/w/d) in Teilzeit (25 Std.)\n\nHaselmühle Werkzeugbau GmbH & Co. KG", "Buchhalter (m/w/d)", "Haselmühle Werkzeugbau GmbH & Co. KG", ""),
        ("Se busca camarero para restaurante\n\nRestaurante La Albufera", "camarero", "Restaurante La Albufera", ""),
        ("🚀 We're hiring: Growth Marketer 🚀\n\n💰 40-50k EUR\n\nBloomly helps florists sell online.", "Growth Marketer", "Bloomly", ""),
        ("Teaching Assistant (SEN) - Oakfield Primary School", "Teaching Assistant (SEN)", "Oakfield Primary School", ""),
        ("Chef de projet web (F/H) — Rennes\n\nAgence Pixel Marin recrute ! Poste basé à Rennes.", "Chef de projet web (F/H)", "Agence Pixel Marin", "Rennes"),
        ("Küchenhilfe gesucht!\n\nGasthof Zum Hirschen, 6370 Kitzbühel\nAb sofort in Vollzeit", "Küchenhilfe", "Gasthof Zum Hirschen", "6370 Kitzbühel"),
        ("Remote (EU only) · Contract · €450–€550 per day\n\nWe're Lumen Robotics. We need a Senior Embedded Engineer for a project.", "Senior Embedded Engineer", "Lumen Robotics", ""),
        ("Vacature: Logistiek medewerker (fulltime)\nBedrijf: Van Houten Bloemen B.V.", "Logistiek medewerker (fulltime)", "Van Houten Bloemen B.V.", ""),
        ("Contract Analyst\nExample Works Ltd\nDublin, Ireland", "Contract Analyst", "Example Works Ltd", "Dublin, Ireland"),
    ],
)  # fmt: skip
def test_heads(head, title, employer, location):
    analysis = analyse_with_rules(f"{head}\n\nRequirements\n- Two years of experience\n- Good Excel\n")

    assert (analysis.title, analysis.employer) == (title, employer)
    if location:
        assert analysis.location == location


def test_tables_of_a_page_are_read_as_labels():
    page = (
        "<table><tr><th>Stellenbezeichnung</th><td>Fachinformatiker (m/w/d)</td></tr><tr><td>Arbeitgeber:</td><td>Stadtwerke Birkenau</td></tr>"
        "<tr><td>Arbeitsort</td><td>Birkenau</td></tr><tr><td>Befristung</td><td>unbefristet</td></tr></table><h3>Das bringen Sie mit</h3><ul><li>Kenntnisse in VMware</li></ul>"
    )

    imported = import_posting(page)
    analysis = analyse_by_rules(imported)

    assert "Arbeitgeber: Stadtwerke Birkenau" in imported.text
    assert (analysis.title, analysis.employer, analysis.location) == ("Fachinformatiker (m/w/d)", "Stadtwerke Birkenau", "Birkenau")  # fmt: skip
    assert analysis.employment_type == "permanent"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("£31,500 a year, 25 days' holiday", (31_500, None, "GBP", "year")),
        ("38 à 44 K€ selon profil", (38_000, 44_000, "EUR", "year")),
        ("Salaris tussen € 2.900 en € 3.900 bruto per maand", (2_900, 3_900, "EUR", "month")),
        ("Salário R$ 8.000 a R$ 11.000 mensais", (8_000, 11_000, "BRL", "month")),
        ("Entlohnung: ab EUR 1.950,- brutto/Monat", (1_950, None, "EUR", "month")),
    ],
)
def test_pay_in_many_words(line, expected):
    analysis = analyse_with_rules(f"Somebody is looked for who is friendly and careful.\n{line}")

    assert (
        analysis.salary_min, analysis.salary_max, analysis.salary_currency, analysis.salary_period,
    ) == expected  # fmt: skip


@pytest.mark.parametrize(
    ("text", "reference"),
    [("Reference: HP-2231\n", "HP-2231"), ("Kennziffer: 2026/114.", "2026/114"), ("Reference: available on request", "")],
)  # fmt: skip
def test_the_number_of_a_posting(text, reference):
    assert reference_in(text) == reference


def test_a_wish_about_one_thing_covers_what_stands_behind_the_last_comma():
    analysis = analyse_with_rules(
        "Requirements\n- Fluent English, Portuguese is a bonus\n- Docker and Git are a plus\n"
    )

    assert {one.concept: one.kind.value for one in analysis.requirements} == {
        "English": "knock_out", "Portuguese": "nice", "Docker": "nice", "Git": "nice",
    }  # fmt: skip


def test_headings_within_a_line_that_lost_its_breaks():
    text = (
        "Administrator systemów w firmie z Warszawy. Twój zakres obowiązków administracja systemem tworzenia kopii zapasowych Nasze wymagania co najmniej "
        "4-letnie doświadczenie na podobnym stanowisku, dobra znajomość VMware Mile widziane znajomość Ansible Oferujemy umowę o pracę na pełny etat"
    )

    analysis = analyse_with_rules(text)

    kinds = {one.concept: one.kind.value for one in analysis.requirements}
    assert kinds["VMware"] == "must"
    assert kinds["Ansible"] == "nice"
    assert any(one.years == 4 for one in analysis.requirements)
    assert not any("umowę" in one.text for one in analysis.requirements)
