"""Sentences as a hurried or a dishonest writer would put them; none was made by a rule."""

import pytest

from cv.facts import facts_of
from jobs.letters import letter_inputs
from jobs.letters.checking import check_sentence
from tests.jobs.samples import POSTING_TEXT, match_report, posting_analysis, resume_of_ada

RESUME = resume_of_ada()
FACTS = facts_of(RESUME)
INPUTS = letter_inputs(RESUME, posting_analysis(), match_report(RESUME, posting_analysis()), posting_text=POSTING_TEXT)


@pytest.mark.parametrize(
    "lie",
    [
        "I have experience with Rust.",
        "I know Rust.",
        "My skills include Rust and Go.",
        "I use Rust every day.",
        "You ask for Rust; I know it well.",
        "I have worked with payment platforms of 40 regional banks.",
        "I work at Globex.",
        "I worked for Globex in 2020.",
        "At Globex I learned a lot.",
        "I am a Senior Backend Engineer.",
        "I am the Senior Backend Engineer you need.",
        "I can start on 1 January 2027.",
        "I live in Leeds.",
        "I hold a degree in computer science.",
        "I studied at the University of Leeds for ten years.",
        "I speak German at level C1.",
        "I have been at Northwind Bank since 2015.",
        "I worked at Northwind Bank for five years.",
        "I have eight years of experience in Kubernetes.",
        "I developed the billing service alone.",
        "I moved 40 services to Docker.",
        "I moved 14 services with my team of 5 testers.",
        "I tested 12,000 customers.",
        "I ordered 40 releases a year.",
        "My team grew from 5 to 12.",
        "I was promoted.",
        "I managed the mobile app.",
        "I helped build the mobile app in 3 countries with 12 teams.",
        "I introduced Kubernetes at Harbour Systems.",
        "I did this at Google.",
        "References from Google are available.",
        "Design and run payment services in Python is my daily work.",
        "Kubernetes in production is what I do.",
        "I meet all requirements.",
        "I also bring the German that you ask for at level B1 or better.",
        "My experience matches your requirements exactly.",
        "Your requirements match my experience.",
        "As described in your posting, I have experience with Rust.",
        "Automated testing of releases is something I have done at Northwind Bank.",
        "Rust: five years.",
        "Our team at Harbour Systems has 5 testers; I built it.",
        "The person who introduced Kubernetes is writing to you.",
        "You ask for Kubernetes: no problem for me.",
        "I am used to the tasks in your posting.",
        "Your posting reads like my CV.",
        "I helped with it – as its director.",
        "Bei Northwind Bank habe ich 12.000 Kunden betreut.",
        "Ich leitete bei Northwind Bank ein Team.",
        "Ich spreche verhandlungssicher Deutsch.",
    ],
)
def test_a_lie_does_not_pass(lie):
    sentence, problems = check_sentence(lie, FACTS, INPUTS)

    assert sentence is None
    assert problems


@pytest.mark.parametrize(
    "truth",
    [
        "At Northwind Bank, I developed a billing service in Python and PostgreSQL, which cut invoice errors by 30%.",
        "I work as QA Lead at Harbour Systems.",
        "In my current role as QA Lead at Harbour Systems, I lead a team of 5 testers across two sites.",
        "I hold a BSc in Mathematics from the University of Leeds.",
        "I speak German at level B1 and English as a native speaker.",
        "My skills include Python, PostgreSQL and Terraform.",
        "I have eight years of experience in payment systems, mostly in Python.",
        "Thank you for considering my application.",
        "I look forward to hearing from you.",
        "I would welcome the opportunity to discuss my application with you.",
        "Please find my CV attached.",
        "I am writing to apply for the Senior Backend Engineer position at Globex.",
        "Since June 2021 I have been QA Lead at Harbour Systems.",
        "At Northwind Bank I helped to build the mobile app with three teams in twelve countries.",
        "I moved 14 services to Docker and Kubernetes without an outage.",
        "Your posting asks for automated testing of releases.",
        "I hold the ISTQB Foundation Level certificate.",
        "I am a software engineer with eight years in payment systems.",
    ],
)
def test_a_truth_passes(truth):
    sentence, problems = check_sentence(truth, FACTS, INPUTS)

    assert sentence is not None, problems
