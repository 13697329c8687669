"""What the cards of the routes say is what would be asked."""

import pytest

from ai_router.models import Route, RouteCandidate
from ai_router.providers import PROVIDERS
from ai_router.route_cards import RouteCard, list_cards
from ai_router.types import TaskType


@pytest.fixture
def _two_keys(settings):
    row = {"api_key": "k", "base_url": "", "model": ""}
    settings.AI_PROVIDERS = {"openai": row, "anthropic": row}


def card_of(task_type: TaskType) -> RouteCard:
    route, _ = Route.objects.get_or_create(task_type=task_type)
    route.candidates.all().delete()
    for position, provider in enumerate(("openai", "anthropic", "embedded"), 1):
        RouteCandidate.objects.create(route=route, provider=provider, position=position)
    return next(card for card in list_cards() if card.route.task_type == task_type)


@pytest.mark.usefixtures("db", "_two_keys")
def test_the_card_of_embeddings_shows_the_models_that_make_vectors():
    card = card_of(TaskType.EMBEDDING)

    openai, offline, anthropic = card.places
    assert openai.name == f"OpenAI {PROVIDERS['openai'].embedding_model}"
    assert (openai.rank, offline.rank) == (1, 2)
    assert 0 < openai.cost_nanousd < 100_000
    assert (anthropic.name, anthropic.rank, anthropic.note) == ("Anthropic", 0, "no model for this task")


@pytest.mark.usefixtures("db", "_two_keys")
def test_the_card_of_a_text_shows_the_models_that_write():
    card = card_of(TaskType.COVER_LETTER)

    assert [place.name for place in card.places[:2]] == [
        f"OpenAI {PROVIDERS['openai'].default_model}",
        f"Anthropic {PROVIDERS['anthropic'].default_model}",
    ]
