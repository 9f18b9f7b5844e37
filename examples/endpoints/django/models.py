"""The table of the messages. Where you have one already, point the view at it."""

from django.db import models


class Recipient(models.Model):
    uid = models.CharField(max_length=64)
    msg = models.TextField()

    class Meta:
        app_label = "shop"
        db_table = "recipients"
