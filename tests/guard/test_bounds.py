"""The bounds that the guard must keep on the drafts that were written for it; `python -m bench.guard` tells more."""

import pytest
from bench.guard import FRESH, LANGUAGES, MUST_BLOCK, UNLEARNED, rows, verdicts

from netcenter.guard.rules import RULES, examine

ROWS = rows()


@pytest.mark.parametrize("held_out", [False, True])
def test_it_blocks_what_must_be_blocked_and_little_else(held_out):
    chosen = [row for row in ROWS if row.held_out is held_out]
    count, wrong = verdicts(chosen)
    hits, due = count.recall
    innocent = sum(not row.must & MUST_BLOCK for row in chosen)
    assert hits / due >= 0.9, wrong
    assert count.false / innocent <= 0.01, wrong


@pytest.mark.parametrize("name", FRESH)
def test_it_keeps_what_it_learned_from_strangers(name):
    chosen = rows([name])
    count, wrong = verdicts(chosen)
    hits, due = count.recall
    assert hits / due >= 0.9 and not count.false, wrong


@pytest.mark.parametrize("name", UNLEARNED)
def test_it_stops_no_good_draft_that_it_did_not_learn_from(name):
    count, wrong = verdicts(rows([name]))
    assert count.recall[0] >= 13 and not count.false, wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_good_draft_is_left_in_peace(language):
    good = [row for row in ROWS if row.language == language and row.good]
    assert len(good) >= 80
    bothered = [row.id for row in good if any(f.severity != "inform" for f in examine(row.draft))]
    assert len(bothered) <= 0.03 * len(good), bothered


def test_every_rule_has_its_drafts_in_the_set():
    assert {rule for row in ROWS for rule in row.must} == {rule.name for rule in RULES}
    assert len({row.id for row in ROWS}) == len(ROWS) and all(
        sum(row.language == language for row in ROWS) >= 200 for language in LANGUAGES
    )
