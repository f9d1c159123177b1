"""Who may open which door. Every route of the house stands in one table, typed by hand."""

from __future__ import annotations

import pytest
from flask import Flask

from clinic.core.permissions import Permission
from clinic.staff.facts import VERBS_OF, Role
from clinic.web.navigation import ITEMS
from clinic.web.permission import PUBLIC, permission_of, public
from tests import cast
from tests.conftest import SignIn
from tests.house.requests import doors

PUBLIC_ENDPOINTS = {
    "static",
    "healthz",
    "staff.sign_in",
    "staff.open_session",
    "staff.unlock",
}

ROUTES: dict[str, Permission] = {
    # staff
    "staff.home": Permission.SIGN_IN_ONLY,
    "staff.account": Permission.SIGN_IN_ONLY,
    "staff.change_password": Permission.SIGN_IN_ONLY,
    "staff.set_pin": Permission.SIGN_IN_ONLY,
    "staff.present": Permission.SIGN_IN_ONLY,
    "staff.lock": Permission.SIGN_IN_ONLY,
    "staff.sign": Permission.SIGN_IN_ONLY,
    "staff.sign_out": Permission.SIGN_IN_ONLY,
    "staff.sign_out_everywhere": Permission.SIGN_IN_ONLY,
    "staff.switch_site": Permission.SIGN_IN_ONLY,
    "staff.people": Permission.MANAGE_STAFF,
    "staff.add_person": Permission.MANAGE_STAFF,
    "staff.set_roles": Permission.MANAGE_STAFF,
    "staff.disable": Permission.MANAGE_STAFF,
    "staff.enable": Permission.MANAGE_STAFF,
    # sites
    "sites.show": Permission.MANAGE_SITE,
    "sites.rename": Permission.MANAGE_SITE,
    "sites.set_hours": Permission.MANAGE_SITE,
    "sites.close_day": Permission.MANAGE_SITE,
    "sites.choose_setting": Permission.MANAGE_SITE,
    # hardware
    "hardware.machines": Permission.MANAGE_SITE,
    "hardware.add_printer": Permission.MANAGE_SITE,
    "hardware.use_printer": Permission.MANAGE_SITE,
    "hardware.test_printer": Permission.MANAGE_SITE,
    "hardware.add_pump": Permission.MANAGE_SITE,
    "hardware.use_pump": Permission.MANAGE_SITE,
    "hardware.labels": Permission.GIVE_DOSE,
    "hardware.reprint": Permission.GIVE_DOSE,
    "hardware.scanner": Permission.SIGN_IN_ONLY,
    "hardware.scanner_code": Permission.SIGN_IN_ONLY,
    # audit
    "audit.log": Permission.VIEW_AUDIT,
    "audit.verify": Permission.VIEW_AUDIT,
    # patients
    "patients.photo": Permission.VIEW_CHART,
    "patients.set_photo": Permission.EDIT_PATIENT,
    "patients.add_identifier": Permission.EDIT_PATIENT,
    "patients.add_allergy": Permission.EDIT_PATIENT,
    "patients.confirm_no_allergies": Permission.EDIT_PATIENT,
    "patients.end_allergy": Permission.EDIT_PATIENT,
    "patients.raise_alert": Permission.EDIT_PATIENT,
    "patients.end_alert": Permission.EDIT_PATIENT,
    "patients.find": Permission.FIND_PATIENT,
    "patients.suggest": Permission.FIND_PATIENT,
    "patients.new": Permission.REGISTER_PATIENT,
    "patients.create": Permission.REGISTER_PATIENT,
    "patients.edit": Permission.EDIT_PATIENT,
    "patients.correct": Permission.EDIT_PATIENT,
    # programs
    "programs.chart": Permission.VIEW_CHART,
    "programs.waitlist": Permission.VIEW_PROGRAMS,
    "programs.refer": Permission.REFER,
    "programs.record_referral": Permission.REFER,
    "programs.propose": Permission.MOVE_CARE,
    "programs.move": Permission.MOVE_CARE,
    # assessments
    "assessments.history": Permission.VIEW_RESULTS,
    "assessments.new": Permission.RECORD_RESULT,
    "assessments.record": Permission.RECORD_RESULT,
    # toxicology
    "toxicology.history": Permission.VIEW_RESULTS,
    "toxicology.record": Permission.RECORD_RESULT,
    "toxicology.send": Permission.RECORD_RESULT,
    "toxicology.confirmation": Permission.VIEW_RESULTS,
    "toxicology.confirm": Permission.RECORD_RESULT,
    # scheduling
    "scheduling.day_board": Permission.VIEW_SCHEDULE,
    "scheduling.check_in_patient": Permission.CHECK_IN,
    "scheduling.check_in": Permission.CHECK_IN,
    "scheduling.mark": Permission.CHECK_IN,
    "scheduling.undo": Permission.CHECK_IN,
    "scheduling.new_booking": Permission.BOOK,
    "scheduling.book": Permission.BOOK,
    "scheduling.join": Permission.BOOK,
    "scheduling.call_off": Permission.BOOK,
    "scheduling.patient": Permission.VIEW_SCHEDULE,
    "scheduling.resources": Permission.VIEW_SCHEDULE,
    "scheduling.add_resource": Permission.MANAGE_RESOURCES,
    "scheduling.resource": Permission.VIEW_SCHEDULE,
    "scheduling.set_in_use": Permission.MANAGE_RESOURCES,
    # therapies
    "therapies.catalogue": Permission.VIEW_CATALOGUE,
    "therapies.modality": Permission.VIEW_CATALOGUE,
    "therapies.courses": Permission.VIEW_CHART,
    "therapies.end_course": Permission.START_COURSE,
    "therapies.refer_out": Permission.REFER,
    "therapies.pathway": Permission.VIEW_CHART,
    "therapies.start_course": Permission.START_COURSE,
    "therapies.accept_course": Permission.START_COURSE,
    # dosing
    "dosing.chart": Permission.VIEW_DOSING,
    "dosing.take_homes": Permission.VIEW_DOSING,
    "dosing.patient_take_homes": Permission.VIEW_DOSING,
    "dosing.prepare_take_homes": Permission.GIVE_DOSE,
    "dosing.check_take_homes": Permission.GIVE_DOSE,
    "dosing.hand_out_take_homes": Permission.GIVE_DOSE,
    "dosing.take_back_take_homes": Permission.GIVE_DOSE,
    "dosing.take_home_bottle": Permission.VIEW_DOSING,
    "dosing.report_lost_bottle": Permission.GIVE_DOSE,
    "dosing.answer_lost_bottle": Permission.DECIDE_TAKE_HOMES,
    "dosing.destroy_bottle": Permission.MANAGE_STOCK,
    "dosing.take_home_decision": Permission.DECIDE_TAKE_HOMES,
    "dosing.decide_take_homes": Permission.DECIDE_TAKE_HOMES,
    "dosing.revoke_take_homes": Permission.DECIDE_TAKE_HOMES,
    "dosing.allow_exception": Permission.DECIDE_TAKE_HOMES,
    "dosing.withdraw_exception": Permission.DECIDE_TAKE_HOMES,
    "dosing.set_pickup_days": Permission.DECIDE_TAKE_HOMES,
    "dosing.draw_callbacks": Permission.GIVE_DOSE,
    "dosing.call_back": Permission.GIVE_DOSE,
    "dosing.callback": Permission.GIVE_DOSE,
    "dosing.count_callback": Permission.GIVE_DOSE,
    "dosing.note_absence": Permission.GIVE_DOSE,
    "dosing.emergency": Permission.DECLARE_EMERGENCY,
    "dosing.declare_emergency": Permission.DECLARE_EMERGENCY,
    "dosing.emergency_list": Permission.VIEW_DOSING,
    "dosing.guests": Permission.VIEW_DOSING,
    "dosing.guest_stays": Permission.VIEW_DOSING,
    "dosing.begin_stay": Permission.VIEW_DOSING,
    "dosing.report_guest_dose": Permission.GIVE_DOSE,
    "dosing.end_stay": Permission.VIEW_DOSING,
    "dosing.guest_packet": Permission.VIEW_DOSING,
    "dosing.new_order": Permission.ORDER_MEDICATION,
    "dosing.place_order": Permission.ORDER_MEDICATION,
    "dosing.stop_order": Permission.ORDER_MEDICATION,
    "dosing.preview_order": Permission.ORDER_MEDICATION,
    "dosing.new_plan": Permission.ORDER_MEDICATION,
    "dosing.preview_plan": Permission.ORDER_MEDICATION,
    "dosing.accept_plan": Permission.ORDER_MEDICATION,
    "dosing.findings": Permission.RECORD_RESULT,
    "dosing.record_findings": Permission.RECORD_RESULT,
    "dosing.record_ecg": Permission.RECORD_RESULT,
    "dosing.outreach": Permission.VIEW_DOSING,
    "dosing.outreach_task": Permission.VIEW_DOSING,
    "dosing.record_contact": Permission.BOOK,
    "dosing.assign_outreach": Permission.BOOK,
    "dosing.clinic_caused": Permission.GIVE_DOSE,
    "dosing.injections": Permission.VIEW_DOSING,
    "dosing.injection": Permission.VIEW_DOSING,
    "dosing.give_injection": Permission.GIVE_DOSE,
    "dosing.queue": Permission.VIEW_DOSING,
    "dosing.choose_window": Permission.GIVE_DOSE,
    "dosing.missed": Permission.VIEW_DOSING,
    "dosing.log": Permission.VIEW_DOSING,
    "dosing.void": Permission.GIVE_DOSE,
    "dosing.void_dose": Permission.GIVE_DOSE,
    "stock.bottles": Permission.VIEW_DOSING,
    "dosing.log_paper": Permission.VIEW_DOSING,
    "dosing.sign_log": Permission.GIVE_DOSE,
    "dosing.correct": Permission.GIVE_DOSE,
    "dosing.correct_line": Permission.GIVE_DOSE,
    # stock
    "stock.bring_in": Permission.MANAGE_STOCK,
    "stock.move": Permission.MANAGE_STOCK,
    "stock.inventory_paper": Permission.VIEW_STOCK,
    "stock.receiving_paper": Permission.VIEW_STOCK,
    "stock.overview": Permission.VIEW_STOCK,
    "stock.bottle": Permission.VIEW_STOCK,
    "stock.open_at": Permission.MANAGE_STOCK,
    "stock.put_back": Permission.MANAGE_STOCK,
    "stock.quarantine": Permission.MANAGE_STOCK,
    "stock.waste": Permission.MANAGE_STOCK,
    "stock.receiving": Permission.VIEW_STOCK,
    "stock.receive": Permission.MANAGE_STOCK,
    "stock.count": Permission.MANAGE_STOCK,
    "stock.record_count": Permission.MANAGE_STOCK,
    "stock.second_count": Permission.MANAGE_STOCK,
    "stock.inventory": Permission.VIEW_STOCK,
    "stock.take_inventory": Permission.MANAGE_STOCK,
    "stock.day": Permission.VIEW_STOCK,
    "stock.close_day": Permission.MANAGE_STOCK,
    "stock.incidents": Permission.VIEW_STOCK,
    "stock.report_loss": Permission.MANAGE_STOCK,
    "stock.incident": Permission.VIEW_STOCK,
    "stock.sign_off": Permission.SIGN_STOCK_INCIDENT,
    "stock.record_report": Permission.MANAGE_STOCK,
    "dosing.take_over": Permission.GIVE_DOSE,
    "dosing.leave": Permission.GIVE_DOSE,
    "dosing.screen": Permission.GIVE_DOSE,
    "dosing.weigh": Permission.GIVE_DOSE,
    "dosing.score_cows": Permission.GIVE_DOSE,
    "dosing.spill": Permission.GIVE_DOSE,
    "dosing.spill_poured": Permission.GIVE_DOSE,
    "dosing.void_here": Permission.GIVE_DOSE,
    "dosing.check_in": Permission.CHECK_IN,
    "dosing.priority": Permission.CHECK_IN,
    "dosing.mark_priority": Permission.CHECK_IN,
    "dosing.card": Permission.VIEW_CHART,
    "dosing.print_card": Permission.VIEW_CHART,
    "dosing.issue_card": Permission.EDIT_PATIENT,
    "dosing.revoke_card": Permission.EDIT_PATIENT,
    "dosing.pace": Permission.VIEW_DOSING,
    "dosing.window": Permission.VIEW_DOSING,
    "dosing.give_dose": Permission.GIVE_DOSE,
    "dosing.hold": Permission.VIEW_DOSING,
    "dosing.downtime_packs": Permission.GIVE_DOSE,
    "dosing.write_pack": Permission.GIVE_DOSE,
    "dosing.take_pack": Permission.GIVE_DOSE,
    "dosing.back_entry": Permission.GIVE_DOSE,
    "dosing.enter_sheet": Permission.GIVE_DOSE,
    "dosing.paper_line": Permission.GIVE_DOSE,
    "dosing.settle_line": Permission.GIVE_DOSE,
    "dosing.labels": Permission.GIVE_DOSE,
    "dosing.print_labels": Permission.GIVE_DOSE,
    "dosing.pour": Permission.GIVE_DOSE,
    "dosing.pours": Permission.GIVE_DOSE,
    "dosing.one_pour": Permission.GIVE_DOSE,
    "dosing.ask_again": Permission.GIVE_DOSE,
    "dosing.measured": Permission.GIVE_DOSE,
    "dosing.waste_pour": Permission.GIVE_DOSE,
    # rewards
    "rewards.overview": Permission.VIEW_REWARDS,
    "rewards.card": Permission.VIEW_REWARDS,
    "rewards.today": Permission.VIEW_REWARDS,
    "rewards.visit": Permission.VIEW_REWARDS,
    "rewards.post_visit": Permission.RECORD_RESULT,
    "rewards.preview_visit": Permission.RECORD_RESULT,
    "rewards.visited": Permission.VIEW_REWARDS,
    "rewards.draw": Permission.VIEW_REWARDS,
    "rewards.draw_slips": Permission.REDEEM_REWARD,
    "rewards.receipt": Permission.VIEW_REWARDS,
    "rewards.enrol": Permission.ENROL_REWARDS,
    "rewards.redeem": Permission.REDEEM_REWARD,
    "rewards.statement": Permission.VIEW_REWARDS,
    "rewards.protocols": Permission.MANAGE_PROTOCOLS,
    "rewards.new_protocol": Permission.MANAGE_PROTOCOLS,
    "rewards.preview_protocol": Permission.MANAGE_PROTOCOLS,
    "rewards.draft_protocol": Permission.MANAGE_PROTOCOLS,
    "rewards.protocol": Permission.MANAGE_PROTOCOLS,
    "rewards.activate_protocol": Permission.MANAGE_PROTOCOLS,
    "rewards.retire_protocol": Permission.MANAGE_PROTOCOLS,
    "rewards.override_target": Permission.OVERRIDE_REWARD_TARGET,
    "rewards.revoke_override": Permission.OVERRIDE_REWARD_TARGET,
    "rewards.laboratory": Permission.VIEW_FIDELITY,
    "rewards.run_laboratory": Permission.VIEW_FIDELITY,
    "rewards.redemption": Permission.REDEEM_REWARD,
    "rewards.hand_over": Permission.REDEEM_REWARD,
    "rewards.set_pin": Permission.REDEEM_REWARD,
    "rewards.void": Permission.VOID_REWARD,
    "rewards.void_award": Permission.VOID_REWARD,
    "rewards.funds": Permission.VIEW_FIDELITY,
    "rewards.name_source": Permission.MANAGE_FUNDS,
    "rewards.set_budget": Permission.MANAGE_FUNDS,
    "rewards.stock": Permission.VIEW_REWARDS,
    "rewards.list_instrument": Permission.MANAGE_FUNDS,
    "rewards.instrument": Permission.VIEW_REWARDS,
    "rewards.receive": Permission.MANAGE_FUNDS,
    "rewards.books": Permission.VIEW_FIDELITY,
    "rewards.close_period": Permission.MANAGE_FUNDS,
    "rewards.fidelity": Permission.VIEW_FIDELITY,
    "rewards.tax": Permission.VIEW_FIDELITY,
    # portal
    "portal.home": Permission.OWN_PORTAL,
    "portal.rewards": Permission.OWN_PORTAL,
    "portal.set_pin": Permission.OWN_PORTAL,
    # inspection
    "inspection.desk": Permission.VIEW_INSPECTION,
    "inspection.pack_pdf": Permission.VIEW_INSPECTION,
    "inspection.pack_zip": Permission.VIEW_INSPECTION,
    "programs.particulars": Permission.MOVE_CARE,
    "programs.change_particulars": Permission.MOVE_CARE,
    "patients.coverage": Permission.VIEW_CHART,
    "patients.record_coverage": Permission.EDIT_PATIENT,
    "patients.end_coverage": Permission.EDIT_PATIENT,
    "patients.void_coverage": Permission.EDIT_PATIENT,
    # census
    "census.day": Permission.VIEW_CENSUS,
    "census.people": Permission.VIEW_CENSUS,
    "census.movements": Permission.VIEW_CENSUS,
    "census.measures": Permission.VIEW_CENSUS,
    "census.measure_people": Permission.VIEW_CENSUS,
    "census.plots": Permission.VIEW_CENSUS,
    "census.plot_people": Permission.VIEW_CENSUS,
    "census.query": Permission.VIEW_CENSUS,
    "census.start_run": Permission.VIEW_CENSUS,
    "census.run": Permission.VIEW_CENSUS,
    "census.cancel_run": Permission.VIEW_CENSUS,
    "census.views": Permission.VIEW_CENSUS,
    "census.save_view": Permission.VIEW_CENSUS,
    "census.change_view": Permission.VIEW_CENSUS,
    "census.remove_view": Permission.VIEW_CENSUS,
    "census.rebuild": Permission.MANAGE_SITE,
    "census.corrections": Permission.VIEW_CENSUS,
    "census.day_file": Permission.VIEW_CENSUS,
    "census.reports": Permission.MANAGE_SITE,
    "census.subscribe": Permission.MANAGE_SITE,
    "census.unsubscribe": Permission.MANAGE_SITE,
    "census.capacity_letter": Permission.MANAGE_SITE,
    "census.contingency_report": Permission.MANAGE_SITE,
    "census.survey": Permission.MANAGE_SITE,
    "census.survey_file": Permission.MANAGE_SITE,
    "census.jobs": Permission.MANAGE_SITE,
    "census.jobs_seen": Permission.MANAGE_SITE,
    "census.retry_letter": Permission.MANAGE_SITE,
    "exchange.teds": Permission.MANAGE_SITE,
    "exchange.teds_file": Permission.MANAGE_SITE,
    # exchange
    "exchange.upload": Permission.IMPORT_RECORDS,
    "exchange.send_files": Permission.IMPORT_RECORDS,
    "exchange.preview": Permission.IMPORT_RECORDS,
    "exchange.run_import": Permission.IMPORT_RECORDS,
    "exchange.discard": Permission.IMPORT_RECORDS,
    "exchange.run": Permission.IMPORT_RECORDS,
    "exchange.questions": Permission.VIEW_DOSING,
    "exchange.settle_question": Permission.ORDER_MEDICATION,
}

