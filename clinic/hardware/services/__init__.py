"""The verbs of the machines: set up, queue a label, send it once its act is kept."""

from __future__ import annotations

from clinic.hardware.services.machines import (
    add_printer,
    add_pump,
    set_printer_in_use,
    set_pump_in_use,
)
from clinic.hardware.services.printing import print_test, queue_label, reprint
from clinic.hardware.services.sending import send_waiting

__all__ = [
    "add_printer",
    "add_pump",
    "print_test",
    "queue_label",
    "reprint",
    "send_waiting",
    "set_printer_in_use",
    "set_pump_in_use",
]
