"""Pages of logistics, the carriers' webhooks, and the sandbox carriers' API."""

from django.urls import path

from logistics.carriers.views import sandbox_api
from logistics.shipments.views import label, label_zpl, labels, promises_kept, to_ship
from logistics.tracking.views import carrier_webhook, parcel_panel, track, track_form

app_name = "logistics"
urlpatterns = [
    path("shipments/<uuid:shipment_id>/label.pdf", label, name="label"),
    path("shipments/<uuid:shipment_id>/label.zpl", label_zpl, name="label_zpl"),
    path("shipments/labels/", labels, name="labels"),
    path("shipments/to-ship/", to_ship, name="to_ship"),
    path("shipments/<uuid:shipment_id>/timeline/", parcel_panel, name="timeline"),
    path("promises/", promises_kept, name="promises_kept"),
    path("track/", track_form, name="track_form"),
    path("track/<str:number>/", track, name="track"),
    path("webhooks/carriers/<slug:carrier_code>/", carrier_webhook, name="carrier_webhook"),
    path("sandbox/carriers/<slug:carrier_code>/<slug:operation>/", sandbox_api, name="sandbox_api"),
]
