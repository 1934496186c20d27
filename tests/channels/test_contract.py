"""Every channel keeps the contract: `keeping` says what that is. A channel is any folder with a `channel.py`."""

import pytest

from tests.channels import keeping


def _is(check) -> str:
    return check.__name__


@pytest.mark.parametrize(
    "fixture", [f for folder in keeping.FOLDERS for f in keeping.fixtures_of(folder)],
    ids=lambda f: f"{f.folder.name}-{f.name}",
)  # fmt: skip
@pytest.mark.parametrize("check", keeping.FIXTURE_CHECKS, ids=_is)
def test_of_every_fixture(check, fixture):
    check(fixture)


@pytest.mark.parametrize("folder", keeping.FOLDERS, ids=lambda folder: folder.name)
@pytest.mark.parametrize("check", keeping.FOLDER_CHECKS, ids=_is)
def test_of_every_channel(check, folder):
    check(folder)


def test_what_networks_share_knows_the_contract_alone():
    for family in keeping.FAMILIES:
        keeping.imports_nothing_of_the_house_but_the_contract(family)
        assert (family / "README.md").read_text().startswith("# ")
