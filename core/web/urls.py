"""Pages of the web shell."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path

from core.identity import views as account
from core.web import assets, mailbox, status, views
from core.webhooks import views as webhooks

WEBHOOK = "account/webhooks/<uuid:subscription_id>/"
MESSAGE = f"{WEBHOOK}messages/<uuid:message_id>/"

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
    path("account/webhooks/", webhooks.webhooks, name="account_webhooks"),
    path(WEBHOOK, webhooks.webhook, name="account_webhook"),
    path(f"{WEBHOOK}secret/", webhooks.webhook_secret, name="account_webhook_secret"),
    path(f"{WEBHOOK}activity/", webhooks.webhook_activity, name="account_webhook_activity"),
    path(f"{WEBHOOK}ping/", webhooks.webhook_ping, name="account_webhook_ping"),
    path(f"{WEBHOOK}removal/", webhooks.webhook_removal, name="account_webhook_removal"),
    path(MESSAGE, webhooks.webhook_message, name="account_webhook_message"),
    path(f"{MESSAGE}redelivery/", webhooks.webhook_redelivery, name="account_webhook_redelivery"),
]
