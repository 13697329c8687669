"""How dates stand on pages that do not say it themselves: those of the administration."""
