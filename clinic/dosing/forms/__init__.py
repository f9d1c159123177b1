"""What the dosing pages take in."""

from __future__ import annotations

from clinic.dosing.forms.asked import AskedForm
from clinic.dosing.forms.orders import OrderForm, StopForm
from clinic.dosing.forms.window import GiveDoseForm, HoldForm, VoidForm, WindowForm

__all__ = [
    "AskedForm",
    "GiveDoseForm",
    "HoldForm",
    "OrderForm",
    "StopForm",
    "VoidForm",
    "WindowForm",
]
