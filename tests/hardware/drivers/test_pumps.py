from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import UUID

import pytest

from clinic.hardware.drivers import PumpLine, pump_at
from clinic.hardware.facts import PumpRefused, PumpSilent, PumpState
from tests.hardware.machines import PumpMachine, on_socket, on_terminal

REQUEST = UUID("00000000-0000-7000-8000-00000000f001")
Wired = Callable[[PumpMachine], AbstractContextManager[str]]


@pytest.fixture(params=[on_socket, on_terminal], ids=["socket", "terminal"])
def wired(request: pytest.FixtureRequest) -> Wired:
    found: Wired = request.param
    return found


def open_line(address: str) -> AbstractContextManager[PumpLine]:
    return pump_at(address, answer_seconds=0.3, pour_seconds=0.4)


def test_it_pours_what_is_asked_and_says_what_came_out(wired: Wired) -> None:
    machine = PumpMachine(off_by_ul=-12)
    with wired(machine) as address, open_line(address) as pump:
        assert pump.status().state is PumpState.READY
        assert pump.prime(500) == 500
        assert pump.dispense(4000, REQUEST) == 3988
        assert pump.return_to_stock(3988, REQUEST) == 3988
    assert machine.poured == {REQUEST.hex: 3988}
    assert machine.returned == {REQUEST.hex: 3988}


@pytest.mark.parametrize("fault", ["garbage", "torn"])
def test_noise_and_pieces_on_the_line_do_not_hide_the_answer(wired: Wired, fault: str) -> None:
    machine = PumpMachine(fault=fault)
    with wired(machine) as address, open_line(address) as pump:
        assert pump.dispense(4000, REQUEST) == 4000
    assert machine.pours == 1


@pytest.mark.parametrize("fault", ["lost_answer", "wrong_crc", "mumbles"])
def test_an_answer_lost_after_pouring_is_asked_for_and_never_poured_again(
    wired: Wired, fault: str
) -> None:
    machine = PumpMachine(fault=fault)
    with wired(machine) as address, open_line(address) as pump:
        assert pump.dispense(4000, REQUEST) == 4000
    assert machine.pours == 1
    assert machine.asked == ["POUR", "LAST"]


def test_the_same_request_again_pours_nothing_more(wired: Wired) -> None:
    machine = PumpMachine()
    with wired(machine) as address, open_line(address) as pump:
        assert pump.dispense(4000, REQUEST) == 4000
        assert pump.dispense(4000, REQUEST) == 4000
    assert machine.pours == 1


def test_a_pump_that_never_heard_the_request_leaves_the_outcome_open(wired: Wired) -> None:
    machine = PumpMachine(fault="silent")
    with wired(machine) as address, open_line(address) as pump:
        with pytest.raises(PumpSilent):
            pump.dispense(4000, REQUEST)
        assert pump.result_of(REQUEST) is None
    assert machine.pours == 0


def test_a_pump_that_refuses_poured_nothing(wired: Wired) -> None:
    machine = PumpMachine(fault="refuses")
    with (
        wired(machine) as address,
        open_line(address) as pump,
        pytest.raises(PumpRefused, match="air in the line"),
    ):
        pump.dispense(4000, REQUEST)


def test_a_line_cut_while_pouring_leaves_the_outcome_open_until_it_is_back() -> None:
    machine = PumpMachine(fault="hangs_up")
    with on_socket(machine) as address:
        with open_line(address) as pump, pytest.raises(PumpSilent):
            pump.dispense(4000, REQUEST)
        with open_line(address) as pump:
            assert pump.result_of(REQUEST) == 4000
    assert machine.pours == 1


@pytest.mark.parametrize("address", ["socket://127.0.0.1:1", "/dev/ttyNOTHING9"])
def test_a_pump_that_is_not_there_was_never_asked(address: str) -> None:
    with pytest.raises(PumpRefused), open_line(address):
        pass
