from __future__ import annotations

import pytest

from clinic.core.actors import Actor
from clinic.core.errors import Forbidden
from clinic.core.permissions import Permission
from tests import cast


def test_who_lacks_the_verb_is_told_which_one() -> None:
    cast.NORA.actor.require(Permission.GIVE_DOSE)
    with pytest.raises(Forbidden, match="Nora Nurse may not order medication"):
        cast.NORA.actor.require(Permission.ORDER_MEDICATION)


def test_a_job_says_which_it_is_and_may_everything() -> None:
    job = Actor.system("audit.seal")
    assert (job.id, job.name) == (None, "system:audit.seal")
    assert all(job.may(permission) for permission in Permission)
