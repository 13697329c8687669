"""Dollars in forms of the administration."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminTextInputWidget

from usage.types import NANOUSD_PER_USD

# Commas stand between thousands alone: one before cents, as many countries write it, must not make a hundred times as much of it.
AMOUNT = re.compile(r"-?\$?(?=.*[0-9])([1-9][0-9]{0,2}(,[0-9]{3})+|[0-9]{0,15})(\.[0-9]{0,12})?")


class DollarsField(forms.Field):
    """An amount of dollars that is kept as nano-dollars, without passing through a float."""

    widget = UnfoldAdminTextInputWidget
    default_error_messages = {
        "invalid": "Write an amount of dollars such as 25 or 0.50.",
        "range": "Write an amount from 0 to 1,000,000 with at most nine decimals.",
    }

    def to_python(self, value: str | None) -> int | None:
        if value in self.empty_values:
            return None
        amount = str(value).strip()
        if not AMOUNT.fullmatch(amount):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        nanousd = Decimal(amount.replace("$", "").replace(",", "")) * NANOUSD_PER_USD
        if not 0 <= nanousd <= 10**6 * NANOUSD_PER_USD or nanousd != int(nanousd):
            raise ValidationError(self.error_messages["range"], code="range")
        return int(nanousd)

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, int):
            return value
        return f"{Decimal(value) / NANOUSD_PER_USD:f}"
