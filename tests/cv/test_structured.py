"""CVs that come as data: Europass XML of both forms, the archive of LinkedIn."""

import io
import zipfile

import pypdfium2
import pytest

from cv import errors, services
from cv.extraction import convert, sniffing
from cv.extraction.limits import ExtractionLimits
from cv.json_resume import from_json_resume
from cv.resume import CEFRLevel
from cv.services.uploads import structured_form
from cv.structured import europass, linkedin
from tests.cv.pdf_files import make_pdf, text_at

LIMITS = ExtractionLimits()
OLD = """<?xml version="1.0" encoding="UTF-8"?>
<SkillsPassport xmlns="http://europass.cedefop.europa.eu/Europass"><LearnerInfo>
<Identification><PersonName><FirstName>Žofie</FirstName><Surname>Hill</Surname></PersonName>
<ContactInfo><Address><Contact><AddressLine>Low Road 2</AddressLine><Municipality>Brno</Municipality>
<Country><Code>CZ</Code></Country></Contact></Address><Email><Contact>zofie@example.org</Contact></Email>
<TelephoneList><Telephone><Contact>+420 555 000 111</Contact></Telephone></TelephoneList></ContactInfo></Identification>
<Headline><Description><Label>Baker</Label></Description></Headline>
<WorkExperienceList><WorkExperience><Period><From year="2019" month="--03"/><Current>true</Current></Period>
<Position><Label>Head baker</Label></Position>
<Activities>&lt;p&gt;Runs the shop.&lt;/p&gt;&lt;ul&gt;&lt;li&gt;Plans shifts&lt;/li&gt;&lt;li&gt;Orders flour&lt;/li&gt;&lt;/ul&gt;</Activities>
<Employer><Name>Crumb Ltd</Name></Employer></WorkExperience></WorkExperienceList>
<EducationList><Education><Period><From year="2014"/><To year="2017" month="--06" day="---30"/></Period>
<Title>Diploma</Title><Organisation><Name>Baking College</Name></Organisation><Field><Label>Food</Label></Field>
</Education></EducationList>
<Skills><Linguistic><MotherTongueList><MotherTongue><Description><Label>Czech</Label></Description></MotherTongue>
</MotherTongueList><ForeignLanguageList><ForeignLanguage><Description><Label>German</Label></Description>
<ProficiencyLevel><Listening>C1</Listening><Writing>B2</Writing></ProficiencyLevel></ForeignLanguage>
</ForeignLanguageList></Linguistic><Computer><Description>Excel, HACCP tools</Description></Computer></Skills>
</LearnerInfo></SkillsPassport>"""
NEW = """<Candidate xmlns="http://www.europass.eu/1.0" xmlns:oa="http://www.openapplications.org/oagis/9" xmlns:hr="http://www.hr-xml.org/3">
<CandidatePerson><PersonName><oa:GivenName>Robin</oa:GivenName><hr:FamilyName>Vale</hr:FamilyName></PersonName>
<Communication><ChannelCode>Email</ChannelCode><oa:URI>robin@example.org</oa:URI></Communication>
<Communication><ChannelCode>Telephone</ChannelCode><CountryDialing>44</CountryDialing><oa:DialNumber>2079460123</oa:DialNumber></Communication>
<PrimaryLanguageCode>eng</PrimaryLanguageCode></CandidatePerson>
<CandidateProfile><EmploymentHistory><EmployerHistory><hr:OrganizationName>Hill</hr:OrganizationName><PositionHistory>
<PositionTitle>Clerk</PositionTitle><EmploymentPeriod><hr:StartDate><hr:FormattedDateTime>2020-02-01</hr:FormattedDateTime></hr:StartDate>
<hr:CurrentIndicator>true</hr:CurrentIndicator></EmploymentPeriod><oa:Description>&lt;p&gt;Files papers&lt;/p&gt;</oa:Description>
</PositionHistory></EmployerHistory></EmploymentHistory>
<EducationHistory><EducationOrganizationAttendance><hr:OrganizationName>Tern College</hr:OrganizationName><AttendancePeriod>
<hr:EndDate><hr:FormattedDateTime>2019-07</hr:FormattedDateTime></hr:EndDate></AttendancePeriod>
<EducationDegree><hr:DegreeName>BA History</hr:DegreeName></EducationDegree></EducationOrganizationAttendance></EducationHistory>
<PersonQualifications><PersonCompetency><hr:CompetencyID>deu</hr:CompetencyID><hr:TaxonomyID>language</hr:TaxonomyID>
<CompetencyDimension><Score><hr:ScoreText>B1</hr:ScoreText></Score></CompetencyDimension></PersonCompetency>
</PersonQualifications></CandidateProfile></Candidate>"""
TABLES = {
    "Profile.csv": "First Name,Last Name,Headline,Summary,Websites\nRobin,Vale,Clerk,Files papers.,[PERSONAL:https://example.org/robin]\n",
    "Positions.csv": "Company Name,Title,Description,Location,Started On,Finished On\nHill,Clerk,,Leeds,Feb 2020,\n"
    "Hill,Trainee,,Leeds,Jan 2018,Feb 2020\n",
    "Education.csv": "School Name,Start Date,End Date,Notes,Degree Name,Activities\nTern College,2014,2017,,BA History,\n",
    "Skills.csv": "Name\nFiling\nExcel\n",
    "Languages.csv": "Name,Proficiency\nEnglish,Native or bilingual proficiency\n",
    "Email Addresses.csv": "Notes:\n\nEmail Address,Confirmed,Primary\nold@example.org,Yes,No\nrobin@example.org,Yes,Yes\n",
    "PhoneNumbers.csv": "Extension,Number,Type\n,+44 20 7946 0123,Mobile\n",
    "Certifications.csv": "Name,Url,Authority,Started On\nFirst aid,,Red Cross,Mar 2021\n",
}


