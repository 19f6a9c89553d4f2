"""Pure rules of webhooks: envelope, signature, retries, and which addresses may be called.

The signature follows the Standard Webhooks convention (standardwebhooks.com): HMAC-SHA256 over `id.timestamp.body`, base64,
`v1,` in front; two signatures while an old secret still counts.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import json
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from core.errors import DomainError, InvalidInput, NotFound

MAX_SUBSCRIPTIONS: Final = 20
MAX_ATTEMPTS: Final = 12
FIRST_RETRY: Final = timedelta(seconds=30)
LONGEST_RETRY: Final = timedelta(hours=12)
OLD_SECRET_COUNTS: Final = timedelta(hours=24)
DISABLED_AFTER: Final = timedelta(days=3)
KEPT: Final = timedelta(days=30)
PING: Final = "webhook.ping.v1"
ID_HEADER, TIME_HEADER, SIGNATURE_HEADER = "webhook-id", "webhook-timestamp", "webhook-signature"
PUBLIC_ONLY_SCHEMES: Final = ("https",)
SCHEMES: Final = ("https", "http")


class WebhookNotFound(NotFound):
    message = "There is no such webhook."


class WebhookMessageNotFound(NotFound):
    message = "There is no such delivery."


class AddressRefused(InvalidInput):
    """The address is not one we may call."""

    code = "webhook_address_refused"
    message = "This address cannot be called."
    remedy = "Use an https address that the internet can reach."


class WebhookDisabled(DomainError):
    code = "webhook_disabled"
    message = "This webhook is switched off."
    remedy = "Switch it on first."


def secret_of(root: str, subscription_id: UUID, version: int) -> str:
    """The signing secret as its owner sees it. Derived from the installation's root secret: none is stored."""
    raw = hmac.new(root.encode(), f"outgoing:{subscription_id}:{version}".encode(), hashlib.sha256).digest()
    return "whsec_" + base64.b64encode(raw).decode()


def sign(*, secret: str, message_id: str, at: datetime, body: str) -> str:
    """One signature of the header."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{message_id}.{int(at.timestamp())}.{body}".encode()
    return "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


def envelope(*, event_id: UUID, name: str, occurred_at: datetime, organisation_id: UUID, data: dict[str, Any]) -> str:
    """The body: who it is for, which event in which version (its schema is docs/events/<type>.json), and its payload."""
    content = {
        "id": str(event_id), "type": name, "occurred_at": occurred_at.isoformat(),
        "organisation_id": str(organisation_id), "data": data,
    }  # fmt: skip
    return json.dumps(content, separators=(",", ":"), sort_keys=True)


def retry_at(attempts: int, *, now: datetime) -> datetime | None:
    """When to try again after `attempts` failures, with doubling delay (about a day and a half in all); None: park it."""
    if attempts >= MAX_ATTEMPTS:
        return None
    delay: timedelta = FIRST_RETRY * 2 ** (attempts - 1)
    return now + min(delay, LONGEST_RETRY)


def is_delivered(status: int | None) -> bool:
    return status is not None and 200 <= status < 300


def check_url(url: str, *, public_only: bool) -> str:
    """The address, cleaned. Raises AddressRefused: no host, a user name in it, not http(s), or a private literal address."""
    text = url.strip()
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise AddressRefused(field="url") from None
    if not host or len(text) > 500 or parts.scheme not in (PUBLIC_ONLY_SCHEMES if public_only else SCHEMES):
        raise AddressRefused(field="url")
    if parts.username is not None or parts.password is not None or parts.fragment or not text.isprintable():
        raise AddressRefused(field="url")
    if public_only and (_is_name_of_the_house(host) or not _is_public_literal(host)):
        raise AddressRefused(field="url")
    return text


def _is_name_of_the_house(host: str) -> bool:
    """Names that only mean something inside: no dot, or a suffix reserved for local use."""
    name = host.rstrip(".").lower()
    return ":" not in name and ("." not in name or name.endswith((".localhost", ".local", ".internal", ".lan")))


def _is_public_literal(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return True  # a name: what it resolves to is checked when it is called
    return is_public(address)


#: Ranges that carry an IPv4 address inside an IPv6 one: a way around the check if the outer one alone is looked at.
_TRANSLATED: Final = tuple(
    ipaddress.ip_network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
)


def is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether anybody on the internet could mean this address: no loopback, private, link-local, shared or multicast one."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if any(address in net for net in _TRANSLATED):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved
