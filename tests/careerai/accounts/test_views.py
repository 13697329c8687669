import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from careerai.accounts.models import ApiToken, User
from careerai.accounts.tokens import create_token, find_token

PASSWORD = "correct-horse-battery"
NEW_PASSWORD = "staple-other-words-7"


def sign_in(name: str, password: str = PASSWORD, **more: str):
    client = Client()
    response = client.post(reverse("accounts:sign_in"), {"username": name, "password": password, **more})
    return client, response


def new_account(**more: str) -> dict[str, str]:
    values = {"username": "newcomer", "email": "newcomer@example.org"}
    return {**values, "password1": PASSWORD, "password2": PASSWORD, **more}


@pytest.mark.django_db
def test_signing_up_makes_an_account_and_signs_in(client):
    assert client.get(reverse("accounts:sign_up")).status_code == 200

    response = client.post(reverse("accounts:sign_up"), new_account())

    assert response.headers["Location"] == reverse("cv:list")
    user = User.objects.get(username="newcomer")
    assert client.session["_auth_user_id"] == str(user.pk)
    assert not user.is_staff


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"email": "OWNER@example.org"}, "account with this e-mail address already"),
        ({"username": "Owner"}, "This username is taken"),
        ({"username": "a@example.org"}, "cannot hold an @"),
        ({"email": "nonsense"}, "valid email address"),
        ({"password2": "different-words-here"}, "didn’t match"),
        ({"password1": "short", "password2": "short"}, "too short"),
        ({"password1": "1234567890", "password2": "1234567890"}, "too common"),
    ],
)
def test_signing_up_says_what_is_wrong(client, owner, values, said):
    response = client.post(reverse("accounts:sign_up"), new_account(**values))

    assert response.status_code == 200
    assert said in response.content.decode()
    assert User.objects.count() == 1


def test_somebody_signed_in_needs_no_account(owner, client_for):
    response = client_for(owner).get(reverse("accounts:sign_up"))

    assert response.status_code == 302


@pytest.mark.django_db
def test_sign_up_can_be_closed(client, settings):
    settings.SIGN_UP_OPEN = False

    response = client.post(reverse("accounts:sign_up"), new_account())

    assert response.status_code == 403
    assert "Ask them for one" in response.content.decode()
    assert not User.objects.exists()


@pytest.mark.django_db
def test_signing_up_over_and_over_is_stopped(client, settings):
    settings.RATELIMIT_ENABLE = True
    for _ in range(10):
        assert client.post(reverse("accounts:sign_up"), {}).status_code == 200

    response = client.post(reverse("accounts:sign_up"), {})

    assert response.status_code == 429
    assert "tried too often" in response.content.decode()


@pytest.mark.parametrize("name", ["owner", "owner@example.org", "Owner@Example.org"])
def test_signing_in_by_name_or_address(owner, name):
    client, response = sign_in(name)

    assert response.headers["Location"] == reverse("cv:list")
    assert client.session["_auth_user_id"] == str(owner.pk)


@pytest.mark.parametrize("name", ["owner", "owner@example.org", "nobody"])
def test_a_wrong_password_says_the_same_whoever_it_was(owner, name):
    client, response = sign_in(name, "wrong")

    assert "These do not match an account" in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_signing_in_goes_on_to_the_page_that_was_asked_for_on_this_site_only(owner):
    assert sign_in("owner", next="/accounts/profile/")[1].headers["Location"] == "/accounts/profile/"
    assert sign_in("owner", next="https://elsewhere.example.org/")[1].headers["Location"] == reverse("cv:list")


def test_many_wrong_passwords_pause_signing_in_for_that_account_only(owner, stranger):
    for _ in range(8):
        _, response = sign_in("owner", "wrong")

    assert response.status_code == 429
    assert "paused for 15 minutes" in response.content.decode()
    assert sign_in("owner")[1].status_code == 429
    assert sign_in("stranger")[1].status_code == 302


def test_signing_out(owner, client_for):
    client = client_for(owner)

    response = client.post(reverse("accounts:sign_out"))

    assert response.headers["Location"] == reverse("accounts:sign_in")
    assert "_auth_user_id" not in client.session


def test_the_profile_is_for_its_owner(client, owner, client_for):
    assert client.get(reverse("accounts:profile")).headers["Location"].startswith(reverse("accounts:sign_in"))

    page = client_for(owner).get(reverse("accounts:profile")).content.decode()

    assert "owner@example.org" in page
    assert "You have no token." in page


def test_changing_the_profile(owner, client_for):
    values = {"first_name": "Ada", "last_name": "Byron", "username": "owner", "email": "ada@example.org"}

    response = client_for(owner).post(reverse("accounts:profile"), values, follow=True)

    owner.refresh_from_db()
    assert (owner.first_name, owner.email) == ("Ada", "ada@example.org")
    assert "Your account is saved." in response.content.decode()


