"""REST API of logistics."""

from django.urls import path

from logistics.claims import api as claims
from logistics.custody.api import BagsView, ScansView, ShipmentCustodyView
from logistics.epcis.api import CapturedView, CaptureView, EventsView, ShipmentEpcisView
from logistics.manifests import api as manifests
from logistics.network.api import QuotesView, RoutesView
from logistics.notices import api as notices
from logistics.packing.api import CartonsView, CartonView
from logistics.pickups import api as pickups
from logistics.rounds.api import RoundView
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
PICKUP = "shipping/pickups/<uuid:pickup_id>/"
MANIFEST = "shipping/manifests/<uuid:manifest_id>/"

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
    path("shipping/pickups/", pickups.PickupList.as_view(), name="shipping_pickups"),
    path(PICKUP, pickups.PickupDetail.as_view(), name="shipping_pickup"),
    path(f"{PICKUP}change/", pickups.PickupChange.as_view(), name="shipping_pickup_change"),
    path(f"{PICKUP}cancellation/", pickups.PickupCancellation.as_view(), name="shipping_pickup_cancellation"),
    path(f"{PICKUP}completion/", pickups.PickupCompletion.as_view(), name="shipping_pickup_completion"),
    path("shipping/pickup-schedules/", pickups.PickupSchedules.as_view(), name="shipping_pickup_schedules"),
    path(
        "shipping/pickup-schedules/<uuid:schedule_id>/",
        pickups.PickupScheduleDetail.as_view(),
        name="shipping_pickup_schedule",
    ),
    path("shipping/manifests/", manifests.ManifestList.as_view(), name="shipping_manifests"),
    path(MANIFEST, manifests.ManifestDetail.as_view(), name="shipping_manifest"),
    path(f"{MANIFEST}paper/", manifests.ManifestPaper.as_view(), name="shipping_manifest_paper"),
    path(f"{MANIFEST}hand-over/", manifests.ManifestHandOver.as_view(), name="shipping_manifest_hand_over"),
    path(f"{MANIFEST}cancellation/", manifests.ManifestCancellation.as_view(), name="shipping_manifest_cancellation"),
    path("notices/", notices.NoticeList.as_view(), name="api_notices"),
    path("notices/reading/", notices.NoticeReading.as_view(), name="api_notice_reading"),
    path("notices/preferences/", notices.NoticePreferences.as_view(), name="api_notice_preferences"),
    path("shipping/rounds/<slug:carrier_code>/<str:day>/", RoundView.as_view(), name="shipping_round"),
    path("epcis/capture/", CaptureView.as_view(), name="epcis_capture"),
    path("epcis/capture/<uuid:capture_id>/", CapturedView.as_view(), name="epcis_captured"),
    path("epcis/events/", EventsView.as_view(), name="epcis_events"),
    path("shipping/shipments/<uuid:shipment_id>/hand-over/", HandOverView.as_view(), name="shipping_hand_over"),
]
