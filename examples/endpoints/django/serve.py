"""Not part of your project: the smallest Django project around the example, for the run script."""

import os
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import JsonResponse
from django.urls import path

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1", "localhost"],
    ROOT_URLCONF=__name__,
    SECRET_KEY=os.urandom(32).hex(),
    INSTALLED_APPS=["rest_framework"],
    REST_FRAMEWORK={"UNAUTHENTICATED_USER": None},
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["DATABASE"]}},
    BROADCAST_API_KEY=os.environ["API_KEY"],
    USE_TZ=True,
)
django.setup()
shop = sys.modules["shop"] = ModuleType(
    "shop"
)  # your app, in which recipients.py and models.py stand
shop.__path__ = [str(Path(__file__).parent)]
urlpatterns = [path("recipients", import_module("shop.recipients").Recipients.as_view())]
application = get_wsgi_application()


def handler404(request, exception):
    return JsonResponse({"error": "no such page"}, status=404)


def handler500(request):
    return JsonResponse({"error": "the server has a problem"}, status=500)
