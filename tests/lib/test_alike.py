"""Which texts say much the same."""

import pytest

from netcenter.lib.alike import Index, gist, likeness


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("¡¡No funciona la app!!", "@aurora no funcionaaaa la app 😡 https://x.test/1", True),
        ("Me cobraron dos veces el pedido 4711", "me cobraban dos veces, el pedido #22", True),
        ("Funciona la app", "No funciona la app", False),
        ("It works", "It doesn't work", False),
        ("Muy rico el pan de hoy", "Llegó tarde el pedido", False),
        ("❤️❤️❤️", "❤️", True),
        ("", "   ", True),
        ("Gracias", "Gracias totales amigos", False),
    ],
)
def test_it_knows_what_says_much_the_same(one, other, same):
    index = Index()
    entry = index.add(gist(one), "complaint/es", 1)
    assert (index.find(gist(other), "complaint/es") is entry) is same


def test_what_was_read_as_something_else_is_never_together():
    index = Index()
    index.add(gist("El pan de hoy"), "complaint/es", 1)
    assert index.find(gist("El pan de hoy"), "praise/es") is None
    assert index.find(gist("El pan de hoy"), "complaint/pt") is None


def test_the_nearest_leads_and_the_oldest_of_equals():
    index = Index()
    index.add(gist("tarde llegó pedido frío domingo"), "", 1)
    near = index.add(gist("tarde llegó pedido frío"), "", 2)
    index.add(gist("frío pedido llegó tarde"), "", 3)
    assert index.find(gist("llegó tarde el pedido y frío"), "") is near


def test_no_handle_link_or_length_breaks_it():
    for text in ("@" * 5000, "http://" * 900, "a" * 100_000, "\x00\ud800", "🙂" * 3000, "1" * 3000):
        assert likeness(gist(text), gist(text)) == 1.0
