"""Signatures, retries, and addresses that must never be called."""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import ipaddress
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.webhooks import proxy
from core.webhooks.rules import (
    LONGEST_RETRY,
    MAX_ATTEMPTS,
    AddressRefused,
    check_url,
    is_public,
    retry_at,
    secret_of,
    sign,
)

ROOT = Path(__file__).resolve().parents[3]
INSIDE = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "255.255.255.255", "240.0.0.1", "::1", "::", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:4136:e378:8000:63bf:3fff:fdd2",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_an_inside_address_is_not_public(address):
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["93.184.215.14", "8.8.8.8", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_an_internet_address_is_public(address):
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/x", "ftp://shop.example/", "https://", "https://user:pw@shop.example/", "https://localhost/",
        "https://127.0.0.1/", "https://[::1]/", "https://169.254.169.254/latest", "https://db.internal/", "https://intranet/",
        "https://shop.example/#x", "https://shop.example:99999/", "https://[::ffff:10.0.0.1]/", "not an address", "",
        "https://x.example/" + "a" * 600,
    ],
)  # fmt: skip
def test_production_refuses_the_address(url):
    with pytest.raises(AddressRefused):
        check_url(url, public_only=True)


def test_one_machine_may_call_itself_but_never_with_a_password():
    assert check_url(" http://127.0.0.1:9/x ", public_only=False) == "http://127.0.0.1:9/x"
    with pytest.raises(AddressRefused):
        check_url("http://a:b@127.0.0.1/", public_only=False)


def test_a_name_that_leads_inside_is_not_called(monkeypatch):
    def inside(host, port, **_kwargs):
        return [(2, 1, 6, "", ("93.184.215.14", port)), (2, 1, 6, "", ("10.0.0.7", port))]

    monkeypatch.setattr(proxy.socket, "getaddrinfo", inside)
    answer = proxy.post("https://rebound.example/x", "{}", {}, public_only=True)
    assert answer.status is None
    assert "internet" in answer.error


@given(st.integers(1, MAX_ATTEMPTS + 5))
def test_retries_grow_and_end(attempts):
    from tests.conftest import NOW

    at = retry_at(attempts, now=NOW)
    assert (at is None) == (attempts >= MAX_ATTEMPTS)
    if at is not None:
        assert timedelta(0) < at - NOW <= LONGEST_RETRY


def test_a_receiver_can_check_the_signature_with_nothing_but_the_secret(now):
    secret = secret_of("root", UUID(int=7), 1)
    signature = sign(secret=secret, message_id="m1", at=now, body='{"a":1}')
    key = base64.b64decode(secret.split("_", 1)[1])
    expected = hmac.new(key, f'm1.{int(now.timestamp())}.{{"a":1}}'.encode(), hashlib.sha256).digest()
    assert signature == "v1," + base64.b64encode(expected).decode()
    assert secret != secret_of("root", UUID(int=7), 2) != secret_of("root", UUID(int=8), 2)


def test_the_check_printed_on_the_page_for_developers_works(now):
    """What we tell others to write is run here as it stands there."""
    page = (ROOT / "core/templates/core/api_docs.html").read_text()
    code = page.split("<code>import base64")[1].split("</code>")[0]
    told: dict[str, object] = {}
    exec("import base64" + html.unescape(code), told)
    secret = secret_of("root", UUID(int=7), 2)
    old = secret_of("root", UUID(int=7), 1)
    signatures = [sign(secret=one, message_id="m1", at=now, body="{}") for one in (secret, old)]
    headers = {
        "webhook-id": "m1", "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": " ".join(signatures)
    }  # fmt: skip
    assert told["is_ours"](secret, headers, b"{}")
    assert told["is_ours"](old, headers, b"{}")
    assert not told["is_ours"](secret, headers, b"{ }")
