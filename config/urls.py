"""Pages of the whole house; each module brings its own under its nouns."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.static import serve

from core.web.admin_site import protect_admin
from core.web.routes import by_first_word

protect_admin()

handler400 = "core.web.views.bad_request"
handler403 = "core.web.views.permission_denied"
handler404 = "core.web.views.page_not_found"
handler429 = "core.web.views.too_many_requests"
handler500 = "core.web.views.server_error"

urlpatterns = by_first_word(
    [
        path("", include("core.web.urls")),
        path("", include("marketplace.urls")),
        path("", include("payments.urls")),
        path("accounts/", include("allauth.urls")),
        path("admin/", admin.site.urls),
        path("api/v1/", include("config.api_urls")),
        path("", include("logistics.urls")),
        path("", include("trust.urls")),
        path("", include("analytics.urls")),
    ]
)
if not settings.IS_PRODUCTION:
    # One machine serves its own pictures; in production nginx does (docker-compose.yml). Only those of listings are
    # public: evidence of disputes lies beside them. No dots in folder names, so no way up.
    pictures = r"^media/(?P<path>listings/(?:[\w-]+/)*[\w-]+\.\w+)$"
    urlpatterns.append(re_path(pictures, serve, {"document_root": settings.MEDIA_ROOT}))
