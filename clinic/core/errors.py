"""The four ways the house declines. Anything else that is raised is a bug.

``web/errors.py`` maps each to one status: NotFound 404, Forbidden 403, Refused 422, Clash 409.
"""

from __future__ import annotations

from collections.abc import Sequence


class Declined(Exception):
    """A request the house understood and will not carry out. Nothing has been saved."""


class NotFound(Declined):
    """No such thing, or none the actor may know of: the two are never told apart."""


class Forbidden(Declined):
    """The actor's role does not hold the permission."""


class Refused(Declined):
    """A rule says no. ``reasons`` lists every one, as sentences for people.

    ``decision`` is the ``Decision`` behind it, where there is one.
    """

    def __init__(self, reasons: Sequence[str] | str, *, decision: object = None) -> None:
        self.reasons = (reasons,) if isinstance(reasons, str) else tuple(reasons)
        self.decision = decision
        super().__init__("; ".join(self.reasons))


class Clash(Declined):
    """Somebody or something was there first: a second dose, a taken slot, a stale form."""
