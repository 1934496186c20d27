"""Every measure, one after another: `python -m bench` (or `python -m bench door ring`)."""

import subprocess
import sys

MEASURES = (
    "door", "journey", "verbs", "ring", "race", "streams", "pages", "drawing", "kill", "policies", "router",
    "switchboard", "telephone", "rebuild", "guard", "irony", "viral", "chaos",
)  # fmt: skip


def main() -> int:
    """Run them in processes of their own; 1 when one of them failed."""
    failed = [m for m in sys.argv[1:] or MEASURES if _run(m)]
    if failed:
        print(f"Failed: {', '.join(failed)}", file=sys.stderr)
    return int(bool(failed))


def _run(measure: str) -> int:
    print(f"\n## {measure}\n", flush=True)
    return subprocess.call([sys.executable, "-m", f"bench.{measure}"])


if __name__ == "__main__":
    sys.exit(main())
