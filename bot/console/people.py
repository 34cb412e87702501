"""The staff's accounts, and the audit log; for administrators."""
from __future__ import annotations

from starlette.responses import Response

from bot.console.pages import Refused, Visit, page
from bot.store import audit, staff

_PAGE = 200


@page("/staff", role="administrator")
def accounts(visit: Visit) -> Response:
    """Lists the accounts."""
    return visit.page("staff.html", everybody=staff.everybody(), roles=_roles(visit), link=None)


@page("/staff/invite", role="administrator", method="POST")
def invite(visit: Visit) -> Response:
    """Shows a link that makes an account, or gives it a new password and role."""
    name, role = staff.tidy(visit.form.get("name", "")), visit.form.get("role", "")
    if not name or role not in staff.ROLES:
        raise Refused(400, visit.gettext("Please write a name and choose a role."))
    link = f"{visit.request.url.scheme}://{visit.request.headers.get('host')}/welcome/{staff.invite(name, role)}"
    visit.note("account.invited", f"{name} {role}")
    return visit.page("staff.html", everybody=staff.everybody(), roles=_roles(visit), link=link)


@page("/staff/{name}/change", role="administrator", method="POST")
def change(visit: Visit) -> Response:
    """Changes the role, switches an account off or on, or takes its second factor away."""
    member = staff.find(visit.parts["name"])
    if member is None:
        raise Refused(404, visit.gettext("There is no such account."))
    if member.name == visit.name:
        raise Refused(409, visit.gettext("Nobody changes their own role. Another administrator can."))
    wish = visit.form.get("wish", "")
    if wish in staff.ROLES:
        staff.change(member.name, role=wish)
    elif wish in ("on", "off"):
        staff.change(member.name, active=wish == "on")
    elif wish == "no-second-factor":
        staff.change(member.name, totp=None)
    else:
        raise Refused(400, visit.gettext("Please write a name and choose a role."))
    visit.note("account.changed", f"{member.name} {wish}")
    return visit.to("/staff")


@page("/audit", role="administrator")
def audit_log(visit: Visit) -> Response:
    """Shows who did what, the latest first."""
    before = visit.query.get("before", "")
    older = int(before) if before.isdigit() and len(before) < 18 else None
    found = audit.read(before=older, limit=_PAGE, subject=visit.query.get("subject") or None)
    return visit.page("audit.html", found=found, more=found[-1]["id"] if len(found) == _PAGE else None)


def _roles(visit: Visit) -> dict:
    return {
        "reader": visit.gettext("Reader: sees conversations, without names"),
        "editor": visit.gettext("Editor: also answers patients and judges answers"),
        "approver": visit.gettext("Approver: also approves changes"),
        "administrator": visit.gettext("Administrator: also manages accounts"),
    }
