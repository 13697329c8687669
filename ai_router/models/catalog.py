"""Models that the site itself says something about."""

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models

from ai_router.types import ProviderName, provider_choices

# The word for a fact that the base has and this model does not.
NO_EFFORT = "none"


class NeedsResponses(models.TextChoices):
    """When a request must go over OpenAI's Responses API."""

    NEVER = "never", "Never"
    TOOLS = "tools", "With tools"
    ALWAYS = "always", "Always"


class CatalogModel(models.Model):
    """What the site says of one model of one provider: a fine-tuned one, a deployment, one of its own, or a known one.

    What is empty is as with the model that it is based on, or, without one, as with the name's family in `catalog`.
    """

    provider = models.CharField(max_length=40, choices=provider_choices)
    model = models.CharField(
        max_length=120, help_text="The name that requests use: a model, a deployment, an id of a fine-tuning."
    )
    based_on = models.CharField(
        max_length=120,
        blank=True,
        help_text="A known model of which this is a deployment, another name or a fine-tuning. Empty: the family of its own name.",
    )
    costs_as_base = models.BooleanField(
        "costs what its base costs",
        default=False,
        help_text="For a deployment or another name. A fine-tuned model has a price of its own: enter it under “Model prices”.",
    )
    context_window = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)], help_text="Tokens of input and output together."
    )
    max_output = models.PositiveIntegerField(
        "longest answer", null=True, blank=True, validators=[MinValueValidator(1)], help_text="Tokens."
    )
    reasoning_effort = models.CharField(
        max_length=20,
        blank=True,
        help_text="What a model that thinks is asked for, in its provider’s words, such as low; none asks for nothing.",
    )
    reasoning_allowance = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="Tokens that it may think beside the answer’s own; 0 for a model that does not think.",
    )
    takes_images = models.BooleanField("takes pictures", null=True, blank=True)
    takes_documents = models.BooleanField(null=True, blank=True, help_text="Such as a PDF, as it is.")
    takes_tools = models.BooleanField("calls tools", null=True, blank=True)
    has_schema = models.BooleanField(
        "can be held to a JSON schema", null=True, blank=True, help_text="Otherwise it is asked in words."
    )
    takes_sampling = models.BooleanField(
        "takes temperature and top_p", null=True, blank=True, help_text="Most models that think refuse them."
    )
    embeds = models.BooleanField("makes vectors", null=True, blank=True, help_text="Instead of writing.")
    needs_responses = models.CharField(
        "needs Responses",
        max_length=10,
        blank=True,
        choices=NeedsResponses.choices,
        help_text="When OpenAI and Azure take its requests over their Responses API only.",
    )
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = "model"
        ordering = ["provider", "model"]
        constraints = [models.UniqueConstraint(fields=["provider", "model"], name="catalog_model_once")]

    def __str__(self) -> str:
        return f"{self.provider}/{self.model}"

    def clean(self) -> None:
        """Refuse what contradicts itself."""
        problems = {}
        if self.provider == ProviderName.EMBEDDED:
            problems["provider"] = "The embedded engine has no models."
        if self.based_on and self.based_on == self.model:
            problems["based_on"] = "A model is not based on itself."
        if self.costs_as_base and not self.based_on:
            problems["costs_as_base"] = "Say which model it is based on."
        if self.context_window and self.max_output and self.max_output > self.context_window:
            problems["max_output"] = "An answer fits into the window: this is more than that."
        if problems:
            raise ValidationError(problems)
