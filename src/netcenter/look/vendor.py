"""Fetches what we vendor and draws the sprite: `python -m netcenter.look.vendor` (needs npm, once per upgrade).

Everything it writes is committed together with `vendor.json`, so a user's machine never runs it.
"""

import hashlib
import json
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path

STATIC = Path(__file__).parent / "static" / "look"
MANIFEST = STATIC / "vendor.json"

PACKAGES = {
    "htmx.org": ("4.0.1", "0BSD"),
    "@fontsource-variable/inter": ("5.3.0", "OFL-1.1"),
    "lucide-static": ("1.62.0", "ISC AND MIT"),
    "simple-icons": ("16.37.0", "CC0-1.0"),
}

COPIES = [  # (package, path inside it, path under static/look)
    ("htmx.org", "dist/htmx.min.js", "vendor/htmx.min.js"),
    ("htmx.org", "dist/ext/hx-sse.min.js", "vendor/hx-sse.min.js"),
    ("htmx.org", "LICENSE", "vendor/htmx.LICENSE.txt"),
    ("@fontsource-variable/inter", "files/inter-latin-wght-normal.woff2", "fonts/inter-latin.woff2"),
    ("@fontsource-variable/inter", "files/inter-latin-ext-wght-normal.woff2", "fonts/inter-latin-ext.woff2"),
    ("@fontsource-variable/inter", "LICENSE", "fonts/inter.LICENSE.txt"),
    ("lucide-static", "LICENSE", "vendor/lucide.LICENSE.txt"),
    ("simple-icons", "LICENSE.md", "vendor/simple-icons.LICENSE.txt"),
]

ICONS = """
archive arrow-left arrow-right arrow-up-right at-sign ban bell bell-off bell-ring book-open bookmark building-2
calendar chart-column chart-line check check-check chevron-down chevron-left chevron-right chevron-up chevrons-up-down
circle circle-alert circle-check circle-dashed circle-help circle-x clock code coffee copy corner-up-left diamond
download ellipsis external-link eye eye-off file file-text filter flag forward frown gauge globe hand heart hexagon
history hourglass image inbox info key keyboard languages layout-dashboard link list lock lock-open log-in log-out
mail megaphone meh menu message-circle messages-square minus monitor moon notebook-pen octagon panel-right paperclip
pause pencil phone phone-call play plug plus refresh-cw reply rotate-ccw rss scale scroll-text search send settings
shield shield-check smile star sticky-note store sun tag thumbs-down thumbs-up trash-2 triangle triangle-alert unplug
upload user user-check user-plus users volume-2 volume-x webhook wifi-off x
""".split()  # noqa: SIM905  a list that people edit

BRANDS = """
appstore bluesky discord facebook google googleplay instagram mastodon matrix messenger reddit signal telegram threads
tiktok tripadvisor trustpilot whatsapp x youtube
""".split()  # noqa: SIM905  a list that people edit

SHAPES = {  # filled, so that a level or a state is told without colour
    "shape-circle": '<circle cx="12" cy="12" r="8"/>',
    "shape-triangle": '<path d="M12 3.5 21.5 20h-19z"/>',
    "shape-diamond": '<path d="M12 2.5 21.5 12 12 21.5 2.5 12z"/>',
    "shape-hexagon": '<path d="M7 3.3h10l5 8.7-5 8.7H7L2 12z"/>',
    "shape-square": '<rect x="5" y="5" width="14" height="14" rx="2"/>',
    "shape-ring": '<path d="M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16m0 3a5 5 0 1 1 0 10 5 5 0 0 1 0-10" fill-rule="evenodd"/>',  # noqa: E501
    "shape-half": '<path fill-rule="evenodd" d="M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16m0 3v10a5 5 0 0 1 0-10"/>',
}

FILLED = 'fill="currentColor"'
OUTLINE = 'fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"'


def fetch(package: str, version: str, into: Path) -> Path:
    """Unpacks one npm package without running anything of it; returns its folder."""
    done = subprocess.run(
        ["npm", "pack", f"{package}@{version}", "--silent", "--pack-destination", str(into)],
        check=True,
        capture_output=True,
        text=True,
        cwd=into,
    )
    folder = into / package.replace("/", "-")
    with tarfile.open(into / done.stdout.split()[-1]) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package"


def symbol(name: str, svg: str, style: str) -> str:
    inner = re.search(r"<svg[^>]*>(.*)</svg>", svg, re.DOTALL)
    if inner is None:
        raise ValueError(f"{name} holds no drawing")
    shapes = re.sub(r"<title>.*?</title>|\s*\n\s*", "", inner[1])
    return f'<symbol id="{name}" viewBox="0 0 24 24" {style}>{shapes.replace(" />", "/>")}</symbol>'


def sprite(lucide: Path, brands: Path) -> str:
    symbols = [symbol(n, (lucide / "icons" / f"{n}.svg").read_text(), OUTLINE) for n in sorted(ICONS)]
    symbols += [symbol(f"brand-{n}", (brands / "icons" / f"{n}.svg").read_text(), FILLED) for n in BRANDS]
    symbols += [symbol(n, f"<svg>{drawing}</svg>", FILLED) for n, drawing in SHAPES.items()]
    note = "<!-- Lucide (ISC, MIT) and Simple Icons (CC0): see vendor/*.LICENSE.txt. Made by vendor.py -->"
    return "\n".join(['<svg xmlns="http://www.w3.org/2000/svg">', note, *symbols, "</svg>", ""])


def entry(path: str, package: str) -> dict[str, str]:
    version, licence = PACKAGES[package]
    digest = hashlib.sha256((STATIC / path).read_bytes()).hexdigest()
    return {"package": package, "version": version, "licence": licence, "sha256": digest}


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folders = {name: fetch(name, version, Path(scratch)) for name, (version, _) in PACKAGES.items()}
        for package, source, target in COPIES:
            content = (folders[package] / source).read_bytes()
            # The maps are not vendored; naming one would make a hashing static storage look for it.
            content = re.sub(rb"\n?//# sourceMappingURL=\S+\s*$", b"\n", content) if target.endswith(".js") else content
            (STATIC / target).write_bytes(content)
        (STATIC / "sprite.svg").write_text(sprite(folders["lucide-static"], folders["simple-icons"]))
    files = {target: entry(target, package) for package, _, target in COPIES}
    files["sprite.svg"] = entry("sprite.svg", "lucide-static") | {"package": "lucide-static, simple-icons"}
    MANIFEST.write_text(json.dumps(files, indent=2) + "\n")


if __name__ == "__main__":
    main()
