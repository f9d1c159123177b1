"""The only rooms that open sockets and serial ports. Never called inside a transaction."""

from __future__ import annotations

from clinic.hardware.drivers.printers import send_zpl
from clinic.hardware.drivers.pumps import Pump, PumpLine, pump_at

__all__ = ["Pump", "PumpLine", "pump_at", "send_zpl"]
