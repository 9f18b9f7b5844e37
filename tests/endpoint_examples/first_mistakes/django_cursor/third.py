from urllib.parse import unquote

from rest_framework import generics, pagination, serializers
from rest_framework.response import Response

from .models import Recipient


class RecipientSerializer(serializers.ModelSerializer):
    class Meta:
        model = Recipient
        fields = ("uid", "msg")


class Pages(pagination.CursorPagination):
    page_size = 400
    cursor_query_param = "next"
    ordering = "id"


    def get_paginated_response(self, data):
        link = self.get_next_link() or "?next="
        return Response({"list": data, "next": unquote(link.split("next=")[1])})


class Recipients(generics.ListAPIView):
    queryset = Recipient.objects.order_by("id")
    serializer_class = RecipientSerializer
    pagination_class = Pages
    permission_classes = ()
    authentication_classes = ()
