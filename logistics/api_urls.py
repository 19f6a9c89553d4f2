"""REST API of logistics."""

from django.urls import path

from logistics.claims import api as claims
from logistics.custody.api import BagsView, ScansView, ShipmentCustodyView
from logistics.epcis.api import CapturedView, CaptureView, EventsView, ShipmentEpcisView
from logistics.network.api import QuotesView, RoutesView
from logistics.packing.api import CartonsView, CartonView
from logistics.tracking.api import (
    CarrierEventsView,
    CarrierScorecardsView,
    HandOverView,
    LabelView,
    LegsView,
    ShipmentView,
    TrackingView,
)

CLAIM = "shipping/claims/<uuid:claim_id>/"

urlpatterns = [
    path("shipping/quotes/", QuotesView.as_view(), name="shipping_quotes"),
    path("shipping/routes/", RoutesView.as_view(), name="shipping_routes"),
    path("shipping/shipments/<uuid:shipment_id>/", ShipmentView.as_view(), name="shipping_shipment"),
    path("shipping/shipments/<uuid:shipment_id>/label/", LabelView.as_view(), name="shipping_label"),
    path("shipping/shipments/<uuid:shipment_id>/tracking/", TrackingView.as_view(), name="shipping_tracking"),
    path("shipping/shipments/<uuid:shipment_id>/legs/", LegsView.as_view(), name="shipping_legs"),
    path("shipping/shipments/<uuid:shipment_id>/epcis/", ShipmentEpcisView.as_view(), name="shipping_epcis"),
    path("shipping/shipments/<uuid:shipment_id>/custody/", ShipmentCustodyView.as_view(), name="shipping_custody"),
    path("shipping/carriers/scorecards/", CarrierScorecardsView.as_view(), name="shipping_carrier_scorecards"),
    path("shipping/cartons/", CartonsView.as_view(), name="shipping_cartons"),
    path("shipping/cartons/<uuid:carton_id>/", CartonView.as_view(), name="shipping_carton"),
    path("shipping/scans/", ScansView.as_view(), name="shipping_scans"),
    path("shipping/bags/", BagsView.as_view(), name="shipping_bags"),
    path("shipping/carrier-events/", CarrierEventsView.as_view(), name="shipping_carrier_events"),
    path("shipping/claims/", claims.ClaimList.as_view(), name="shipping_claims"),
    path(CLAIM, claims.ClaimDetail.as_view(), name="shipping_claim"),
    path(f"{CLAIM}answer/", claims.ClaimAnswer.as_view(), name="shipping_claim_answer"),
    path(f"{CLAIM}evidence/", claims.ClaimEvidence.as_view(), name="shipping_claim_evidence"),
    path(f"{CLAIM}photos/", claims.ClaimPhotos.as_view(), name="shipping_claim_photos"),
    path(f"{CLAIM}submission/", claims.ClaimSubmission.as_view(), name="shipping_claim_submission"),
    path(f"{CLAIM}decision/", claims.ClaimDecision.as_view(), name="shipping_claim_decision"),
    path(f"{CLAIM}payment/", claims.ClaimPayment.as_view(), name="shipping_claim_payment"),
    path(
        "shipping/shipments/<uuid:shipment_id>/claims/",
        claims.ShipmentClaims.as_view(),
        name="shipping_shipment_claims",
    ),
    path("epcis/capture/", CaptureView.as_view(), name="epcis_capture"),
    path("epcis/capture/<uuid:capture_id>/", CapturedView.as_view(), name="epcis_captured"),
    path("epcis/events/", EventsView.as_view(), name="epcis_events"),
    path("shipping/shipments/<uuid:shipment_id>/hand-over/", HandOverView.as_view(), name="shipping_hand_over"),
]
