"""Web Push in the real browser: the button subscribes it, a push opens a notification, picking up ends it."""

import json
import os
from base64 import urlsafe_b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import Page, expect

from netcenter.live.push import words
from netcenter.people.models import PushSubscription
from tests.browser import until
from tests.desk.screens import available, company, house, ring_of, rows_beside_playwright, sign_in, written

__all__ = ["company", "house", "rows_beside_playwright", "sign_in"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
SHOWN = """navigator.serviceWorker.getRegistration("/").then((worker) => worker.getNotifications())
  .then((all) => all.map((one) => [one.title, one.body, one.tag]))"""

# The maker's push service is far away: only the subscription is made up, all that is ours is real.
SERVICE = """
const told = %(told)s, unsubscribe = async () => localStorage.clear();
const made = () => ({ endpoint: told.endpoint, toJSON: () => told, unsubscribe });
PushManager.prototype.subscribe = async ({ applicationServerKey }) => {
  localStorage.subscribed = applicationServerKey.length;
  return made();
};
PushManager.prototype.getSubscription = async () => (localStorage.subscribed ? made() : null);
"""


def subscription() -> dict:
    point = ec.generate_private_key(ec.SECP256R1()).public_key()
    raw = point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    keys = {"p256dh": raw, "auth": os.urandom(16)}
    told = {name: urlsafe_b64encode(value).decode().rstrip("=") for name, value in keys.items()}
    return {"endpoint": "https://push.example/alice", "keys": told}


def icon(page: Page) -> str:
    return page.locator("link[rel=icon]").get_attribute("href") or ""


def test_a_device_is_subscribed_rings_and_falls_silent(company, house, sign_in):
    page = sign_in(company.alice)
    page.context.add_init_script(SERVICE % {"told": json.dumps(subscription())})
    page.context.grant_permissions(["notifications"], origin=house)
    page.goto(f"{house}/settings/profile/")
    page.locator("[data-push-turn=on]").click()
    expect(page.locator("[data-push-on]")).to_be_visible()
    assert PushSubscription.objects.get().person == company.alice
    assert page.evaluate("localStorage.subscribed") == "65", "our public point"

    page.goto(f"{house}/desk/")
    expect(page.locator("html[data-live=on]")).to_be_attached()
    calm = icon(page)
    available(company.alice)
    case = written(company)
    expect(ring_of(page)).to_be_visible()
    assert "Dana" in page.title() and icon(page) != calm
    devtools, workers = page.context.new_cdp_session(page), []
    devtools.on("ServiceWorker.workerRegistrationUpdated", lambda told: workers.extend(told["registrations"]))
    devtools.send("ServiceWorker.enable")
    until(page, lambda: workers)
    told = {
        "origin": house,
        "registrationId": workers[0]["registrationId"],
        "data": json.dumps(words(case, company.alice)),
    }

    def shown() -> list:
        devtools.send("ServiceWorker.deliverPushMessage", told)  # again, as the tools lose one now and then
        page.wait_for_timeout(500)
        return page.evaluate(SHOWN)

    [(title, body, tag)] = until(page, shown)
    assert "Dana" in title and "domingo" in body and tag == "ring"

    page.keyboard.press("a")
    expect(ring_of(page)).to_have_count(0)
    until(page, lambda: page.evaluate(SHOWN) == [])
    assert "●" not in page.title() and icon(page) == calm
