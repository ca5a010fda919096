#!/usr/bin/env python3
"""Makes every icon file of Herald from the drawings in `svg/`.

    apt-get install librsvg2-bin     the renderer; Python needs nothing beyond its standard library
    icons/render.py                  writes svg/tray-*-{edged,mono}.svg, tray/*.png and the app icons
    icons/render.py --check          writes nothing; exit code 1 if a file is missing, left over or looks different

Drawn by hand: `svg/app.svg`, `svg/app-small.svg` (32 px and below), `svg/mark.svg` and `svg/tray-<state>-light.svg`.
Every PNG is 8-bit RGBA, because Tauri refuses palettes and greyscale.
"""

import functools
import re
import struct
import subprocess
import sys
import zlib
from pathlib import Path

HERE = Path(__file__).resolve().parent
SVG = HERE / "svg"

STATES = (
    "page", "overdue", "blind", "due-soon", "open", "shadow", "quiet",
    "page-shadow", "overdue-shadow", "blind-shadow", "due-soon-shadow",
)
VARIANTS = ("edged", "mono")

# The drawings sit on a grid of 22 px, with a margin of one around it: room for the edge. At 24 and 48 px that keeps
# whole pixels whole; 44 px is for templates, which have no edge.
TRAY_PX = {16: "-1 -1 24 24", 22: "-1 -1 24 24", 24: "-1 -1 24 24", 32: "-1 -1 24 24", 44: "0 0 22 22", 48: "-1 -1 24 24"}

# Colours as drawn, for light bars, and what each becomes on dark ones. A drawing may use no others.
DARK = {
    "#1a1d24": "#f2f3f5",  # ink
    "#1f4fb8": "#8fb2ff",  # azure
    "#a35f00": "#f2c052",  # or
    "#b3152b": "#ee3a4e",  # gules
    "#6a35b0": "#c4a8f5",  # purpure
    "#fff": "#fff",        # ground behind a cut-out; left out of templates, where cut-outs are holes
}
# No desktop says what its bar looks like. So the colours are those of dark bars, and an edge around them carries the
# shape on light ones; on dark ones it is not seen.
EDGE = """<filter id="edge" x="-.2" y="-.2" width="1.4" height="1.4">\
<feMorphology in="SourceAlpha" operator="dilate" radius="1" result="wide"/>\
<feFlood flood-color="#15171c" result="ink"/><feComposite in="ink" in2="wide" operator="in" result="edge"/>\
<feMerge><feMergeNode in="edge"/><feMergeNode in="SourceGraphic"/></feMerge></filter>"""
DRAWING = re.compile(r"(<svg[^>]*>)(.*)(</svg>)", re.DOTALL)
GROUND = re.compile(r'<[^>]*class="back"[^>]*/>')
COLOUR = re.compile(r"#[0-9a-f]{3,6}\b")

# tauri-codegen takes the first entry of an .ico as the window's icon, so 32 px leads.
ICO_PX = (32, 16, 24, 48, 64, 256)
ICNS = {b"ic11": 32, b"ic12": 64, b"ic07": 128, b"ic13": 256, b"ic08": 256, b"ic14": 512, b"ic09": 512, b"ic10": 1024}
# macOS expects air around the tile, other desktops do not.
ICNS_VIEW = "-20 -20 296 296"

# Renderers differ a little in how they smooth an edge; more than this is another picture.
TOLERANCE = 24


def main() -> int:
    made = icons()
    if sys.argv[1:] == ["--check"]:
        return check(made)
    if sys.argv[1:]:
        print(__doc__, file=sys.stderr)
        return 2
    for path, data in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    print(f"{len(made)} files, {sum(map(len, made.values())) // 1024} KB")
    return 0


def icons() -> dict[Path, bytes]:
    """All derived files with their content."""
    made = {}
    for state in STATES:
        drawings = tray_drawings(state)
        for variant in VARIANTS:
            made[SVG / f"tray-{state}-{variant}.svg"] = drawings[variant].encode()
            for px, view in TRAY_PX.items():
                made[HERE / "tray" / f"{state}-{variant}-{px}.png"] = render(drawings[variant], px, view)

    def app(px: int, view: str | None = None) -> bytes:
        return render((SVG / ("app-small.svg" if px <= 32 else "app.svg")).read_text(), px, view if px > 32 else None)

    made[HERE / "32x32.png"] = app(32)
    made[HERE / "128x128.png"] = app(128)
    made[HERE / "128x128@2x.png"] = app(256)
    made[HERE / "icon.png"] = app(512)
    made[HERE / "icon.ico"] = ico([(px, app(px)) for px in ICO_PX])
    made[HERE / "icon.icns"] = icns([(kind, app(px, ICNS_VIEW)) for kind, px in ICNS.items()])
    return made


def tray_drawings(state: str) -> dict[str, str]:
    light = (SVG / f"tray-{state}-light.svg").read_text()
    unknown = set(COLOUR.findall(light)) - set(DARK)
    if unknown:
        sys.exit(f"tray-{state}-light.svg: no dark counterpart for {', '.join(sorted(unknown))}")
    return {
        "edged": edged(COLOUR.sub(lambda found: DARK[found[0]], light)),
        "mono": COLOUR.sub("#000", GROUND.sub("", light)),
    }


def edged(svg: str) -> str:
    return DRAWING.sub(lambda it: f'{it[1]}{EDGE}<g filter="url(#edge)">{it[2]}</g>{it[3]}', svg)


