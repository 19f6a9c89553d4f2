"""REST API of logistics."""

from django.urls import path

from logistics.custody.api import BagsView, ScansView, ShipmentCustodyView
from logistics.epcis.api import CapturedView, CaptureView, EventsView, ShipmentEpcisView
from logistics.rates.api import QuotesView
from logistics.tracking.api import (
    CarrierEventsView,
    CarrierScorecardsView,
    HandOverView,
    LabelView,
    ShipmentView,
    TrackingView,
)

urlpatterns = [
    path("shipping/quotes/", QuotesView.as_view(), name="shipping_quotes"),
    path("shipping/shipments/<uuid:shipment_id>/", ShipmentView.as_view(), name="shipping_shipment"),
    path("shipping/shipments/<uuid:shipment_id>/label/", LabelView.as_view(), name="shipping_label"),
    path("shipping/shipments/<uuid:shipment_id>/tracking/", TrackingView.as_view(), name="shipping_tracking"),
    path("shipping/shipments/<uuid:shipment_id>/epcis/", ShipmentEpcisView.as_view(), name="shipping_epcis"),
    path("shipping/shipments/<uuid:shipment_id>/custody/", ShipmentCustodyView.as_view(), name="shipping_custody"),
    path("shipping/carriers/scorecards/", CarrierScorecardsView.as_view(), name="shipping_carrier_scorecards"),
    path("shipping/scans/", ScansView.as_view(), name="shipping_scans"),
    path("shipping/bags/", BagsView.as_view(), name="shipping_bags"),
    path("shipping/carrier-events/", CarrierEventsView.as_view(), name="shipping_carrier_events"),
    path("epcis/capture/", CaptureView.as_view(), name="epcis_capture"),
    path("epcis/capture/<uuid:capture_id>/", CapturedView.as_view(), name="epcis_captured"),
    path("epcis/events/", EventsView.as_view(), name="epcis_events"),
    path("shipping/shipments/<uuid:shipment_id>/hand-over/", HandOverView.as_view(), name="shipping_hand_over"),
]
