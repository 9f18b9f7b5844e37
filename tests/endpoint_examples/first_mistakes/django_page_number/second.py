from rest_framework import generics, pagination, serializers
from rest_framework.response import Response

from .models import Recipient


class RecipientSerializer(serializers.ModelSerializer):
    class Meta:
        model = Recipient
        fields = ("uid", "msg")


class Pages(pagination.PageNumberPagination):
    page_size = 400
    page_query_param = "next"


    def get_paginated_response(self, data):
        more = self.page.has_next()
        token = str(self.page.next_page_number()) if more else ""
        return Response({"list": data, "next": token})


class Recipients(generics.ListAPIView):
    queryset = Recipient.objects.order_by("id")
    serializer_class = RecipientSerializer
    pagination_class = Pages
    permission_classes = ()
    authentication_classes = ()
