"""Views kept under a name, one's own and the site's; and one's reports of the last day."""

from __future__ import annotations

from uuid import UUID

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from clinic.census.forms import ChangeViewForm, RemoveViewForm, SaveViewForm
from clinic.census.queries import runs as queries
from clinic.census.services import saved_views as services
from clinic.census.views.blueprint import census
from clinic.core.permissions import Permission
from clinic.web.edge import begin_reading, begin_work
from clinic.web.forms import given
from clinic.web.pages import page, see_other
from clinic.web.permission import requires


@census.get("/census/views")
@requires(Permission.VIEW_CENSUS)
def views() -> ResponseReturnValue:
    """What was kept; ``edit`` opens one to rename, ``address`` is put into the form."""
    form = SaveViewForm(formdata=None, address=request.args.get("address"))
    return _page(form=form)


def _page(*, form: SaveViewForm, change: ChangeViewForm | None = None) -> str:
    with begin_reading() as work:
        kept = queries.saved_views(work)
        own_reports = queries.reports(work)
    edited = next((view for view in kept if str(view.id) == _edited() and view.is_own), None)
    return page(
        "census/views",
        views=kept,
        reports=own_reports,
        form=form,
        edited=edited,
        change=change or ChangeViewForm(formdata=None, obj=edited),
    )


def _edited() -> str | None:
    return str((request.view_args or {}).get("view_id") or request.args.get("edit"))


@census.post("/census/views")
@requires(Permission.VIEW_CENSUS)
def save_view() -> ResponseReturnValue:
    form = SaveViewForm()
    if not form.validate():
        return _page(form=form), 422
    with begin_work() as work:
        services.save_view(
            work,
            name=given(form.name.data),
            address=given(form.address.data),
            is_shared=form.is_shared.data,
        )
    flash(f"Saved as {form.name.data}.", "ok")
    return see_other(url_for("census.views"))


@census.post("/census/views/<uuid:view_id>")
@requires(Permission.VIEW_CENSUS)
def change_view(view_id: UUID) -> ResponseReturnValue:
    form = ChangeViewForm()
    if not form.validate():
        return _page(form=SaveViewForm(formdata=None), change=form), 422
    with begin_work() as work:
        services.change_view(
            work,
            view_id=view_id,
            version=given(form.version.data),
            name=given(form.name.data),
            is_shared=form.is_shared.data,
        )
    flash("Saved.", "ok")
    return see_other(url_for("census.views"))


@census.post("/census/views/<uuid:view_id>/remove")
@requires(Permission.VIEW_CENSUS)
def remove_view(view_id: UUID) -> ResponseReturnValue:
    form = RemoveViewForm()
    if not form.validate():
        return _page(form=SaveViewForm(formdata=None)), 422
    with begin_work() as work:
        services.remove_view(work, view_id=view_id, version=given(form.version.data))
    flash("The view is gone.", "ok")
    return see_other(url_for("census.views"))
