"""A post goes viral: 20,000 comments at 500 a second. How soon does the first ring, and do the pages stay quick?

    python -m bench.viral [--engine both] [--comments 20000] [--rate 500] [--pages 8] [--apart]

Comments come as Facebook's signed webhooks, one each, through the door of a real server with all its loops; six in ten
say what others say, in words that differ a little. A dozen operators sit there; each answers for a few seconds what
rings. The first ring is timed from when the first comment was sent to the event at a browser's socket. Pages are asked
for in an open loop while the flood arrives, and again when everything stands there; times are from when each was due.
Ends with 1 when the first ring took a second, or a page's p95 with all comments there is 150 ms or more.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import hmac
import itertools
import json
import os
import random
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field

from bench.crew import Browser, World, answer, dispose, look
from bench.house import House, Seat, free_port, sign_in
from bench.lab import ENGINES, inside, installation, quantile, start, table

PAGE, POST, SECRET = "1067280970047460", "1067280970047460_77", "bench-secret"
OPERATORS, HANDLING, WARM, WARM_UP, SETTLE = 12, 4.0, 8.0, 6, 5.0
FIRST, TARGET = 1000.0, 150.0  # ms

SAID = (
    "No tengo servicio desde esta mañana", "Me cobraron dos veces el mismo pedido", "La app no abre desde ayer",
    "¿A qué hora vuelve la luz?", "Llevo tres horas esperando en el teléfono", "El repartidor nunca llegó a mi casa",
    "Qué vergüenza de empresa", "Gracias por avisar, ánimo al equipo", "Quiero que me devuelvan el dinero",
    "¿Cuándo lo arreglan en el centro?", "My order never arrived", "Refund me now please", "Ninguém atende o telefone",
    "Meu pedido veio quebrado", "Los voy a denunciar a consumo", "Excelente atención la de ayer",
)  # fmt: skip
AROUND = ("", "!!!", " 😡", " @aurora", " por favor", " otra vez", " ya", " en serio", " como siempre", " 4711")
WORDS = """
    pan pedido calle tarde ayer siempre nunca tienda centro norte cliente factura precio caja queso horno domingo lunes
    promoción azúcar sal bolsa puerta vecino moto reparto hora dinero mail número
