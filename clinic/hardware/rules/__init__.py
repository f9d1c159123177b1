"""What an address of a machine may be, and labels in a printer's own language."""

from __future__ import annotations

from clinic.hardware.rules.addresses import is_pump_address
from clinic.hardware.rules.zpl import zpl_label, zpl_test

__all__ = ["is_pump_address", "zpl_label", "zpl_test"]
