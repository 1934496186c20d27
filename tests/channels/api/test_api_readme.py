"""The examples of the README run as they are printed, against the real channel."""

import os
import re
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from netcenter.channels.api import channel, wire
from netcenter.channels.contract import Author, Connection, Outbound, Raw, Request, ThreadRef

README = Path(channel.__file__).with_name("README.md").read_text()
SECRET = "a-secret-of-the-readme"
BLOCKS = {name: code for _, name, code in re.findall(r"```(\w+)\n(?:#|//) ([\w.]+)[^\n]*\n(.*?)```", README, re.DOTALL)}


@pytest.fixture
def door():
    """The house's door for one account: judges with the channel, keeps what is to be stored."""
    account = Connection("k", "", "", {}, {"secret": SECRET})
    stored: list[bytes] = []

    class Door(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = channel.CHANNEL.verify(Request("POST", headers, "", body), account)
            if answer.store:
                stored.append(body)
            self.send_response(answer.status)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hooks/k", stored
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("name", "command"),
    [("send.py", [sys.executable]), ("send.sh", ["bash", "-e"]), ("send.mjs", ["node"])],
)
def test_the_senders_of_the_readme_are_let_in(name, command, door, tmp_path):
    if name == "send.sh" and not (shutil.which("curl") and shutil.which("openssl")):
        pytest.skip("curl and openssl are not installed, so the README's shell example was not run")
    if name == "send.mjs" and not shutil.which("node"):
        pytest.skip("Node is not installed, so the README's Node example was not run")
    hook, stored = door
    script = tmp_path / name
    script.write_text(BLOCKS[name])
    environment = os.environ | {"NETCENTER_HOOK": hook, "NETCENTER_SECRET": SECRET}
    done = subprocess.run([*command, str(script)], env=environment, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    assert '"kept":true' in done.stdout
    raw = Raw(stored[0], "d", {"received_at": "2026-03-02T09:00:00+00:00"})
    [message] = channel.CHANNEL.parse(raw, Connection("k", "", "", {}, {}))
    assert (message.author.name, message.text) == ("Dana", "My order has not arrived")


def test_the_receiver_of_the_readme_takes_each_reply_once(tmp_path, settings):
    settings.ALLOW_PRIVATE_HTTP = True
    script = tmp_path / "receive.py"
    script.write_text(BLOCKS["receive.py"])
    receiver = subprocess.Popen(
        [sys.executable, str(script)], env=os.environ | {"NETCENTER_SECRET": SECRET, "PORT": "0"},
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        port = receiver.stdout.readline().split()[-1]
        account = Connection("k", "", "", {"webhook_url": f"http://127.0.0.1:{port}/"}, {"secret": SECRET})
        reply = Outbound("nc-1", ThreadRef("t"), Author("u", "Dana"), "On its way")
        assert [channel.CHANNEL.send(reply, account).external_id for _ in range(2)] == ["reply-1", "reply-1"]
        assert all(check.ok for check in channel.CHANNEL.health(account))
    finally:
        receiver.terminate()
        assert receiver.communicate(timeout=10)[0].splitlines() == ["to Dana : On its way"]


def test_every_field_that_is_read_is_in_the_readme():
    asked = re.findall(r"""\.(?:maybe|id|text|time|child|get)\("(\w+)\"""", Path(wire.__file__).read_text())
    assert len(set(asked)) > 15
    for name in set(asked):
        assert re.search(rf"[`\"]{name}[`\"]", README), f"{name} is not in the README"
