"""The connection test that a person sees: each step in words, and what to do when it fails."""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Iterator

from django.utils.translation import gettext_noop as _

from netcenter.channels.contract import ChannelError, Check, Connection
from netcenter.channels.email import options
from netcenter.channels.email.mailbox import Session, translated
from netcenter.channels.email.options import Server
from netcenter.channels.email.sending import session as smtp_session


def check(connection: Connection) -> Iterator[Check]:
    """Incoming first, then outgoing; a step that cannot be tried because an earlier one failed is left out."""
    incoming, outgoing = options.incoming(connection), options.outgoing(connection)
    if incoming:
        yield from _incoming(incoming, connection)
    else:
        yield Check(_("Incoming mail"), True, words=_("Pushed to our own port: no mailbox is read."))
    if outgoing:
        yield from _outgoing(outgoing)
    else:
        yield Check(_("Outgoing mail"), False, "", _("Without an outgoing server nobody can be answered. Fill it in."))


def _incoming(server: Server, connection: Connection) -> Iterator[Check]:
    reached = _reach(server, _("Incoming server is reachable"))
    yield reached
    if not reached.ok:
        return
    try:
        with translated():
            session = Session(server)
    except ChannelError as error:
        yield Check(_("Signing in to the mailbox"), False, str(error), _advice(error))
        return
    try:
        yield Check(_("Signing in to the mailbox"), True, server.user)
        yield _folder(session, options.folder(connection))
        if session.can_idle():
            yield Check(_("New mail is announced at once"), True, "IDLE")
        else:
            yield Check(_("New mail is announced at once"), True, words=_("Not offered: we ask once a minute."))
        yield _sent(session, connection)
    finally:
        session.close()


def _folder(session: Session, folder: str) -> Check:
    try:
        with translated():
            session.select(folder)
    except ChannelError as error:
        return Check(
            _("Folder can be read"), False, str(error), _("Write the folder's name as your mail program does.")
        )
    return Check(_("Folder can be read"), True, folder)


def _sent(session: Session, connection: Connection) -> Check:
    label = _("Folder of sent mail")
    try:
        with translated():
            folder = session.sent_folder(str(connection.config.get("sent_folder") or ""))
            if folder:
                session.select(folder)
    except ChannelError as error:
        return Check(label, False, str(error), _("Write the folder's name as your mail program does."))
    needed = options.copies(connection) != "own"
    return Check(label, bool(folder) or not needed, folder, "" if folder else _("Name the folder of sent mail."))


def _outgoing(server: Server) -> Iterator[Check]:
    reached = _reach(server, _("Outgoing server is reachable"))
    yield reached
    if not reached.ok:
        return
    try:
        with smtp_session(server) as smtp:
            offers = smtp.has_extn("auth")
    except ChannelError as error:
        yield Check(_("Signing in to send"), False, str(error), _advice(error))
        return
    if offers and server.password:
        yield Check(_("Signing in to send"), True, server.user)
    else:
        yield Check(_("Signing in to send"), True, words=_("No sign-in needed."))


def _reach(server: Server, label: str) -> Check:
    where = f"{server.host}:{server.port}"
    try:
        with socket.create_connection((server.host, server.port), timeout=10):
            return Check(label, True, where)
    except socket.gaierror:
        return Check(label, False, where, _("No server has this name. Look for a typing mistake."))
    except ConnectionRefusedError:
        return Check(label, False, where, _("The server is there, but nothing answers on this port. Check the port."))
    except OSError as error:
        return Check(label, False, f"{where}: {error}", _("The server does not answer. A firewall may be in the way."))


def _advice(error: ChannelError) -> str:
    """From what the server said to what a person can do."""
    cause = error.__cause__
    words = str(error).lower()
    if isinstance(cause, smtplib.SMTPAuthenticationError) or error.permanent:
        return _(
            "User name or password refused. Gmail and most providers want an app password, not the usual one. Outlook "
            "and Microsoft 365 take no password any more: forward that mail to a mailbox elsewhere, and connect that "
            "one."
        )
    if "certificate" in words:
        return _("The server's certificate is not valid for this name. Use the name that your provider gives.")
    if "wrong version number" in words or "starttls" in words or "record layer" in words:
        return _("Encryption and port do not match. Try the other kind of encryption.")
    return _("Try again in a minute; if it stays, ask your mail provider.")
