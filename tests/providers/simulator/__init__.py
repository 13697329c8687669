"""A provider on loopback: a real HTTP server that speaks the wires of all vendors at once, and keeps its own books.

Tests script it with a queue of `Reply`; by hand it runs as `python -m tests.providers.simulator --port 8399`, and the
site talks to it with `OPENAI_API_KEY=any OPENAI_BASE_URL=http://127.0.0.1:8399/v1`. Control:

    POST /control/replies   a list of replies (JSON objects with the fields of `Reply`) for the next requests
    POST /control/kill      break off every answer that is being streamed now
    POST /control/reset     forget replies and books
    GET  /control/books     what was asked and billed

It counts tokens with a tokenizer that the application does not use, and prices them with tables of its own
(`prices.py`). A vendor's wire is one module of `wires/`; `wires/__init__.py` says what goes into a new one.
"""

from tests.providers.simulator.batches import BatchReply
from tests.providers.simulator.books import Entry, count, count_input, tokenizer
from tests.providers.simulator.replies import Reply, replies_from
from tests.providers.simulator.server import Simulator
from tests.providers.simulator.wires.openai import strict_problem

__all__ = [
    "BatchReply",
    "Entry",
    "Reply",
    "Simulator",
    "count",
    "count_input",
    "replies_from",
    "strict_problem",
    "tokenizer",
]
