"""EPCIS over REST: captured documents come back as they came, are found by query, and only by their organisation."""

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest

from logistics import facade
from logistics.epcis import rules, selectors, services
from logistics.epcis.models import EpcisEvent
from logistics.tracking import services as tracking
from tests.factories.logistics import handed_over_shipment
from tests.integration.logistics.test_pages import people, shipment, token  # noqa: F401
from tests.integration.logistics.test_webhooks import OPERATOR
from tests.unit.logistics.test_epcis_rules import EVENTS, document, query_document

pytestmark = pytest.mark.django_db
SAMPLES = Path(os.environ.get("LONJA_EPCIS_SAMPLES", "nowhere"))


def send(client, people, body, now, key="k", name="seller"):  # noqa: F811
    headers = {**token(people, name, now), "Idempotency-Key": key}
    return client.post("/api/v1/epcis/capture/", json.dumps(body), content_type="application/json", headers=headers)


@pytest.mark.parametrize("whole", [document(*EVENTS), query_document(*EVENTS), {"@context": [], **EVENTS[0]}])
def test_a_captured_document_comes_back_as_it_came(client, people, now, whole):  # noqa: F811
    answer = send(client, people, whole, now)
    assert answer.status_code == 201
    url = f"/api/v1/epcis/capture/{answer.json()['captureID']}/"
    assert client.get(url, headers=token(people, "seller", now)).json() == whole
    assert client.get(url, headers=token(people, "stranger", now)).status_code == 404
    assert client.get(url).status_code == 401
    assert send(client, people, whole, now).json() == answer.json()
    assert EpcisEvent.objects.filter(is_repeat=False).count() == answer.json()["events"]


def test_a_broken_document_keeps_nothing_and_says_where(client, people, now):  # noqa: F811
    broken = document(EVENTS[0], {**EVENTS[1], "action": "CHANGE"})
    answer = send(client, people, broken, now)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_epcis")
    assert answer.json()["errors"][0]["field"] == "epcisBody.eventList[1].action"
    assert not EpcisEvent.objects.exists()


def test_events_are_found_by_query_in_pages(client, people, now, django_assert_max_num_queries):  # noqa: F811
    send(client, people, document(*EVENTS), now)
    send(client, people, document(*EVENTS), now, key="again")
    headers = token(people, "seller", now)

    def ask(**query):
        answer = client.get("/api/v1/epcis/events/", query, headers=headers)
        assert answer.status_code == 200, answer.json()
        return answer.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"], answer.headers.get("Link")

    assert ask()[0] == EVENTS
    assert ask(eventType="ObjectEvent,AggregationEvent")[0] == EVENTS[:2]
    assert ask(MATCH_anyEPC="urn:epc:id:sscc:9999999.0000000001")[0] == EVENTS[:2]
    assert ask(EQ_bizStep="receiving", EQ_action="OBSERVE")[0] == EVENTS[:1]
    assert ask(LT_eventTime="2026-03-02T08:00:00Z")[0] == []
    assert len(ask(GE_eventTime="2026-03-02T08:00:00Z")[0]) == 6
    first, link = ask(perPage="4")
    rest, end = ask(perPage="4", nextPageToken=link.split("nextPageToken=")[1].split("&")[0])
    assert (first + rest, end) == (EVENTS, None)
    for wrong in ({"GE_eventTime": "yesterday"}, {"perPage": "x"}, {"nextPageToken": "-1"}):
        assert client.get("/api/v1/epcis/events/", wrong, headers=headers).status_code == 422
    others = client.get("/api/v1/epcis/events/", headers=token(people, "stranger", now)).json()
    assert others["epcisBody"]["queryResults"]["resultsBody"]["eventList"] == []
    found = selectors.query_events(selectors.EventQuery(), organisation_id=people["seller"][1].id)
    with django_assert_max_num_queries(1):
        assert len(found) == 6


def test_captured_events_cannot_be_changed(people, now):  # noqa: F811
    services.capture_document(document=document(*EVENTS), organisation_id=people["seller"][1].id, now=now)
    with pytest.raises(Exception, match="append-only"):
        EpcisEvent.objects.update(action="ADD")


def test_a_parcels_history_is_epcis_with_its_corrections(client, people, shipment, now):  # noqa: F811
    for step in range(60):
        facade.simulate_sandbox(now=now + timedelta(hours=12 * step))
    url = f"/api/v1/shipping/shipments/{shipment.shipment_id}/epcis/"
    whole = client.get(url, headers=token(people, "buyer", now)).json()
    steps = [event.get("bizStep") for event in rules.events_of(whole)]
    assert steps[:2] == ["commissioning", "collecting"]
    assert client.get(url, headers=token(people, "stranger", now)).status_code == 404
    last = rules.events_of(whole)[-1]["eventID"].rsplit(":", 1)[1]
    from logistics.models import TrackingEvent

    event = TrackingEvent.objects.get(id=last)
    tracking.correct_event(
        shipment_id=shipment.shipment_id,
        event_id=event.carrier_event_id,
        reason="wrong parcel",
        actor=OPERATOR,
        now=now,
    )
    again = rules.events_of(selectors.shipment_document(shipment.shipment_id, now=now))
    assert [event["eventID"] for event in again if "errorDeclaration" in event] == [f"urn:lonja:event:{last}"]
    text = json.dumps(whole)
    assert "Prueba" not in text
    assert "Augusta" not in text


def test_our_own_documents_can_be_captured_again(people, now):  # noqa: F811
    parcel = handed_over_shipment(now=now)
    whole = selectors.shipment_document(parcel.shipment_id, now=now)
    capture = services.capture_document(document=whole, organisation_id=people["seller"][1].id, now=now)
    assert selectors.document_again(capture) == whole


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="LONJA_EPCIS_SAMPLES names no folder of samples")
def test_published_samples_go_round(people, now):  # noqa: F811
    files = sorted(SAMPLES.glob("*.json*"))
    assert files
    for file in files:
        whole = json.loads(file.read_text())
        capture = services.capture_document(document=whole, organisation_id=people["seller"][1].id, now=now)
        assert selectors.document_again(capture) == whole, file.name
