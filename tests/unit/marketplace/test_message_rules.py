"""What in a message deserves a warning, in several languages; and what does not."""

import pytest

from core.errors import InvalidInput
from marketplace.messages.rules import Caution, checked_text, snippet, warnings_of

C = Caution
LEADS_AWAY = [
    ("Write me at ana.ruiz@example.com please", {C.EMAIL}),
    ("ana ruiz (at) gmail (dot) com", {C.EMAIL}),
    ("mi correo es ana arroba gmail punto com", {C.EMAIL}),
    ("Call me: 612 345 678", {C.PHONE}),
    ("+34 612-345-678", {C.PHONE}),
    ("0049 151 23456789", {C.PHONE}),
    ("Llámame al 961 234 567", {C.PHONE}),
    ("Ligue para 912 345 678", {C.PHONE}),
    ("Mein Telefon: 030 1234567", {C.PHONE}),
    ("我的手机 13812345678", {C.PHONE}),
    ("电话：１３８１２３４５６７８", {C.PHONE}),
    ("Let us talk on WhatsApp", {C.MESSENGER}),
    ("¿Tienes guasap?", {C.MESSENGER}),
    ("加我微信", {C.MESSENGER}),
    ("See https://cheap.example/item", {C.LINK}),
    ("wa.me/34612345678", {C.LINK}),
    ("I can pay you directly, it is cheaper", {C.PAYMENT}),
    ("Pay by PayPal friends and family", {C.PAYMENT}),
    ("Send a bank transfer to my account", {C.PAYMENT}),
    ("Let us avoid the fees", {C.PAYMENT}),
    ("Hazme una transferencia bancaria", {C.PAYMENT}),
    ("Te pago fuera, sin comisión", {C.PAYMENT}),
    ("¿Bizum?", {C.PAYMENT}),
    ("Posso pagar por fora, sem comissão", {C.PAYMENT}),
    ("Je peux payer par virement", {C.PAYMENT}),
    ("Payez-moi directement en espèces", {C.PAYMENT}),
    ("Facciamo un bonifico", {C.PAYMENT}),
    ("Bitte überweisen Sie, das spart die Gebühren", {C.PAYMENT}),
    ("Ich zahle lieber direkt und bar", {C.PAYMENT}),
    ("可以用支付宝吗", {C.PAYMENT}),
    ("ES91 2100 0418 4502 0005 1332", {C.PAYMENT}),
    ("IBAN de89370400440532013000 danke", {C.PAYMENT}),
    ("WhatsApp +34 612345678 or ana@example.org, PayPal is fine", {C.EMAIL, C.PHONE, C.MESSENGER, C.PAYMENT}),
]
IS_FINE = [
    "How long is the table, 180 x 90 x 75 cm?", "Is order LJ-7KQ4-2M9X on its way?", "EAN 4006381333931, please.",
    "1.250,00 € for 100 pieces, by 2026-05-14.", "We can send 1 000 000 pieces a year.", "Does it cost 12.345.678,90?",
    "The tracking number is RR123456785ES.", "¿Podéis enviarlo a 46003 Valencia?", "Puedo pagar mañana con tarjeta.",
    "I paid on Tuesday and it has not arrived.", "Wann kommt das Paket? Ich habe bezahlt.", "Quanto custa o envio?",
    "能便宜一点吗？", "I will transfer the pattern to the cloth.", "Is it at the office.com of the mill?",
    "La cuenta atrás empieza el lunes.", "Can you make it without a hem?", "",
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), LEADS_AWAY)
def test_what_leads_away_is_marked(text, expected):
    assert set(warnings_of(text)) == expected


@pytest.mark.parametrize("text", IS_FINE)
def test_ordinary_words_are_not(text):
    assert warnings_of(text) == ()


def test_links_to_the_house_itself_are_fine():
    assert warnings_of("see https://lonja.example/listings/1/", own_host="lonja.example") == ()
    assert warnings_of("see https://lonja.example.evil.org/", own_host="lonja.example") == (C.LINK,)


@pytest.mark.parametrize("text", ["a" * 5000, "1 " * 2400, "+" * 4000, "pay " * 1000, "es91" * 1000, "a@" * 2000])
def test_nothing_typed_makes_it_slow(text):
    import time

    start = time.process_time()
    warnings_of(text)
    assert time.process_time() - start < 1


def test_bounds_of_a_text():
    assert checked_text("  hello ") == "hello"
    assert checked_text(" ", may_be_empty=True) == ""
    for text in ("", "  ", "x" * 4001):
        with pytest.raises(InvalidInput):
            checked_text(text)
    assert len(snippet("word " * 100)) == 140
    assert snippet("a\n b") == "a b"
