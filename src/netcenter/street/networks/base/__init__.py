"""What every simulated network stands on.

    serving   Network: a strict HTTP server on loopback
    calls     Asked and Said, `route`, and Refused
    shapes    which fields a request may have
    access    tokens that expire, rights, sliding windows
    weather   what goes wrong: outages, storms, lost answers, webhooks dropped, repeated, out of order
    pushing   Pusher: signed webhooks
    truth     the network's own record

A network is a subclass of `Network` with routes:

    class Toy(Network):
        rates = {"calls": Rate(200, 3600)}

        @route("POST", "/v1/messages", json={"to": str, "text": text(1000), "tag?": one_of("late")}, rights=("write",))
        def send(self, asked: Asked) -> Any:
            reply = self.truth.replied(asked.fields["to"], asked.fields["text"])
            return {"id": reply.id}

    with Toy() as toy:                   # toy.url is the base URL of the channel
        toy.tokens.issue("t0ken", "write")
        toy.pusher.hook = Hook("http://…/hooks/key", sign=lambda body: {"x-signature": …})
        toy.push({"type": "message"})    # a task of the pusher
        toy.pusher.deliver()             # now; or pusher.start() to have it done all the time

Time is an argument: `Toy(now=clock)`, with `clock = Clock(at)` and `clock.pass_by(seconds)`.
"""

from netcenter.street.networks.base.access import Limits, Rate, Token, Tokens
from netcenter.street.networks.base.calls import Asked, File, Refused, Route, Said, Why, route
from netcenter.street.networks.base.pushing import Hook, Push, Pusher, call
from netcenter.street.networks.base.serving import Network
from netcenter.street.networks.base.shapes import Misfit, any_of, anything, fit, number, one_of, pattern, text
from netcenter.street.networks.base.truth import Replied, Told, Truth
from netcenter.street.networks.base.weather import Clock, Storm, Weather

__all__ = [
    "Asked",
    "Clock",
    "File",
    "Hook",
    "Limits",
    "Misfit",
    "Network",
    "Push",
    "Pusher",
    "Rate",
    "Refused",
    "Replied",
    "Route",
    "Said",
    "Storm",
    "Token",
    "Tokens",
    "Told",
    "Truth",
    "Weather",
    "Why",
    "any_of",
    "anything",
    "call",
    "fit",
    "number",
    "one_of",
    "pattern",
    "route",
    "text",
]  # fmt: skip
