"""The telephone, by a switchboard of one's own: Asterisk, through its REST interface (ARI)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext_noop as _

from netcenter.channels.asterisk import calling, reading, receiving
from netcenter.channels.asterisk.ari import APP, OURS, Ari
from netcenter.channels.asterisk.board import SOUNDS
from netcenter.channels.contract import (
    Act,
    Attachment,
    Bucket,
    Capabilities,
    Channel,
    ChannelError,
    Check,
    Connection,
    Field,
    Happening,
    Polled,
    Raw,
    Receipt,
    Step,
    loose,
)  # fmt: skip

MOST_RECORDED = 20 * 2**20  # bytes
MANUAL = "https://docs.asterisk.org/Configuration/Interfaces/Asterisk-REST-Interface-ARI/"
SOUND_LABELS = (
    ("greeting", _("Sound: greeting")), ("menu", _("Sound: press one, or leave a message")),
    ("record", _("Sound: before the tone")), ("asked", _("Sound: we call you back")),
    ("thanks", _("Sound: thank you")),
)  # fmt: skip


class Asterisk(Channel):
    kind = "asterisk"
    name = _("Telephone (own switchboard)")
    glyph = "phone"
    polls = True
    poll_seconds = 30.0
    capabilities = Capabilities(live=True, weight=100, reply=False, acts=frozenset({"call"}))
    buckets = (Bucket("calls", most=100, seconds=1),)
    fields = (
        Field("base_url", _("Address of the switchboard"), _("As https://pbx.example.com:8089/ari."), kind="url"),
        Field("user", _("User"), _("The name in brackets in ari.conf.")),
        Field("password", _("Password"), kind="secret", secret=True, sent_to=("base_url", "events_url")),
        Field("trunk", _("How to call out"),
              _("As PJSIP/{number}@trunk; {digits} is the number without +, {national} as it is dialled at home."),
              required=False),
        Field("number", _("Number that is shown"), _("To those whom you call: +34600111222."), required=False),
        Field("country", _("Country code"), _("Of numbers without one: 34."), default="34"),
        Field("wait_seconds", _("Seconds on the line"),
              _("How long callers wait for somebody before they may choose; 0: they choose at once."), kind="number",
              default=40),
        Field("callback_minutes", _("Minutes until we call back"),
              _("What is said to whoever asks to be called. It becomes the promise of the case."), kind="number",
              default=60),
        Field("language", _("Language of the announcements"), kind="choice", default="es",
              choices=(("es", _("Spanish")), ("en", _("English")), ("pt", _("Portuguese")))),
        Field("app", _("Name of the application"), _("As in Stasis(netcenter)."), default=APP, rare=True),
        Field("extension", _("How to ring an extension"), default="PJSIP/{number}", rare=True),
        Field("events_url", _("Address of the events"), 
              _("When they do not lie beside the rest: wss://pbx.example.com:8089/ari/events."), required=False,
              rare=True),
        *(Field(f"sound_{name}", label, default=SOUNDS[name], rare=True) for name, label in SOUND_LABELS),
    )  # fmt: skip
    steps = (
        Step(_("Open the interface"),
             _("In ari.conf set enabled = yes and add a user with a password; in http.conf switch TLS on."), MANUAL,
             fields=("base_url", "user", "password")),
        Step(_("Send the calls here"),
             _("In extensions.conf, where your number arrives: Stasis(netcenter), and after it what shall happen while "
               "we are not there, like VoiceMail."), MANUAL, fields=("wait_seconds", "callback_minutes", "language")),
        Step(_("Call out"), _("The trunk by which customers are called, and the number they see."), MANUAL,
             fields=("trunk", "number", "country")),
    )  # fmt: skip

    # --- what comes in --------------------------------------------------------------------------

    def parse(self, raw: Raw, connection: Connection) -> list[Happening]:
        return reading.parse(raw, connection)

    def stream(self, connection: Connection, cursor: dict[str, Any], stop: Callable[[], bool]) -> Iterator[Polled]:
        return receiving.stream(connection, cursor, stop)

    def poll(self, connection: Connection, cursor: dict[str, Any]) -> Polled:
        return receiving.poll(connection, cursor)

    def fetch(self, file: Attachment, connection: Connection) -> Attachment:
        """A recording, by its name."""
        if not file.reference.startswith(OURS):
            return replace(file, reference="", missing="it is no recording of ours")
        ari = Ari(connection)
        where = f"{ari.base}/recordings/stored/{quote(file.reference, safe='')}/file"
        try:
            content, _mime = ari.download(where, MOST_RECORDED)
        except ChannelError as error:
            if not error.permanent:
                raise
            return replace(file, reference="", missing=str(error)[:200])
        return replace(file, reference="", content=content)

    # --- what goes out --------------------------------------------------------------------------

    def act(self, act: Act, connection: Connection) -> Receipt:
        return calling.act(act, connection)

    def find_act(self, act: Act, connection: Connection) -> Receipt | None:
        return calling.find(act, connection)

    # --- the account ----------------------------------------------------------------------------

    def health(self, connection: Connection) -> Iterator[Check]:
        ari = Ari(connection)
        try:
            told = ari.ask("GET", "asterisk/info")
        except ChannelError as error:
            yield Check(_("The switchboard lets us in"), False, str(error), _advice(error))
            return
        yield Check(_("The switchboard lets us in"), True, loose.text(loose.within(told, "system").get("version"), 60))
        missing = [name for name in _sounds(connection) if not ari.try_to("GET", f"sounds/{quote(name, safe='')}")]
        yield Check(
            _("The announcements are there"), not missing, ", ".join(missing),
            _("Record them under these names, or choose others: callers would hear nothing."),
        )  # fmt: skip
        trunk = str(connection.config.get("trunk") or "")
        yield Check(
            _("Customers can be called"), "{" in trunk, trunk,
            _("Say by which trunk, or nobody is called back."), needed=False,
        )  # fmt: skip


def _advice(error: ChannelError) -> str:
    """Which of the three to look at: the password, the address, or the switchboard itself."""
    if error.reason in ("token", "right"):
        return _("It is there, but refuses the user or the password. Compare both with ari.conf.")
    if error.reason == "gone":
        return _("Something answers, but not the interface. Its address mostly ends in /ari, and ari.conf needs "
                 "enabled = yes.")  # fmt: skip
    if error.permanent:
        return _("Look at the address, the user and the password in ari.conf.")
    return _("It does not answer. Is it running, is the address right with its port, does a firewall let us through?")


def _sounds(connection: Connection) -> list[str]:
    told = (str(connection.config.get(f"sound_{name}") or sound) for name, sound in SOUNDS.items())
    media = [one.strip() for each in told for one in each.split(",")]
    return sorted({one.removeprefix("sound:") for one in media if one.startswith("sound:")})


CHANNEL = Asterisk()
