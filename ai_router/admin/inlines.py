"""Rows inside a form."""

from unfold.admin import TabularInline


class UntitledInline(TabularInline):
    """Rows without a line above each that repeats what is in it."""

    show_title = False
    if hasattr(TabularInline, "hide_title"):
        # unfold's name for the same before 0.110, which warns of it.
        hide_title = True
