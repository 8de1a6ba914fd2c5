#!/usr/bin/env python3
"""The plan of the house as a test: rooms, floors, and who may use whom. Prints TAP.

A room uses rooms on lower floors, never its own floor's neighbours or a higher one. The pure core
knows no database and no network. SQL stands in store/ and db/ only. Third-party libraries stand
behind their walls. ARCHITECTURE.md names every room.
"""
import os
import pathlib
import re
import sys

FLOORS = [
    ["base"],
    ["db", "http", "media", "consensus", "blob"],
    ["store", "tasks", "learn"],
    ["exchange", "auth", "quality"],
    ["engine"],
    ["api", "aws"],
    ["cli"],
]
FLOOR = {room: i for i, rooms in enumerate(FLOORS) for room in rooms}
PURE = {"consensus", "learn", "media", "tasks"}
# What the plan forbids although the floors would allow it.
FORBIDDEN = {("api", "db"): "SQL", ("store", "http"): None, ("auth", "tasks"): None}

# Header of a library -> the files that may include it.
WALLS = {
    "sqlite3.h": r"^server/db/",
    "microhttpd.h": r"^server/http/",
    "png.h": r"^server/media/",
    "jpeglib.h": r"^server/media/",
    "linear.h": r"^server/learn/linear\.c$",
    "cblas.h": r"^server/learn/blas\.c$",
    "csv.h": r"^server/(base|exchange)/",
    "curl/curl.h": r"^server/(blob/s3_internal\.h|cli/client\.c)$",
    "libxml/xmlreader.h": r"^server/blob/s3_xml\.c$",
    "libxml/HTMLparser.h": r"^server/exchange/html\.c$",
    "libxml/SAX2.h": r"^server/exchange/html\.c$",
    "libxml/tree.h": r"^server/exchange/html\.h$",
    "pcre2.h": r"^server/aws/pattern\.c$",
    "utf8proc.h": r"^server/(base|learn|store)/",
    "openssl/evp.h": r"^server/base/sha256\.c$",
    "openssl/hmac.h": r"^server/base/sha256\.c$",
}

root = pathlib.Path(__file__).resolve().parents[2]
os.chdir(root)
count = failed = 0


def check(name, problems):
    global count, failed
    count += 1
    print(f"{'not ok' if problems else 'ok'} {count} - {name}")
    for p in problems[:20]:
        print(f"# {p}")
    failed += bool(problems)


def sources():
    for pattern in ("server/*/*.c", "server/*/*.h", "include/plumbline/*/*.h"):
        for path in sorted(root.glob(pattern)):
            rel = path.relative_to(root).as_posix()
            if not rel.startswith("server/tools/"):
                yield rel, path.read_text(encoding="utf-8")


def room_of(rel):
    parts = rel.split("/")
    return parts[1] if parts[0] == "server" else parts[2]


upward, unknown, walls, sql, pure = [], [], [], [], []
for rel, text in sources():
    room = room_of(rel)
    if room not in FLOOR:
        unknown.append(f"{rel}: no room {room} in the plan")
        continue
    for m in re.finditer(r'^#include [<"]([^">]+)[">]', text, re.M):
        header = m.group(1)
        used = re.match(r"plumbline/(\w+)/", header)
        if used and used.group(1) != room:
            other = used.group(1)
            if other not in FLOOR:
                unknown.append(f"{rel}: {header}")
            elif FLOOR[other] >= FLOOR[room]:
                upward.append(f"{rel} (floor {FLOOR[room] + 1}) uses {header} (floor {FLOOR[other] + 1})")
            elif room in PURE and other in {"db", "http", "store", "blob"}:
                pure.append(f"{rel} uses {header}")
        if header in WALLS and not re.match(WALLS[header], rel):
            walls.append(f"{rel} includes <{header}>")
    if room not in ("store", "db") and re.search(r'"\s*(SELECT|INSERT|UPDATE|DELETE|CREATE) ', text):
        sql.append(rel)

check("every file is in a room of the plan", unknown)
check("a room uses lower floors only", upward)
check("the pure core knows no database and no network", pure)
check("each library stands behind its wall", walls)
check("SQL stands in store/ and db/ only", sql)

plan = (root / "ARCHITECTURE.md").read_text(encoding="utf-8") if (root / "ARCHITECTURE.md").exists() else ""
rooms = sorted({room_of(rel) for rel, _ in sources()})
check("ARCHITECTURE.md names every room", [r for r in rooms if f"`{r}/`" not in plan])

long_files = []
for rel, text in sources():
    if text.count("\n") > 600:
        long_files.append(f"{rel}: {text.count(chr(10))} lines")
for path in sorted((root / "static").rglob("*.js")):
    lines = path.read_text(encoding="utf-8").count("\n")
    if lines > 400:
        long_files.append(f"{path.relative_to(root)}: {lines} lines")
check("a file can be read in one go (600 lines of C, 400 of JavaScript)", long_files)

banned = re.compile(r"\b(strcpy|strcat|sprintf|vsprintf|gets|atoi|atol|atof|strtok|system|popen)\s*\(")
check("functions that cannot check are not used",
      [f"{rel}: {m.group(1)}" for rel, text in sources() for m in banned.finditer(text)])
check("the browser writes no HTML from text",
      [str(p.relative_to(root)) for p in sorted((root / "static").rglob("*.js"))
       if re.search(r"\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write)\b\s*[=(+]",
                    p.read_text(encoding="utf-8"))])

print(f"1..{count}")
sys.exit(1 if failed else 0)
