"""Pure rules of messages: bounds, and what in a text leads away from the safety of the house.

Contact details and payment outside of the house are how people lose their money: no escrow holds it, no dispute brings it
back. A text is never held back or changed for it; both sides read a warning beside it. The patterns prefer to miss something
over warning about sizes, order numbers and prices.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta
from enum import StrEnum
from typing import Final

from core.errors import InvalidInput

MAX_TEXT: Final = 4000
MAX_FILES: Final = 5
MAX_QUICK_REPLIES: Final = 30
MAX_PER_HOUR: Final = 200
MAX_NEW_PER_DAY: Final = 60
SNIPPET: Final = 140
TELL_AFTER: Final = timedelta(minutes=10)
"""How long a message waits to be read before a letter goes out."""

REPLY_WINDOW: Final = timedelta(days=90)
REPLY_GOAL: Final = timedelta(hours=24)
"""A shop's figures: conversations of three months, and the share answered within a day (after Etsy's Star Seller)."""

MIN_REPLIES: Final = 3
"""Fewer conversations say nothing about a shop."""


class Caution(StrEnum):
    """Why a text is shown with a warning."""

    EMAIL = "EMAIL"
    PHONE = "PHONE"
    MESSENGER = "MESSENGER"
    LINK = "LINK"
    PAYMENT = "PAYMENT"


_EMAIL = re.compile(
    r"[\w.+-]+\s?(?:@|\(at\)|\[at\]|\(arroba\)|\[arroba\]| arroba | at )\s?[\w-]+\s?(?:\.|\(dot\)|\[dot\]| dot | punto | ponto "
    r"| punkt | point )\s?(?:com|net|org|es|pt|fr|de|it|eu|co|io|cn|br|mx|info|me)\b"
)
_LINK = re.compile(r"\b(?:https?://|www\.)[^\s<>]+|\b(?:t\.me|wa\.me|bit\.ly|tinyurl\.com)/\S+")
_MESSENGER = re.compile(
    r"\b(?:whats\s?app|whatsap|wasap|guasap|zap\s?zap|telegram|wechat|weixin|viber|skype|snapchat|instagram|facebook|messenger"
    r"|discord|kakao\s?talk)\b|微信|加我\s?(?:qq|vx)|电报群"
)
_PHONE_WORD = re.compile(
    r"\b(?:phone|call me|mobile|tel|tlf|telephone|telefono|llamame|movil|numero|telefone|telemovel|celular|ligue|liga-me"
    r"|telefon|handy|ruf mich|rufen sie|appelle|appelez|portable|telefonino|cellulare|chiamami)\b|电话|手机|打给我"
)
_DIGITS = re.compile(r"(?<![\w.,])(?:\+|00)?\(?\d[\d\s().\-/]{7,22}\d(?!\w|[.,]\d)")
_MOBILE = re.compile(
    r"[67]\d{8}|9[1236]\d{7}|0[67]\d{8}|01[5-7]\d{8,9}|07\d{9}|1[3-9]\d{9}"  # ES, PT, FR, DE, GB, CN
)
_INTERNATIONAL = re.compile(r"(?:\+|00)[1-9]\d{7,14}")
_IBAN = re.compile(r"\b[a-z]{2}\d{2}(?:\s?[a-z0-9]){11,30}\b")
_PAYMENT = re.compile(
    # brands and means that leave the house in any language
    r"\b(?:paypal|bizum|western union|moneygram|zelle|venmo|cash ?app|revolut|mb ?way"
    r"|alipay|bitcoin|btc|usdt|ethereum|crypto|gift ?cards?)\b"
    r"|支付宝|微信支付|银行转账|线下付款"
    # English
    r"|\b(?:pay|paying|payment|transfer|deal|buy)\b[^.!?\n]{0,30}"
    r"\b(?:directly|outside|off the (?:site|platform)|without lonja|in cash)\b"
    r"|\b(?:direct|bank|wire) (?:bank )?transfer\b|\bto my (?:bank )?account\b|\bavoid the (?:fee|fees|commission)\b"
    # Spanish, Portuguese, French, Italian, German (accents are taken off before)
    r"|\btransferencia(?: bancaria)?\b|\b(?:pagar|pago|pagas|pagame|paga)\b[^.!?\n]{0,30}"
    r"\b(?:fuera|directamente|directo|efectivo)\b"
    r"|\bmi cuenta(?: bancaria)?\b|\b(?:sin|evitar|ahorrar) (?:la )?comision\b"
    r"|\b(?:pagar|pague|pagamento|paga)\b[^.!?\n]{0,30}\b(?:fora|diretamente|por fora|dinheiro)\b|\bminha conta\b|\bsem comissao\b"
    r"|\bvirement\b|\b(?:payer|payez|paiement|paie)\b[^.!?\n]{0,30}\b(?:directement|dehors|hors|especes)\b|\bsans commission\b"
    r"|\bbonifico\b|\b(?:paga|pagare|pagamento)\b[^.!?\n]{0,30}\b(?:direttamente|fuori|contanti)\b"
    r"|\buberweis\w*|\b(?:zahl\w*|bezahl\w*)\b[^.!?\n]{0,40}\b(?:direkt|ausserhalb|bar)\b|\bohne (?:gebuhr\w*|provision)\b"
)


def warnings_of(text: str, *, own_host: str = "") -> tuple[Caution, ...]:
    """What in the text deserves a warning, in the order of the enum; empty for most texts. Links to `own_host` are fine."""
    plain = _plain(text)
    found = {
        Caution.EMAIL: bool(_EMAIL.search(plain)), Caution.PHONE: _has_phone(plain),
        Caution.MESSENGER: bool(_MESSENGER.search(plain)), Caution.LINK: _leads_away(plain, own_host),
        Caution.PAYMENT: bool(_PAYMENT.search(plain)) or _has_iban(plain),
    }  # fmt: skip
    return tuple(code for code in Caution if found[code])


def _plain(text: str) -> str:
    """Small letters without accents; wide and other digits become the usual ones."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(c for c in folded if not unicodedata.combining(c))
    return "".join(str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() else c for c in letters)


