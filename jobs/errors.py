"""What can go wrong with postings and the texts made for them, in words that say what to do."""


class JobsError(Exception):
    """Base of all errors of `jobs`; `user_message` may be shown to the person as it is."""

    code = "jobs_error"
    status_code = 422
    user_message = "This could not be done."

    def __init__(self, user_message: str = "") -> None:
        """Use `user_message` in place of the class's own, where it can say more."""
        self.user_message = user_message or self.user_message
        super().__init__(self.user_message)


class EmptyPostingError(JobsError):
    """The posting holds too little text to say anything about it."""

    code = "empty_posting"
    user_message = "The posting has too little text. Paste the whole advertisement."


class UnreadablePostingError(JobsError):
    """The data is no posting."""

    code = "unreadable_posting"
    user_message = "No job posting was found in this data. Paste the advertisement's text, or a schema.org JobPosting."


class PostingTooLongError(JobsError):
    """There is more text than any posting has."""

    code = "posting_too_long"
    status_code = 413
    user_message = "This is too long to be one job posting. Paste the advertisement alone."


class UnreachablePostingError(JobsError):
    """The posting's page could not be read from its address."""

    code = "unreachable_posting"
    user_message = "The page could not be read. Paste the posting's text."


class FetchingOffError(JobsError):
    """The site reads no pages."""

    code = "fetching_off"
    user_message = "This site does not read pages from their addresses. Paste the posting's text."


class ResumeNotReadyError(JobsError):
    """The CV has no structured version yet."""

    code = "cv_not_ready"
    status_code = 409
    user_message = "This CV has not been read yet. Wait until it is, or upload it again."


class UnsupportedClaimError(JobsError):
    """A text says something that the CV does not support; `problems` says what."""

    code = "unsupported_claim"
    user_message = "Part of this text is not supported by the CV. Change it, or add the fact to the CV first."

    def __init__(self, problems: list[str]) -> None:
        """List the problems."""
        self.problems = problems
        super().__init__(self.user_message + " " + " ".join(problems))


class UnsupportedLanguageError(JobsError):
    """The embedded engine writes no such language, and no provider is set up."""

    code = "unsupported_language"
    user_message = "Without an AI provider, texts can be written in English, German, French, Spanish, Italian, Portuguese, Dutch and Polish only."


class ChangeConflictError(JobsError):
    """A change cannot be applied: its place is gone, has changed, may not be changed, or another change edits it too."""

    code = "change_conflict"
    status_code = 409
    user_message = "This line has changed since the change was proposed. Tailor the CV again."


class NotFinishedError(JobsError):
    """The text is still being written, or was cut off."""

    code = "not_finished"
    status_code = 409
    user_message = "This is not finished. Wait until it is, or write it again."


class NothingToKeepError(JobsError):
    """No document was named."""

    code = "nothing_to_keep"
    user_message = "Choose a CV, a letter or an e-mail to keep."
