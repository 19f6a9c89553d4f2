"""Pages of logistics, the carriers' webhooks, and the sandbox carriers' API."""

from django.urls import path

from logistics.carriers.views import sandbox_api
from logistics.claims import views as claims
from logistics.manifests import views as manifests
from logistics.network.compare import compare
from logistics.network.views import network
from logistics.notices import views as notices
from logistics.packing.views import carton_removal, cartons
from logistics.pickups import views as pickups
from logistics.rounds import views as rounds
from logistics.shipments.views import carrier_label, label, label_zpl, labels, promises_kept
from logistics.tracking.views import carrier_webhook, hand_over, parcel_panel, track, track_form

CLAIM = "shipments/claims/<uuid:claim_id>/"
PICKUP = "shipments/pickups/<uuid:pickup_id>/"

MANIFEST = "shipments/manifests/<uuid:manifest_id>/"

app_name = "logistics"
urlpatterns = [
    path("shipments/<uuid:shipment_id>/label.pdf", label, name="label"),
    path("shipments/<uuid:shipment_id>/label.zpl", label_zpl, name="label_zpl"),
    path("shipments/<uuid:shipment_id>/carrier-label.pdf", carrier_label, name="carrier_label"),
    path("shipments/labels/", labels, name="labels"),
    path("shipments/hand-over/", hand_over, name="hand_over"),
    path("shipments/cartons/", cartons, name="cartons"),
    path("shipments/cartons/<uuid:carton_id>/removal/", carton_removal, name="carton_removal"),
    path("shipments/to-ship/", pickups.to_ship, name="to_ship"),
    path("shipments/<uuid:shipment_id>/timeline/", parcel_panel, name="timeline"),
    path("shipments/claims/", claims.claims, name="claims"),
    path(CLAIM, claims.claim, name="claim"),
    path(f"{CLAIM}answer/", claims.answer, name="claim_answer"),
    path(f"{CLAIM}photos/", claims.claim_photos, name="claim_photos"),
    path(f"{CLAIM}photos/<uuid:photo_id>/", claims.claim_photo, name="claim_photo"),
    path(f"{CLAIM}evidence/", claims.claim_evidence, name="claim_evidence"),
    path("shipments/<uuid:shipment_id>/claims/", claims.shipment_claims, name="shipment_claims"),
    path("shipments/pickups/", pickups.pickups, name="pickups"),
    path("shipments/pickups/new/", pickups.new_pickup, name="new_pickup"),
    path(
        "shipments/pickups/schedules/<uuid:schedule_id>/end/", pickups.pickup_schedule_end, name="pickup_schedule_end"
    ),
    path(PICKUP, pickups.pickup, name="pickup"),
    path(f"{PICKUP}change/", pickups.pickup_change, name="pickup_change"),
    path(f"{PICKUP}cancellation/", pickups.pickup_cancellation, name="pickup_cancellation"),
    path(f"{PICKUP}completion/", pickups.pickup_completion, name="pickup_completion"),
    path(f"{PICKUP}absence/", pickups.pickup_absence, name="pickup_absence"),
    path("shipments/manifests/", manifests.manifests, name="manifests"),
    path("shipments/manifests/hand-over/", manifests.manifest_scan, name="manifest_scan"),
    path(MANIFEST, manifests.manifest, name="manifest"),
    path(f"{MANIFEST}manifest.pdf", manifests.manifest_paper, name="manifest_paper"),
    path(f"{MANIFEST}manifest.csv", manifests.manifest_file, name="manifest_file"),
    path(f"{MANIFEST}hand-over/", manifests.manifest_hand_over, name="manifest_hand_over"),
    path(f"{MANIFEST}cancellation/", manifests.manifest_cancellation, name="manifest_cancellation"),
    path("notices/", notices.notices, name="notices"),
    path("notices/preferences/", notices.notice_preferences, name="notice_preferences"),
    path("carriers/rounds/", rounds.rounds, name="rounds"),
    path("carriers/rounds/<slug:carrier_code>/<str:day>/", rounds.day_round, name="round"),
    path("carriers/rounds/<slug:carrier_code>/<str:day>/planning/", rounds.round_planning, name="round_planning"),
    path("courier/<str:token>/", rounds.courier_round, name="courier_round"),
    path("carriers/", compare, name="compare_rates"),
    path("carriers/network/", network, name="network"),
    path("promises/", promises_kept, name="promises_kept"),
    path("track/", track_form, name="track_form"),
    path("track/<str:number>/", track, name="track"),
    path("webhooks/carriers/<slug:carrier_code>/", carrier_webhook, name="carrier_webhook"),
    path("sandbox/carriers/<slug:carrier_code>/<slug:operation>/", sandbox_api, name="sandbox_api"),
]
