"""What we vendor is what its manifest says, whole and with its licence."""

import hashlib
import json
import re

import pytest

from netcenter.look import vendor
from netcenter.look.icons import icon, names

MANIFEST = json.loads(vendor.MANIFEST.read_text())


@pytest.mark.parametrize("path", sorted(MANIFEST))
def test_a_vendored_file_is_untouched(path):
    assert hashlib.sha256((vendor.STATIC / path).read_bytes()).hexdigest() == MANIFEST[path]["sha256"]


def test_no_vendored_file_is_missing_from_the_manifest():
    here = {
        str(path.relative_to(vendor.STATIC))
        for folder in ("vendor", "fonts")
        for path in (vendor.STATIC / folder).iterdir()
    }
    assert here == set(MANIFEST) - {"sprite.svg"}


def test_every_package_has_its_version_and_its_licence_beside_it():
    assert {name: (version, licence) for name, (version, licence) in vendor.PACKAGES.items()} == {
        one["package"]: (one["version"], one["licence"]) for path, one in MANIFEST.items() if path != "sprite.svg"
    }
    licences = {one["package"] for path, one in MANIFEST.items() if path.endswith(".LICENSE.txt")}
    assert licences == set(vendor.PACKAGES)


def test_the_sprite_holds_every_icon_asked_for():
    assert names() == {*vendor.ICONS, *vendor.SHAPES, *(f"brand-{name}" for name in vendor.BRANDS)}


def test_an_unknown_icon_is_refused_and_a_near_name_told():
    with pytest.raises(LookupError, match="bell-ring"):
        icon("bel-ring")


def test_an_icon_with_a_label_is_read_aloud_and_cannot_break_out_of_it():
    assert 'role="img" aria-label="&lt;b&gt;&#34;"' in icon("mail", '<b>"')
    assert 'aria-hidden="true"' in icon("mail")


def test_no_style_sheet_or_module_reaches_outside_this_server():
    for path in [*vendor.STATIC.glob("*.css"), *vendor.STATIC.glob("js/*.js"), *vendor.STATIC.glob("*.svg")]:
        addresses = set(re.findall(r"https?://[^\s\"')]+", path.read_text())) - {"http://www.w3.org/2000/svg"}
        assert addresses == set(), path.name
