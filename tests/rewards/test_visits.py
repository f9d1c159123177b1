"""The card of a visit: keyed once, rewarded once, whoever else was at it."""

from __future__ import annotations

import re
from datetime import date, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from clinic.core.errors import Clash, Refused
from clinic.data.db import db
from clinic.data.work import Work
from clinic.rewards import queries, services
from clinic.rewards.facts import ATTENDANCE, Mark, PostedVisit, VisitOutcome
from clinic.rewards.models import LedgerTransfer, RewardVisit
from clinic.scheduling import queries as scheduling
from clinic.scheduling import services as schedule
from clinic.scheduling.facts import AttendanceRecorded, BookingStatus, Setting
from clinic.sites import services as sites
from clinic.toxicology.facts import STIMULANTS, Analyte, CollectionOutcome
from clinic.toxicology.models import Specimen
from tests import cast
from tests.conftest import SignIn, WorkAs
from tests.rewards.builders import an_enrolled_patient
from tests.toxicology.builders import a_visit

ALL_NEGATIVE = dict.fromkeys(STIMULANTS, Mark.NEGATIVE)
ONE_POSITIVE = ALL_NEGATIVE | {Analyte.COCAINE: Mark.POSITIVE}


def post(
    work: Work, patient_id: UUID, number: int, marks: dict[Analyte, Mark] = ALL_NEGATIVE
) -> PostedVisit:
    return services.post_visit(work, patient_id=patient_id, number=number, marks=marks)


def outcomes(work: Work, patient_id: UUID) -> str:
    return "".join(
        visit.outcome.value for visit in queries.card(work, patient_id=patient_id).visits
    )


def test_a_posted_visit_records_the_test_and_says_what_it_earned(work: Work) -> None:
    patient_id = an_enrolled_patient(work, visits="NN")

    posted = post(work, patient_id, 3)

    assert posted.told == (
        "3rd negative in a row: $5.00, and $10.00 bonus for 3 in a row.",
        "Balance $21.25.",
    )
    assert posted.visit_id is not None
    newest = work.session.scalars(sa.select(Specimen).order_by(Specimen.id.desc())).first()
    assert newest is not None
    assert newest.outcome is CollectionOutcome.COLLECTED


@pytest.mark.parametrize(
    ("mark", "letter", "next_cents"),
    [
        (Mark.REFUSED, "M", 250),
        (Mark.MISSED, "M", 250),
        (Mark.EXCUSED, "X", 1500),
        (Mark.INVALID, "X", 1500),
        (Mark.POSITIVE, "P", 250),
    ],
)
def test_what_is_not_negative_pays_nothing_and_follows_the_protocol(
    work: Work, mark: Mark, letter: str, next_cents: int
) -> None:
    patient_id = an_enrolled_patient(work, visits="NN")

    post(work, patient_id, 3, dict.fromkeys(STIMULANTS, mark))

    assert outcomes(work, patient_id) == "NN" + letter
    assert queries.card(work, patient_id=patient_id).balance_cents == 625
    post(work, patient_id, 4)
    assert queries.card(work, patient_id=patient_id).balance_cents == 625 + next_cents


@pytest.mark.parametrize(
    "marks",
    [
        {},
        {Analyte.COCAINE: Mark.NEGATIVE},
        ALL_NEGATIVE | {Analyte.COCAINE: Mark.REFUSED},
        {Analyte.COCAINE: Mark.REFUSED, Analyte.AMPHETAMINE: Mark.EXCUSED},
    ],
)
def test_rows_unread_or_at_odds_are_not_posted(work: Work, marks: dict[Analyte, Mark]) -> None:
    patient_id = an_enrolled_patient(work)

    with pytest.raises(Refused, match=r"Read every row|do not agree"):
        post(work, patient_id, 1, marks)

    assert outcomes(work, patient_id) == ""


def test_a_result_recorded_elsewhere_is_not_rewarded_again_from_an_open_card(work: Work) -> None:
    patient_id = an_enrolled_patient(work)
    a_visit(work, "N", patient_id=patient_id)

    with pytest.raises(Clash, match="Visit 1 is recorded already, by Ada Administrator: 1st neg"):
        post(work, patient_id, 1)

    assert outcomes(work, patient_id) == "N"


