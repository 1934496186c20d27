"""The review networks of the street: Google Business, Google Play, the App Store, Trustpilot.

Each is strict, as its public documentation describes it, and keeps its own record. `write`, `reword` and `remove` are
what customers do; `console` is the company answering in the network's own pages.
"""

from netcenter.street.networks.reviews.appstore import AppStore
from netcenter.street.networks.reviews.business import GoogleBusiness
from netcenter.street.networks.reviews.play import GooglePlay
from netcenter.street.networks.reviews.trustpilot import Trustpilot

__all__ = ["AppStore", "GoogleBusiness", "GooglePlay", "Trustpilot"]