def archive(tables=TABLES) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in tables.items():
            file.writestr(name, text)
    return output.getvalue()


@pytest.mark.parametrize(
    ("data", "media_type"),
    [(OLD.encode(), sniffing.EUROPASS), (NEW.encode(), sniffing.EUROPASS), (archive(), sniffing.LINKEDIN)],
    ids=["Europass 2012", "Europass 2020", "LinkedIn"],
)
def test_the_kind_is_told_by_the_bytes(data, media_type):
    assert sniffing.sniff_media_type(data, file_name="cv.txt") == media_type


def test_europass_of_2012_is_read():
    resume = from_json_resume(europass.read(OLD.encode(), limits=LIMITS))

    assert (resume.person.name, resume.person.headline) == ("Žofie Hill", "Baker")
    post = resume.employers[0].positions[0]
    assert (resume.employers[0].name, post.title, post.start.iso(), post.current) == (
        "Crumb Ltd",
        "Head baker",
        "2019-03",
        True,
    )
    assert [line.text for line in post.highlights] == ["Plans shifts", "Orders flour"]
    assert (resume.education[0].area, resume.education[0].end.iso()) == ("Food", "2017-06-30")
    assert [language.cefr for language in resume.languages] == [CEFRLevel.NATIVE, CEFRLevel.B2]
    assert [skill.name for skill in resume.skills[0].skills] == ["Excel", "HACCP tools"]


def test_europass_of_2020_is_read():
    resume = from_json_resume(europass.read(NEW.encode(), limits=LIMITS))

    assert (resume.person.name, resume.person.email) == ("Robin Vale", "robin@example.org")
    assert resume.person.phone == "+44 2079460123"
    assert (resume.employers[0].positions[0].title, resume.employers[0].positions[0].current) == ("Clerk", True)
    assert (resume.education[0].institution, resume.education[0].degree) == ("Tern College", "BA History")
    assert resume.languages[1].cefr == CEFRLevel.B1


def test_the_archive_of_linkedin_is_read():
    resume = from_json_resume(linkedin.read(archive(), limits=LIMITS))

    assert (resume.person.email, resume.person.url) == ("robin@example.org", "https://example.org/robin")
    assert [place.title for place in resume.employers[0].positions] == ["Clerk", "Trainee"]
    assert resume.employers[0].positions[1].end.iso() == "2020-02"
    assert resume.certificates[0].issuer == "Red Cross"


@pytest.mark.django_db
def test_an_upload_of_data_becomes_a_cv_at_once(owner):
    cv = services.upload_cv(owner=owner, data=archive(), file_name="Basic_LinkedInDataExport.zip")

    assert cv.versions.get().resume.person.name == "Robin Vale"
    assert not cv.documents.exists()


@pytest.mark.parametrize(
    ("data", "media_type", "error"),
    [
        (OLD[:300].encode(), sniffing.EUROPASS, errors.UnreadableDocumentError),
        (b"<SkillsPassport xmlns='europass'/>", sniffing.EUROPASS, errors.UnreadableDocumentError),
        (b"<Candidate xmlns='europass'>" + b"<a/>" * 60_000 + b"</Candidate>", sniffing.EUROPASS, errors.DocumentTooLargeError),
        (archive({"Profile.csv": ""}), sniffing.LINKEDIN, errors.UnreadableDocumentError),
        (archive()[:200], sniffing.LINKEDIN, errors.UnreadableDocumentError),
        (archive({"Skills.csv": "Name\n" + "x\n" * 6_000, "Profile.csv": "First Name,Last Name\na,b\n"}), sniffing.LINKEDIN, errors.DocumentTooLargeError),
    ],
    ids=["cut XML", "empty XML", "too many elements", "empty archive", "cut archive", "too many rows"],
)  # fmt: skip
def test_damaged_or_huge_data_is_refused(data, media_type, error):
    reader = europass if media_type == sniffing.EUROPASS else linkedin

    with pytest.raises(error):
        reader.read(data, limits=LIMITS)


def test_entities_are_not_resolved():
    bomb = OLD.replace(
        "<SkillsPassport", '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><SkillsPassport'
    ).replace("<FirstName>Žofie", "<FirstName>&b;Zofie")

    form = convert(bomb.encode(), media_type=sniffing.EUROPASS)

    assert form["basics"]["name"] == "&b;Zofie Hill"


def pdf_with(content: bytes) -> bytes:
    """A PDF of one page with a file in it."""
    document = pypdfium2.PdfDocument(make_pdf([text_at(50, 700, "Curriculum vitae")]))
    document.new_attachment("attachment.xml").set_data(content)
    output = io.BytesIO()
    document.save(output)
    return output.getvalue()


def test_europass_within_a_pdf_is_read_from_its_data():
    form = structured_form(pdf_with(OLD.encode()))

    assert form == europass.read(OLD.encode(), limits=LIMITS)


@pytest.mark.parametrize("content", [b"<invoice/>", b"<SkillsPassport xmlns='europass'/>", b""])
def test_a_pdf_with_other_files_in_it_is_read_from_its_pages(content):
    assert structured_form(pdf_with(content)) is None
