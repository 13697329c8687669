"""Zip containers (DOCX, ODT) and their XML, opened with care."""

import io
import zipfile
from typing import Any

from lxml import etree

from cv.errors import DocumentTooLargeError, PasswordProtectedError, UnreadableDocumentError
from cv.extraction.sniffing import MAX_MEMBERS

# Office files shrink by ten to twenty; far more is a bomb. Small members may shrink more without harm.
MAX_RATIO = 200
HARMLESS_BYTES = 1024 * 1024
_ENCRYPTED = 0x1


class Archive:
    """A zip container whose declared sizes were checked before anything is unpacked."""

    def __init__(self, data: bytes, *, max_unpacked_bytes: int) -> None:
        """Open it.

        Raises:
            UnreadableDocumentError: The container is damaged.
            DocumentTooLargeError: It declares more than it may unpack to.
            PasswordProtectedError: A member is encrypted.
        """
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError) as error:
            raise UnreadableDocumentError from error
        members = self._zip.infolist()
        bombs = [
            member
            for member in members
            if member.file_size > HARMLESS_BYTES and member.file_size > MAX_RATIO * max(member.compress_size, 1)
        ]
        if bombs or len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > max_unpacked_bytes:
            raise DocumentTooLargeError
        if any(member.flag_bits & _ENCRYPTED for member in members):
            raise PasswordProtectedError
        self.names = frozenset(self._zip.namelist())

    def bytes(self, name: str) -> bytes:
        """Return a member's content.

        Raises:
            UnreadableDocumentError: The member is damaged.
        """
        try:
            return self._zip.read(name)
        except (zipfile.BadZipFile, zipfile.zlib.error, EOFError, OSError, ValueError, NotImplementedError) as error:  # type: ignore[attr-defined]
            raise UnreadableDocumentError from error

    def xml(self, name: str) -> Any:
        """Return the root element of a member, None where there is no such member.

        Entities are not resolved, nothing outside the file is read.

        Raises:
            UnreadableDocumentError: The member is damaged.
        """
        if name not in self.names:
            return None
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
        try:
            return etree.fromstring(self._zip.read(name), parser)
        except (etree.XMLSyntaxError, zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError) as error:
            raise UnreadableDocumentError from error
        except zipfile.zlib.error as error:  # type: ignore[attr-defined]
            raise UnreadableDocumentError from error
