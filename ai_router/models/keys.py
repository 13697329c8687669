"""Keys of providers that are kept in the database, sealed."""

from django.db import models

from ai_router.sealing import seal, unseal
from ai_router.types import ProviderName

# What is shown of a key so that its owner knows it; shorter keys show nothing.
SHOWN_CHARACTERS = 4
MIN_CHARACTERS_TO_SHOW = 12


class ProviderKey(models.Model):
    """A key of a provider. What is kept is sealed; it is never shown again, only its last characters are."""

    provider = models.CharField(max_length=40, choices=ProviderName)
    name = models.CharField(max_length=80, help_text="What you call it, such as the account that it belongs to.")
    sealed = models.TextField(editable=False)
    ending = models.CharField(max_length=SHOWN_CHARACTERS, editable=False, blank=True)
    is_enabled = models.BooleanField(default=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["provider", "name"]
        constraints = [models.UniqueConstraint(fields=["provider", "name"], name="provider_key_name_once")]

    def __str__(self) -> str:
        return f"{self.get_provider_display()}: {self.name}"

    def set_secret(self, secret: str) -> None:
        """Seal a key; save afterwards."""
        self.sealed = seal(secret)
        self.ending = secret[-SHOWN_CHARACTERS:] if len(secret) >= MIN_CHARACTERS_TO_SHOW else ""

    def secret(self) -> str:
        """Return the key.

        Raises:
            UnreadableSecretError: It was sealed with a `SECRET_KEY` that the site does not know any more.
        """
        return unseal(self.sealed)
