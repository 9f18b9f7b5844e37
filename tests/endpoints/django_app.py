"""Django on uvicorn or waitress, in one file: a model, signed tokens, an empty page at the end."""

import os

import django
from django.conf import settings
from django.core import signing
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

PAGE_SIZE = 200

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    APPEND_SLASH=True,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["DATABASE"]}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.middleware.gzip.GZipMiddleware",
        "django.middleware.common.CommonMiddleware",
    ],
    ROOT_URLCONF=__name__,
    SECRET_KEY="only for these tests",
    USE_TZ=True,
)
django.setup()

from django.db import models  # noqa: E402  models want the settings
from django.urls import path  # noqa: E402


class Contact(models.Model):
    line_id = models.CharField(max_length=33)
    message = models.TextField()

    class Meta:
        app_label = "contacts"
        db_table = "contacts"
        managed = False

    def __str__(self) -> str:
        return self.line_id


@never_cache
@require_safe
def recipients(request: HttpRequest) -> HttpResponse:
    wanted = os.environ.get("API_TOKEN", "")
    if wanted and not constant_time_compare(request.headers.get("X-Server-Token", ""), wanted):
        return JsonResponse({"error": "the server token is missing or wrong"}, status=401)
    contacts = Contact.objects.order_by("pk")
    if token := request.GET.get("next"):
        try:
            contacts = contacts.filter(pk__gt=signing.loads(token, salt="recipients"))
        except signing.BadSignature:
            return JsonResponse({"error": "next is not a token of this API"}, status=400)
    page = list(contacts[:PAGE_SIZE])
    return JsonResponse(
        {
            "list": [{"uid": contact.line_id, "msg": contact.message} for contact in page],
            # the page after a last page that is full is empty, which is the end all the same
            "next": signing.dumps(page[-1].pk, salt="recipients") if len(page) == PAGE_SIZE else "",
        },
        json_dumps_params={"ensure_ascii": False},
    )


urlpatterns = [path("recipients/", recipients)]
app = get_wsgi_application()
asgi_app = get_asgi_application()
