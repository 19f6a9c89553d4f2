"""EPCIS 2.0: documents are taken apart and put together again unchanged; broken ones say where."""

import copy

import pytest

from logistics.epcis import rules
from logistics.epcis.rules import InvalidEpcis

TIME = {"eventTime": "2026-03-02T09:00:00.000+01:00", "eventTimeZoneOffset": "+01:00"}
EVENTS = [
    {"type": "ObjectEvent", **TIME, "action": "OBSERVE", "epcList": ["urn:epc:id:sscc:9999999.0000000001"],
     "bizStep": "receiving", "ext:note": {"deep": [1, 2.50, True, None, {"ext:x": "y"}]},
     "sensorElementList": [{"sensorReport": [{"type": "Temperature", "value": 4.5, "uom": "CEL"}]}]},
    {"type": "AggregationEvent", **TIME, "action": "ADD", "parentID": "urn:epc:id:sscc:9999999.0000000002",
     "childEPCs": ["urn:epc:id:sscc:9999999.0000000001"], "childQuantityList": []},
    {"type": "AssociationEvent", **TIME, "action": "DELETE", "parentID": "urn:epc:id:grai:4012345.55555.987"},
    {"type": "TransactionEvent", **TIME, "action": "ADD", "bizTransactionList": [{"bizTransaction": "urn:x:1"}]},
    {"type": "TransformationEvent", **TIME, "inputEPCList": ["urn:a:1"], "outputEPCList": ["https://id.example.org/2"],
     "errorDeclaration": {"declarationTime": "2026-03-02T10:00:00Z", "correctiveEventIDs": ["urn:uuid:1"]}},
    {"type": "example:OwnEvent", **TIME, "example:what": "anything"},
]  # fmt: skip


def document(*events):
    return {
        "@context": [rules.CONTEXT, {"ext": "http://example.org/"}], "type": "EPCISDocument", "schemaVersion": "2.0",
        "creationDate": "2026-03-02T09:00:00Z", "epcisHeader": {"epcisMasterData": {"vocabularyList": []}},
        "epcisBody": {"eventList": list(events)}, "sender": "urn:x",
    }  # fmt: skip


def query_document(*events):
    body = {"queryResults": {"subscriptionID": "s", "queryName": "SimpleEventQuery",
                             "resultsBody": {"eventList": list(events)}}}  # fmt: skip
    return {**document(), "type": "EPCISQueryDocument", "epcisBody": body}


@pytest.mark.parametrize("made", [document, query_document])
def test_documents_go_round(made):
    whole = made(*EVENTS)
    before = copy.deepcopy(whole)
    events = rules.events_of(whole)
    assert events == EVENTS
    assert rules.refill(rules.shell_of(whole), events) == before == whole


def test_a_single_event_is_a_document_too():
    event = {"@context": [rules.CONTEXT], **EVENTS[0]}
    assert rules.refill(rules.shell_of(event), rules.events_of(event)) == event


def test_a_document_of_master_data_has_no_events():
    whole = {**document(), "epcisBody": {}}
    assert rules.refill(rules.shell_of(whole), rules.events_of(whole)) == whole


BROKEN = {
    "type": ("no type", lambda e: e.pop("type")),
    "eventTime": ("no zone", lambda e: e.update(eventTime="2026-03-02T09:00:00")),
    "eventTimeZoneOffset": ("odd offset", lambda e: e.update(eventTimeZoneOffset="1:00")),
    "action": ("odd action", lambda e: e.update(action="CHANGE")),
    "epcList": ("not a URI", lambda e: e.update(epcList=["123"])),
    "readPoint": ("no id", lambda e: e.update(readPoint={})),
    "sensorElementList": ("no report", lambda e: e.update(sensorElementList=[{}])),
    "errorDeclaration.declarationTime": ("no moment", lambda e: e.update(errorDeclaration={"reason": "x"})),
}


@pytest.mark.parametrize("field", BROKEN)
def test_what_is_broken_is_named(field):
    event = copy.deepcopy(EVENTS[0])
    BROKEN[field][1](event)
    with pytest.raises(InvalidEpcis) as refused:
        rules.events_of(document(EVENTS[1], event))
    assert refused.value.field == f"epcisBody.eventList[1].{field}"


@pytest.mark.parametrize(
    "whole",
    [None, [], {}, {"type": "Nonsense"}, {"type": "EPCISDocument"}, {**document(), "epcisBody": []},
     {**document(), "epcisBody": {"eventList": {}}}, {**query_document(), "epcisBody": {}}, document(3),
     document({**EVENTS[1], "parentID": None} | {"type": "Nonsense"}), document(*[EVENTS[0]] * 1_001),
     document({key: value for key, value in EVENTS[1].items() if key != "parentID"}),
     document({**EVENTS[4], "action": "ADD"})],
)  # fmt: skip
def test_what_is_no_document_is_refused(whole):
    with pytest.raises(InvalidEpcis):
        rules.events_of(whole)


def test_identifiers_of_all_lists_are_found():
    assert rules.epcs_of(EVENTS[1]) == ["urn:epc:id:sscc:9999999.0000000001", "urn:epc:id:sscc:9999999.0000000002"]
    assert rules.epcs_of(EVENTS[4]) == ["https://id.example.org/2", "urn:a:1"]


def test_an_sscc_as_uri():
    assert rules.sscc_uri("099999990000010002") == "urn:epc:id:sscc:9999999.0000001000"


def test_the_same_content_has_the_same_digest():
    event = EVENTS[0]
    assert rules.digest(event) == rules.digest(dict(reversed(event.items())))
    assert rules.digest(event) != rules.digest({**event, "action": "ADD"})
