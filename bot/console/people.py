"""The staff's accounts, and the audit log; for administrators."""
from __future__ import annotations

from urllib.parse import urlencode

from starlette.responses import Response

from bot.console.access import NAMES
from bot.console.language import _
from bot.console.pages import Refused, Visit, page, whole
from bot.store import audit, staff

_PAGE = 200


# What the audit log notes, as administrators read it; what is not here is shown as it is noted.
_ACTIONS = {
    "sign-in": _("signed in"),
    "sign-in.failed": _("failed to sign in"),
    "sign-in.locked": _("was locked out"),
    "sign-out": _("signed out"),
    "account.made": _("made the account, or set a new password"),
    "account.invited": _("made a link for an account"),
    "account.changed": _("changed an account"),
    "account.password": _("changed the password"),
    "account.second-factor.on": _("switched the second factor on"),
    "account.second-factor.off": _("switched the second factor off"),
    "conversations.listed": _("looked through conversations"),
    "conversation.read": _("read a conversation"),
    "conversation.revealed": _("saw names and numbers of a conversation"),
    "conversation.counted": _("saw what is kept of a patient"),
    "conversation.taken": _("took a conversation over"),
    "conversation.replied": _("wrote to the patient"),
    "conversation.given-back": _("gave a conversation back"),
    "conversation.noted": _("added a note"),
    "conversation.tagged": _("changed tags"),
    "conversation.reviewed": _("changed whether a conversation is reviewed"),
    "conversation.assigned": _("said who looks after a conversation"),
    "conversation.shared": _("made a link to a conversation"),
    "conversation.unshared": _("withdrew a link"),
    "conversation.read-by-link": _("a conversation was read by a link"),
    "inbox.read": _("read missed questions"),
    "message.read": _("read a message"),
    "messages.listed": _("read the messages behind a number"),
    "messages.judged": _("said which answer messages should have got"),
    "messages.judged.undone": _("took a verdict back"),
    "requests.listed": _("looked through requests"),
    "request.seen": _("marked a request as seen"),
    "request.answered": _("marked a request as answered"),
    "request.revealed": _("saw name and contact of a request"),
    "request.assigned": _("said who answers a request"),
    "request.replied": _("answered a request in writing"),
    "deliveries.woken": _("had deliveries tried again"),
    "answer.proposed": _("proposed another answer"),
    "answer.approved": _("approved an answer"),
    "answer.refused": _("refused an answer"),
    "answer.withdrawn": _("took a proposed answer back"),
    "answer.returned": _("returned to an earlier answer"),
    "answer.reviewed": _("looked through an answer"),
    "answers.exported": _("downloaded changes of answers"),
    "statistics.exported": _("downloaded numbers"),
    "messages.exported": _("downloaded messages without names"),
    "conversation.exported.html": _("took all data of a patient, to read"),
    "conversation.exported.json": _("took all data of a patient, for machines"),
    "conversation.erased": _("erased a patient"),
    "proposal.changed": _("changed a proposal"),
    "proposal.approved": _("approved a proposal"),
    "proposal.rejected": _("rejected a proposal"),
    "proposal.withdrawn": _("took an approval back"),
    "training.started": _("started a training"),
    "training.stopped": _("stopped a training"),
    "model.promoted": _("gave patients a new model"),
    "model.back": _("went back to the model before"),
    "test.made": _("made a test of a conversation"),
    "test.removed": _("removed a test"),
    "changes.exported": _("downloaded examples and test questions"),
}


@page("/staff", role="administrator")
def accounts(visit: Visit) -> Response:
    """Lists the accounts."""
    return visit.page("staff.html", everybody=staff.everybody(), roles=_roles(visit), link=None)


@page("/staff/invite", role="administrator", method="POST")
def invite(visit: Visit) -> Response:
    """Shows a link that makes an account, or gives one that is there a new password."""
    name = staff.tidy(visit.form.get("name", ""))
    known = staff.find(name)
    if not (known or staff.fit(name)):
        raise Refused(400, visit.gettext(NAMES))
    role = known.role if known else visit.form.get("role", "")
    if role not in staff.ROLES:
        raise Refused(400, visit.gettext("Please write a name and choose a role."))
    link = f"{visit.request.url.scheme}://{visit.request.headers.get('host')}/welcome/{staff.invite(name, role)}"
    visit.note("account.invited", f"{name} {role}")
    return visit.page("staff.html", everybody=staff.everybody(), roles=_roles(visit), link=link)


@page("/staff/{name:path}/change", role="administrator", method="POST")
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
    asked = {name: visit.query[name].strip() for name in ("staff", "subject") if visit.query.get(name, "").strip()}
    found = audit.read(before=whole(visit.query.get("before")), limit=_PAGE, **asked)  # type: ignore[arg-type]
    more = urlencode({**asked, "before": found[-1]["id"]}) if len(found) == _PAGE else None

    def said(action: str) -> str:
        return visit.gettext(_ACTIONS[action]) if action in _ACTIONS else action

    names = [member.name for member in staff.everybody()]
    return visit.page("audit.html", found=found, more=more, said=said, everybody=names)


def _roles(visit: Visit) -> dict:
    return {
        "reader": visit.gettext("Reader: sees conversations, without names"),
        "editor": visit.gettext("Editor: also answers patients and judges answers"),
        "approver": visit.gettext("Approver: also approves changes"),
        "administrator": visit.gettext("Administrator: also manages accounts"),
    }
