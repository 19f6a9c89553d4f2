"""EPCIS 2.0: what a document must look like, where its events are, and how our parcels' history reads in it. Pure.

Events are kept as they came: extensions, sensor data and identifiers we do not know go back out unchanged. What is checked is
what others rely on (ISO/IEC 19987): type, times with their zone, action, and the parts each type needs.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from core.errors import DomainError
from logistics.contracts import TrackingStatus as T

Json = dict[str, Any]
CONTEXT: Final = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
DOCUMENT, QUERY_DOCUMENT = "EPCISDocument", "EPCISQueryDocument"
MAX_EVENTS: Final = 1_000
MAX_DEPTH: Final = 40
ACTIONS: Final = frozenset({"ADD", "OBSERVE", "DELETE"})
_OFFSET: Final = re.compile(r"^[+-](?:0[0-9]|1[0-3]):[0-5][0-9]$|^[+-]14:00$")
_LISTS: Final = (
    "epcList", "childEPCs", "inputEPCList", "outputEPCList", "quantityList", "childQuantityList", "inputQuantityList",
    "outputQuantityList", "bizTransactionList", "sourceList", "destinationList", "sensorElementList",
)  # fmt: skip
_NEEDS: Final[dict[str, tuple[str, ...]]] = {
    "ObjectEvent": ("action",), "AggregationEvent": ("action",), "AssociationEvent": ("action", "parentID"),
    "TransactionEvent": ("action", "bizTransactionList"), "TransformationEvent": (),
}  # fmt: skip
EVENT_TYPES: Final = frozenset(_NEEDS)


class InvalidEpcis(DomainError):
    """The document is not EPCIS 2.0; `field` says where."""

    code = "invalid_epcis"
    status = 422
    message = "The EPCIS document is not valid."


def events_of(document: Any) -> list[Json]:
    """The events of a document, a query document, or a single event. Raises InvalidEpcis."""
    if not isinstance(document, dict):
        raise InvalidEpcis("An EPCIS document is an object.")
    kind = document.get("type")
    if kind in (DOCUMENT, QUERY_DOCUMENT):
        if kind == DOCUMENT:
            _require(document, ("schemaVersion", "creationDate", "epcisBody"), "")
        else:
            _require(document, ("schemaVersion", "epcisBody"), "")
        if "@context" not in document:
            raise InvalidEpcis("The document has no context.", field="@context")
        holder = _holder(document)
        events = [] if holder is None else holder.get("eventList", [])
        where = "epcisBody.eventList"
    else:
        events, where = [document], ""
    if not isinstance(events, list) or len(events) > MAX_EVENTS:
        raise InvalidEpcis(f"A list of at most {MAX_EVENTS} events is needed.", field=where)
    for number, event in enumerate(events):
        check_event(event, f"{where}[{number}]" if where else "")
    return events


def _holder(document: Json) -> Json | None:
    """The object that has the eventList; None for documents of master data or errors only."""
    body = document["epcisBody"]
    if not isinstance(body, dict):
        raise InvalidEpcis("The body is an object.", field="epcisBody")
    if document["type"] == DOCUMENT:
        return body
    results = body.get("queryResults")
    found = results.get("resultsBody") if isinstance(results, dict) else None
    if not isinstance(found, dict):
        raise InvalidEpcis("A query document has results.", field="epcisBody.queryResults.resultsBody")
    return found if "eventList" in found else None


def shell_of(document: Json) -> Json:
    """The document without its events."""
    shell: Json = json.loads(json.dumps(document))
    if shell.get("type") in EVENT_TYPES or shell.get("type") not in (DOCUMENT, QUERY_DOCUMENT):
        return {}
    holder = _holder(shell)
    if holder is not None and "eventList" in holder:
        holder["eventList"] = []
    return shell


def refill(shell: Json, events: Sequence[Json]) -> Json:
    """The document again: `shell_of` turned round."""
    if not shell:
        return dict(events[0])
    document: Json = json.loads(json.dumps(shell))
    holder = _holder(document)
    if holder is not None and "eventList" in holder:
        holder["eventList"] = list(events)
    return document


def check_event(event: Any, where: str) -> None:
    """Raises InvalidEpcis when others could not read the event."""
    if not isinstance(event, dict):
        raise InvalidEpcis("An event is an object.", field=where)
    _require(event, ("type", "eventTime", "eventTimeZoneOffset"), where)
    kind = event["type"]
    if kind not in _NEEDS and ":" not in str(kind):
        raise InvalidEpcis(f"{kind!r:.60} is not a type of event.", field=_at(where, "type"))
    moment(event["eventTime"], _at(where, "eventTime"))
    if not _OFFSET.match(str(event["eventTimeZoneOffset"])):
        raise InvalidEpcis("A time zone offset looks like +02:00.", field=_at(where, "eventTimeZoneOffset"))
    _require(event, _NEEDS.get(str(kind), ()), where)
    if "action" in event and event["action"] not in ACTIONS:
        raise InvalidEpcis("The action is ADD, OBSERVE or DELETE.", field=_at(where, "action"))
    if kind == "TransformationEvent" and "action" in event:
        raise InvalidEpcis("A transformation has no action.", field=_at(where, "action"))
    if kind == "AggregationEvent" and event["action"] != "OBSERVE" and "parentID" not in event:
        raise InvalidEpcis("Adding to or taking from a parent needs the parent.", field=_at(where, "parentID"))
    _check_parts(event, where)


def _check_parts(event: Json, where: str) -> None:
    for name in _LISTS:
        if name in event and not isinstance(event[name], list):
            raise InvalidEpcis("A list is needed.", field=_at(where, name))
    for name in ("epcList", "childEPCs", "inputEPCList", "outputEPCList"):
        for epc in event.get(name, ()):
            if not isinstance(epc, str) or ":" not in epc:
                raise InvalidEpcis("An identifier is a URI.", field=_at(where, name))
    for name in ("readPoint", "bizLocation"):
        if name in event and not (isinstance(event[name], dict) and "id" in event[name]):
            raise InvalidEpcis("A place has an id.", field=_at(where, name))
    for element in event.get("sensorElementList", ()):
        if not isinstance(element, dict) or not isinstance(element.get("sensorReport"), list):
            raise InvalidEpcis("A sensor element has reports.", field=_at(where, "sensorElementList"))
    declared = event.get("errorDeclaration")
    if declared is not None:
        _require(declared if isinstance(declared, dict) else {}, ("declarationTime",), _at(where, "errorDeclaration"))
        moment(declared["declarationTime"], _at(where, "errorDeclaration.declarationTime"))


def _require(part: Mapping[str, Any], names: Sequence[str], where: str) -> None:
    for name in names:
        if name not in part:
            raise InvalidEpcis(f"{name} is missing.", field=_at(where, name))


def _at(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def moment(text: Any, where: str) -> datetime:
    """An RFC 3339 time with its zone. Raises InvalidEpcis."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        raise InvalidEpcis("This is not a time.", field=where) from None
    if found.tzinfo is None:
        raise InvalidEpcis("The time has no zone.", field=where)
    return found


