"""A worker that does one background task; the test kills it while a provider makes it wait for the answer."""

import os
import sys
from pathlib import Path


def main(task_id: str, address: str) -> None:
    sys.path.insert(0, str(Path(__file__).parents[2]))
    os.environ["DJANGO_SETTINGS_MODULE"] = "careerai.settings"
    import django

    django.setup()
    from django.conf import settings

    from ai_router import batches
    from ai_router.scheduling import perform

    settings.AI_PROVIDERS = {"openai": {"api_key": "simulated", "base_url": address, "model": "gpt-5.4-mini"}}
    perform(task_id, batches.tend)


if __name__ == "__main__":
    main(*sys.argv[1:])
