"""A published page of a department with English and Italian translations, whose release is prepared."""

import json

import pytest
from django.urls import reverse
from wagtail.models import Page
from wagtail_localize.models import String, StringSegment, StringTranslation, Translation, TranslationSource

from cms.delivery.models import PublishedDocument
from cms.pages.models import StandardPage
from cms.translations.models import TranslationProgress
from cms.translations.releases.release_plans import plan_release
from tests.factories.departments import make_department
from tests.factories.pages import make_page
from tests.factories.users import make_user


class Content:
    """A French page with English and Italian translations. A translated text is the original after its language."""

    def __init__(self, department, commits, client, *, live=True):
        self.department, self.commits, self.client = department, commits, client
        self.user = make_user("publisher", groups=["allier:publisher"])
        with commits():
            self.page = make_page(
                StandardPage, department, title="Aide alimentaire", slug="aide-alimentaire",
                summary="Un repas chaud par jour.", body=[("text", "<p>Ouvert le lundi.</p><p>Fermé en août.</p>")],
            )  # fmt: skip
            if not live:
                self.page.unpublish()
            self.source, _created = TranslationSource.update_or_create_from_instance(self.page)
            self.translations = {}
            for code in ("en", "it"):
                locale = department.locales.get(language_code=code)
                translation = Translation.objects.create(source=self.source, target_locale=locale)
                translation.save_target(publish=False)
                self.translations[code] = translation
        self.url = reverse("translation_release", args=[self.page.pk])

    def texts(self):
        """Return the present texts of the source in their order."""
        rows = StringSegment.objects.filter(source=self.source).order_by("order", "pk")
        return list(rows.values_list("string__data", flat=True))

    def write(self, code, *sources, text=""):
        """Translate texts of the source, or all of them."""
        locale = self.translations[code].target_locale
        with self.commits():
            for source in sources or self.texts():
                string = String.objects.filter(data=source, locale=self.source.locale)
                segment = StringSegment.objects.get(source=self.source, string__in=string)
                value = text or (f"{code}-{source}" if segment.context.path == "slug" else f"{code} {source}")
                row, created = StringTranslation.objects.get_or_create(
                    translation_of=segment.string, context=segment.context, locale=locale,
                    defaults={"data": value, "translation_type": "manual"},
                )  # fmt: skip
                if not created:
                    row.data = value
                    row.save()

    def publish_translations(self):
        for translation in self.translations.values():
            with self.commits():
                translation.save_target(publish=True)

    def draft(self, **changes):
        """Save a draft of the original."""
        with self.commits():
            page = StandardPage.objects.get(pk=self.page.pk).get_latest_revision_as_object()
            for name, value in changes.items():
                setattr(page, name, value)
            page.save_revision()

    def plan(self):
        with self.commits():
            plan_release(Page.objects.get(pk=self.page.pk), self.user)

    def log_in(self, role="publisher"):
        user = self.user if role == "publisher" else make_user(role.partition(":")[0], groups=[f"allier:{role}"])
        self.client.force_login(user)
        return user

    def approve(self, code):
        """Approve a translation in the editor, as its publisher."""
        return self.edit(code, "approve_for_release")

    def edit(self, code, action, **data):
        from cms.translations.editor.editor_segments import editor_segments, state_digest

        translation = self.translations[code]
        data = {"state": state_digest(editor_segments(translation)), "action": action} | data
        with self.commits():
            return self.client.post(reverse("translation_editor", args=[translation.pk]), data, follow=True)

    def open(self):
        return self.client.get(self.url)

    def release(self, *codes, **data):
        """Send the form of the release as it is shown now."""
        state = self.open().context["state"].digest
        data = {"action": "publish", "language": [self.key(code) for code in codes], "state": state} | data
        with self.commits():
            return self.client.post(self.url, data, follow=True)

    def key(self, code):
        return self.translations[code].target_locale_id

    def target(self, code):
        return self.translations[code].get_target_instance()

    def progress(self, code):
        return TranslationProgress.objects.get(translation=self.translations[code])

    def document(self, code):
        row = PublishedDocument.objects.filter(content_id=self.page.translation_key, locale=code).first()
        return json.loads(row.body) if row is not None and row.body else None


def messages_of(response):
    return [" ".join(str(message).split()) for message in response.context["messages"]]


@pytest.fixture
def department():
    return make_department("allier", locales=("fr", "en", "it"))


@pytest.fixture
def make_content(department, commits, client):
    def make_content(**values):
        return Content(department, commits, client, **values)

    return make_content


@pytest.fixture
def content(make_content):
    """Return the content with public, complete translations."""
    content = make_content()
    for code in content.translations:
        content.write(code)
    content.publish_translations()
    return content


@pytest.fixture
def planned(content):
    """Return the content after one sentence was changed in a draft, and its release planned."""
    content.draft(summary="Deux repas chauds par jour.")
    content.plan()
    return content
