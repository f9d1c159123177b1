"""May an episode move from one state of care to another, now and like this?"""

from __future__ import annotations

from collections.abc import Iterator

from clinic.core.decision import Decision, Effect, Reason
from clinic.programs.facts import (
    ALLOWED_MOVES,
    EMERGENCY,
    LEVELS_OF_CARE,
    RESIDENTIAL,
    WAITING,
    CareState,
    DischargeReason,
    ProposedMove,
    Standing,
    StayTerms,
)

POLICY = "Program policy on levels of care, after the ASAM Criteria, 3rd edition"
_STAY_TERMS = StayTerms()
_NOT_WHILE_WAITING = {DischargeReason.COMPLETED, DischargeReason.TERMINATED_BY_FACILITY}
_NEEDS_WORDS = {DischargeReason.TERMINATED_BY_FACILITY, DischargeReason.OTHER}


def may_move(
    standing: Standing, *, proposal: ProposedMove, terms: StayTerms = _STAY_TERMS
) -> Decision:
    """May the episode move as proposed? Every reason against it, not only the first.

    Units: both instants are aware; planned days are calendar days.
    Source: program policy on levels of care; 45 CFR 96.126(c) and 96.131(b) for who waits; the
    reasons of a discharge are those of TEDS-D.
    """
    return Decision.of(
        [
            *_route(standing, proposal.to_state),
            *_time(standing, proposal),
            *_stay(proposal, terms),
            *_discharge(standing, proposal),
            *_turn(standing, proposal),
        ]
    )


def next_states(standing: Standing) -> tuple[CareState, ...]:
    """Where the episode can go from here, in the order the states are declared."""
    reachable = set(ALLOWED_MOVES[standing.state])
    if standing.state is EMERGENCY and standing.returns_to is not None:
        reachable.add(standing.returns_to)
    return tuple(state for state in CareState if state in reachable)


def is_admission(from_state: CareState | None, *, to_state: CareState) -> bool:
    """Does this move begin care? Interim services do not: who has them still waits."""
    return to_state in LEVELS_OF_CARE and from_state not in LEVELS_OF_CARE


def diagram() -> str:
    """The states and every move between them as a Mermaid state diagram."""
    states = [f'    state "{state.label}" as {state}' for state in CareState]
    edges = [
        f"    {state} --> {target}"
        for state in CareState
        for target in CareState
        if target in ALLOWED_MOVES[state]
    ]
    return "\n".join(
        [
            "stateDiagram-v2",
            *states,
            f"    [*] --> {CareState.INQUIRY}",
            *edges,
            f"    {CareState.DISCHARGED} --> [*]",
            f"    note right of {EMERGENCY}",
            "        Reached from every level in an emergency; leads back to where it came from.",
            "    end note",
            "",
        ]
    )


def _route(standing: Standing, to_state: CareState) -> Iterator[Reason]:
    if standing.state is CareState.DISCHARGED:
        yield Reason(
            "episode_closed",
            "This episode ended with a discharge. A return begins a new episode.",
            POLICY,
        )
    elif to_state is standing.state:
        yield Reason("already_there", f"The patient is already in {to_state.label}.", POLICY)
    elif to_state not in (reachable := next_states(standing)):
        words = ", ".join(state.label for state in reachable)
        yield Reason(
            "no_such_move",
            f"{standing.state.label} does not lead to {to_state.label}. It leads to: {words}.",
            POLICY,
        )


def _time(standing: Standing, proposal: ProposedMove) -> Iterator[Reason]:
    if proposal.occurred_at > proposal.now:
        yield Reason("in_the_future", "A move is recorded once it has happened.", POLICY)
    if proposal.occurred_at < standing.since:
        yield Reason(
            "before_the_last_move",
            f"The patient came to {standing.state.label} later than that.",
            POLICY,
        )


def _stay(proposal: ProposedMove, terms: StayTerms) -> Iterator[Reason]:
    days = proposal.planned_days
    if proposal.to_state not in RESIDENTIAL:
        if days is not None:
            yield Reason(
                "no_stay_to_plan", "Only a residential stay is planned in days.", terms.source
            )
    elif days is None or days < 1:
        yield Reason("planned_days_missing", "Say how many days are planned.", terms.source)
    elif proposal.to_state is CareState.RESIDENTIAL_HIGH and not (
        terms.rehabilitation_days_min <= days <= terms.rehabilitation_days_max
    ):
        yield Reason(
            "planned_days_out_of_range",
            f"Plan {terms.rehabilitation_days_min} to {terms.rehabilitation_days_max} days.",
            terms.source,
        )


def _discharge(standing: Standing, proposal: ProposedMove) -> Iterator[Reason]:
    reason = proposal.discharge_reason
    if proposal.to_state is not CareState.DISCHARGED:
        if reason is not None:
            yield Reason(
                "reason_without_discharge", "Only a discharge has a discharge reason.", "TEDS-D"
            )
        return
    if reason is None:
        yield Reason("reason_missing", "Say why the patient is discharged.", "TEDS-D, REASON")
    if reason in _NEEDS_WORDS and not proposal.note.strip():
        yield Reason("note_missing", "Say in words what happened.", POLICY)
    if reason in _NOT_WHILE_WAITING and standing.state in WAITING:
        yield Reason(
            "waiting_ends_otherwise",
            "Somebody who waits is taken off the list only when they cannot be found, do not want "
            "treatment any more, or are treated elsewhere.",
            "45 CFR 96.126(c)",
        )


def _turn(standing: Standing, proposal: ProposedMove) -> Iterator[Reason]:
    if standing.ahead and is_admission(standing.state, to_state=proposal.to_state):
        people = "1 person waits" if standing.ahead == 1 else f"{standing.ahead} people wait"
        yield Reason(
            "others_first",
            f"{people} with a higher priority for admission.",
            "45 CFR 96.131(b)",
            Effect.ASK,
        )