def test_the_address_of_somebody_else_cannot_be_taken(owner, stranger, client_for):
    values = {"username": "owner", "email": "Stranger@example.org"}

    response = client_for(owner).post(reverse("accounts:profile"), values)

    owner.refresh_from_db()
    assert "account with this e-mail address already" in response.content.decode()
    assert owner.email == "owner@example.org"


def test_changing_the_password_keeps_this_session_and_ends_others(owner, client_for):
    here, _ = sign_in("owner")
    elsewhere, _ = sign_in("owner")
    values = {"old_password": PASSWORD, "new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}

    response = here.post(reverse("accounts:password_change"), values, follow=True)

    assert "The password is changed." in response.content.decode()
    assert elsewhere.get(reverse("accounts:profile")).status_code == 302
    assert sign_in("owner", NEW_PASSWORD)[1].status_code == 302


def reset_link(client: Client) -> str:
    client.post(reverse("accounts:password_reset"), {"email": "Owner@example.org"})
    found = re.search(r"http://testserver(/\S+)", str(mail.outbox[-1].body))
    assert found
    return found.group(1)


def test_a_forgotten_password_is_set_anew_by_mail_once(owner, client):
    for _ in range(8):
        sign_in("owner", "wrong")
    link = reset_link(client)

    page = client.get(link, follow=True)
    values = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    done = client.post(page.redirect_chain[-1][0], values, follow=True)

    assert "The new password is set." in done.content.decode()
    assert mail.outbox[-1].subject == "Set a new password for CareerAI"
    assert sign_in("owner", NEW_PASSWORD)[1].status_code == 302
    assert "does not work any more" in Client().get(link, follow=True).content.decode()


def test_asking_for_a_reset_does_not_tell_who_has_an_account(owner, client):
    known = client.post(reverse("accounts:password_reset"), {"email": "owner@example.org"}, follow=True)
    unknown = client.post(reverse("accounts:password_reset"), {"email": "nobody@example.org"}, follow=True)

    def said(response) -> str:
        return re.sub(r'X-CSRFToken": "\w+"', "", response.content.decode())

    assert said(known) == said(unknown)
    assert len(mail.outbox) == 1


@pytest.mark.django_db
def test_asking_for_resets_over_and_over_is_stopped(client, settings):
    settings.RATELIMIT_ENABLE = True
    address = reverse("accounts:password_reset")
    for number in range(5):
        assert client.post(address, {"email": f"a{number}@example.org"}).status_code == 302

    assert client.post(address, {"email": "b@example.org"}).status_code == 429


def test_a_token_is_shown_once(owner, client_for):
    client = client_for(owner)

    response = client.post(reverse("accounts:make_token"), {"name": "backup", "days": "30"})

    found = re.search(r'id="new-token"[^>]*>(careerai_[\w-]+)<', response.content.decode())
    assert found
    token = find_token(found.group(1))
    assert token
    assert (token.user, token.name) == (owner, "backup")
    assert "no-store" in response.headers["Cache-Control"]
    again = client.get(reverse("accounts:profile")).content.decode()
    assert found.group(1) not in again
    assert token.prefix in again


def test_a_token_needs_a_name_and_a_known_expiry(owner, client_for):
    response = client_for(owner).post(reverse("accounts:make_token"), {"name": "", "days": "12345"})

    assert response.status_code == 422
    assert "This field is required." in response.content.decode()
    assert not ApiToken.objects.exists()


def test_a_token_without_expiry(owner, client_for):
    client_for(owner).post(reverse("accounts:make_token"), {"name": "backup", "days": ""})

    assert ApiToken.objects.get().expires_at is None


def test_revoking_ones_own_token_only(owner, stranger, client_for):
    token, plain = create_token(user=owner, name="script")
    address = reverse("accounts:revoke_token", args=[token.pk])

    assert client_for(stranger).post(address).status_code == 404
    assert find_token(plain)

    response = client_for(owner).post(address, follow=True)

    assert "“script” is revoked." in response.content.decode()
    assert find_token(plain) is None


def test_the_administration_lists_and_revokes_tokens_and_never_shows_them(staff, owner, client_for):
    token, plain = create_token(user=owner, name="script")
    client = client_for(staff)

    page = client.get(reverse("admin:accounts_apitoken_changelist"))
    detail = client.get(reverse("admin:accounts_apitoken_change", args=[token.pk]))
    client.post(reverse("admin:accounts_apitoken_changelist"), {"action": "revoke", "_selected_action": [token.pk]})

    assert token.prefix in page.content.decode()
    assert token.digest not in detail.content.decode()
    assert client.get(reverse("admin:accounts_apitoken_add")).status_code == 403
    assert find_token(plain) is None


@pytest.mark.parametrize("name", ["accounts_user_changelist", "accounts_user_add", "auth_group_changelist"])
def test_the_administration_shows_people(staff, client_for, name):
    assert client_for(staff).get(reverse(f"admin:{name}")).status_code == 200
