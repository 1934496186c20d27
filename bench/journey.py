"""Messages per second through the whole journey, from the raw delivery to "waiting", in batches.

python -m bench.journey [--messages 10000] [--profile]
"""

from __future__ import annotations

import argparse
import cProfile
import json
import pstats
import random
import subprocess
import time

from bench.lab import ENGINES, inside, installation, start, table

TEXTS = (
    "Hola, mi pedido llegó roto y nadie me responde desde ayer", "¿A qué hora abren el domingo?",
    "Olá, vocês têm pão sem glúten? Queria encomendar dois para sábado", "Riquísimas las medialunas, los felicito",
    "My cake never arrived, I want a refund please", "Me cobraron dos veces la misma compra, qué vergüenza",
)  # fmt: skip


def measure(messages: int, profile: bool) -> float:
    """Store the deliveries, then take them in; returns messages per second. Half come from known customers."""
    from tests.company import found

    from netcenter.channels.contract import Raw
    from netcenter.flow import take_in
    from netcenter.intake.actions import store
    from netcenter.lib import clock
    from netcenter.understanding.language import languages_of

    company, dice = found(), random.Random(1)
    languages_of(["el modelo se carga una vez"])

    def deliver(count: int, label: str) -> None:
        now = clock.now()
        said = [
            company.said(dice.choice(TEXTS), by=f"customer-{dice.randrange(messages)}", id=f"{label}-{i}", at=now)
            for i in range(count)
        ]
        for k in range(0, count, 1000):
            raws = [Raw(json.dumps(h).encode(), h["id"]) for h in said[k : k + 1000]]
            store(company.api, raws, None, now)

    deliver(messages // 2, "before")
    while take_in(clock.now()):
        pass
    deliver(messages, "measured")
    profiler = cProfile.Profile()
    if profile:
        profiler.enable()
    began = time.perf_counter()
    while take_in(clock.now()):
        pass
    seconds = time.perf_counter() - began
    if profile:
        profiler.disable()
        pstats.Stats(profiler).sort_stats("cumulative").print_stats(45)
    return messages / seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    wish = parser.parse_args()
    if wish.inside:
        inside()
        print(measure(wish.messages, wish.profile))
        return
    rows = []
    for engine in ENGINES:
        with installation(engine) as environment:
            flags = ["--inside", "--messages", wish.messages, *(["--profile"] if wish.profile else [])]
            told = start(environment, "bench.journey", *flags, stdout=subprocess.PIPE, text=True).communicate()[0]
        if wish.profile:
            print(told)
        rows.append([engine, wish.messages, f"{float(told.split()[-1]):.0f}"])
    print(table(["engine", "messages", "messages/s to waiting"], rows))


if __name__ == "__main__":
    main()
