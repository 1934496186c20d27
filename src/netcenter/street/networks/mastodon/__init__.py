"""A Mastodon server on the street: its API, strict, as https://docs.joinmastodon.org describes version 4.5.

It has no stream: the tests of the channel open one of their own. Everybody lives on this server; the brand is `brand`.

ground       accounts, posts, pages of them, and every way in which it says no
people       what customers do
statuses     posts and notifications, read and written; whom the brand blocks
files        what is uploaded, and fetched
signing_in   applications and tokens
"""

from __future__ import annotations

from netcenter.street.networks.mastodon.files import Files
from netcenter.street.networks.mastodon.signing_in import SigningIn
from netcenter.street.networks.mastodon.statuses import Statuses


class Mastodon(Statuses, Files, SigningIn):
    """`say` is what customers do; `truth` remembers it all."""
