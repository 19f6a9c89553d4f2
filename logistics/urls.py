"""Pages of logistics, the carriers' webhooks, and the sandbox carriers' API."""

from django.urls import path

from logistics.carriers.views import sandbox_api
from logistics.claims import views as claims
from logistics.network.compare import compare
from logistics.network.views import network
from logistics.packing.views import carton_removal, cartons
from logistics.shipments.views import carrier_label, label, label_zpl, labels, promises_kept, to_ship
from logistics.tracking.views import carrier_webhook, hand_over, parcel_panel, track, track_form

CLAIM = "shipments/claims/<uuid:claim_id>/"

app_name = "logistics"
urlpatterns = [
    path("shipments/<uuid:shipment_id>/label.pdf", label, name="label"),
    path("shipments/<uuid:shipment_id>/label.zpl", label_zpl, name="label_zpl"),
    path("shipments/<uuid:shipment_id>/carrier-label.pdf", carrier_label, name="carrier_label"),
    path("shipments/labels/", labels, name="labels"),
    path("shipments/hand-over/", hand_over, name="hand_over"),
    path("shipments/cartons/", cartons, name="cartons"),
    path("shipments/cartons/<uuid:carton_id>/removal/", carton_removal, name="carton_removal"),
    path("shipments/to-ship/", to_ship, name="to_ship"),
    path("shipments/<uuid:shipment_id>/timeline/", parcel_panel, name="timeline"),
    path("shipments/claims/", claims.claims, name="claims"),
    path(CLAIM, claims.claim, name="claim"),
    path(f"{CLAIM}answer/", claims.answer, name="claim_answer"),
    path(f"{CLAIM}photos/", claims.claim_photos, name="claim_photos"),
    path(f"{CLAIM}photos/<uuid:photo_id>/", claims.claim_photo, name="claim_photo"),
    path(f"{CLAIM}evidence/", claims.claim_evidence, name="claim_evidence"),
    path("shipments/<uuid:shipment_id>/claims/", claims.shipment_claims, name="shipment_claims"),
    path("carriers/", compare, name="compare_rates"),
    path("carriers/network/", network, name="network"),
    path("promises/", promises_kept, name="promises_kept"),
    path("track/", track_form, name="track_form"),
    path("track/<str:number>/", track, name="track"),
    path("webhooks/carriers/<slug:carrier_code>/", carrier_webhook, name="carrier_webhook"),
    path("sandbox/carriers/<slug:carrier_code>/<slug:operation>/", sandbox_api, name="sandbox_api"),
]
