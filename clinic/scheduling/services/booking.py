"""Give time away: one session, a whole series, a place in a group; all of it or none."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.errors import NotFound, Refused
from clinic.core.periods import Period
from clinic.core.service_dates import ONE_DAY
from clinic.data.work import Work
from clinic.patients.models import Patient
from clinic.scheduling.facts import (
    HOLDS_PLACE,
    BookedSeries,
    BookedSession,
    BookingClash,
    BookingStatus,
    ClashCause,
    FoundClash,
    JoinedSession,
    Occurrence,
    ResourceName,
    SeriesRequest,
    SessionStatus,
    Setting,
    Wish,
)
from clinic.scheduling.models import Booking, Resource, Series, Session, SessionResource
from clinic.scheduling.queries.calendar import Opening, diaries, open_days, openings
from clinic.scheduling.queries.resources import resource_names
from clinic.scheduling.rules.clashes import find_clashes, spoken
from clinic.scheduling.rules.occurrences import occurrences


@dataclass(frozen=True, slots=True, kw_only=True)
class _Terms:
    """What the sessions of one act have in common."""

    modality: str
    title: str
    setting: Setting
    capacity: int
    patient_ids: tuple[UUID, ...]
    course_id: UUID | None = None
    series_id: UUID | None = None


def book_session(
    work: Work,
    *,
    modality: str,
    title: str,
    starts_at: datetime,
    minutes: int,
    resource_ids: Collection[UUID],
    patient_ids: Collection[UUID],
    setting: Setting,
    capacity: int = 1,
    course_id: UUID | None = None,
    series_id: UUID | None = None,
) -> BookedSession:
    """Book one session with everybody and everything it takes.

    Raises: BookingClash listing every cause; Refused when more patients than places are named
    or it would last no time; NotFound for a patient or resource that is not ours.
    """
    if minutes < 1:
        raise Refused("A session lasts at least a minute.")
    terms = _Terms(
        modality=modality,
        title=title,
        setting=setting,
        capacity=capacity,
        patient_ids=tuple(patient_ids),
        course_id=course_id,
        series_id=series_id,
    )
    names = _hold_still(work, terms, resource_ids)
    period = Period(starts_at, starts_at + timedelta(minutes=minutes))
    occurrence = Occurrence(1, work.site.service_date(starts_at), period)
    wish = Wish(occurrence, tuple(names.values()), terms.patient_ids)
    [booked] = _book(work, terms, [wish], groups={})
    audit.record(
        work,
        action="session.book",
        subject=f"session {booked.session_id}",
        patient_id=terms.patient_ids[0] if len(terms.patient_ids) == 1 else None,
        detail={"modality": modality, "starts_at": starts_at.isoformat()},
    )
    return booked


def book_series(work: Work, *, request: SeriesRequest) -> BookedSeries:
    """Book every date of a series, or nothing at all.

    Raises: BookingClash listing every cause of every date; Refused when a date is asked for
    twice or none is; NotFound for a patient or resource that is not ours.
    """
    if not request.visits:
        raise Refused("A series needs at least one date.")
    if len({visit.on for visit in request.visits}) < len(request.visits):
        raise Refused("A series has one session a day at most.")
    terms = _Terms(
        modality=request.modality,
        title=request.title,
        setting=request.setting,
        capacity=request.capacity,
        patient_ids=(request.patient_id,) if request.patient_id else (),
        course_id=request.course_id,
    )
    wanted = {visit.on: visit.resource_ids or request.resource_ids for visit in request.visits}
    names = _hold_still(work, terms, {each for ids in wanted.values() for each in ids})
    dates = occurrences(request.visits, wall_time=request.wall_time, clock=work.site)
    groups = _groups(work, terms, dates)
    wishes = [
        Wish(
            each,
            ()
            if each.period.starts_at in groups
            else tuple(names[resource_id] for resource_id in wanted[each.on]),
            terms.patient_ids,
        )
        for each in dates
    ]
    series = Series(
        id=work.new_id(),
        patient_id=request.patient_id,
        modality=request.modality,
        pattern=_pattern(request),
        site_id=work.site.id,
        **work.attribution,
    )
    work.session.add(series)
    work.session.flush()
    booked = _book(work, replace(terms, series_id=series.id), wishes, groups=groups)
    audit.record(
        work,
        action="series.book",
        subject=f"series {series.id}",
        patient_id=request.patient_id,
        detail={"modality": request.modality, "sessions": len(booked)},
    )
    return BookedSeries(series.id, booked)


def join_session(
    work: Work, *, session_id: UUID, patient_id: UUID, course_id: UUID | None = None
) -> JoinedSession:
    """Give a patient the next free place of a planned session.

    Raises: BookingClash when it is full or the patient is busy; NotFound; Refused when the
    session was cancelled.
    """
    _hold_patients_still(work, [patient_id])
    session = work.session.scalar(
        sa.select(Session)
        .where(Session.site_id == work.site.id, Session.id == session_id)
        .with_for_update()
    )
    if session is None:
        raise NotFound("session")
    if session.status is SessionStatus.CANCELLED:
        raise Refused("The session was cancelled.")
    period = Period(session.starts_at, session.ends_at)
    busy = diaries(work, span=period, patient_ids=[patient_id])
    occurrence = Occurrence(1, session.service_date, period)
    place = free_place(work, session_id=session.id, capacity=session.capacity)
    found = find_clashes(
        [Wish(occurrence, patients=(patient_id,))],
        diaries=busy,
        open_days=open_days(work, first=session.service_date, until=session.service_date + ONE_DAY),
        clock=work.site,
        setting=session.setting,
    )
    if found or place is None:
        raise BookingClash([*found, *([] if place else [_full(work, session)])])
    booking = _booking(work, session, place, patient_id, course_id)
    work.session.add(booking)
    work.session.flush()
    audit.record(
        work, action="session.join", subject=f"session {session_id}", patient_id=patient_id
    )
    return JoinedSession(booking.id, session.id, booking.place)


def free_place(work: Work, *, session_id: UUID, capacity: int) -> int | None:
    """The lowest place of a session that nobody holds; None when it is full."""
    used = set(
        work.session.scalars(
            sa.select(Booking.place).where(
                Booking.session_id == session_id, Booking.status.in_(HOLDS_PLACE)
            )
        )
    )
    return next((place for place in range(1, capacity + 1) if place not in used), None)


def _book(
    work: Work, terms: _Terms, wishes: Sequence[Wish], *, groups: Mapping[datetime, Opening]
) -> tuple[BookedSession, ...]:
    """Save all wishes, or raise with all that clashes."""
    if len(terms.patient_ids) > terms.capacity:
        raise Refused(f"The session has {terms.capacity} places.")
    span = Period(
        min(wish.occurrence.period.starts_at for wish in wishes),
        max(wish.occurrence.period.ends_at for wish in wishes),
    )
    days = [wish.occurrence.on for wish in wishes]
    found = find_clashes(
        wishes,
        diaries=diaries(
            work,
            span=span,
            resource_ids={each.id for wish in wishes for each in wish.resources},
            patient_ids=terms.patient_ids,
        ),
        open_days=open_days(work, first=min(days), until=max(days) + ONE_DAY),
        clock=work.site,
        setting=terms.setting,
    )
    if found:
        raise BookingClash(found)
    return _save(work, terms, wishes, groups)


def _save(
    work: Work, terms: _Terms, wishes: Sequence[Wish], groups: Mapping[datetime, Opening]
) -> tuple[BookedSession, ...]:
    sessions = [
        _joined(work, groups[wish.occurrence.period.starts_at])
        if wish.occurrence.period.starts_at in groups
        else _session(work, terms, wish.occurrence)
        for wish in wishes
    ]
    work.session.add_all(sessions)
    work.session.flush()
    booked = []
    for session, wish in zip(sessions, wishes, strict=True):
        opening = groups.get(wish.occurrence.period.starts_at)
        places = opening.places if opening else range(1, session.capacity + 1)
        bookings = [
            _booking(work, session, place, patient_id, terms.course_id)
            for place, patient_id in zip(places, terms.patient_ids, strict=False)
        ]
        work.session.add_all(bookings)
        if opening is None:
            work.session.add_all(_held(work, session, wish.resources))
        period = Period(session.starts_at, session.ends_at)
        booked.append(BookedSession(session.id, period, tuple(each.id for each in bookings)))
    work.session.flush()
    return tuple(booked)


def _hold_still(
    work: Work, terms: _Terms, resource_ids: Collection[UUID]
) -> dict[UUID, ResourceName]:
    """Lock who and what the booking is about, so that what is checked is still true when saved.

    Raises: NotFound for one that is not ours.
    """
    _hold_patients_still(work, terms.patient_ids)
    work.session.execute(
        sa.select(Resource.id)
        .where(Resource.site_id == work.site.id, Resource.id.in_(resource_ids))
        .order_by(Resource.id)
        .with_for_update(key_share=True)
    )
    return {each.id: each for each in resource_names(work, ids=resource_ids)}


def _hold_patients_still(work: Work, patient_ids: Collection[UUID]) -> None:
    found = work.session.execute(
        sa.select(Patient.id)
        .where(Patient.organization_id == work.site.organization_id, Patient.id.in_(patient_ids))
        .order_by(Patient.id)
        .with_for_update(key_share=True)
    ).all()
    if len(found) != len(set(patient_ids)):
        raise NotFound("patient")


def _groups(work: Work, terms: _Terms, dates: Sequence[Occurrence]) -> dict[datetime, Opening]:
    """Planned sessions with room that the patient joins instead of opening another."""
    if terms.capacity == 1 or not terms.patient_ids:
        return {}
    starts = [each.period.starts_at for each in dates]
    work.session.execute(
        sa.select(Session.id)
        .where(
            Session.site_id == work.site.id,
            Session.modality == terms.modality,
            Session.capacity > 1,
            Session.starts_at.in_(starts),
        )
        .order_by(Session.id)
        .with_for_update(key_share=True)
    )
    return openings(work, modality=terms.modality, starts_at=starts)


def _full(work: Work, session: Session) -> FoundClash:
    moment = spoken(Period(session.starts_at, session.ends_at), work.site)
    message = f"{moment}: all {session.capacity} places are taken."
    return FoundClash(ClashCause.FULL, session.service_date, message)


def _joined(work: Work, opening: Opening) -> Session:
    return work.session.get_one(Session, opening.session_id)


def _session(work: Work, terms: _Terms, occurrence: Occurrence) -> Session:
    return Session(
        id=work.new_id(),
        modality=terms.modality,
        title=terms.title,
        setting=terms.setting,
        starts_at=occurrence.period.starts_at,
        ends_at=occurrence.period.ends_at,
        service_date=work.site.service_date(occurrence.period.starts_at),
        time_zone=work.site.time_zone,
        capacity=terms.capacity,
        status=SessionStatus.PLANNED,
        series_id=terms.series_id,
        site_id=work.site.id,
        **work.attribution,
    )


def _held(work: Work, session: Session, resources: Sequence[ResourceName]) -> list[SessionResource]:
    return [
        SessionResource(
            id=work.new_id(),
            site_id=work.site.id,
            session_id=session.id,
            resource_id=each.id,
            starts_at=session.starts_at,
            ends_at=session.ends_at,
            is_held=True,
        )
        for each in resources
    ]


def _booking(
    work: Work, session: Session, place: int, patient_id: UUID, course_id: UUID | None
) -> Booking:
    return Booking(
        id=work.new_id(),
        session_id=session.id,
        capacity=session.capacity,
        place=place,
        patient_id=patient_id,
        course_id=course_id,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        service_date=session.service_date,
        status=BookingStatus.BOOKED,
        site_id=work.site.id,
        **work.attribution,
    )


def _pattern(request: SeriesRequest) -> dict[str, object]:
    return {
        "wall_time": request.wall_time.isoformat("minutes"),
        "setting": request.setting.value,
        "visits": [
            {
                "on": visit.on.isoformat(),
                "minutes": visit.minutes,
                "resources": [str(each) for each in visit.resource_ids or request.resource_ids],
            }
            for visit in request.visits
        ],
    }