def test_a_card_for_a_visit_that_is_not_next_is_sent_back(work: Work) -> None:
    patient_id = an_enrolled_patient(work)

    with pytest.raises(Clash, match="Visit 1 comes first"):
        post(work, patient_id, 2)


def test_after_the_last_visit_nothing_is_posted(work: Work) -> None:
    patient_id = an_enrolled_patient(work, visits="X" * 36)

    with pytest.raises(Refused, match="has ended"):
        post(work, patient_id, 37)
    with pytest.raises(Clash, match="Visit 36 is recorded already"):
        post(work, patient_id, 36)


def test_the_preview_is_what_posting_brings(work: Work) -> None:
    patient_id = an_enrolled_patient(work, visits="NN")
    enrolment = queries.open_enrolment(work, patient_id=patient_id)
    assert enrolment is not None

    shown = queries.preview(work, enrolment=enrolment, outcome=VisitOutcome.NEGATIVE)

    assert shown.sentence == post(work, patient_id, 3).told[0]
    # the funder's 750.00 binds before the protocol's own 997.50
    assert (shown.paid_cents, shown.left_cents) == (1500, 72875)
    assert shown.left_under == "the funder's yearly cap"


# a protocol that asks for no test


def test_a_kept_visit_needs_no_specimen(work: Work) -> None:
    patient_id = an_enrolled_patient(work, protocol_code=ATTENDANCE.name)

    posted = services.post_visit(
        work, patient_id=patient_id, number=1, marks={}, came=Mark.NEGATIVE
    )

    assert posted.told[0].startswith("1st kept visit in a row: ")
    assert work.session.scalars(sa.select(RewardVisit.specimen_id)).all() == [None]
    with pytest.raises(Clash, match="recorded already"):
        services.post_visit(work, patient_id=patient_id, number=2, marks={}, came=Mark.NEGATIVE)


@pytest.mark.parametrize(("came", "letter"), [(Mark.MISSED, "M"), (Mark.EXCUSED, "X")])
def test_a_visit_not_kept_is_excused_or_missed(work: Work, came: Mark, letter: str) -> None:
    patient_id = an_enrolled_patient(work, protocol_code=ATTENDANCE.name)

    services.post_visit(work, patient_id=patient_id, number=1, marks={}, came=came)

    assert outcomes(work, patient_id) == letter


def attended(work: Work, patient_id: UUID, *, days_ago: int = 0) -> AttendanceRecorded:
    return AttendanceRecorded(
        booking_id=work.new_id(),
        patient_id=patient_id,
        modality="counseling",
        status=BookingStatus.ATTENDED,
        service_date=work.service_date - timedelta(days=days_ago),
    )


def test_attendance_marked_in_the_schedule_is_rewarded_once_a_day(work: Work) -> None:
    patient_id = an_enrolled_patient(work, protocol_code=ATTENDANCE.name)
    tested = an_enrolled_patient(work)

    for one in (patient_id, patient_id, tested):
        work.announce(attended(work, one))
    work.announce(attended(work, patient_id, days_ago=1))

    assert outcomes(work, patient_id) == "N"
    assert outcomes(work, tested) == ""


@pytest.mark.parametrize(
    ("mark", "status"),
    [
        (Mark.POSITIVE, BookingStatus.ATTENDED),
        (Mark.REFUSED, BookingStatus.ATTENDED),
        (Mark.MISSED, BookingStatus.BOOKED),
    ],
)
def test_whoever_was_there_has_attended_the_booking(
    work: Work, mark: Mark, status: BookingStatus
) -> None:
    patient_id = an_enrolled_patient(work)
    booked(work, patient_id)

    post(work, patient_id, 1, dict.fromkeys(STIMULANTS, mark))

    (item,) = scheduling.bookings_of(
        work,
        patient_id=patient_id,
        first=work.service_date,
        until=work.service_date + timedelta(days=1),
    )
    assert item.status is status


def test_a_kept_visit_that_asks_for_no_test_is_attended_and_paid_once(work: Work) -> None:
    patient_id = an_enrolled_patient(work, protocol_code=ATTENDANCE.name)
    booked(work, patient_id)

    services.post_visit(work, patient_id=patient_id, number=1, marks={}, came=Mark.NEGATIVE)

    assert outcomes(work, patient_id) == "N"
    assert len(queries.statement(work, patient_id=patient_id)) == 1
    (due,) = queries.due_today(work)
    assert (due.status, due.recorded) == ("Attended", "Negative")


