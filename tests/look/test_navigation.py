from types import SimpleNamespace

import pytest

from netcenter.look import navigation


@pytest.fixture(autouse=True)
def links(monkeypatch):
    monkeypatch.setattr(navigation, "_links", {})
    paths = {"desk": "/", "ledger": "/ledger/", "age": "/ledger/age/", "teams": "/settings/teams/"}
    monkeypatch.setattr(navigation, "reverse", paths.__getitem__)
    navigation.register("Ledger", "ledger", "scale", order=30)
    navigation.register("Desk", "desk", "phone", order=10)
    navigation.register("Age", "age", "clock", order=40, allowed=lambda user: user.is_supervisor)
    navigation.register("Teams", "teams", "users", section="settings", allowed="people.change_team")


def request(path="/", is_authenticated=True, is_supervisor=False, permissions=()):
    user = SimpleNamespace(
        is_authenticated=is_authenticated, is_supervisor=is_supervisor, has_perm=lambda name: name in permissions
    )
    return SimpleNamespace(path=path, user=user)


def test_links_stand_in_order_and_only_for_whom_they_are_allowed():
    assert [item.label for item in navigation.nav_items(request())] == ["Desk", "Ledger"]
    assert [item.label for item in navigation.nav_items(request(is_supervisor=True))] == ["Desk", "Ledger", "Age"]


def test_a_permission_opens_a_link():
    assert navigation.nav_items(request(), "settings") == []
    allowed = request(permissions={"people.change_team"})
    assert [item.href for item in navigation.nav_items(allowed, "settings")] == ["/settings/teams/"]


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("/", ["Desk"]),
        ("/ledger/", ["Ledger"]),
        ("/ledger/7/", ["Ledger"]),
        ("/ledger/age/2/", ["Age"]),
        ("/cases/7/", []),
    ],
)
def test_the_nearest_link_is_current_and_the_root_only_on_itself(path, current):
    items = navigation.nav_items(request(path, is_supervisor=True))
    assert [item.label for item in items if item.is_current] == current


def test_a_stranger_sees_no_links():
    assert navigation.nav_items(request(is_authenticated=False)) == []
    assert navigation.nav_items(None) == []