def digest(event: Json) -> str:
    """The same content, the same digest, whatever the order of its members."""
    return hashlib.sha256(json.dumps(event, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def epcs_of(event: Json) -> list[str]:
    """All identifiers of things an event is about."""
    single = [event["parentID"]] if isinstance(event.get("parentID"), str) else []
    lists = (event.get(name, ()) for name in ("epcList", "childEPCs", "inputEPCList", "outputEPCList"))
    return sorted({*single, *(epc for items in lists for epc in items)})


#: Our statuses in the words of the Core Business Vocabulary: (bizStep, disposition).
VOCABULARY: Final[dict[T, tuple[str, str]]] = {
    T.REGISTERED: ("commissioning", "active"), T.AWAITING_PICKUP: ("staging_outbound", "in_progress"),
    T.PICKED_UP: ("collecting", "in_transit"), T.IN_TRANSIT: ("transporting", "in_transit"),
    T.AT_HUB: ("receiving", "in_progress"), T.CUSTOMS: ("inspecting", "in_progress"),
    T.OUT_FOR_DELIVERY: ("loading", "in_transit"), T.ATTEMPT_FAILED: ("holding", "in_progress"),
    T.READY_FOR_PICKUP: ("storing", "available"), T.DELIVERED: ("accepting", ""),
    T.ON_HOLD: ("holding", "unavailable"), T.DELAYED: ("", "in_transit"), T.RETURNING: ("shipping", "returned"),
    T.RETURNED: ("receiving", "returned"), T.DAMAGED: ("inspecting", "damaged"), T.SUSPECTED_LOST: ("", "unknown"),
    T.LOST: ("", "unavailable"), T.CANCELLED: ("void_shipping", "inactive"), T.UNKNOWN: ("", "unknown"),
}  # fmt: skip


def sscc_uri(sscc: str, *, prefix_digits: int = 7) -> str:
    """The pure identity URI of an SSCC-18: company prefix, then extension digit and serial; without check digit."""
    return f"urn:epc:id:sscc:{sscc[1 : 1 + prefix_digits]}.{sscc[0]}{sscc[1 + prefix_digits : 17]}"


def object_event(
    *, event_id: str, at: datetime, recorded_at: datetime, status: T, sscc: str, waybill: str, taken_back_at: datetime | None
) -> Json:  # fmt: skip
    """One line of a parcel's history; one that was taken back carries its error declaration."""
    step, disposition = VOCABULARY[status]
    event: Json = {
        "type": "ObjectEvent", "eventID": event_id, "eventTime": at.isoformat(), "eventTimeZoneOffset": "+00:00",
        "recordTime": recorded_at.isoformat(), "action": "ADD" if status is T.REGISTERED else "OBSERVE",
        "epcList": [sscc_uri(sscc)],
        "bizTransactionList": [{"type": "bol", "bizTransaction": f"urn:lonja:waybill:{waybill}"}],
    }  # fmt: skip
    if step:
        event["bizStep"] = step
    if disposition:
        event["disposition"] = disposition
    if taken_back_at is not None:
        event["errorDeclaration"] = {"declarationTime": taken_back_at.isoformat(), "reason": "incorrect_data"}
    return event


def document_of(events: Sequence[Json], *, created_at: datetime) -> Json:
    """An EPCISDocument of our own events."""
    return {
        "@context": [CONTEXT], "type": DOCUMENT, "schemaVersion": "2.0", "creationDate": created_at.isoformat(),
        "epcisBody": {"eventList": list(events)},
    }  # fmt: skip


def query_document_of(events: Sequence[Json], contexts: Sequence[Any], *, created_at: datetime) -> Json:
    """An EPCISQueryDocument of captured events, with every context they were captured under."""
    merged: list[Any] = [CONTEXT]
    for context in contexts:
        for part in context if isinstance(context, list) else [context]:
            if part and part not in merged:
                merged.append(part)
    return {
        "@context": merged, "type": QUERY_DOCUMENT, "schemaVersion": "2.0", "creationDate": created_at.isoformat(),
        "epcisBody": {"queryResults": {"queryName": "SimpleEventQuery", "resultsBody": {"eventList": list(events)}}},
    }  # fmt: skip
