"""Restores invitations, workflows, redirects, promotions and sharings. Permissions come from `sites/roles.py`."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import GroupApprovalTask, Page, Workflow, WorkflowPage, WorkflowTask

from cms.archive import tables
from cms.archive.archive_file import ArchiveError
from cms.archive.row_serialization import deserialize_row
from search.models import Promotion
from sites.access.ownership import department_of_page
from sites.admin.screens.redirects import validate_target
from sites.approval.workflows import ensure_workflows
from sites.members import membership
from sites.members.addresses import account_with_address, create_placeholder
from sites.models import DepartmentWorkflow, Sharing

from .own_copies import relink_copies
from .restore_context import RestoreContext, restore_automatic_times
from .row_validation import validate_row, validation_message

# Far more than a department has. Each of them gets an e-mail.
MAX_ACCOUNTS = 1_000


def restore_accounts(context: RestoreContext) -> dict[str, str]:
    """Invite the accounts of the archive to their roles and return the links of the invitations by address.

    An address in an archive proves nothing, so no account gets a role before its owner opens the link. For an address
    without an account, a placeholder becomes the author of the imported content. Closed accounts are not invited.
    Contents of an untrusted archive have no other authors: they would say which accounts this instance has.
    """
    for row in context.read_rows(tables.GROUPS):
        context.department_groups([f"{row.get('role')}:{row['locale']}" if row.get("locale") else row.get("role")])
    invited: dict[str, set[Group]] = {}
    addresses: set[str] = set()
    for row in context.read_rows(tables.ACCOUNTS):
        email = str(row.get("email", "")).strip().lower()
        validate_email(email)
        addresses.add(email)
        if len(addresses) > MAX_ACCOUNTS:
            raise ArchiveError(_("The archive has more than %(number)d accounts.") % {"number": MAX_ACCOUNTS})
        is_active = row.get("is_active") is True
        if account_with_address(email) is None:
            names = str(row.get("first_name", "")), str(row.get("last_name", ""))
            create_placeholder(email, *names, is_active=is_active)
        groups = {each.group for each in context.department_groups(row.get("roles"))}
        if groups and is_active:
            invited.setdefault(email, set()).update(groups)
    if not context.is_trusted:
        context.natural_keys.limit_accounts(addresses)
    return {email: membership.invite(context.department, email, groups)[1] for email, groups in invited.items()}


def restore_workflows(context: RestoreContext) -> None:
    """Replace the workflows that provisioning created by those of the archive."""
    provisional = Workflow.objects.filter(department_workflow__department=context.department)
    for task in GroupApprovalTask.objects.filter(workflow_tasks__workflow__in=provisional):
        task.delete()
    provisional.delete()
    for row in context.read_rows(tables.WORKFLOWS):
        workflow = Workflow.objects.create(name=str(row.get("name"))[:255], active=bool(row.get("active")))
        if row.get("is_own"):
            locale = row.get("locale") and context.locale_id(row["locale"])
            DepartmentWorkflow.objects.create(
                workflow=workflow, department=context.department, locale_id=locale or None
            )
        for order, task_row in enumerate(row.get("tasks") or []):
            task = GroupApprovalTask.objects.create(
                name=str(task_row.get("name"))[:255], active=bool(task_row.get("active"))
            )
            task.groups.set([each.group for each in context.department_groups(task_row.get("groups"))])
            WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=order)
        for number in row.get("pages") or []:
            page = context.department.container_id if number is None else context.mapped_id(Page, number)
            if page is None:
                raise ArchiveError(_("The archive has no page %(id)s.") % {"id": number})
            WorkflowPage.objects.create(workflow=workflow, page_id=page)
    ensure_workflows(context.department)  # For languages without a workflow in the archive.


def restore_redirects(context: RestoreContext) -> None:
    fields = tables.REDIRECTS.fields
    for row in context.read_rows(tables.REDIRECTS):
        # The form accepts paths of the site too, which the field of the model does not.
        link = row.pop("redirect_link", None) or ""
        values = deserialize_row(Redirect, row, fields, context.natural_keys, context.map_reference)
        redirect = Redirect(**values, redirect_link=link, site=context.department.site)
        try:
            if link:
                validate_target(str(link))
            if link and redirect.redirect_page_id:
                raise ValidationError(_("A redirect leads to a page or to an address, not to both."))
        except ValidationError as error:
            raise ArchiveError(f"redirect_link: {' '.join(error.messages)}") from error
        validate_row(context, redirect, excluded={"redirect_link"})
        redirect.save()
        restore_automatic_times(redirect, fields, values)


def restore_promotions(context: RestoreContext) -> None:
    """Restore the search promotions. The search ignores promotions of content that is not on the site."""
    for row in context.read_rows(tables.PROMOTIONS):
        values = deserialize_row(Promotion, row, tables.PROMOTIONS.fields, context.natural_keys, context.map_reference)
        promotion = Promotion(**values, department=context.department)
        try:
            promotion.clean_fields()  # Not `clean`: the content is published after the import.
        except ValidationError as error:
            raise ArchiveError(validation_message(error)) from error
        promotion.save()


def restore_sharings(context: RestoreContext) -> None:
    """Restore the sharings with departments of this instance; add a note for every other sharing.

    An untrusted archive restores none, because it could place content on a site without the agreement of its owner.
    """
    fields, own = tables.SHARINGS.fields, context.department
    for row in context.read_rows(tables.SHARINGS):
        codes = {str(row.get("owner")), str(row.get("department"))}
        values = deserialize_row(Sharing, row, fields, context.natural_keys, context.map_reference)
        parties = {values.get("owner_id"), values.get("department_id")}
        if own.code not in codes or not context.is_trusted or None in parties:
            context.add_note(
                _("Content %(key)s was shared with department %(code)s: share it again when it is here.")
                % {"key": row.get("content_key"), "code": ", ".join(codes - {own.code})}
            )
            continue
        page = Page.objects.filter(translation_key=values["content_key"]).first()
        owner = page and department_of_page(page)
        taken = Sharing.objects.filter(content_key=values["content_key"], department=values["department_id"])
        if owner is None or owner.pk != values["owner_id"]:
            context.add_note(
                _("Content %(key)s of department %(code)s is not here.")
                % {"key": row.get("content_key"), "code": row.get("owner")}
            )
        elif not taken.exists():
            sharing = Sharing(**values)
            sharing.save()
            restore_automatic_times(sharing, fields, values)
            relink_copies(sharing)
