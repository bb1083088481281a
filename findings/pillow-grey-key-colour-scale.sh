#!/bin/bash
# Pillow 13.0.0: the key colour (tRNS) of a grey PNG with 2 or 4 bits a sample is not scaled with the samples.
#
# Expected: PNG (W3C Recommendation, third edition, 11.3.1.1) says that for colour type 0 the tRNS chunk holds one grey
# level, and that pixels of that level are fully transparent. `Image.convert("RGBA")` should therefore give alpha 0 to
# them, whatever the bit depth.
# Seen: Pillow scales samples of 2 and 4 bits to 8 bits (1 becomes 85 and 17), but keeps the key colour as the file
# holds it (1), so no pixel matches. A file of 1 or 8 bits a sample is read rightly. A picture that should stand on a
# white page without its background keeps it.
#
# Output as seen on 2026-11-30:
#   Pillow 13.0.0
#   1 bit, level 1 of 1: alpha [0]
#   2 bits, level 1 of 3: alpha [255]
#   4 bits, level 1 of 15: alpha [255]
#   8 bits, level 1 of 255: alpha [0]
#
# Not reported yet. Our pictures are prepared with the key scaled by ourselves (`_key_in_8_bits` in shared/media/pictures.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pillow==13.0.0
"$folder/venv/bin/python" - <<'PROGRAM'
import io
import struct
import zlib

import PIL
from PIL import Image


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def grey_png(bits: int) -> bytes:
    """Return a PNG of 8 × 1 pixels, all of grey level 1, with level 1 as its key colour."""
    row = int("".join(format(1, f"0{bits}b") for _ in range(8)), 2).to_bytes(bits, "big")
    header = struct.pack(">IIBBBBB", 8, 1, bits, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"tRNS", struct.pack(">H", 1)), (b"IDAT", zlib.compress(b"\0" + row)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*each) for each in chunks)


print("Pillow", PIL.__version__)
seen = {}
for bits in (1, 2, 4, 8):
    with Image.open(io.BytesIO(grey_png(bits))) as picture:
        seen[bits] = sorted(set(picture.convert("RGBA").getchannel("A").tobytes()))
    print(f"{bits} bit{'s' if bits > 1 else ''}, level 1 of {2**bits - 1}: alpha {seen[bits]}")
raise SystemExit(0 if seen == {1: [0], 2: [255], 4: [255], 8: [0]} else "the behaviour has changed")
PROGRAM