def _leads_away(plain: str, own_host: str) -> bool:
    links = [match[0].removeprefix("https://").removeprefix("http://") for match in _LINK.finditer(plain)]
    return any(not own_host or link.split("/")[0] != own_host.casefold() for link in links)


def _has_phone(plain: str) -> bool:
    has_word = bool(_PHONE_WORD.search(plain))
    for match in _DIGITS.finditer(plain):
        number = re.sub(r"[^\d+]", "", match[0])
        if _INTERNATIONAL.fullmatch(number) or _MOBILE.fullmatch(number):
            return True
        if has_word and 8 <= len(number.lstrip("+")) <= 15:
            return True
    return False


def _has_iban(plain: str) -> bool:
    return any(_is_iban(re.sub(r"\s", "", match[0])) for match in _IBAN.finditer(plain))


def _is_iban(code: str) -> bool:
    """By its check digits (ISO 13616); words behind the number are left off one by one."""
    for length in range(min(len(code), 34), 14, -1):
        turned = code[4:length] + code[:4]
        if int("".join(str(int(c, 36)) for c in turned)) % 97 == 1:
            return True
    return False


def checked_text(text: str, *, may_be_empty: bool = False) -> str:
    """The text, trimmed. Raises InvalidInput when it is empty or too long."""
    words = text.strip()
    if not words and not may_be_empty:
        raise InvalidInput("Write something.", field="text")
    if len(words) > MAX_TEXT:
        raise InvalidInput("The text is too long.", field="text")
    return words


def snippet(text: str) -> str:
    """The beginning of a text for lists."""
    line = " ".join(text.split())
    return line if len(line) <= SNIPPET else line[: SNIPPET - 1] + "…"
