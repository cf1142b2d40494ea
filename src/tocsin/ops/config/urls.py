"""Every address of the room."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from tocsin.ops.alliance.views import address
from tocsin.ops.api import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("tocsin.ops.activation.urls")),
    path("", include("tocsin.ops.alliance.urls")),
    path("", include("tocsin.ops.alliance.urls_log")),
    path("accounts/email/", address),  # before allauth's own
    path("accounts/", include("allauth.urls")),
    path("api/", api.urls),
    path("language/", include("django.conf.urls.i18n")),
]
if settings.DEMO:
    urlpatterns.append(path("", include("tocsin.ops.demo.urls")))
