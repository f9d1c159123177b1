"""The list of people who work at the site, and the forms that let them in or out."""

from __future__ import annotations

from uuid import UUID

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from clinic.core.permissions import Permission
from clinic.staff import queries, services
from clinic.staff.facts import Role
from clinic.staff.forms import PersonForm, RolesForm
from clinic.staff.queries import StaffMember
from clinic.staff.views.blueprint import staff
from clinic.web import passwords
from clinic.web.edge import begin_reading, begin_work
from clinic.web.filters import local_day_time
from clinic.web.forms import given
from clinic.web.pages import page, see_other
from clinic.web.permission import requires
from clinic.web.tables import Column, csv_response

COLUMNS: tuple[Column[StaffMember], ...] = (
    Column("Name", lambda one: one.display_name),
    Column("Username", lambda one: one.username),
    Column("Roles", lambda one: ", ".join(role.label for role in one.roles)),
    Column("Access", lambda one: "Open" if one.is_active else "Disabled"),
    Column("Last signed in", lambda one: local_day_time(one.last_signed_in_at)),
)


@staff.get("/staff")
@requires(Permission.MANAGE_STAFF)
def people() -> ResponseReturnValue:
    if request.args.get("format") == "csv":
        return csv_response("staff", COLUMNS, _members())
    return _people_page(PersonForm(formdata=None))


@staff.post("/staff")
@requires(Permission.MANAGE_STAFF)
def add_person() -> ResponseReturnValue:
    form = PersonForm()
    if not form.validate():
        return _people_page(form), 422
    hashed = passwords.hash_of(given(form.password.data))
    with begin_work() as work:
        services.add_person(
            work,
            username=given(form.username.data),
            display_name=given(form.display_name.data),
            password_hash=hashed,
            roles=[Role(value) for value in given(form.roles.data)],
        )
    flash(f"{given(form.display_name.data)} can sign in now.", "ok")
    return see_other(url_for("staff.people"))


@staff.post("/staff/<uuid:user_id>/roles")
@requires(Permission.MANAGE_STAFF)
def set_roles(user_id: UUID) -> ResponseReturnValue:
    form = RolesForm()
    if form.validate():
        with begin_work() as work:
            services.set_roles(
                work, user_id=user_id, roles=[Role(value) for value in given(form.roles.data)]
            )
        flash("Roles changed. They hold from the next click on.", "ok")
    else:
        flash("Choose at least one role.", "attention")
    return see_other(url_for("staff.people"))


@staff.post("/staff/<uuid:user_id>/disable")
@requires(Permission.MANAGE_STAFF)
def disable(user_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        services.set_active(work, user_id=user_id, is_active=False)
    flash("The account is disabled and signed out everywhere.", "ok")
    return see_other(url_for("staff.people"))


@staff.post("/staff/<uuid:user_id>/enable")
@requires(Permission.MANAGE_STAFF)
def enable(user_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        services.set_active(work, user_id=user_id, is_active=True)
    flash("The account may sign in again.", "ok")
    return see_other(url_for("staff.people"))


def _members() -> list[StaffMember]:
    with begin_reading() as work:
        return queries.members(work)


def _people_page(form: PersonForm) -> str:
    return page(
        "staff/people",
        members=_members(),
        form=form,
        roles_of=lambda one: RolesForm(formdata=None, roles=[role.value for role in one.roles]),
    )
