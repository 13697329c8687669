#!/usr/bin/env python3
"""Django's command line for CareerAI."""

import os
import sys


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "careerai.settings")
    from django.core.management import execute_from_command_line
    from django.db import DatabaseError

    try:
        execute_from_command_line(sys.argv)
    except DatabaseError:
        from careerai.health import database_problem

        problem = database_problem()
        if not problem or "--traceback" in sys.argv:
            raise
        sys.exit(f"CommandError: {problem}")


if __name__ == "__main__":
    main()
