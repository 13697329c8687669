"""Tell a file's type from its bytes."""

import io
import re
import zipfile

from cv.errors import DocumentTooLargeError, EmptyDocumentError, PasswordProtectedError, UnsupportedFormatError

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT = "application/vnd.oasis.opendocument.text"
RTF = "application/rtf"
HTML = "text/html"
MARKDOWN = "text/markdown"
PLAIN = "text/plain"
EUROPASS = "application/vnd.europass+xml"
LINKEDIN = "application/vnd.linkedin.archive+zip"
PNG = "image/png"
JPEG = "image/jpeg"
TIFF = "image/tiff"
WEBP = "image/webp"
GIF = "image/gif"
BMP = "image/bmp"

PICTURES = {
    b"\x89PNG\r\n\x1a\n": PNG,
    b"\xff\xd8\xff": JPEG,
    b"II*\x00": TIFF,
    b"MM\x00*": TIFF,
    b"GIF8": GIF,
    b"BM": BMP,
}
# The most members of a zip container, and how the entry of each in its directory begins.
MAX_MEMBERS = 5_000
ZIP_MEMBER = b"PK\x01\x02"
HEIF_BRANDS = (b"heic", b"heix", b"heif", b"mif1", b"msf1", b"avif")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
HEIF_MESSAGE = "Pictures of this kind (HEIC, AVIF) cannot be read. Save the picture as JPEG or PNG and upload that."
OLD_WORD_MESSAGE = "This is a file of an old version of Word, or not a text document. Open it, save it as DOCX or PDF, and upload that."
OTHER_ZIP_MESSAGE = "This archive is no text document. Upload a PDF, DOCX, Markdown or plain text file."
# Possessive: this runs in the caller's own process, and a row of comments could be cut up in countless ways.
_HTML_START = re.compile(
    rb"^(?:\xef\xbb\xbf)?\s*+(?:(?><!--.*?-->)\s*+|<\?xml[^>]*+>\s*+)*+<(?:!doctype\s+html|html|head|body)\b",
    re.I | re.S,
)
_EUROPASS_START = re.compile(rb"<(?:\w+:)?(?:SkillsPassport|LearnerInfo|Candidate)\b[^>]*europass", re.I)
_ALLOWED_CONTROLS = frozenset(b"\t\n\r\f\v\x1b\x85")


def sniff_media_type(data: bytes, *, file_name: str = "") -> str:
    """Return the media type of `data`; the name's ending only tells Markdown from plain text.

    Raises:
        EmptyDocumentError: There is nothing but blanks.
        DocumentTooLargeError: A zip container has more members than any document.
        PasswordProtectedError: An encrypted office file.
        UnsupportedFormatError: Anything else that no reader exists for.
    """
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xfe\xff"):
        raise EmptyDocumentError
    if b"%PDF-" in data[:1024] or (b"endobj" in data and b"%%EOF" in data[-2048:]):
        return PDF
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_type(data)
    if data.startswith(OLE):
        raise _ole_error(data)
    if picture := _picture_type(data):
        return picture
    return _text_type(data, file_name)


def _text_type(data: bytes, file_name: str) -> str:
    """Return the media type of a format that is written in text."""
    if data.lstrip()[:5] == b"{\\rtf":
        return RTF
    if _EUROPASS_START.search(data[:4096]):
        return EUROPASS
    if _HTML_START.match(data[:4096]):
        return HTML
    if not _looks_like_text(data):
        raise UnsupportedFormatError
    return MARKDOWN if file_name.lower().endswith((".md", ".markdown")) else PLAIN


def _zip_type(data: bytes) -> str:
    # Told before the directory is unpacked, in the caller's own process, into an object for each member.
    if data.count(ZIP_MEMBER) > MAX_MEMBERS:
        raise DocumentTooLargeError
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        # Without its directory the archive can't be told apart; the reader says that it is damaged.
        return DOCX
    if "word/document.xml" in names or any(name.startswith("word/") for name in names):
        return DOCX
    if "content.xml" in names and "mimetype" in names:
        return ODT
    if any(name.rsplit("/", 1)[-1] in {"Profile.csv", "Positions.csv"} for name in names):
        return LINKEDIN
    raise UnsupportedFormatError(OTHER_ZIP_MESSAGE)


def _picture_type(data: bytes) -> str:
    """Return the media type of a picture, empty where the bytes are none.

    Raises:
        UnsupportedFormatError: A picture of a kind that can't be opened.
    """
    if data[4:8] == b"ftyp" and data[8:12] in HEIF_BRANDS:
        raise UnsupportedFormatError(HEIF_MESSAGE)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return WEBP
    # "BM" begins plain text too; a bitmap's reserved bytes are zero.
    if data[:2] == b"BM" and data[6:10] != bytes(4):
        return ""
    return next((kind for start, kind in PICTURES.items() if data.startswith(start)), "")


def _ole_error(data: bytes) -> Exception:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return PasswordProtectedError()
    return UnsupportedFormatError(OLD_WORD_MESSAGE)


def _looks_like_text(data: bytes) -> bool:
    """Whether the bytes are text in some encoding: few control characters, zeros only as in UTF-16."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    sample = data[:20_000]
    zeros = sample.count(0)
    if zeros:
        # Latin text in UTF-16 has a zero in nearly every second byte, always on the same side.
        sides = (sample[0::2].count(0), sample[1::2].count(0))
        return max(sides) > len(sample) * 0.3 and min(sides) < len(sample) * 0.02
    controls = sum(byte < 32 and byte not in _ALLOWED_CONTROLS for byte in sample)
    return controls <= len(sample) * 0.01
