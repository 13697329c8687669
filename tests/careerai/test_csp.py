"""The content security policy: strict on the site, loosened for the admin's pages alone."""

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db


def policy(response) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in response["Content-Security-Policy"].split(";"))
    return {name: sources for name, _, sources in parts}


def test_the_admin_may_evaluate_but_not_load_from_elsewhere(client_for, staff):
    found = policy(client_for(staff).get(reverse("admin:index")))

    assert found["script-src"] == "'self' 'unsafe-eval'"
    assert found["style-src"] == "'self' 'unsafe-inline'"
    assert found["default-src"] == "'self'"
    assert found["frame-ancestors"] == "'none'"


def test_an_unknown_address_of_the_admin_has_its_policy_too(client_for, staff):
    response = client_for(staff).get("/admin/usage/call/no-such-call/change/", follow=True)

    assert "unsafe-eval" in policy(response)["script-src"]


@pytest.mark.parametrize("address", ["/api/v1/ai/usage/", "/no-such-page/", "/administration/"])
def test_everything_else_stays_strict(client_for, staff, address):
    response = client_for(staff).get(address)

    assert "unsafe" not in response["Content-Security-Policy"]
