"""What `netcenter serve`, `demo`, `web`, `loops`, `doctor` and `messages` do."""

import os
from typing import Annotated

import typer
from rich.console import Console

from netcenter.guard.command import guard
from netcenter.planning.simulate import simulate
from netcenter.site import reading

HELP = """Every customer message rings, for exactly one operator, and none stays unanswered.

First time?  [bold]netcenter demo[/bold]  and open the address that it prints.

Everything is kept in the folder [bold]NETCENTER_DATA[/bold] (./data), unless [bold]NETCENTER_DATABASE[/bold] names a
PostgreSQL: postgresql://user:password@host/name. Then [bold]web[/bold] and [bold]loops[/bold] may run on many hosts.
Other words (migrate, shell, …) are Django's commands: [bold]netcenter help[/bold] lists them."""

app = typer.Typer(
    help=HELP, rich_markup_mode="rich", add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip
say = Console(highlight=False)

Host = Annotated[str, typer.Option(envvar="NETCENTER_HOST", help="The address to listen on; 0.0.0.0 for all.")]
Port = Annotated[int, typer.Option(envvar="NETCENTER_PORT", help="The port to listen on; 0 takes a free one.")]
Migrate = Annotated[bool, typer.Option(help="Bring the database up to date first.")]


@app.command()
def serve(host: Host = "127.0.0.1", port: Port = 8000, migrate: Migrate = True) -> None:
    """Everything in one process: the pages, the door, the rings and the loops. What a company needs."""
    _serve(host, port, migrate, loops=True)


@app.command()
def demo(host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """The same with a street of simulated citizens who write, answer back and lose patience."""
    _serve(host, port, migrate=True, loops=True)


@app.command()
def web(host: Host = "127.0.0.1", port: Port = 8000, migrate: Migrate = False) -> None:
    """The web server without the loops. On PostgreSQL, as many as needed."""
    _serve(host, port, migrate, loops=False)


@app.command()
def loops() -> None:
    """The loops without the web server. On PostgreSQL, as many as needed: they share the work."""
    _django()
    _require_migrations()
    from netcenter.site.server import house_loops, run_loops

    found = house_loops()
    say.print(f"{len(found)} loops are running. Ctrl+C ends them.")
    run_loops(found)


@app.command()
def doctor() -> None:
    """Look whether everything is well, and say what to do about what is not. Ends with 1 when something is wrong."""
    _django()
    from netcenter.site.doctor import examine

    ill = False
    for check in examine():
        ill |= not check.ok
        mark = "[green]✓[/green]" if check.ok else "[red]✗[/red]"
        say.print(f"{mark} {check.label}" + (f"  [dim]{check.detail}[/dim]" if check.detail else ""))
        if not check.ok and check.advice:
            say.print(f"  → {check.advice}")
    raise typer.Exit(int(ill))


@app.command()
def messages(
    check: Annotated[bool, typer.Option(help="Also tell what is not translated, and end with 1.")] = False,
) -> None:
    """Compile the translations, and tell which are missing or contradict each other."""
    from netcenter.site import messages as words

    for problem in words.compile_all():
        say.print(f"[red]✗[/red] {problem}")
    if not check:
        return
    missing, contradictions = words.missing(), words.contradictions()
    for line in missing + contradictions:
        say.print(line, markup=False, soft_wrap=True)
    say.print(f"{len(missing)} translations are missing." if missing else "Everything is translated.")
    if contradictions:
        say.print(f"{len(contradictions)} are said in two ways: agree on one, or tell them apart with pgettext.")
    raise typer.Exit(int(bool(missing or contradictions)))


app.command()(simulate)
app.command()(guard)
app.command()(reading.read)
app.add_typer(reading.topics, name="topics")


def _django() -> None:
    import django

    from netcenter.site import messages as words

    for problem in words.compile_all():
        say.print(f"[yellow]![/yellow] {problem}")
    django.setup()


def _serve(host: str, port: int, migrate: bool, loops: bool) -> None:
    os.environ["NETCENTER_PORT"] = str(port)  # links are made with it, so it is said before the settings are read
    _django()
    from netcenter.setup import latch
    from netcenter.site import server

    try:
        sock = server.listen(host, port)
    except server.Taken as taken:
        say.print(f"[red]Cannot listen on[/red] {taken}. Is it running already? Choose another with --port.")
        raise typer.Exit(1) from taken
    if migrate:
        from django.core.management import call_command

        call_command("migrate", verbosity=0, interactive=False)
    else:
        _require_migrations()
    if loops:
        _open_street(sock.getsockname()[1])
    shown = f"[{host}]" if ":" in host else host
    say.print(f"Netcenter is at [bold]http://{shown}:{sock.getsockname()[1]}/[/bold]   Ctrl+C ends it.")
    if link := latch.link(host, sock.getsockname()[1]):
        say.print(f"Nobody has set it up yet. Only with this link can somebody elsewhere:\n{link}", soft_wrap=True)
    server.serve(sock, server.house_loops() if loops else [])


def _open_street(port: int) -> None:
    """In the demo: furnish an empty database, and let citizens write once the server answers."""
    from django.conf import settings

    if not settings.DEMO:
        return
    from netcenter.lib import clock
    from netcenter.street import company
    from netcenter.street import loops as street

    with say.status("Opening a bakery chain with a week of history…"):
        demo = company.open_street(f"http://127.0.0.1:{port}", clock.now())
    if demo is None:
        say.print("[yellow]![/yellow] This is somebody's installation: no simulated customers come here.")
    street.opened(demo)


def _require_migrations() -> None:
    from netcenter.site.doctor import pending_migrations

    if pending := pending_migrations():
        say.print(f"[red]The database is {len(pending)} steps behind.[/red] Run  netcenter migrate  first.")
        raise typer.Exit(1)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "netcenter.site.settings")
    app()
