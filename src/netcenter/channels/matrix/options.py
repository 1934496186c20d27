"""What is filled in, and what Matrix allows."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from netcenter.channels.contract import Bucket, Capabilities, Field, Step

MB = 2**20
MOST_OCTETS = (
    40_000  # an event has at most 65,536 bytes, as JSON: https://spec.matrix.org/latest/client-server-api/#size-limits
)
MOST_BYTES = 50 * MB  # what servers usually take; each tells its own limit

CAPABILITIES = Capabilities(
    places=("private", "public"),
    max_length=MOST_OCTETS,
    attachments=True,
    max_attachment=MOST_BYTES,
    acts=frozenset({"delete_ours", "delete_theirs", "edit", "react", "unreact", "seen", "typing", "block", "unblock"}),
    acts_in={"private": frozenset({"delete_ours", "delete_theirs", "edit", "react", "unreact", "seen", "typing"})},
    reactions=("*",),
    read_receipts=True,
    edits=True,
    deletes=True,
    echoes=True,
)

# Synapse lets an account say ten things at once, then one in five seconds, unless its administrator lifts that:
# https://element-hq.github.io/synapse/latest/usage/configuration/config_documentation.html#rc_message
BUCKETS = (Bucket("events", 10, 50),)

FIELDS = (
    Field(
        "base_url", _("Address of the server"), kind="url",
        help=_("Where your account lives, for example https://matrix.org"),
    ),
    Field("user", _("Name of the account"), required=False, help=_("For example @care:sol.example")),
    Field(
        "password", _("Password"), kind="secret", secret=True, required=False, sent_to=("base_url",),
        help=_("Leave it empty to sign in on the page of your server, where it has one."),
    ),
    Field(
        "token", _("Access token"), kind="secret", secret=True, required=False, rare=True, sent_to=("base_url",),
        help=_("Instead of name and password."),
    ),
    Field(
        "invites", _("Whose invitations are accepted"), kind="choice", default="all",
        help=_("Customers begin a conversation by inviting your account. Nothing is read in rooms it has not joined."),
        choices=(("all", _("Everybody's")), ("own", _("Those of people of your own server")), ("none", _("Nobody's"))),
    ),
    Field(
        "rooms", _("What comes in from public rooms"), kind="choice", default="all",
        choices=(("all", _("Everything that is written there")), ("named", _("What names or answers your account")),
                 ("none", _("Nothing"))),
    ),
    Field(
        "team", _("Colleagues who answer in Matrix itself"), required=False, rare=True, lines=True,
        help=_("Their names (@ana:sol.example), one a line: what they say is an answer, and no question."),
    ),
    Field(
        "history_days", _("Days to look back"), kind="number", default=1, rare=True,
        help=_("When connecting, what was written in these days comes in too; 0: only what arrives from now on."),
    ),
    Field(
        "unlimited", _("The server does not limit this account"), kind="checkbox", default=False, required=False,
        rare=True, help=_("Its administrator has lifted the limit. Otherwise twelve messages a minute leave."),
    ),
)  # fmt: skip

STEPS = (
    Step(
        _("Your account"), fields=("base_url", "user", "password"),
        text=_("Make an account for your brand on any Matrix server, and write here where it is. Rooms with end-to-end "
               "encryption cannot be read: it is switched off where the room is made."),
    ),
    Step(
        _("Which rooms"), fields=("invites", "rooms"),
        text=_("Public rooms are joined with any Matrix app, under the same account."),
    ),
    Step(
        _("Sign in"), _("We sign in as a device of our own, which you may end at any time in any Matrix app."),
        fields=("team", "history_days", "unlimited", "token"), consent=True,
    ),
)  # fmt: skip
