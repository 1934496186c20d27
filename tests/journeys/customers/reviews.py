"""Dana, who reviews: on Google Business, Google Play, the App Store and Trustpilot.

A review has one reply, so it has turns only as both are reworded: what she writes anew is a message of its own, and the
wording before is gone; what we answer then takes the place of our reply.
"""

from __future__ import annotations

from typing import Any

from netcenter.street.networks.base import File
from tests.journeys.customers.base import Customer, Line


class Reviewer(Customer):
    """What the four share."""

    can = frozenset()
    ours = ("edit", "delete_ours")
    polls = True
    rewords = True  # whatever she says after the first time takes the place of it

    def arrive(self) -> None:
        """Whoever reviews is there."""

    def says(self, words: str, file: File | None = None) -> Any:
        if self.last:
            self.network.reword(self.last, words)
        else:
            self.last = self.network.write("Dana", words, 2)
        return self.last

    def remembers(self) -> list[Line]:
        """Each wording of hers; and of ours, put more than once below the same wording, the last as an edit."""
        truth = self.network.truth
        (review,) = truth.told.values()
        words = [*(before for _at, before in review.edits), review.text]
        begins = [review.at, *(at for at, _before in review.edits)]
        ours = [one for one in truth.answers.values() if one.thread == review.id]
        lines = []
        for n, (begin, end) in enumerate(zip(begins, [*begins[1:], float("inf")], strict=True)):
            lines.append(Line("dana", words[n], gone=end < float("inf") or review.deleted_at is not None))
            if said := [one for one in ours if begin <= one.at < end]:
                is_gone = said[-1].deleted_at is not None
                lines.append(Line("us", said[-1].text, edited=len(said) > 1, gone=is_gone))
        return lines


class OnGoogleBusiness(Reviewer):
    kind = "googlebusiness"


class OnGooglePlay(Reviewer):
    """Google Play lets nobody take a reply back."""

    kind = "googleplay"
    ours = ("edit",)


class OnAppStore(Reviewer):
    kind = "appstore"


class OnTrustpilot(Reviewer):
    kind = "trustpilot"
