"""Every page of the shell answers; preferences, account, tokens, mailbox."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils.translation import override

from core.identity.models import ApiToken, Membership
from core.identity.services import create_person
from core.web.assets import bundle_url
from core.web.mail import send_mail_to
from core.web.status import _CHECKS, register_readiness
from core.web.views import server_error

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough password"


def person(now, email="ana@example.com", name="Ana Ruiz", **extra):
    return create_person(email=email, password=PASSWORD, name=name, country="ES", currency="EUR", now=now, **extra)


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize(
    "address",
    ["/design/", "/api/", "/api/docs/", "/api/redoc/", "/status/", "/healthz", "/readyz", "/metrics", "/mailbox/",
     "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/api/v1/schema/", "/accounts/inactive/",
     "/accounts/password/reset/done/"],
)  # fmt: skip
@pytest.mark.parametrize("language", ["en", "es"])
def test_public_pages_answer(client, address, language):
    response = client.get(address, headers={"accept-language": language})
    assert response.status_code == 200
    if response["Content-Type"].startswith("text/html"):
        page = response.content.decode()
        assert " style=" not in page
        assert " onclick=" not in page


@pytest.mark.parametrize(
    "address",
    ["/account/", "/account/organisation/", "/account/tokens/", "/accounts/email/", "/accounts/password/change/",
     "/accounts/2fa/", "/accounts/logout/", "/accounts/reauthenticate/"],
)  # fmt: skip
def test_account_pages_answer_members_and_send_strangers_to_login(address, now):
    user, _ = person(now)
    assert signed_in(user).get(address).status_code in (200, 302)
    if address != "/accounts/logout/":
        response = Client().get(address)
        assert response.status_code == 302
        assert "/accounts/login/" in response["Location"]


def test_bundles_are_small_and_cached_for_ever(client):
    total = 0
    for kind in ("css", "js"):
        address = bundle_url(kind)
        response = client.get(address, headers={"accept-encoding": "gzip"})
        assert "immutable" in response["Cache-Control"]
        total += len(response.content)
    assert total < 40_000  # htmx adds about 17 kB; together under 60 kB
    assert "no-cache" in client.get("/assets/000000000000/lonja.css")["Cache-Control"]


def test_theme_is_kept_in_a_cookie_and_on_the_page(client):
    response = client.post("/theme/", {"theme": "dark", "next": "/design/"})
    assert response["Location"] == "/design/"
    assert 'data-theme="dark"' in client.get("/design/").content.decode()
    assert client.post("/theme/", {"theme": "pink"}).status_code == 400


def test_language_switch_keeps_the_page_and_the_person(now):
    user, _ = person(now)
    client = signed_in(user)
    assert client.post("/language/", {"language": "es", "next": "/status/"})["Location"] == "/status/"
    assert 'lang="es"' in client.get("/status/").content.decode()
    user.refresh_from_db()
    assert user.language == "es"


def test_switches_never_lead_to_another_site(client):
    for target in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        assert client.post("/language/", {"language": "es", "next": target})["Location"] == "/"


def test_pages_that_fail_say_so(client):
    response = client.get("/there-is-nothing-here/")
    assert response.status_code == 404
    assert "does not exist" in response.content.decode()
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/theme/", {"theme": "dark"}).status_code == 403


def test_profile_is_saved(now):
    user, _ = person(now)
    client = signed_in(user)
    response = client.post("/account/", {"name": "Ana R.", "language": "es", "theme": "dark"})
    assert response.status_code == 302
    assert response.cookies["theme"].value == "dark"
    user.refresh_from_db()
    assert (user.name, user.language, user.theme) == ("Ana R.", "es", "dark")


def test_a_token_is_shown_once_and_a_stranger_cannot_revoke_it(now):
    ana, _ = person(now)
    eve, _ = person(now, "eve@example.com", "Eve")
    client = signed_in(ana)
    page = client.post("/account/tokens/", {"name": "Warehouse", "scopes": ["orders:read"]}).content.decode()
    plain = page.split("<code>lonja_")[1].split("<")[0]
    assert plain not in client.get("/account/tokens/").content.decode()
    token = ApiToken.objects.get()
    stranger = signed_in(eve)
    address = f"/account/tokens/{token.id}/revocation/"
    assert stranger.get(address).status_code == 404
    assert stranger.post(address).status_code == 404
    assert stranger.delete(f"/api/v1/tokens/{token.id}/").status_code == 404
    token.refresh_from_db()
    assert token.revoked_at is None
    assert client.post(address).status_code == 302
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_a_token_reads_who_it_is_and_cannot_make_tokens(now, client):
    ana, _ = person(now)
    response = signed_in(ana).post(
        "/api/v1/tokens/", {"name": "One", "scopes": ["orders:read"]}, content_type="application/json"
    )
    assert response.status_code == 201
    bearer = {"authorization": f"Bearer {response.json()['token']}"}
    assert client.get("/api/v1/me/", headers=bearer).json()["scopes"] == ["orders:read"]
    assert client.get("/api/v1/tokens/", headers=bearer).status_code == 403
    assert client.get("/api/v1/me/").status_code == 401


def test_members_are_added_and_removed_with_their_tokens(now):
    ana, organisation = person(now)
    ben, _ = person(now, "ben@example.com", "Ben")
    client = signed_in(ana)
    form = {"action": "member", "member-email": "ben@example.com", "member-role": "STAFF"}
    assert client.post("/account/organisation/", form).status_code == 302
    assert client.post("/account/organisation/", form).status_code == 422
    membership = Membership.objects.get(user=ben, organisation=organisation)
    staff = signed_in(ben)
    assert staff.post("/account/switch/", {"organisation": str(organisation.id)}).status_code == 302
    assert staff.post("/account/organisation/", form).status_code == 422
    staff.post(f"/account/organisation/members/{membership.id}/")
    assert Membership.objects.filter(id=membership.id).exists()
    client.post(f"/account/organisation/members/{membership.id}/")
    assert not Membership.objects.filter(id=membership.id).exists()


def test_the_last_owner_stays(now):
    ana, organisation = person(now)
    own = Membership.objects.get(organisation=organisation)
    signed_in(ana).post(f"/account/organisation/members/{own.id}/")
    assert Membership.objects.filter(id=own.id).exists()


def test_nobody_switches_to_a_strangers_organisation(now):
    ana, _ = person(now)
    _, other = person(now, "eve@example.com", "Eve")
    client = signed_in(ana)
    assert client.post("/account/switch/", {"organisation": str(other.id)}).status_code == 404
    assert client.post("/account/switch/", {"organisation": "x"}).status_code == 404
    assert client.post(f"/account/organisation/members/{uuid4()}/").status_code == 404


def test_account_pages_ask_a_constant_number_of_questions(now, django_assert_max_num_queries):
    ana, organisation = person(now)
    for number in range(8):
        friend, _ = person(now, f"f{number}@example.com", f"Friend {number}")
        Membership.objects.create(user=friend, organisation=organisation, role="STAFF", created_at=now)
    client = signed_in(ana)
    client.get("/account/")
    for address in ("/account/", "/account/organisation/", "/account/tokens/"):
        with django_assert_max_num_queries(7):
            assert client.get(address).status_code == 200


def test_mailbox_shows_letters_here_and_does_not_exist_in_production(client, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    with override("en"):
        mail.send_mail("Your code: 123 456", "Enter 123 456", None, ["ana@example.com"])
    page = client.get("/mailbox/").content.decode()
    assert "Your code: 123 456" in page
    address = page.split('href="/mailbox/')[2].split('"')[0] if page.count('href="/mailbox/') > 1 else ""
    assert "Enter 123 456" in client.get(f"/mailbox/{address}").content.decode()
    settings.IS_PRODUCTION = True
    assert client.get("/mailbox/").status_code == 404
    assert client.get(f"/mailbox/{address}").status_code == 404


def test_metrics_are_for_this_machine_in_production(client, settings):
    settings.IS_PRODUCTION = True
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 404
    assert client.get("/metrics", headers={"x-forwarded-for": "203.0.113.9"}).status_code == 404


def test_letters_have_two_parts_in_the_recipients_language():
    send_mail_to(
        "ana@example.com", language="es", subject="Pedido LJ-1", lines=["Tu pedido va de camino."], name="Ana",
        action_label="Ver el pedido", action_url="http://testserver/orders/1/",
    )  # fmt: skip
    (letter,) = mail.outbox
    assert "Hola, Ana" in letter.body
    html = letter.alternatives[0][0]
    assert 'lang="es"' in html
    assert html.count("<a ") == 1


def test_admin_asks_through_the_houses_login_and_has_its_own_policy(client, now):
    response = client.get("/admin/login/")
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")
    operator, _ = person(now, "op@example.com", "Op", is_operator=True)
    desk = signed_in(operator)
    for page in ("", "core/user/", "core/organisation/", "core/membership/", "core/apitoken/", "core/auditentry/",
                 "core/eventrecord/", "core/delivery/", "core/idempotencyrecord/"):  # fmt: skip
        response = desk.get(f"/admin/{page}")
        assert response.status_code == 200, page
        assert "'unsafe-eval'" in response["Content-Security-Policy"]


def test_signing_up_ends_in_the_mailbox_code(client):
    form = {"name": "Lola", "email": "lola@example.com", "country": "ES", "password1": PASSWORD, "password2": PASSWORD}
    response = client.post("/accounts/signup/", form, follow=True)
    assert response.status_code == 200
    (letter,) = mail.outbox
    assert letter.alternatives


def test_a_broken_page_names_the_request_and_needs_nothing(rf, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = server_error(rf.get("/"))
    assert response.status_code == 500
    assert "Your money is where it was" in response.content.decode()


def test_too_many_wrong_passwords_are_stopped(client, now):
    cache.clear()
    person(now)
    answers = [
        client.post("/accounts/login/", {"login": "ana@example.com", "password": f"wrong {n}"}).content.decode()
        for n in range(7)
    ]
    assert "Too many" in answers[-1]
    cache.clear()


def test_readiness_reports_what_a_module_registered(client):
    def broken() -> None:
        raise RuntimeError

    register_readiness("search index", broken)
    try:
        response = client.get("/readyz")
        assert response.status_code == 503
        assert response.json()["checks"] == {"database": True, "cache": True, "search index": False}
    finally:
        _CHECKS.pop("search index")
