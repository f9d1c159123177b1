"""Who acts. No service runs without one; a job acts as the system and says which job."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from clinic.core.errors import Forbidden
from clinic.core.permissions import Permission


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person or a job, with the verbs it may use at the site it works at.

    ``id`` is None only for the system, whose ``name`` then reads ``system:<job>``.
    """

    id: UUID | None
    name: str
    permissions: frozenset[Permission]

    @classmethod
    def system(cls, job: str) -> Actor:
        return cls(id=None, name=f"system:{job}", permissions=frozenset(Permission))

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    def require(self, permission: Permission) -> None:
        """Raises: Forbidden when the actor does not hold the permission."""
        if not self.may(permission):
            raise Forbidden(f"{self.name} may not {permission.value.replace('_', ' ')}")
