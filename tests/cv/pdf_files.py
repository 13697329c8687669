"""Small PDFs, written by hand so that a test decides where every letter stands and how it is painted."""

import hashlib
import zlib
from collections.abc import Iterable

FONTS = ("Helvetica", "Helvetica-Bold")


def text_at(x: float, y: float, text: str, *, size: float = 10, bold: bool = False, before: str = "") -> str:
    """Return the operators that write `text` with its base line `y` points from the bottom; `before` goes first."""
    escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"q {before} BT /F{int(bold)} {size} Tf 1 0 0 1 {x} {y} Tm ({escaped}) Tj ET Q"


def make_pdf(
    *pages: Iterable[str],
    links: Iterable[tuple[tuple[float, ...], str]] = (),
    resources: str = "",
    extra: str = "",
    password: str | None = None,
    compress: bool = False,
    to_unicode: str = "",
) -> bytes:
    """Return a PDF of A4 pages with these content streams.

    `links` are boxes and addresses on each page, `resources` and `extra` entries of the pages' resources and of the
    pages themselves; with a password the file is encrypted, and contents may be compressed. `to_unicode` is a
    character map: what the fonts say that their codes mean.
    """
    bodies: list[bytes] = []

    def add(body: str | bytes) -> int:
        bodies.append(body.encode("cp1252") if isinstance(body, str) else body)
        return len(bodies)

    add("<< /Type /Catalog /Pages 2 0 R >>")
    add("")
    for name in FONTS:
        meaning = f"/ToUnicode {2 + len(FONTS) + 1} 0 R" if to_unicode else ""
        add(f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding {meaning} >>")
    if to_unicode:
        add(f"<< /Length {len(to_unicode)} >>\nstream\n{to_unicode}\nendstream")
    notes = [
        add(f"<< /Type /Annot /Subtype /Link /Rect [{' '.join(map(str, box))}] /A << /S /URI /URI ({address}) >> >>")
        for box, address in links
    ]
    kids = []
    for page in pages:
        stream = "\n".join(page).encode("cp1252")
        packed = "/Filter /FlateDecode" if compress else ""
        if compress:
            stream = zlib.compress(stream, 1)
        if password is not None:
            stream = _rc4(_object_key(password, len(bodies) + 1), stream)
        content = add(b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(stream), packed.encode(), stream))
        kids.append(
            add(
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {content} 0 R {extra}"
                f" /Resources << /Font << /F0 3 0 R /F1 4 0 R >> {resources} >> /Annots [{' '.join(f'{note} 0 R' for note in notes)}] >>"
            )
        )
    bodies[1] = f"<< /Type /Pages /Kids [{' '.join(f'{kid} 0 R' for kid in kids)}] /Count {len(kids)} >>".encode()
    encryption = ""
    if password is not None:
        mark = _rc4(_file_key(password), PAD).hex()
        entry = add(f"<< /Filter /Standard /V 1 /R 2 /O <{OWNER.hex()}> /U <{mark}> /P -4 >>")
        encryption = f"/Encrypt {entry} 0 R /ID [<{FILE_ID.hex()}> <{FILE_ID.hex()}>]"
    return _assemble(bodies, encryption)


# The standard security handler of PDF 1.3 (ISO 32000-1, 7.6.3): 40 bits of RC4, which readers still open.
PAD = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
OWNER = bytes(range(32))
FILE_ID = b"invented for it!"


def _file_key(password: str) -> bytes:
    padded = (password.encode() + PAD)[:32]
    digest = hashlib.md5(padded + OWNER + (-4).to_bytes(4, "little", signed=True) + FILE_ID, usedforsecurity=False)
    return digest.digest()[:5]


def _object_key(password: str, number: int) -> bytes:
    seed = _file_key(password) + number.to_bytes(3, "little") + b"\x00\x00"
    return hashlib.md5(seed, usedforsecurity=False).digest()[:10]


def _rc4(key: bytes, data: bytes) -> bytes:
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    output = bytearray()
    i = j = 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        output.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(output)


def _assemble(bodies: list[bytes], encryption: str) -> bytes:
    output = bytearray(b"%PDF-1.7\n")
    offsets = []
    for number, body in enumerate(bodies, start=1):
        offsets.append(len(output))
        output += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(output)
    output += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    output += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    trailer = f"<< /Size {len(bodies) + 1} /Root 1 0 R {encryption} >>"
    output += f"trailer\n{trailer}\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(output)