""".split()  # noqa: SIM905


def comment(n: int) -> str:
    """What the nth person writes."""
    rng = random.Random(n)
    if rng.random() < 0.6:
        return rng.choice(SAID) + rng.choice(AROUND)
    return " ".join(rng.sample(WORDS, rng.randint(4, 9))).capitalize()


def delivery(n: int, now: float, post: str = POST) -> bytes:
    """The webhook of the nth comment."""
    value = {
        "from": {"id": f"9{n:09d}", "name": f"Cliente {n}"}, "post": {"id": post, "permalink_url": "https://fb.example/77"},
        "message": comment(n), "item": "comment", "verb": "add", "comment_id": f"{post[-2:]}_{n}", "post_id": post,
        "parent_id": post, "created_time": int(now),
    }  # fmt: skip
    told = {"id": PAGE, "time": int(now), "changes": [{"value": value, "field": "feed"}]}
    return json.dumps({"object": "page", "entry": [told]}).encode()


@dataclass
class Flood(World):
    """The world with a crowd in it."""

    took: dict[str, dict[str, list[float]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    stage: str = "flood"
    first_sent: float = 0.0

    async def post_comment(self, n: int, post: str = POST) -> None:
        body = delivery(n, time.time(), post)
        proof = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={proof}"}
        began = time.perf_counter()
        while (status := await self.ask("POST", f"/hooks/{self.hook}", headers, body)) != 200:
            self.answers[status] += 1
            await asyncio.sleep(0.5)  # a network tries again
        self.posted.append(time.perf_counter() - began)

    async def handle(self, seat: Seat, case: int) -> None:
        """Pick up, work, answer."""
        await self.press(seat, f"/desk/case/{case}/take/")
        thread, _customer, _seen = await asyncio.to_thread(look, case)
        await asyncio.sleep(random.expovariate(1 / HANDLING))
        if await answer(self, seat, case, thread) == 422:  # the guard objects to so short an answer to some
            await dispose(self, seat, case)

    async def page(self, seat: Seat, name: str, path: str, due: float) -> None:
        whole = name in ("the case", "what they say")
        headers = {"Cookie": seat.cookie, "Accept-Encoding": "gzip"} | ({} if whole else {"HX-Request": "true"})
        status = await self.ask("GET", path, headers)
        self.took[self.stage][name].append((time.perf_counter() - due) * 1000)
        self.answers[status] += 1


def addresses() -> dict[str, str]:
    """What people look at now."""
    from netcenter.cases.models import Message, Post
    from netcenter.crowds.models import Chorus

    post = Post.objects.filter(external_id=POST).first()
    if post is None or not Message.objects.filter(post=post).exists():
        return {"lists": "/desk/lists/"}
    under = Message.objects.filter(post=post, direction="in").order_by("-id")
    newest = under.values_list("id", flat=True).first() or 0
    case = under.filter(pk__lte=random.randint(max(1, newest - 2000), newest)).values_list("case_id", flat=True).first()
    chorus = Chorus.objects.filter(post=post).order_by("-waiting", "-comments").values_list("pk", flat=True).first()
    found = {
        "lists": "/desk/lists/", "the case": f"/desk/case/{case}/", "its post": f"/desk/case/{case}/post/{post.pk}/",
        "what they say": f"/desk/post/{post.pk}/", "its figures": f"/desk/post/{post.pk}/",
    }  # fmt: skip
    return found | ({"who says so": f"/desk/chorus/{chorus}/"} if chorus else {})


async def take_everything(port: int) -> asyncio.Server:
    """The network as it answers us: whatever we say is there, under a name of its own."""
    names = itertools.count()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(EOFError, OSError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            if b"content-length: " in head:
                await reader.readexactly(int(head.split(b"content-length: ")[1].split(b"\r\n")[0]))
            body = json.dumps({"id": f"ours_{next(names)}"}).encode()
            told = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            writer.write(told.encode() + body)
            await writer.drain()
        writer.close()

    return await asyncio.start_server(serve, "127.0.0.1", port)


async def every(world: Flood, rate: float, seconds: float, work) -> None:  # type: ignore[no-untyped-def]
    """An open loop: what is late does not hold back the next."""
    began = time.perf_counter()
    for n in range(int(rate * seconds)):
        due = began + n / rate
        if (left := due - time.perf_counter()) > 0:
            await asyncio.sleep(left)
        world.begin(work(n, due))


async def look_around(world: Flood, seats: list[Seat], rate: float, seconds: float) -> None:
    def one(n: int, due: float):  # type: ignore[no-untyped-def]
        async def go() -> None:
            known = await asyncio.to_thread(addresses)
            name = list(known)[n % len(known)]
            await world.page(random.choice(seats), name, known[name], time.perf_counter())

        return go()

    await every(world, rate, seconds, one)


async def drive(world: Flood, seats: list[Seat], wish: argparse.Namespace, graph: int) -> dict[str, object]:
    world.wire()
    network = await take_everything(graph)
    for seat in seats:
        await Browser(world, seat, world.handle).connect()
    for n in range(WARM_UP):  # everything is loaded and compiled once
        await world.post_comment(1_000_000 + n, f"{PAGE}_66")
        await asyncio.sleep(0.5)
    await asyncio.sleep(WARM)
    world.posted.clear()
    began, sent_at = time.perf_counter(), time.time()
    seconds = wish.comments / wish.rate
    await asyncio.gather(
        every(world, wish.rate, seconds, lambda n, _due: world.post_comment(n)),
        look_around(world, seats, wish.pages, seconds),
    )
    flooded = time.perf_counter() - began
    recorded, sorted_ = await asyncio.to_thread(all_there, wish.comments, began)
    await asyncio.sleep(SETTLE)
    world.stage = "there"
    await look_around(world, seats, wish.pages, wish.seconds)
    await asyncio.sleep(1)
    network.close()
    for task in list(world.tasks):
        task.cancel()
    first = min((at for _person, _case, at in world.rings if at > sent_at), default=float("inf")) - sent_at
    return {
        "first": first * 1000, "rings": len(world.rings), "took": world.took, "answers": world.answers,
        "door": quantile(world.posted, 0.99) * 1000, "flooded": flooded, "recorded": recorded, "sorted": sorted_,
    }  # fmt: skip


def all_there(comments: int, began: float, patience: float = 300.0) -> tuple[float, float]:
    """Seconds until every comment was recorded, and until every one was sorted and counted."""
    from netcenter.cases.models import Message
    from netcenter.crowds.models import Crowd

    recorded = 0.0
    while time.perf_counter() - began < patience:
        here = Message.objects.filter(direction="in").count()
        if here >= comments and not recorded:
            recorded = time.perf_counter() - began
        if recorded and Crowd.objects.filter(comments__gte=comments).exists():
            return recorded, time.perf_counter() - began
        time.sleep(0.25)
    raise RuntimeError("the comments did not all get there")


def prepare(port: int, graph: int) -> tuple[list, str]:
    """The company with its page, and operators at their desks."""
    from tests.company import found

    from netcenter.accounts.actions import connect
    from netcenter.lib import clock
    from netcenter.people.models import Desk, Person, PersonSkill, Skill

    company, now = found(), clock.now()
    values = {
        "app_id": "1",
        "app_secret": SECRET,
        "token": "t",
        "page_id": PAGE,
        "base_url": f"http://127.0.0.1:{graph}",
    }
    page = connect(company.brand, "facebook", "Page", PAGE, values, now, "system")
    Person.objects.bulk_create(
        Person(email=f"op{i}@example.com", name=f"Op {i}", role="operator" if i % 4 else "supervisor")
        for i in range(OPERATORS)
    )
    crew = list(Person.objects.filter(email__startswith="op"))
    company.brand.people.add(*crew)
    PersonSkill.objects.bulk_create(PersonSkill(person=p, skill=s) for p in crew for s in Skill.objects.all())
    Desk.objects.bulk_create(Desk(person=p, state="available", since=now, idle_since=now, seen_at=now) for p in crew)
    return [sign_in(p, port) for p in crew], page.key


def measure(engine: str, wish: argparse.Namespace) -> dict:
    with installation(engine) as environment:
        word, graph = "web" if wish.apart else "serve", free_port()
        settings = {"NETCENTER_GRACE_SECONDS": "3600", "NETCENTER_RING_SECONDS": "30"}
        house = House(environment, word, loops=wish.apart, **settings)
        told = start(environment, "bench.viral", "--prepare", house.port, graph, stdout=subprocess.PIPE, text=True)
        prepared = told.communicate()[0].splitlines()[-1]
        house.start()
        house.await_ready()
        try:
            numbers = [f"--{name}={getattr(wish, name)}" for name in ("comments", "rate", "pages", "seconds")]
            asked = ["--drive", prepared, "--port", house.port, "--graph", graph, *numbers]
            client = start(environment, "bench.viral", *asked, stdout=subprocess.PIPE, text=True)
            return json.loads(client.communicate()[0].splitlines()[-1])
        finally:
            house.stop()
            if wish.log:
                with open(wish.log, "w") as file:
                    file.write(house.told())


def report(wish: argparse.Namespace) -> int:
    failed = 0
    firsts, pages = [], defaultdict(list)
    engines = ENGINES if wish.engine == "both" else [wish.engine]
    for engine in engines:
        found = measure(engine, wish)
        firsts.append([engine, f"{wish.comments:,}", f"{found['first']:.0f}", found["rings"], f"{found['door']:.0f}",
                       f"{found['flooded']:.0f}", f"{found['recorded']:.0f}", f"{found['sorted']:.0f}"])  # fmt: skip
        failed |= found["first"] >= FIRST
        for stage in ("flood", "there"):
            for name, took in found["took"].get(stage, {}).items():
                p50, p95, p99 = (quantile(took, share) for share in (0.5, 0.95, 0.99))
                pages[name, stage].append(f"{p50:.0f} / {p95:.0f} / {p99:.0f}")
                failed |= stage == "there" and p95 >= TARGET
        if set(found["answers"]) - {"200", "204", "422"}:
            print(f"{engine}: answers by status {found['answers']}", file=sys.stderr)
    print(table(["engine", "comments", "first ring, ms", "rings", "door p99, ms", "flood, s", "recorded, s",
                 "sorted, s"], firsts))  # fmt: skip
    words = {"flood": "while they arrive", "there": "all there"}
    rows = [[name, words[stage], *cells] for (name, stage), cells in sorted(pages.items(), key=lambda p: p[0][1])]
    print(f"\np50 / p95 / p99 in ms\n\n{table(['page', 'when', *engines], rows)}", flush=True)
    return int(failed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", choices=[*ENGINES, "both"], default="both")
    parser.add_argument("--comments", type=int, default=20_000)
    parser.add_argument("--rate", type=float, default=500.0, help="comments a second")
    parser.add_argument("--pages", type=float, default=8.0, help="a second")
    parser.add_argument("--seconds", type=float, default=40.0, help="of looking, when all are there")
    parser.add_argument("--apart", action="store_true", help="pages and loops in a process each (PostgreSQL)")
    parser.add_argument("--log", help="keep what the server logged here")
    parser.add_argument("--prepare", nargs=2, type=int, help=argparse.SUPPRESS)
    parser.add_argument("--drive", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--graph", type=int, help=argparse.SUPPRESS)
    wish = parser.parse_args()
    if wish.apart and wish.engine != "postgres":
        parser.error("--apart needs --engine postgres")
    if wish.prepare:
        inside()
        seats, hook = prepare(*wish.prepare)
        print(json.dumps([[[s.person_id, s.port, s.cookie] for s in seats], hook]))
    elif wish.drive:
        inside()
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
        seats, hook = json.loads(wish.drive)
        world = Flood(wish.port, hook, SECRET)
        with contextlib.suppress(KeyboardInterrupt):
            print(json.dumps(asyncio.run(drive(world, [Seat(*seat) for seat in seats], wish, wish.graph))))
    else:
        sys.exit(report(wish))


if __name__ == "__main__":
    main()
