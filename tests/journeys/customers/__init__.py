"""The customers of `test_conversations`: one class for each network that she speaks on."""

from tests.journeys.customers.base import PICTURES, Customer, Line, bare, picture
from tests.journeys.customers.chats import BySms, OnMatrix, OnTelegram
from tests.journeys.customers.comments import OnReddit, OnYouTube
from tests.journeys.customers.mail import ByMail
from tests.journeys.customers.meta import OnFacebook, OnInstagram, OnWhatsApp
from tests.journeys.customers.public import OnBluesky, OnMastodon, OnX
from tests.journeys.customers.real import REAL
from tests.journeys.customers.reviews import OnAppStore, OnGoogleBusiness, OnGooglePlay, OnTrustpilot

__all__ = [
    "ALSO",
    "PICTURES",
    "REAL",
    "REVIEWS",
    "STREET",
    "ByMail",
    "Customer",
    "Line",
    "OnFacebook",
    "bare",
    "picture",
]

STREET: tuple[type[Customer], ...] = (OnFacebook, OnInstagram, OnWhatsApp, OnX, OnMastodon, OnBluesky)
ALSO: tuple[type[Customer], ...] = (OnTelegram, OnMatrix, BySms, OnReddit, OnYouTube)
REVIEWS: tuple[type[Customer], ...] = (OnGoogleBusiness, OnGooglePlay, OnAppStore, OnTrustpilot)
