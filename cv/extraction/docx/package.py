"""The parts of a Word package and how they refer to each other."""

import posixpath
from typing import Any

from cv.errors import UnreadableDocumentError
from cv.extraction.archive import Archive

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
V = "{urn:schemas-microsoft-com:vml}"
_OFFICE_DOCUMENT = "/officeDocument"


class Package:
    """A Word package: the main document, its styles, numbering, headers and footers."""

    def __init__(self, archive: Archive) -> None:
        """Find the main document.

        Raises:
            UnreadableDocumentError: There is none.
        """
        self.archive = archive
        targets = self.relations("")
        self.main_name = next(
            (target for kind, target in targets.values() if kind.endswith(_OFFICE_DOCUMENT)), "word/document.xml"
        )
        self.document = archive.xml(self.main_name)
        if self.document is None:
            raise UnreadableDocumentError
        self.main_relations = self.relations(self.main_name)

    def relations(self, name: str) -> dict[str, tuple[str, str]]:
        """Return id → (type, target) of a part; inside targets as member names, outside ones as they stand."""
        folder, base = posixpath.split(name)
        root = self.archive.xml(posixpath.join(folder, "_rels", f"{base}.rels"))
        found = {}
        for row in () if root is None else root:
            target = row.get("Target", "")
            if row.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            found[row.get("Id", "")] = (row.get("Type", ""), target)
        return found

    def related(self, kind: str) -> list[str]:
        """Return the member names of the main document's parts of a kind, such as `header`."""
        return sorted({target for type_, target in self.main_relations.values() if type_.endswith(f"/{kind}")})

    def part(self, kind: str) -> Any:
        """Return the root of the only part of a kind, None where there is none."""
        names = self.related(kind)
        return self.archive.xml(names[0]) if names else None
