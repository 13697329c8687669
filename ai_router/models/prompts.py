"""Prompts of the site: versions of a prompt's text that take the place of the file's."""

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction


class PromptText(models.Model):
    """One version of a prompt's text. Versions are never edited, so that a ledger line says what was really asked."""

    prompt = models.CharField(
        max_length=60, help_text="The built-in prompt whose place it takes, such as cover_letter/v1."
    )
    number = models.PositiveIntegerField(editable=False)
    system = models.TextField(
        "instructions", blank=True, help_text="The system message: who writes, and by which rules."
    )
    user = models.TextField(
        "text", help_text='The user message: what is worked on. Keep every {{ value|data:"name" }}.'
    )
    note = models.CharField(max_length=200, blank=True, help_text="What is different, and why.")
    is_active = models.BooleanField("in use", default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )

    class Meta:
        ordering = ["prompt", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["prompt", "number"], name="prompt_text_number_once"),
            models.UniqueConstraint(
                fields=["prompt"], condition=models.Q(is_active=True), name="prompt_text_one_in_use"
            ),
        ]

    def __str__(self) -> str:
        return self.version

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Give a new version its number, and let the one in use give way to it where it is to be used."""
        with transaction.atomic():
            others = PromptText.objects.filter(prompt=self.prompt).exclude(pk=self.pk)
            if self._state.adding:
                last = others.aggregate(last=models.Max("number"))["last"]
                self.number = 1 + (last or 0)
            if self.is_active:
                others.filter(is_active=True).update(is_active=False)
            super().save(*args, **kwargs)

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Leave the text in use to `save`, which takes it out of use."""
        super().validate_constraints(exclude={*(exclude or ()), "is_active"})

    @property
    def version(self) -> str:
        """The name that goes into the ledger: the built-in prompt's, and the number of this text."""
        return f"{self.prompt}+{self.number}"

    def clean(self) -> None:
        """Refuse a text that cannot be compiled, or that loses an input or its fence."""
        from ai_router.prompts import problems_of

        problems = problems_of(self.prompt, self.system, self.user)
        if problems:
            raise ValidationError(problems)
