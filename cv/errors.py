"""What can go wrong with a CV, in words that say what to do."""


class CVError(Exception):
    """Base of all errors of `cv`; `user_message` may be shown to the person as it is.

    `code` is the stable word for the API's error form, `status_code` its HTTP status.
    """

    code = "cv_error"
    status_code = 422
    user_message = "This CV could not be processed."

    def __init__(self, user_message: str = "") -> None:
        """Use `user_message` in place of the class's own, where it can say more."""
        self.user_message = user_message or self.user_message
        super().__init__(self.user_message)


class UnsupportedFormatError(CVError):
    """The bytes are of no type that a reader exists for."""

    code = "unsupported_format"
    status_code = 415
    user_message = (
        "This kind of file cannot be read. Upload a PDF, DOCX, ODT, RTF, picture, Markdown or plain text file."
    )


class EmptyDocumentError(CVError):
    """The file holds no byte, no page or no text."""

    code = "empty_document"
    user_message = "The file is empty. Check it and upload it again."


class PasswordProtectedError(CVError):
    """The file is encrypted."""

    code = "password_protected"
    user_message = "The file is protected by a password. Save a copy without one and upload that."


class UnreadableDocumentError(CVError):
    """The file is damaged, or holds no text that can be read."""

    code = "unreadable_document"
    user_message = "The file is damaged and could not be read. Save it again from the program that made it."


class NoTextError(UnreadableDocumentError):
    """The pages are pictures, or their text is garbled."""

    code = "no_readable_text"
    user_message = (
        "The file holds no readable text; it may be a blank or illegible scan, or use a broken font. "
        "Upload a PDF with selectable text, a DOCX or a text file."
    )


class DocumentTooLargeError(CVError):
    """The file, or what it unpacks to, is over a limit."""

    code = "document_too_large"
    status_code = 413
    user_message = "The file is too large to be read safely. Upload a shorter or smaller version."


class NotACVError(CVError):
    """The text was read, but nothing in it looks like a CV."""

    code = "not_a_cv"
    user_message = "This does not look like a CV: no contact data, work, education or skills were found. Check that it is the right file."


class UnknownItemError(CVError):
    """The résumé has no item or value of this address."""

    code = "not_found"
    status_code = 404
    user_message = "This part of the CV does not exist any more. Reload the page."


class InvalidValueError(CVError):
    """What was entered is no value of this kind."""

    code = "invalid_value"
    status_code = 400
    user_message = "This value cannot be used here."


class VersionConflictError(CVError):
    """The résumé was changed since the person last saw it."""

    code = "version_conflict"
    status_code = 409
    user_message = "The CV was changed in the meantime, perhaps in another window. Reload it and try again; nothing was overwritten."


class NotParsedError(CVError):
    """There is no résumé yet."""

    code = "not_parsed"
    status_code = 409
    user_message = "This CV has not been read yet. Wait until it is, or upload another file if reading it failed."


class MissingGlyphsError(CVError):
    """A document has letters that no font on this server has; `characters` are they."""

    code = "missing_glyphs"
    user_message = (
        "No font on this server has some of the letters. Take another format, such as Word, or leave them out."
    )

    def __init__(self, user_message: str = "", *, characters: str = "") -> None:
        """Name the letters, and what can be done, unless `user_message` does."""
        self.characters = characters
        shown = " ".join(characters[:20]) + (" …" if len(characters) > 20 else "")
        named = (
            f"No font on this server has these characters: {shown}. Take another format, such as Word, or leave them out. "
            "Whoever runs the server can install a font that has them (on Debian: fonts-noto-core)."
        )
        super().__init__(user_message or (named if characters else ""))
