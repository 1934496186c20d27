"""Listening: where we listen, what for, and what was found."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from netcenter.accounts.models import Account, Brand


class Source(models.Model):
    """Where we listen: a feed, or the public stream of a network's server. Facts; a loop asks those that are due."""

    class Kind(models.TextChoices):
        FEED = "feed", _("Feed (RSS, Atom, JSON)")
        MASTODON = "mastodon", _("Mastodon server")
        BLUESKY = "bluesky", _("Bluesky")

    kind = models.CharField(max_length=10, choices=Kind)
    address = models.CharField(max_length=1000)
    name = models.CharField(max_length=120, blank=True)  # as it calls itself, unless somebody named it
    language = models.CharField(max_length=10, blank=True)
    place = models.CharField(max_length=120, blank=True)
    enabled = models.BooleanField(default=True)
    every_seconds = models.PositiveIntegerField(default=300)
    state = models.JSONField(default=dict)  # how far it was read: ETag, last id, cursor
    due_at = models.DateTimeField()
    heard_at = models.DateTimeField(null=True)  # it answered last
    failures = models.PositiveIntegerField(default=0)  # in a row
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "address"], name="one_source_each")]
        indexes = [models.Index(fields=["due_at"], name="sources_due", condition=Q(enabled=True))]

    def __str__(self) -> str:
        return self.name or self.address

    @property
    def account_id(self) -> int:
        """What workers share out their threads by: here each source stands for itself."""
        return self.pk


class Search(models.Model):
    """What somebody wants to hear of, and what becomes of it."""

    class Becomes(models.TextChoices):
        NEVER = "never", _("only when somebody clicks")
        COMPLAINTS = "complaints", _("by itself, when somebody complains or asks")
        ALWAYS = "always", _("by itself, always")

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT)
    name = models.CharField(max_length=120)
    phrases = models.JSONField(default=list)
    excluded = models.JSONField(default=list)
    languages = models.JSONField(default=list)
    places = models.JSONField(default=list)
    becomes = models.CharField(max_length=12, choices=Becomes, default=Becomes.NEVER)
    enabled = models.BooleanField(default=True)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Site(models.Model):
    """A site of ours: a page elsewhere that links to it may tell us so (Webmention)."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT)
    host = models.CharField(max_length=253, unique=True)

    def __str__(self) -> str:
        return self.host


class Sighting(models.Model):
    """Somebody spoke of a brand somewhere. Copies of the same words stand behind the first (`lead`)."""

    class State(models.TextChoices):
        NEW = "new"
        CASE = "case"
        PASSED = "passed"  # nothing to do, says a person

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, db_index=False)
    search = models.ForeignKey(Search, null=True, on_delete=models.SET_NULL)  # None: a page told us that it links to us
    source = models.ForeignKey(Source, null=True, on_delete=models.SET_NULL)
    name = models.CharField(max_length=64)  # of its address, hashed: addresses may be long
    url = models.CharField(max_length=2000)
    title = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    phrase = models.CharField(max_length=200, blank=True)  # what was found in it
    author = models.JSONField(default=dict)  # {"id", "name", "handle", "url", "followers"}
    where = models.CharField(max_length=120, blank=True)  # who published it: a paper, a server
    place = models.CharField(max_length=120, blank=True)
    language = models.CharField(max_length=10, blank=True)
    kind = models.CharField(max_length=20, blank=True)  # as understanding reads it
    mood = models.CharField(max_length=10, blank=True)
    shares = models.PositiveIntegerField(null=True)
    sent_at = models.DateTimeField()
    heard_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)  # the page no longer says so; what we know of it stays
    lead = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="copies_of")
    copies = models.PositiveIntegerField(default=0)  # of the first: how often it was repeated
    reach = models.PositiveIntegerField(default=0)  # of the first: followers of all who said it
    state = models.CharField(max_length=6, choices=State, default=State.NEW)
    by = models.CharField(max_length=60, blank=True)  # who decided
    account = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")  # where its case is

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "name"], name="one_sighting_each")]
        indexes = [
            models.Index(fields=["brand", "state", "-sent_at", "-id"], name="sightings_of_brand",
                         condition=Q(lead=None)),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title or self.text[:60] or self.url


class Trace(models.Model):
    """By which of its words a sighting is found again when somebody repeats them (MinHash bands)."""

    sighting = models.ForeignKey(Sighting, on_delete=models.CASCADE, related_name="traces")
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, db_index=False)
    mark = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["brand", "mark"], name="traces_by_mark")]

    def __str__(self) -> str:
        return f"{self.mark:x} of {self.sighting_id}"


class Notification(models.Model):
    """A page told us that it links to one of ours; whether it does is looked up, later and elsewhere (Webmention)."""

    class State(models.TextChoices):
        NEW = "new"
        TRUE = "true"
        FALSE = "false"

    site = models.ForeignKey(Site, on_delete=models.CASCADE)
    name = models.CharField(max_length=64, unique=True)  # of both addresses: told twice it is one
    source = models.CharField(max_length=2000)
    target = models.CharField(max_length=2000)
    state = models.CharField(max_length=5, choices=State, default=State.NEW)
    why = models.CharField(max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    received_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)  # None: nothing more to look up

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="notifications_due", condition=Q(due_at__isnull=False))]

    def __str__(self) -> str:
        return f"{self.source} → {self.target}"
