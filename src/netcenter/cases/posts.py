"""Public places: what people comment on, what they do to words there, and how far it all carries: tables."""

from django.db import models
from django.db.models import Q

from netcenter.accounts.models import Account


class Post(models.Model):
    """What people comment on or review: a post, an advertisement, a video, an app. All its threads share it.

    Told by the id alone at first, perhaps: the rest is asked for. What was known is never forgotten.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, db_index=False)
    external_id = models.CharField(max_length=255)
    text = models.TextField(blank=True)
    title = models.CharField(max_length=255, blank=True)
    url = models.CharField(max_length=1000, blank=True)
    author = models.JSONField(default=dict)  # as the network tells: {"external_id", "name", "handle"…}
    pictures = models.JSONField(default=list)  # what of its files was told: [{"name", "mime", "alt"…}]
    sent_at = models.DateTimeField(null=True)
    ours = models.BooleanField(null=True)  # None: not told
    promoted = models.BooleanField(null=True)  # somebody pays for it
    heard_at = models.DateTimeField()
    hidden_at = models.DateTimeField(null=True)
    gone_at = models.DateTimeField(null=True)  # vanished on the network; what we know of it is kept (law 6)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "external_id"], name="one_post_per_external_id")]

    def __str__(self) -> str:
        return self.title or self.text[:50] or self.external_id


class Reach(models.Model):
    """How far a message, a post or a person carries by now, and how that grew: [[moment, {"likes": 3, …}], …]."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, db_index=False)
    of = models.CharField(max_length=8)  # message, post, author
    target = models.CharField(max_length=255)  # its external id
    told = models.JSONField(default=dict)
    growth = models.JSONField(default=list)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "of", "target"], name="one_reach_each")]

    def __str__(self) -> str:
        return f"{self.of} {self.target}: {self.told}"


class Reaction(models.Model):
    """Somebody reacted to a message or a post. Taken back it stays, marked, so that what was told late changes nothing.

    An empty author is ourselves.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, db_index=False)
    target = models.CharField(max_length=255)  # the external id of what was reacted to
    author = models.CharField(max_length=255, blank=True)
    name = models.CharField(max_length=200, blank=True)
    what = models.CharField(max_length=60)
    at = models.DateTimeField()
    stands = models.BooleanField(default=True)  # False: taken back

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "target", "author", "what"], name="one_reaction_each")
        ]

    def __str__(self) -> str:
        return f"{self.what} by {self.name or self.author or 'us'}"


class OtherName(models.Model):
    """What we said became several messages on the network: these are the names of the others."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, db_index=False)
    external_id = models.CharField(max_length=255)
    message = models.ForeignKey("cases.Message", on_delete=models.CASCADE, related_name="other_names")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "external_id"], name="one_other_name_each")]

    def __str__(self) -> str:
        return self.external_id


OF_A_POST = Q(post__isnull=False)
