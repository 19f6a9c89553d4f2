"""Small answers of real carriers, made by us after their published formats, and the wire that gives them."""

from __future__ import annotations

import base64
import io
import json
from urllib.error import HTTPError

from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from logistics.contracts import Address

NUMBERS = {
    "fedex": "794953555571", "ups": "1Z12345E0291980793", "usps": "9200190221582700000019", "dhl-express": "7520067111",
    "canadapost": "7023210039414604",
}  # fmt: skip
CREDENTIALS = {
    "fedex": {"api_key": "k", "secret_key": "s", "account_number": "123456789", "track_api_key": "k", "track_secret_key": "s"},
    "ups": {"client_id": "k", "client_secret": "s", "account_number": "A1B2C3"},
    "usps": {"client_id": "k", "client_secret": "s", "account_number": "123", "CRID": "1", "MID": "2", "manifest_MID": "3"},
    "dhl-express": {"site_id": "s", "password": "p", "account_number": "123456789"},
    "canadapost": {"username": "u", "password": "p", "customer_number": "2004381", "contract_id": "42708517"},
}  # fmt: skip
AMERICANS = (
    Address("Ann Sender", "1 Main St", "Memphis", "38116", "US", region="TN", phone="9015550100"),
    Address("Bob Buyer", "2 Oak Ave", "Austin", "73301", "US", region="TX", phone="5125550100"),
)
CANADIANS = (
    Address("Ann Sender", "1 Main St", "Toronto", "M5V2T6", "CA", region="ON", phone="4165550100"),
    Address("Bob Buyer", "2 Oak Ave", "Ottawa", "K1K4T3", "CA", region="ON", phone="6135550100"),
)


def pdf() -> str:
    content = io.BytesIO()
    page = Canvas(content, pagesize=(288, 432))
    page.drawString(20, 20, "label")
    page.save()
    return base64.b64encode(content.getvalue()).decode()


def picture() -> str:
    content = io.BytesIO()
    Image.new("1", (80, 120), 1).save(content, "GIF")
    return base64.b64encode(content.getvalue()).decode()


def _token(**extra: object) -> str:
    return json.dumps({"access_token": "t", "expires_in": 3600, "issued_at": "1772445600000", **extra})


def answers(carrier: str) -> dict[str, str | bytes]:
    """Part of an address -> what is answered there; the first that fits."""
    return {"fedex": _fedex, "ups": _ups, "usps": _usps, "dhl-express": _dhl, "canadapost": _canadapost}[carrier]()


def _fedex() -> dict[str, str | bytes]:
    number, usa = NUMBERS["fedex"], {"countryCode": "US"}
    scans = [
        {"date": f"2026-03-0{day}T10:15:00-06:00", "eventType": code, "eventDescription": text, "scanLocation": {"city": city, **usa}}
        for day, code, text, city in ((4, "DL", "Delivered", "AUSTIN"), (3, "ZZ", "Odd", "DALLAS"), (2, "PU", "Picked up", "MEMPHIS"))
    ]  # fmt: skip
    label = {"contentType": "LABEL", "docType": "PDF", "encodedLabel": pdf()}
    shipment = {
        "serviceType": "FEDEX_GROUND", "masterTrackingNumber": number, "completedShipmentDetail": {},
        "pieceResponses": [{"trackingNumber": number, "packageDocuments": [label]}],
    }  # fmt: skip
    tracked = {"trackingNumber": number, "trackResults": [{"latestStatusDetail": {"code": "DL"}, "scanEvents": scans}]}
    return {
        "oauth/token": _token(), "shipments/cancel": json.dumps({"output": {"cancelledShipment": True}}),
        "ship/v1/shipments": json.dumps({"output": {"transactionShipments": [shipment]}}),
        "trackingnumbers": json.dumps({"output": {"completeTrackResults": [tracked]}}), "trackingdocuments": "{}",
    }  # fmt: skip


def _ups() -> dict[str, str | bytes]:
    number = NUMBERS["ups"]
    label = {"ImageFormat": {"Code": "GIF"}, "GraphicImage": picture()}
    results = {
        "ShipmentIdentificationNumber": number, "PackageResults": [{"TrackingNumber": number, "ShippingLabel": label}],
    }  # fmt: skip
    activity = [
        {"location": {"address": {"city": city, "country": "US"}}, "status": {"type": kind, "code": code, "description": text},
         "date": f"2026030{day}", "time": "101500"}
        for day, kind, code, text, city in ((4, "D", "FS", "DELIVERED", "AUSTIN"), (2, "P", "PU", "Pickup Scan", "MEMPHIS"))
    ]  # fmt: skip
    package = {"trackingNumber": number, "deliveryDate": [{"type": "DEL", "date": "20260304"}], "activity": activity}
    return {
        "oauth/token": _token(), "/void/": json.dumps({"VoidShipmentResponse": {"Response": {"ResponseStatus": {"Code": "1"}}}}),
        "api/shipments": json.dumps({"ShipmentResponse": {"ShipmentResults": results}}),
        "api/track": json.dumps({"trackResponse": {"shipment": [{"inquiryNumber": number, "package": [package]}]}}),
    }  # fmt: skip


