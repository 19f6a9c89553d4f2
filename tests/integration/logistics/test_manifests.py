"""Manifests: what is ready on one list, on paper and as a file; one scan hands all over; nothing is opened again."""

from __future__ import annotations

import csv
import io
import re
import threading
from itertools import product
from uuid import uuid4

import pytest
import zxingcpp
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override
from PIL import Image, ImageDraw

from core.errors import TransitionRefused
from core.ids import new_id
from core.states import next_state
from logistics import facade
from logistics.manifests import selectors, services
from logistics.manifests.models import Manifest, ManifestLine
from logistics.manifests.paper import render_manifest
from logistics.manifests.rules import ManifestNotFound, NothingToManifest, number_scanned
from logistics.manifests.states import TRANSITIONS, ManifestAction, ManifestState
from logistics.shipments.models import Shipment
from tests import world
from tests.factories.logistics import booked_shipment, handed_over_shipment, member, wanted_shipment

LIST = "/shipments/manifests/"
SCAN = "/shipments/hand-over/"
ALLOWED = {("OPEN", "CLOSE"): "CLOSED", ("OPEN", "CANCEL"): "CANCELLED"}


def logged_in(person) -> Client:
    client = Client()
    client.force_login(person.user)
    return client


def made(seller, now, *, parcels=3, carrier="ruta"):
    for _ in range(parcels):
        booked_shipment(now=now, seller_id=seller)
    return services.make_manifest(carrier_code=carrier, actor=member(seller), now=now)


@pytest.mark.parametrize(("state", "action"), list(product(ManifestState, ManifestAction)))
def test_every_state_and_step(state, action):
    if (state.value, action.value) in ALLOWED:
        assert next_state(TRANSITIONS, state, action) == ALLOWED[state.value, action.value]
    else:
        with pytest.raises(TransitionRefused):
            next_state(TRANSITIONS, state, action)


@pytest.mark.django_db
def test_what_is_ready_is_listed_with_totals_and_once_only(now):
    seller = new_id()
    wanted_shipment(now=now, seller_id=seller)
    handed_over_shipment(now=now, seller_id=seller)
    booked_shipment(now=now, seller_id=seller, service_code="correo-certificado")
    booked_shipment(now=now)
    manifest = made(seller, now)
    assert (manifest.shipments, manifest.parcels, manifest.weight_grams) == (3, 3, 3_600)
    assert number_scanned(f"]C0{manifest.number.lower()}") == manifest.number
    with pytest.raises(NothingToManifest):
        services.make_manifest(carrier_code="ruta", actor=member(seller), now=now)
    later = booked_shipment(now=now, seller_id=seller)
    second = services.make_manifest(carrier_code="ruta", actor=member(seller), now=now)
    assert [line.shipment_id for line in selectors.lines_of(second)] == [later.shipment_id]
    with pytest.raises(IntegrityError, match="on_one_manifest"), transaction.atomic():
        ManifestLine.objects.create(
            manifest=manifest, shipment_id=later.shipment_id, position=9, parcels=1, weight_grams=1
        )


@pytest.mark.django_db
def test_one_scan_hands_everything_over_and_nothing_opens_it_again(now):
    seller = new_id()
    manifest = made(seller, now)
    gone = ManifestLine.objects.filter(manifest=manifest).first().shipment_id
    facade.cancel_shipment(shipment_id=gone, actor=member(seller), reason="sold out", now=now)
    closed, given = services.close_manifest(manifest_id=manifest.id, actor=member(seller), now=now)
    services.announce_manifest(shipment_ids=given, now=now)
    assert (closed.state, len(given)) == ("CLOSED", 2)
    states = dict(Shipment.objects.values_list("id", "state"))
    assert states.pop(gone) == "CANCELLED"
    assert set(states.values()) == {"HANDED_OVER"}
    for step in (services.close_manifest, services.cancel_manifest):
        with pytest.raises(TransitionRefused):
            reason = {} if step is services.close_manifest else {"reason": ""}
            step(manifest_id=manifest.id, actor=member(seller), now=now, **reason)
    assert list(manifest.transitions.values_list("to_state", flat=True)) == ["OPEN", "CLOSED"]


@pytest.mark.django_db
def test_taken_back_the_parcels_go_on_another_one(now):
    seller = new_id()
    first = made(seller, now)
    services.cancel_manifest(manifest_id=first.id, actor=member(seller), reason="wrong van", now=now)
    second = services.make_manifest(carrier_code="ruta", actor=member(seller), now=now)
    assert second.parcels == 3
    assert Shipment.objects.filter(handover_declared_at=None).count() == 3


def test_two_colleagues_at_the_same_moment_make_one(real_database, now):
    seller, answers = new_id(), []
    for _ in range(4):
        booked_shipment(now=now, seller_id=seller)

    def make():
        try:
            answers.append(services.make_manifest(carrier_code="ruta", actor=member(seller), now=now).parcels)
        except NothingToManifest:
            answers.append(0)
        finally:
            connection.close()

    both = [threading.Thread(target=make) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(answers) == [0, 4]


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "es"])
def test_the_paper_names_every_parcel_and_its_barcode_is_read_again(now, language):
    manifest = made(new_id(), now, parcels=40)
    lines = selectors.lines_of(selectors.get_manifest_for(manifest.id, actor=member(manifest.seller_id)))
    with override(language):
        paper = render_manifest(manifest, lines, selectors.sender_of(lines))
        assert paper == render_manifest(manifest, lines, selectors.sender_of(lines))
    pages = re.findall(r"stream\r?\n(.*?)endstream", paper.decode("latin-1"), re.DOTALL)
    assert len(pages) == 2
    assert all(line.shipment.waybill in "".join(pages) for line in lines)
    assert "(48.000)" in pages[1]  # 40 parcels of 1.2 kg
    for page in pages:
        assert [one.text for one in zxingcpp.read_barcodes(bars_of(page))] == [manifest.number]


