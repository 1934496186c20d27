"""Words for situations."""

from django.db import models

from netcenter.accounts.models import Brand


class CannedAnswer(models.Model):
    """Words kept for re-use, with variables such as {{customer.first_name}}; one text per language."""

    name = models.CharField(max_length=80)
    shortcut = models.SlugField(max_length=40, unique=True, allow_unicode=True)  # typed as /shortcut
    brand = models.ForeignKey(Brand, null=True, blank=True, on_delete=models.CASCADE)  # null: every brand
    texts = models.JSONField(default=dict)  # {"es": "…", "en": "…", "pt": "…"}

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