def _usps() -> dict[str, str | bytes]:
    number = NUMBERS["usps"]
    events = [
        {"eventType": text, "eventTimestamp": f"2026-03-0{day}T16:15:00Z", "eventCity": city, "eventCode": code}
        for day, code, text, city in ((4, "01", "DELIVERED, FRONT DOOR", "AUSTIN"), (2, "03", "USPS picked up item", "MEMPHIS"))
    ]  # fmt: skip
    return {
        "oauth2": _token(), "payment-authorization": json.dumps({"paymentAuthorizationToken": "p"}),
        "tracking/v3": json.dumps({"trackingNumber": number, "status": "Delivered", "statusCategory": "Delivered",
                                   "trackingEvents": events}),
        "label": json.dumps({"labelMetadata": {"trackingNumber": number, "postage": 7.25}, "labelImage": pdf()}),
    }  # fmt: skip


def _dhl() -> dict[str, str | bytes]:
    number = NUMBERS["dhl-express"]
    events = "".join(
        f"<ShipmentEvent><Date>2026-03-0{day}</Date><Time>10:15:00</Time><ServiceEvent><EventCode>{code}</EventCode>"
        f"<Description>{text}</Description></ServiceEvent><Signatory/><ServiceArea><ServiceAreaCode>A</ServiceAreaCode>"
        f"<Description>{city}</Description></ServiceArea></ShipmentEvent>"
        for day, code, text, city in ((2, "PU", "Picked up", "MEMPHIS"), (4, "OK", "Delivered", "AUSTIN"))
    )
    return {
        "KnownTrackingRequest": f'<r:T xmlns:r="http://www.dhl.com"><AWBInfo><AWBNumber>{number}</AWBNumber><ShipmentInfo>{events}'
        "</ShipmentInfo></AWBInfo></r:T>",
        "ShipmentRequest": f'<r:S xmlns:r="http://www.dhl.com"><AirwayBillNumber>{number}</AirwayBillNumber><LabelImage>'
        f"<OutputFormat>PDF</OutputFormat><OutputImage>{pdf()}</OutputImage></LabelImage></r:S>",
    }  # fmt: skip


def _canadapost() -> dict[str, str | bytes]:
    number, where = NUMBERS["canadapost"], 'xmlns="http://www.canadapost.ca/ws'
    events = "".join(
        f"<occurrence><event-identifier>{code}</event-identifier><event-date>2026-03-0{day}</event-date>"
        f"<event-time>10:15:00</event-time><event-description>{text}</event-description><event-site>{city}</event-site>"
        "</occurrence>"
        for day, code, text, city in ((4, "1496", "Delivered", "OTTAWA"), (2, "100", "Picked up", "TORONTO"))
    )
    return {
        "/artifact": base64.b64decode(pdf()),
        "/shipment": f'<shipment-info {where}/shipment-v8"><shipment-id>545</shipment-id><tracking-pin>{number}</tracking-pin>'
        '<links><link rel="label" href="https://ct.soa-gw.canadapost.ca/rs/artifact/1" media-type="application/pdf"/></links>'
        "</shipment-info>",
        "/vis/track": f'<tracking-detail {where}/track"><pin>{number}</pin><significant-events>{events}</significant-events>'
        "</tracking-detail>",
    }  # fmt: skip


class Answer:
    """What urlopen gives back."""

    status, headers, url = 200, {}, ""

    def __init__(self, body: str | bytes) -> None:
        self.body = body.encode() if isinstance(body, str) else body

    def read(self) -> bytes:
        return self.body

    def __enter__(self) -> Answer:
        return self

    def __exit__(self, *_: object) -> None: ...


class Wire:
    """Stands where the network is: answers by address or by what is asked, and keeps what was asked."""

    def __init__(self, table: dict[str, str | bytes]) -> None:
        self.table = table
        self.asked: list[str] = []
        self.broken: Exception | None = None

    def __call__(self, request, timeout=None) -> Answer:
        if self.broken:
            raise self.broken
        body = (request.data or b"").decode()
        self.asked.append(f"{request.get_method()} {request.full_url} {body}")
        for part, answer in self.table.items():
            if part in request.full_url or part in body[:60]:
                return Answer(answer)
        raise HTTPError(request.full_url, 404, "nothing here", {}, io.BytesIO(b"{}"))