def bars_of(page):
    """What a printer would draw of the barcode."""
    picture = Image.new("L", (1_400, 340), 255)
    for x, _y, width, height in re.findall(r"n ([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+) re f", page):
        left, right = round(float(x) * 6), round((float(x) + float(width)) * 6) - 1
        ImageDraw.Draw(picture).rectangle((left, 60, right, 60 + round(float(height) * 6)), fill=0)
    return picture


@pytest.mark.django_db
def test_the_pages_make_print_scan_and_close(now):
    seller = world.person(now)
    client = logged_in(seller)
    assert "No manifests yet" in client.get(LIST).content.decode()
    assert "No parcel of this carrier" in client.post(LIST, {"carrier": "ruta"}, follow=True).content.decode()
    for _ in range(2):
        booked_shipment(now=now, seller_id=seller.organisation_id)
    assert "Ruta Express" in client.get(LIST).content.decode()
    page = client.post(LIST, {"carrier": "ruta"})["Location"]
    manifest = Manifest.objects.get()
    assert manifest.number in client.get(page).content.decode()
    assert client.get(f"{page}manifest.pdf").content.startswith(b"%PDF")
    rows = list(csv.DictReader(io.StringIO(client.get(f"{page}manifest.csv").content.decode())))
    assert [row["weight_grams"] for row in rows] == ["1200", "1200"]
    answer = client.post(SCAN, {"number": f"]C0{manifest.number}"}, follow=True)
    assert f"{manifest.number} is handed over." in [str(message) for message in answer.context["messages"]]
    manifest.refresh_from_db()
    assert manifest.state == "CLOSED"
    for step in ("hand-over", "cancellation"):
        assert "not possible" in client.post(f"{page}{step}/", follow=True).content.decode()
    assert "MFNOTHING" not in client.post(SCAN, {"number": "MFNOTHING"}, follow=True).content.decode()


@pytest.mark.django_db
def test_strangers_find_nothing(now):
    manifest = made(new_id(), now)
    for person in (world.person(now), world.open_seller(now)):
        client = logged_in(person)
        for end in ("", "manifest.pdf", "manifest.csv"):
            assert client.get(f"{LIST}{manifest.id}/{end}").status_code == 404, end
        for end in ("hand-over", "cancellation"):
            assert client.post(f"{LIST}{manifest.id}/{end}/").status_code == 404, end
        answer = client.post(SCAN, {"number": manifest.number}, follow=True)
        assert "No manifest of yours" in answer.content.decode()
        assert manifest.number not in client.get(LIST).content.decode()
        for step in (services.close_manifest, services.cancel_manifest):
            with pytest.raises(ManifestNotFound):
                reason = {} if step is services.close_manifest else {"reason": ""}
                step(manifest_id=manifest.id, actor=person.actor, now=now, **reason)
    assert Client().get(LIST).status_code == 302
    manifest.refresh_from_db()
    assert manifest.state == "OPEN"


@pytest.mark.django_db
def test_the_api(now):
    seller = world.person(now)
    client, other = logged_in(seller), logged_in(world.person(now))
    booked_shipment(now=now, seller_id=seller.organisation_id)

    def post(path="", body=None, who=client):
        return who.post(
            f"/api/v1/shipping/manifests/{path}", body or {}, content_type="application/json",
            headers={"Idempotency-Key": str(uuid4())},
        )  # fmt: skip

    assert post().status_code == 422
    assert post(body={"carrier_code": "nobody"}).json()["code"] == "nothing_to_manifest"
    answer = post(body={"carrier_code": "ruta"})
    assert answer.status_code == 201
    where = f"{answer.json()['id']}/"
    assert len(answer.json()["lines"]) == 1
    assert client.get(f"/api/v1/shipping/manifests/{where}paper/").content.startswith(b"%PDF")
    for end in ("", "paper/"):
        assert other.get(f"/api/v1/shipping/manifests/{where}{end}").status_code == 404
    for end in ("hand-over/", "cancellation/"):
        assert post(f"{where}{end}", who=other).status_code == 404
    done = post(f"{where}hand-over/")
    assert done.json()["manifest_state"] == "CLOSED"
    assert done.json()["lines"][0]["shipment_state"] in {"BOOKED", "HANDED_OVER"}
    assert post(f"{where}cancellation/").status_code == 409
    assert client.get("/api/v1/shipping/manifests/").json()["results"][0]["number"] == answer.json()["number"]
    assert Shipment.objects.get().state == "HANDED_OVER"


@pytest.mark.django_db
def test_pages_ask_the_same_however_long(now):
    seller = world.person(now)
    client, counts = logged_in(seller), []
    for parcels in (1, 6):
        manifest = made(seller.organisation_id, now, parcels=parcels)
        for page in (LIST, f"{LIST}{manifest.id}/", "/api/v1/shipping/manifests/"):
            client.get(page)
            with CaptureQueriesContext(connection) as asked:
                assert client.get(page).status_code == 200
            counts.append(len(asked))
    assert counts[:3] == counts[3:]
    assert max(counts) < 11
