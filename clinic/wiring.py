"""Which fact wakes which service: the whole causality of the house, on one page.

Everything here happens in the transaction that announced the fact, one hop deep. If a listener
declines, the fact did not happen either.
"""

from __future__ import annotations

from clinic.data.work import Reactions

REACTIONS: Reactions = {}
