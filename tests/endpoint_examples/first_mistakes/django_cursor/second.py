from rest_framework import generics, pagination, serializers
from rest_framework.response import Response

from .models import Recipient


class RecipientSerializer(serializers.ModelSerializer):
    class Meta:
        model = Recipient
        fields = ("uid", "msg")


class Pages(pagination.CursorPagination):
    page_size = 400
    ordering = "id"


    def get_paginated_response(self, data):
        return Response({"list": data, "next": self.get_next_link()})


class Recipients(generics.ListAPIView):
    queryset = Recipient.objects.order_by("id")
    serializer_class = RecipientSerializer
    pagination_class = Pages
    permission_classes = ()
    authentication_classes = ()
