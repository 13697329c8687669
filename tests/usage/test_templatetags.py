"""The filters that pages write figures with."""

import pytest
from django.template import Context, Template


@pytest.mark.parametrize(
    ("nanousd", "text"), [(None, "unknown"), (0, "$0.00"), (12_300_000, "$0.0123"), (2 * 10**9, "$2.00")]
)
def test_usd_writes_dollars(nanousd, text):
    page = Template("{% load money %}{{ cost|usd }}").render(Context({"cost": nanousd}))

    assert page == text


@pytest.mark.parametrize(
    ("name", "text"),
    [("cv_parsing", "CV parsing"), ("cover_letter", "Cover letter"), ("openai", "Openai"), ("", "")],
)
def test_names_are_written_for_people(name, text):
    page = Template("{% load money %}{{ name|spoken }}").render(Context({"name": name}))

    assert page == text
