"""ASGI entry point: `uvicorn careerai.asgi:application`."""

import os
import warnings

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "careerai.settings")
# WhiteNoise hands over static files as plain iterators, which Django reads in a thread; they are small.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
application = get_asgi_application()