SIGNED_OUT = 302
"""An unknown visitor is led to the sign-in page by GET, and refused by any other method."""


def marks(app: Flask) -> dict[str, Permission | str | None]:
    return {
        endpoint: PUBLIC if endpoint == "static" else permission_of(view)
        for endpoint, view in app.view_functions.items()
    }


def test_every_route_asks_for_the_permission_of_the_table(house: Flask) -> None:
    wanted = dict.fromkeys(PUBLIC_ENDPOINTS, PUBLIC) | {k: str(v) for k, v in ROUTES.items()}

    assert {k: v and str(v) for k, v in marks(house).items()} == wanted


def test_every_verb_is_held_by_some_role() -> None:
    assert frozenset().union(*VERBS_OF.values()) == frozenset(Permission)
    assert set(VERBS_OF) == set(Role)


def test_a_patient_holds_nothing_but_their_own_page() -> None:
    assert VERBS_OF[Role.PATIENT] == {Permission.SIGN_IN_ONLY, Permission.OWN_PORTAL}
    others = (VERBS_OF[role] for role in Role if role is not Role.PATIENT)
    assert all(Permission.OWN_PORTAL not in verbs for verbs in others)


@pytest.mark.parametrize(
    ("verb", "roles"),
    [
        (Permission.GIVE_DOSE, {Role.NURSE, Role.PHARMACIST}),
        (Permission.ORDER_MEDICATION, {Role.PRESCRIBER, Role.MEDICAL_DIRECTOR}),
        (Permission.REDEEM_REWARD, {Role.COUNSELOR}),
        (Permission.VIEW_AUDIT, {Role.ADMINISTRATOR, Role.INSPECTOR}),
        (Permission.MANAGE_STAFF, {Role.ADMINISTRATOR}),
        (Permission.MANAGE_SITE, {Role.ADMINISTRATOR}),
        (Permission.IMPORT_RECORDS, {Role.ADMINISTRATOR}),
    ],
)
def test_who_may_do_what_can_hurt(verb: Permission, roles: set[Role]) -> None:
    assert {role for role in Role if verb in VERBS_OF[role]} == roles


