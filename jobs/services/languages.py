"""Whether a text can be written in a language here, asked before anything is made."""

from typing import Any

from ai_router.errors import RouterError
from ai_router.routing import choose_candidates
from ai_router.types import TaskType
from jobs.errors import UnsupportedLanguageError
from jobs.letters import COMPOSERS


def require_language(language: str, *, task_type: TaskType, provider: str, user: Any) -> None:
    """Do nothing where the embedded engine writes the language, or a provider may be asked.

    Raises:
        UnsupportedLanguageError: Nobody here writes it.
    """
    if language in COMPOSERS:
        return
    try:
        hosted = choose_candidates(task_type, provider=provider, user=user).hosted
    except RouterError:
        # The task says what is wrong with the provider that was asked for.
        return
    if not hosted:
        raise UnsupportedLanguageError
