"""Announcements: past-tense facts a domain makes known to whoever stands above it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fact:
    """Base of every announcement. Subclasses are frozen and named in the past tense."""
