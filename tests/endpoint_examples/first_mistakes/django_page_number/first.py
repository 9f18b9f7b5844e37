from rest_framework import generics, pagination, serializers

from .models import Recipient


class RecipientSerializer(serializers.ModelSerializer):
    class Meta:
        model = Recipient
        fields = ("uid", "msg")


class Pages(pagination.PageNumberPagination):
    page_size = 400


class Recipients(generics.ListAPIView):
    queryset = Recipient.objects.order_by("id")
    serializer_class = RecipientSerializer
    pagination_class = Pages
    permission_classes = ()
    authentication_classes = ()