def test_an_inspector_changes_nothing() -> None:
    looking = {verb for verb in Permission if verb.value.startswith(("view_", "find_"))}
    assert VERBS_OF[Role.INSPECTOR] <= looking | {Permission.SIGN_IN_ONLY}


def test_a_door_without_a_mark_or_with_a_new_name_would_be_noticed(house: Flask) -> None:
    found = marks(house) | {"dosing.forgotten": permission_of(lambda: None)}
    assert found["dosing.forgotten"] is None
    assert "dosing.forgotten" not in ROUTES
    assert permission_of(public(lambda: None)) == PUBLIC


def test_places_of_the_rail_ask_what_their_page_asks() -> None:
    assert {item.endpoint: item.permission for item in ITEMS} == {
        item.endpoint: ROUTES.get(item.endpoint) for item in ITEMS
    }


def test_the_rail_has_one_key_for_each_place() -> None:
    keys = [item.key for item in ITEMS]
    assert sorted(keys) == sorted(set(keys))


DECIDED_BELOW = {
    # endpoint -> who decides, where one permission cannot say it
    "dosing.hold": "whoever gives or orders a dose may hold it: the service asks for either",
    "dosing.begin_stay": "whoever gives or orders a dose may: the service asks for either",
    "dosing.end_stay": "whoever gives or orders a dose may: the service asks for either",
}


