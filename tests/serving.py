"""The house on a free port in a thread of the test's own process, with the loops that a test wants."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.test import Client

from netcenter.lib.loops import Loop, Runner
from netcenter.people.models import Person
from netcenter.site import server


@contextmanager
def served(loops: Sequence[Loop] = ()) -> Iterator[str]:
    """The address of the house. Needs a database that threads share: `transactional_db`."""
    runner = Runner(loops)
    house = server.server_of(server.Front(runner))
    house.config.timeout_graceful_shutdown = 2
    sock = server.listen("127.0.0.1", 0)
    thread = threading.Thread(target=house.run, args=([sock],), daemon=True)
    runner.start()
    thread.start()
    try:
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"
    finally:
        house.should_exit = True
        thread.join(15)
        runner.stop()


def cookie_of(person: Person) -> str:
    """The cookie of a browser in which the person has signed in."""
    client = Client()
    client.force_login(person, "allauth.account.auth_backends.AuthenticationBackend")
    return f"sessionid={client.cookies['sessionid'].value}"
