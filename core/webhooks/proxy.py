"""Calling an organisation's address: resolved once, checked, and called at exactly the address that was checked."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from time import perf_counter
from urllib.parse import urlsplit

import httpx

from core.webhooks.rules import AddressRefused, check_url, is_public

TIMEOUT_SECONDS = 10.0
MAX_ANSWER_BYTES = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `status` None: nobody answered, `error` says why."""

    status: int | None
    error: str
    took_ms: int
    text: str = ""


def post(url: str, body: str, headers: dict[str, str], *, public_only: bool) -> Answer:
    """POST the body. Never raises for what the other side does; follows no redirect, reads at most a few hundred bytes.

    `public_only`: refuse names that resolve to anything inside, and connect to the address that was checked: a second look-up
    could say something else (DNS rebinding).
    """
    started = perf_counter()
    try:
        status, text = _send(url, body, headers, public_only=public_only)
        return Answer(status, "", _since(started), text)
    except AddressRefused as error:
        return Answer(None, error.message, _since(started))
    except httpx.TimeoutException:
        return Answer(None, "No answer in time.", _since(started))
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
        return Answer(None, f"{type(error).__name__}: {error}"[:200], _since(started))


def _send(url: str, body: str, headers: dict[str, str], *, public_only: bool) -> tuple[int, str]:
    target, extra = check_url(url, public_only=public_only), {}
    sent = {**headers, "content-type": "application/json", "user-agent": "Lonja-Webhooks/1"}
    if public_only:
        parts = urlsplit(target)
        host, port = parts.hostname or "", parts.port or 443
        address = resolve(host, port)
        literal = f"[{address}]" if ":" in address else address
        target = parts._replace(netloc=f"{literal}:{port}").geturl()
        sent["host"] = host if port == 443 else f"{host}:{port}"
        extra = {"sni_hostname": host}
    with (
        httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=False) as client,
        client.stream("POST", target, content=body.encode(), headers=sent, extensions=extra) as response,
    ):
        return response.status_code, _beginning(response)


def resolve(host: str, port: int) -> str:
    """An address of the host that may be called. Raises AddressRefused when any of them is not public, OSError."""
    found = {str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    if not found or not all(is_public(ipaddress.ip_address(one.partition("%")[0])) for one in found):
        raise AddressRefused("The name does not lead to the public internet.")
    return min(found, key=lambda one: (":" in one, one))


def _beginning(response: httpx.Response) -> str:
    received = b""
    for chunk in response.iter_bytes(MAX_ANSWER_BYTES):
        received += chunk
        break
    text = received[:MAX_ANSWER_BYTES].decode("utf-8", "replace")
    return "".join(c for c in text if c.isprintable() or c == "\n")


def _since(started: float) -> int:
    return int((perf_counter() - started) * 1000)
