"""Who gets which message, page by page, with Django REST framework's cursor paginator."""

import hmac
import re
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from rest_framework import generics, pagination, permissions, serializers
from rest_framework.exceptions import NotFound
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from .models import Recipient


class RecipientSerializer(serializers.ModelSerializer):
    class Meta:
        model = Recipient
        fields = ("uid", "msg")


class BroadcastPagination(pagination.CursorPagination):
    page_size = 400  # fewer than 500
    ordering = "id"  # a unique column
    cursor_query_param = "next"

    def decode_cursor(self, request):
        cursor = super().decode_cursor(request)  # 404 for what is not a cursor at all
        if cursor and not re.fullmatch(r"[0-9]{1,18}", cursor.position or ""):
            raise NotFound(self.invalid_cursor_message)
        return cursor

    def get_paginated_response(self, data):
        # The stock paginator gives a whole URL; the application wants the token alone.
        link = self.get_next_link()
        token = parse_qs(urlsplit(link).query)["next"][0] if link else ""
        return Response({"list": data, "next": token})


class HasApiKey(permissions.BasePermission):
    message = "X-Api-Key is missing or wrong"

    def has_permission(self, request, view):
        given, wanted = request.headers.get("X-Api-Key", ""), settings.BROADCAST_API_KEY
        return bool(wanted) and hmac.compare_digest(given.encode(), wanted.encode())


class Recipients(generics.ListAPIView):
    queryset = Recipient.objects.all()
    serializer_class = RecipientSerializer
    pagination_class = BroadcastPagination
    permission_classes = (HasApiKey,)
    authentication_classes = ()
    renderer_classes = (JSONRenderer,)
    http_method_names = ("get", "head")

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response
