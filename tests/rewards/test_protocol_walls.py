"""Around the code with plain SQL: what the tables of protocols refuse, on both engines."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from clinic.core.errors import Clash
from clinic.data.types import new_id
from clinic.data.work import Work
from clinic.rewards import queries, services
from clinic.rewards.facts import ProtocolStatus
from clinic.rewards.models import (
    RewardProtocol,
    RewardProtocolStep,
    RewardTargetOverride,
    RewardTargetRevocation,
)
from tests import cast
from tests.conftest import WorkAs
from tests.rewards.protocols import OPIOIDS, a_draft, an_active_protocol


@pytest.fixture
def overridden(work_as: WorkAs) -> None:
    with work_as(cast.MEG) as work:
        an_active_protocol(work)
        a_draft(work, OPIOIDS)
        override_id = services.override_target(
            work, name=OPIOIDS.name, version=1, reason="weighed", is_note_confirmed=True
        )
        services.activate_protocol(work, name=OPIOIDS.name, version=1, reason="decided")
        services.revoke_override(work, override_id=override_id, reason="over")


def again(work: Work, table: type[Any], **changes: Any) -> None:
    """The last row once more, written past every rule."""
    row = work.session.execute(sa.select(table.__table__)).mappings().all()[-1]
    work.session.execute(sa.insert(table.__table__).values(dict(row) | {"id": new_id()} | changes))


@pytest.mark.usefixtures("overridden")
def test_what_is_there_once(work_as: WorkAs) -> None:
    for table, sentence in (
        (RewardProtocol, "saved this version a moment ago"),
        (RewardProtocolStep, "changed this version a moment ago"),
        (RewardTargetRevocation, "revoked already"),
    ):
        with pytest.raises(Clash, match=sentence), work_as(cast.ADA) as work:
            again(work, table)


@pytest.mark.usefixtures("overridden")
def test_no_opioid_target_is_active_without_an_override(work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        protocol_id = queries.site_protocol(work, name=OPIOIDS.name, version=1).id
    active = {
        "reward_protocol_id": protocol_id,
        "number": 9,
        "status": ProtocolStatus.ACTIVE,
        "override_id": None,
    }
    with pytest.raises(Clash, match="medical director's"), work_as(cast.ADA) as work:
        again(work, RewardProtocolStep, **active, pays_for_opioid_negative=True)
    # Nor by claiming that it is none: the claim must be the protocol's own.
    with pytest.raises(DBAPIError), work_as(cast.ADA) as work:
        again(work, RewardProtocolStep, **active, pays_for_opioid_negative=False)


@pytest.mark.usefixtures("overridden")
def test_no_row_is_ever_changed_or_taken_away(work_as: WorkAs) -> None:
    for table in (
        RewardProtocol.__table__,
        RewardProtocolStep.__table__,
        RewardTargetOverride.__table__,
        RewardTargetRevocation.__table__,
    ):
        for statement in (
            sa.update(table).values(recorded_by_name="somebody else"),  # type: ignore[arg-type]
            sa.delete(table),  # type: ignore[arg-type]
        ):
            with pytest.raises(Clash, match="recorded fact cannot"), work_as(cast.ADA) as work:
                work.session.execute(statement)
