"""The form of every page type in the editor."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.module_loading import import_string
from wagtail.admin.forms import WagtailAdminPageForm

from cms.translations.progress import completeness
from sites.access.foreign_references import FOREIGN_REFERENCE
from sites.access.ownership import department_of_page
from sites.models import Department

# The button of Wagtail's editor, which the API does not send.
PUBLISH = "action-publish"


class ContentPageForm(WagtailAdminPageForm):
    """A form that tells the page whether it is saved as a draft or published, and below which page.

    `PagesConfig.ready` sets it as `ContentPage.base_form_class`, as Wagtail does for `Page`, so that the models import
    no form.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        page, parent = kwargs.get("instance"), kwargs.get("parent_page")
        department = department_of_page(parent) if parent is not None else None
        if page is not None and page.pk is None and department is not None:
            page.set_local_defaults(department)
        self._department = department
        super().__init__(*args, **kwargs)

    def full_clean(self) -> None:
        if not self.is_bound:
            super().full_clean()
            return
        self.instance.enforces_publication_rules = not self.is_deferred_validation
        self.instance.intended_parent = self.parent_page
        super().full_clean()
        if not self.is_deferred_validation and not self.errors and self._department is not None:
            self._check_publication(self._department)
        if PUBLISH in self.data and self.instance.pk and not self.errors:
            for name, errors in completeness.form_errors(self.instance).items():
                self.add_error(name, errors)
        for name, errors in self.errors.as_data().items():
            if any(error.code == FOREIGN_REFERENCE for error in errors):
                # A chooser would show the title of the other department's object: show the saved value instead.
                self.fields[name].bound_data = lambda _data, initial: initial

    def _check_publication(self, department: Department) -> None:
        """Add the error of the function in PUBLICATION_CHECK, since pages may not import the publisher."""
        try:
            import_string(settings.PUBLICATION_CHECK)(self.instance, department)
        except ValidationError as error:
            self.add_error("title", error)
