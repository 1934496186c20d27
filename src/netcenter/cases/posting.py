"""The posts that customers comment on: known by their id at first, by all that is told of them later."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from netcenter.accounts.models import Account
from netcenter.cases import told
from netcenter.cases.models import Post
from netcenter.channels import contract
from netcenter.channels.contract import Reached
from netcenter.events.actions import event, record
from netcenter.lib.bulk import insert_many, update_many
from netcenter.lib.text import clean
from netcenter.lib.transactions import atomic

Known = dict[tuple[int, str], Post]
FIELDS = ("text", "title", "url", "author", "pictures", "sent_at", "ours", "promoted")


@atomic
def tell(posts: Sequence[tuple[Account, contract.Post]], now: datetime) -> Known:
    """Find or make them, with what is told of them now; by (account, external id)."""
    if not posts:
        return {}
    known = told.posts_of([(account.pk, one.external_id) for account, one in posts])
    fresh: Known = {}
    changed: dict[int, Post] = {}
    for account, one in posts:
        name = (account.pk, one.external_id[:255])
        post = known.get(name) or fresh.get(name)
        if post is None:
            post = fresh[name] = Post(account=account, external_id=name[1], heard_at=now)
        if _learn(post, one) and post.pk:
            changed[post.pk] = post
    insert_many(list(fresh.values()))
    update_many(list(changed.values()), FIELDS)
    record(*(_heard(post, now) for post in fresh.values()))
    return known | fresh


def _heard(post: Post, now: datetime) -> Any:
    return event("post.heard", now, brand_id=post.account.brand_id, account=post.account_id, post=post.pk)


@atomic
def learn(post: Post, one: contract.Post | None, now: datetime) -> None:
    """What the network answered when it was asked for the post; None: it is gone."""
    if one is None:
        gone(post, now, now)
        return
    post = Post.objects.select_for_update(of=("self",)).select_related("account").get(pk=post.pk)  # told more meanwhile
    if _learn(post, one):
        update_many([post], FIELDS)
        record(event("post.learned", now, brand_id=post.account.brand_id, account=post.account_id, post=post.pk))
    if one.reach:
        told.keep([(post.account_id, Reached(post.external_id, one.reach, now, "post"))], now)


def gone(post: Post, at: datetime, now: datetime) -> bool:
    """It vanished on the network; what we know of it stays (law 6). False when that was known."""
    if not Post.objects.filter(pk=post.pk, gone_at=None).update(gone_at=at):
        return False
    record(event("post.vanished", now, brand_id=post.account.brand_id, account=post.account_id, post=post.pk))
    return True


def needs_asking(post: Post) -> bool:
    """Whether it is known by its id alone."""
    return not (post.text or post.title or post.author or post.sent_at or post.gone_at)


def _learn(post: Post, one: contract.Post) -> bool:
    """Take over what is told; what is not told stays. Whether anything changed."""
    fresh: dict[str, Any] = {
        "text": clean(one.text), "title": clean(one.title)[:255], "url": one.url[:1000], "sent_at": one.sent_at,
        "author": told.plain(one.author) or {}, "ours": one.ours, "pictures": told.plain(one.attachments) or [],
        "promoted": one.reach.promoted if one.reach else None,
    }  # fmt: skip
    changes = {
        name: value for name, value in fresh.items() if value not in ("", None, {}, []) and value != getattr(post, name)
    }
    for name, value in changes.items():
        setattr(post, name, value)
    return bool(changes)
