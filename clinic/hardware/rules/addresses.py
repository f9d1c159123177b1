"""Where a pump may be reached: a port of this machine, or a host on the network."""

from __future__ import annotations

import re

_ADDRESS = re.compile(
    r"(socket://[A-Za-z0-9.\-]{1,200}:[0-9]{1,5}|/dev/(tty|serial/|pts/)[A-Za-z0-9._/\-]{1,100})"
)


def is_pump_address(text: str) -> bool:
    """Whether the text names a serial port or ``socket://host:port``, and nothing cleverer.

    The serial library knows addresses that write files; none of them is a pump.
    """
    return _ADDRESS.fullmatch(text) is not None and ".." not in text
