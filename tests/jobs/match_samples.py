"""An invented applicant and invented postings."""

from cv.resume import (
    CEFRLevel,
    Certificate,
    Education,
    Employer,
    Language,
    Line,
    PartialDate,
    Person,
    Position,
    Resume,
    Skill,
    SkillGroup,
)

POSTING = """Senior Backend Engineer (m/f/d)
Example Logistics GmbH
Berlin, Germany

Example Logistics GmbH builds route planning for carriers in 40 countries.

Your tasks
- Design and run Python services that plan routes
- Mentor two junior developers

Your profile
- 5+ years of professional experience building backend services in Python, Django and PostgreSQL
- Experience with Docker and Kubernetes
- Java, Kotlin or Scala is a plus
- Degree in computer science or equivalent experience
- Fluent German required, good English
- Knowledge of relational databases (e.g. PostgreSQL, MySQL)
- Valid work permit for the EU
- Strong communication skills

We offer
- 30 days of holiday and an Oracle Database course
- Salary: 70.000 – 85.000 € per year

We are an equal opportunity employer and value Python fans of any religion.

Contact: Ms. Erika Beispiel
"""

NURSE_POSTING = """Gesundheits- und Krankenpfleger (m/w/d) in Vollzeit

Klinikum Musterstadt gGmbH

Ihre Aufgaben:
• Grund- und Behandlungspflege
• Pflegedokumentation

Ihr Profil:
• Abgeschlossene Ausbildung als Pflegefachkraft
• Mindestens 2 Jahre Berufserfahrung auf einer Intensivstation
• Bereitschaft zum Schichtdienst
• Führerschein Klasse B wünschenswert
• Deutschkenntnisse mindestens B2

Wir bieten:
• Unbefristete Anstellung
Ansprechpartnerin: Frau Petra Muster
"""


JOB_POSTING = {
    "@context": "https://schema.org",
    "@type": "JobPosting",
    "title": "Warehouse Clerk &amp; Driver",
    "description": "<p>You keep our <b>warehouse</b> in order.</p><ul><li>Forklift licence required</li><li>Good German</li></ul><script>alert(1)</script>",
    "hiringOrganization": {"@type": "Organization", "name": "Example Parcels"},
    "jobLocation": [
        {"@type": "Place", "address": {"addressLocality": "Linz", "addressCountry": {"name": "Austria"}}},
        {"@type": "Place", "address": {"addressLocality": "Graz", "addressCountry": "AT"}},
    ],
    "baseSalary": {
        "@type": "MonetaryAmount",
        "currency": "EUR",
        "value": {"minValue": 2400, "maxValue": "2,800", "unitText": "MONTH"},
    },
    "employmentType": ["FULL_TIME", "TEMPORARY"],
    "datePosted": "2026-01-05T08:00:00Z",
    "validThrough": "2026-02-28",
    "identifier": {"@type": "PropertyValue", "value": "WH-17"},
    "applicationContact": {"@type": "ContactPoint", "name": "Kim Sample"},
    "url": "https://jobs.example.org/17",
}


def backend_resume() -> Resume:
    """Return the CV of an invented back-end developer."""
    return Resume(
        person=Person(
            name="Robin Sample", headline="Backend Developer", email="robin@example.org", phone="+1 202-555-0143"
        ),
        employers=[
            Employer(
                name="Placeholder Parcels",
                positions=[
                    Position(
                        title="Senior Backend Developer",
                        start=PartialDate(year=2019, month=4),
                        current=True,
                        highlights=[
                            Line(text="Built route planning services in Python and Django on PostgreSQL"),
                            Line(text="Mentored two junior developers"),
                        ],
                    ),
                    Position(
                        title="Developer",
                        start=PartialDate(year=2016, month=1),
                        end=PartialDate(year=2019, month=3),
                        highlights=[Line(text="Moved twelve services to Docker")],
                    ),
                ],
            )
        ],
        education=[Education(institution="University of Nowhere", degree="BSc", area="Computer Science")],
        skills=[SkillGroup(name="Languages", skills=[Skill(name="Python"), Skill(name="SQL"), Skill(name="Go")])],
        languages=[
            Language(name="German", fluency="native", cefr=CEFRLevel.NATIVE),
            Language(name="English", fluency="fluent", cefr=CEFRLevel.C1),
        ],
        certificates=[Certificate(name="AWS Certified Solutions Architect", issuer="Amazon")],
    ).assign_ids()
