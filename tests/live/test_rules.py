"""Who hears of what: never more than they may see."""

import pytest

from netcenter.live.rules import ALL, EVERY_BRAND, EVERYONE, MOST_PARTS, audience, concerned, merge, topics_of

ALICE, BRAND, CASE = 3, 2, 9


def told(kind: str, case: int | None = CASE, operator: int | None = ALICE, brand: int | None = BRAND):
    return {notice.topic: notice for notice in audience(kind, case, operator, brand)}


@pytest.mark.parametrize("kind", ["offer.rang", "offer.missed", "offer.withdrawn", "offer.declined"])
def test_a_ring_is_told_to_one_operator_and_others_only_refresh_their_lists(kind):
    heard = told(kind)
    assert set(heard) == {"person:3", "brand:2"}
    assert heard["person:3"].kind == kind and {"ring", "case:9"} <= heard["person:3"].parts
    assert heard["brand:2"].parts == {"waiting", "team"} and not heard["brand:2"].kind
    assert heard["brand:2"].case_id is None


def test_that_a_case_was_taken_changes_it_for_all():
    assert "case:9" in told("offer.accepted")["brand:2"].parts


def test_a_message_refreshes_the_case_and_the_lists_of_its_brand_alone():
    heard = told("message.read", operator=None)
    assert set(heard) == {"brand:2"}
    assert heard["brand:2"].parts == {"case:9", "waiting", "mine", "ledger"}


def test_how_a_call_goes_is_told_where_it_rings():
    assert {"ring", "case:9"} <= told("message.called", operator=None)["brand:2"].parts


def test_who_a_customer_is_is_told_where_it_rings_and_where_it_is_listed():
    assert {"ring", "case:9", "side:9", "waiting", "mine"} <= told("customer.learned", operator=None)["brand:2"].parts


def test_presence_is_everybody_s_business_but_one_s_own_ring_is_not():
    heard = told("desk.state", case=None, brand=None)
    assert heard["person:3"].parts >= {"presence", "ring"} and heard[EVERYONE].parts == {"team"}


def test_that_somebody_writes_refreshes_no_list():
    assert told("case.writing", operator=None)["brand:2"].parts == {"case:9"}


def test_settings_without_a_brand_concern_everyone():
    assert set(told("person.added", case=None, operator=None, brand=None)) == {EVERYONE}


def test_a_fact_of_nobody_is_told_to_nobody():
    assert told("case.closed", operator=None, brand=None) == {}


def test_who_sees_all_brands_follows_one_topic_for_them():
    assert EVERY_BRAND in topics_of(1, None) and "brand:2" not in topics_of(1, None)
    assert topics_of(1, [2, 5]) == ("person:1", EVERYONE, "brand:2", "brand:5")
    assert concerned("brand:2") == ("brand:2", EVERY_BRAND) and concerned("person:1") == ("person:1",)


def test_too_many_parts_are_all():
    assert merge(f"case:{n}" for n in range(MOST_PARTS + 1)) == [ALL]
    assert merge(["b", "a", "b"]) == ["a", "b"]
