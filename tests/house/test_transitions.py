"""The table of moves speaks of every state of care, and leads somewhere."""

from __future__ import annotations

from clinic.programs.facts import ALLOWED_MOVES, CareState


def reachable(start: CareState) -> set[CareState]:
    seen, ahead = {start}, [start]
    while ahead:
        for state in ALLOWED_MOVES[ahead.pop()] - seen:
            seen.add(state)
            ahead.append(state)
    return seen


def test_the_table_speaks_of_every_state() -> None:
    assert set(ALLOWED_MOVES) == set(CareState)


def test_no_state_moves_to_itself() -> None:
    assert [state for state, moves in ALLOWED_MOVES.items() if state in moves] == []


def test_discharge_is_the_end_and_can_be_reached_from_everywhere() -> None:
    assert [state for state, moves in ALLOWED_MOVES.items() if not moves] == [CareState.DISCHARGED]
    assert all(CareState.DISCHARGED in reachable(state) for state in CareState)


def test_every_state_can_be_reached_from_the_first_call() -> None:
    assert reachable(CareState.INQUIRY) == set(CareState)