@functools.cache
def render(svg: str, px: int, view: str | None = None) -> bytes:
    if view:
        svg = re.sub(r'viewBox="[^"]*"', f'viewBox="{view}"', svg, count=1)
    command = ["rsvg-convert", "--width", str(px), "--height", str(px)]
    try:
        png = subprocess.run(command, input=svg.encode(), stdout=subprocess.PIPE, check=True).stdout
    except FileNotFoundError:
        sys.exit("rsvg-convert is missing: apt-get install librsvg2-bin")
    return smallest_png(*pixels(png))


def pixels(png: bytes) -> tuple[int, int, list[bytes]]:
    """Width, height and rows of an 8-bit RGBA PNG that is not interlaced."""
    at, data, width, height = 8, b"", 0, 0
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        body = png[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", body)
            if (depth, colour, interlace) != (8, 6, 0):
                sys.exit("only 8-bit RGBA PNGs without interlacing are understood")
        elif kind == b"IDAT":
            data += body
        at += 12 + length
    raw, stride, rows, above = zlib.decompress(data), width * 4, [], bytes(width * 4)
    for y in range(height):
        line = bytearray(raw[y * (stride + 1) + 1 : (y + 1) * (stride + 1)])
        unfilter(raw[y * (stride + 1)], line, above)
        above = bytes(line)
        rows.append(above)
    return width, height, rows


def unfilter(kind: int, line: bytearray, above: bytes) -> None:
    for i in range(len(line) if kind else 0):
        left, corner = (line[i - 4], above[i - 4]) if i >= 4 else (0, 0)
        line[i] = (line[i] + predicted(kind, left, above[i], corner)) & 255


def predicted(kind: int, left: int, up: int, corner: int) -> int:
    if kind == 1:
        return left
    if kind == 2:
        return up
    if kind == 3:
        return (left + up) // 2
    p = left + up - corner
    return min((left, up, corner), key=lambda value: abs(p - value))


def smallest_png(width: int, height: int, rows: list[bytes]) -> bytes:
    """The same picture without metadata, packed with whichever row filter gives the smallest file."""
    blank = bytes(width * 4)
    candidates = [b"".join(b"\0" + row for row in rows)]
    for kind, back in ((1, 4), (2, 0)):
        lines = []
        for row, above in zip(rows, [blank, *rows]):
            guess = bytes(4) + row[:-4] if back else above
            lines.append(bytes([kind]) + bytes((a - b) & 255 for a, b in zip(row, guess)))
        candidates.append(b"".join(lines))
    packed = min((zlib.compress(candidate, 9) for candidate in candidates), key=len)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))
        + chunk(b"IDAT", packed)
        + chunk(b"IEND", b"")
    )


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def ico(images: list[tuple[int, bytes]]) -> bytes:
    """Windows icon; bitmaps up to 64 px because older loaders read PNG only at 256."""
    entries = [(px, png if px == 256 else bitmap(png)) for px, png in images]
    head, at = struct.pack("<HHH", 0, 1, len(entries)), 6 + 16 * len(entries)
    for px, body in entries:
        head += struct.pack("<BBBBHHII", px & 255, px & 255, 0, 0, 1, 32, len(body), at)
        at += len(body)
    return head + b"".join(body for _, body in entries)


def bitmap(png: bytes) -> bytes:
    """BGRA rows from the bottom up, then the 1-bit mask for systems without alpha."""
    width, height, rows = pixels(png)
    colours, mask = b"", b""
    for row in reversed(rows):
        r, g, b, a = (row[i::4] for i in range(4))
        colours += bytes(value for pixel in zip(b, g, r, a) for value in pixel)
        bits = "".join("0" if alpha else "1" for alpha in a).ljust((width + 31) // 32 * 32, "0")
        mask += int(bits, 2).to_bytes(len(bits) // 8, "big")
    return struct.pack("<IiiHHIIiiII", 40, width, height * 2, 1, 32, 0, len(colours) + len(mask), 0, 0, 0, 0) + colours + mask


def icns(images: list[tuple[bytes, bytes]]) -> bytes:
    body = b"".join(kind + struct.pack(">I", 8 + len(png)) + png for kind, png in images)
    return b"icns" + struct.pack(">I", 8 + len(body)) + body


def check(made: dict[Path, bytes]) -> int:
    wrong = [f"{path}: missing" for path in made if not path.exists()]
    for path, data in made.items():
        if path.exists() and not same(path, path.read_bytes(), data):
            wrong.append(f"{path}: not what the drawing gives")
    wrong += [f"{path}: no drawing for it" for path in sorted((HERE / "tray").glob("*")) if path not in made]
    for line in wrong:
        print(line.replace(f"{HERE}/", "icons/"), file=sys.stderr)
    return 1 if wrong else 0


def same(path: Path, old: bytes, new: bytes) -> bool:
    if old == new:
        return True
    if path.suffix == ".png":
        (*size, before), (*size_now, after) = pixels(old), pixels(new)
        return size == size_now and all(
            abs(a - b) <= TOLERANCE for x, y in zip(before, after) for a, b in zip(flat(x), flat(y))
        )
    # The pictures inside .ico and .icns are the same drawings as the PNGs, which are compared above.
    return path.suffix in (".ico", ".icns") and old[:6] == new[:6]


def flat(row: bytes) -> list[int]:
    """Colours weighted by their opacity, since the colour of an invisible pixel means nothing."""
    return [row[i] * row[i | 3] // 255 if i & 3 != 3 else row[i] for i in range(len(row))]


if __name__ == "__main__":
    sys.exit(main())
