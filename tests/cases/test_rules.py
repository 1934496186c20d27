"""What a case is called, and whose."""

import pytest

from netcenter.cases.rules import readable


@pytest.mark.parametrize("handle, shown", [
    ("dana@correo.example", True), ("dana", True), ("@dana.lopez", True), ("+5491123456789", True),
    ("5491123456789", True), ("cafe-babe", True),
    ("587378e257bed70a738c244bc645ae27ebb7352153a567c7ba9e44d448f6379d", False),
    ("2f1c8a50-0000-4c1e-9a5e-3b6f9d0c7e11", False), ("2F1C8A50-0000-4C1E-9A5E-3B6F9D0C7E11", False),
    ("6412345678901234567", False), ("", False),
])  # fmt: skip
def test_a_handle_is_shown_when_a_person_could_read_it(handle, shown):
    assert readable(handle) == (handle if shown else "")
