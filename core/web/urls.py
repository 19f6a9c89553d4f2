"""Pages of the web shell."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path

from core.identity import views as account
from core.web import assets, mailbox, status, views

urlpatterns: list[URLPattern | URLResolver] = [
    re_path(r"^assets/(?P<digest>[0-9a-f]{12})/lonja\.(?P<kind>css|js)$", assets.asset, name="asset"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("design/", views.design, name="design"),
    path("theme/", views.theme, name="theme"),
    path("language/", views.language, name="language"),
    path("api/", views.api_docs, name="api_docs"),
    path("api/docs/", views.SwaggerPage.as_view(url_name="api_schema"), name="api_swagger"),
    path("api/redoc/", views.RedocPage.as_view(url_name="api_schema"), name="api_redoc"),
    path("status/", status.status_page, name="status"),
    path("healthz", status.healthz, name="healthz"),
    path("readyz", status.readyz, name="readyz"),
    path("metrics", status.metrics, name="metrics"),
    path("mailbox/", mailbox.mailbox, name="mailbox"),
    path("mailbox/<slug:letter_id>/", mailbox.letter, name="mailbox_letter"),
    path("account/", account.profile, name="account"),
    path("account/switch/", account.switch, name="account_switch"),
    path("account/organisation/", account.organisation, name="account_organisation"),
    path("account/organisation/members/<uuid:membership_id>/", account.membership, name="account_membership"),
    path("account/tokens/", account.tokens, name="account_tokens"),
    path("account/tokens/<uuid:token_id>/revocation/", account.token_revocation, name="account_token_revocation"),
]