def test_a_day_without_visits_shows_the_next_one_s_list_within_the_caps(work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        patient_id = an_enrolled_patient(work, visits="NN")  # 6.25; the next is 15.00
        booked(work, patient_id, days_ahead=2)
        assert queries.due_next(work) is not None
        sites.choose_setting(
            work,
            setting="rewards.site_yearly_cap_cents",
            value=1000,
            starts_on=work.service_date,
            source="rewards committee",
        )
    with work_as(cast.ADA, now=cast.NOW + timedelta(days=1)) as work:
        assert queries.due_today(work) == ()
        found = queries.due_next(work)
        assert found is not None
        day, (due,) = found
        assert (day, due.status, due.brings) == (date(2026, 3, 5), "Booked", "$3.75")


def booked(work: Work, patient_id: UUID, *, days_ahead: int = 0) -> None:
    """A booking for contingency management at 11 on a day ahead."""
    schedule.book_session(
        work,
        modality=queries.CONTINGENCY_MANAGEMENT,
        title="Contingency management",
        starts_at=cast.NOW.replace(hour=16) + timedelta(days=days_ahead),
        minutes=15,
        resource_ids=(),
        patient_ids=(patient_id,),
        capacity=1,
        setting=Setting.IN_PERSON,
    )


# the page


def form_of(text: str, **marks: str) -> dict[str, str]:
    """The card's form as a browser sends it, with these rows marked."""
    fields = (dict(re.findall(r'(name|value)="([^"]*)"', one)) for one in HIDDEN.findall(text))
    hidden = {one["name"]: one["value"] for one in fields}
    rows = {f"row_{name}": value for name, value in marks.items()}
    return {name: hidden[name] for name in ("number", "idempotency_key")} | rows


HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*>')
NEGATIVE_ROWS = {analyte.value: "negative" for analyte in STIMULANTS}


@pytest.fixture
def patient_id(work_as: WorkAs) -> UUID:
    with work_as(cast.CARL) as work:
        return an_enrolled_patient(work, visits="NN")


def test_a_double_click_posts_once(sign_in: SignIn, patient_id: UUID) -> None:
    client = sign_in(cast.CARL)
    address = f"/patients/{patient_id}/rewards/visit"
    form = form_of(client.get(f"{address}?again=1").text, **NEGATIVE_ROWS)

    first = client.post(address, data=form)
    again = client.post(address, data=form)

    assert (first.status_code, again.status_code) == (303, 303)
    assert first.location == again.location
    page = client.get(first.location).text
    assert "3rd negative in a row: $5.00" in page
    assert "$21.25" in page
    assert db.session.scalar(sa.select(sa.func.count()).select_from(LedgerTransfer)) == 3


def test_a_card_left_open_says_who_was_faster(
    sign_in: SignIn, work_as: WorkAs, patient_id: UUID
) -> None:
    client = sign_in(cast.CARL)
    address = f"/patients/{patient_id}/rewards/visit"
    form = form_of(client.get(f"{address}?again=1").text, **NEGATIVE_ROWS)
    with work_as(cast.NORA) as work:
        a_visit(work, "P", patient_id=patient_id)

    answer = client.post(address, data=form)

    assert answer.status_code == 409
    assert "Visit 3 is recorded already, by Nora Nurse: Positive" in answer.text


def test_the_card_shows_what_was_recorded_elsewhere_today(
    sign_in: SignIn, patient_id: UUID
) -> None:
    page = sign_in(cast.CARL).get(f"/patients/{patient_id}/rewards/visit").text

    assert "Visit 2 is recorded today: negative" in page
    assert "Post visit" not in page
    assert "Another visit today" in page


def test_the_reward_is_shown_before_it_is_posted(sign_in: SignIn, patient_id: UUID) -> None:
    client = sign_in(cast.CARL)
    address = f"/patients/{patient_id}/rewards/visit"
    form = form_of(client.get(f"{address}?again=1").text, **NEGATIVE_ROWS)

    fragment = client.post(f"{address}/preview", data=form, headers={"HX-Request": "true"})
    whole = client.post(f"{address}/preview?again=1", data=form)

    for answer in (fragment, whole):
        assert "3rd negative in a row: $5.00, and $10.00 bonus for 3 in a row." in answer.text
        assert "$728.75 left under the funder&#39;s yearly cap." in answer.text
    assert "<html" not in fragment.text
    assert db.session.scalar(sa.select(sa.func.count()).select_from(LedgerTransfer)) == 2


def test_an_unread_row_is_named_and_nothing_is_posted(sign_in: SignIn, patient_id: UUID) -> None:
    client = sign_in(cast.CARL)
    address = f"/patients/{patient_id}/rewards/visit"
    form = form_of(client.get(f"{address}?again=1").text, cocaine="negative")

    answer = client.post(address, data=form)

    assert answer.status_code == 422
    assert "Read every row first" in answer.text


@pytest.mark.parametrize(
    "broken",
    [
        {"number": "0"},
        {"number": "9" * 40},
        {"number": "x"},
        {"row_cocaine": "sparkling"},
        {"note": "n" * 201},
        {"idempotency_key": ""},
    ],
)
def test_broken_input_is_refused(sign_in: SignIn, patient_id: UUID, broken: dict[str, str]) -> None:
    form = {"number": "3", "idempotency_key": "k"} | {
        f"row_{name}": value for name, value in NEGATIVE_ROWS.items()
    }

    answer = sign_in(cast.CARL).post(f"/patients/{patient_id}/rewards/visit", data=form | broken)

    assert answer.status_code == 422


def test_the_front_desk_posts_no_visit_and_another_site_sees_none(
    sign_in: SignIn, patient_id: UUID
) -> None:
    address = f"/patients/{patient_id}/rewards/visit"

    assert sign_in(cast.FRANK).post(address, data={}).status_code == 403
    visit_id = db.session.scalars(sa.select(RewardVisit.id)).first()
    elsewhere = sign_in(cast.OLGA).get(f"/patients/{patient_id}/rewards/visits/{visit_id}")
    assert elsewhere.status_code in {403, 404}


def test_the_receipt_prints(sign_in: SignIn, patient_id: UUID) -> None:
    visit_id = db.session.scalars(sa.select(RewardVisit.id).where(RewardVisit.number == 2)).one()
    answer = sign_in(cast.CARL).get(f"/patients/{patient_id}/rewards/visits/{visit_id}?format=pdf")

    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF")


@pytest.mark.usefixtures("patient_id")
def test_the_day_s_list_says_who_came(sign_in: SignIn, work_as: WorkAs) -> None:
    with work_as(cast.CARL) as work:
        an_enrolled_patient(work)  # not due today
        at_the_bowl = an_enrolled_patient(work, protocol_code="prize_va", visits="NN")
    client = sign_in(cast.CARL)

    lines = client.get("/rewards/today?format=csv").text.splitlines()[1:-1]

    assert len(lines) == 2
    assert lines[0].endswith(
        ',Walk-in,"VA prize bowl, 12 weeks, two visits a week",2,Negative,3 draws,3'
    )
    assert lines[1].endswith(",2,Negative,$15.00,")
    assert str(at_the_bowl) in client.get("/rewards/today").text


def test_what_changed_between_preview_and_post_is_said(
    work_as: WorkAs, sign_in: SignIn, patient_id: UUID
) -> None:
    client = sign_in(cast.CARL)
    address = f"/patients/{patient_id}/rewards/visit"
    form = form_of(client.get(f"{address}?again=1").text, **NEGATIVE_ROWS)
    preview = client.post(f"{address}/preview", data=form, headers={"HX-Request": "true"}).text
    shown = re.findall(r'name="shown" value="([^"]*)"', preview)
    assert len(shown) == 1
    with work_as(cast.ADA) as work:
        sites.choose_setting(
            work,
            setting="rewards.site_yearly_cap_cents",
            value=100,
            starts_on=work.service_date,
            source="rewards committee",
        )

    text = client.post(address, data=form | {"shown": shown[0]}, follow_redirects=True).text

    assert f"The card showed {shown[0]}; " in text
