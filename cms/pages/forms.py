"""The form of every page type in the editor."""

from __future__ import annotations

from wagtail.admin.forms import WagtailAdminPageForm

from sites.access.foreign_references import FOREIGN_REFERENCE


class ContentPageForm(WagtailAdminPageForm):
    """A form that tells the page whether it is saved as a draft or published, and below which page.

    `PagesConfig.ready` sets it as `ContentPage.base_form_class`, as Wagtail does for `Page`, so that the models import
    no form.
    """

    def full_clean(self) -> None:
        if not self.is_bound:
            super().full_clean()
            return
        self.instance.enforces_publication_rules = not self.is_deferred_validation
        self.instance.intended_parent = self.parent_page
        super().full_clean()
        for name, errors in self.errors.as_data().items():
            if any(error.code == FOREIGN_REFERENCE for error in errors):
                # A chooser would show the title of the other department's object: show the saved value instead.
                self.fields[name].bound_data = lambda _data, initial: initial