OF_ONE_S_OWN = {
    # endpoint -> what of one's own it writes: nothing of a patient
    "census.start_run": "one's own report, gone after a day; it asks what the page may ask",
    "census.cancel_run": "one's own report",
    "census.save_view": "an address under a name of one's own; nothing of a patient",
    "census.change_view": "one's own view",
    "census.remove_view": "one's own view",
}
CHANGES_NOTHING = {
    # endpoint -> what it answers, with a form or a file that a GET cannot carry
    "rewards.run_laboratory": "runs a protocol on results and keeps nothing",
}


def test_looking_is_not_enough_to_change(house: Flask) -> None:
    """A form never asks for a mere look: an inspector holds every look and changes nothing."""
    looking = [
        door.endpoint
        for door in doors(house, "POST")
        if (verb := ROUTES.get(door.endpoint)) and verb.value.startswith(("view_", "find_"))
    ]
    assert set(looking) == (DECIDED_BELOW.keys() | OF_ONE_S_OWN.keys() | CHANGES_NOTHING.keys())


def test_an_unknown_visitor_gets_no_further_than_the_sign_in_page(house: Flask) -> None:
    client = house.test_client()
    led_astray = []
    for door in doors(house):
        if door.endpoint in PUBLIC_ENDPOINTS:
            continue
        answer = client.open(door.path, method=door.method)
        turned_away = (
            answer.status_code == SIGNED_OUT and answer.location.startswith("/sign-in?next=")
            if door.method == "GET"
            else answer.status_code == 401
        )
        if not turned_away:
            led_astray.append((door, answer.status_code))

    assert led_astray == []


def test_a_role_without_the_verb_is_refused_at_every_door(app: Flask, sign_in: SignIn) -> None:
    let_in = []
    for member in cast.ONE_PER_ROLE:
        client = sign_in(member)
        for door in doors(app):
            verb = ROUTES.get(door.endpoint)
            if verb is None or verb in VERBS_OF[member.role]:
                continue
            answer = client.open(door.path, method=door.method)
            if answer.status_code != 403:
                let_in.append((member.username, door, answer.status_code))

    assert let_in == []


def test_a_role_with_the_verb_gets_an_answer_at_every_door(app: Flask, sign_in: SignIn) -> None:
    """Ids of nobody and forms left empty: refused or not found, never broken."""
    broken = []
    for door in doors(app):
        verb = ROUTES.get(door.endpoint)
        if verb is None:
            continue
        member = next(one for one in cast.ONE_PER_ROLE if verb in VERBS_OF[one.role])
        status = sign_in(member).open(door.path, method=door.method).status_code
        if status not in {200, 302, 303, 404, 409, 422}:
            broken.append((door, status))

    assert broken == []
