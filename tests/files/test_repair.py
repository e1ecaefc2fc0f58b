"""A file that cannot be shown, and a stored document that cannot be read: who is told, and how it is repaired."""

import pytest
from django.urls import reverse

from cms.background import background
from cms.delivery.models import PublishedDocument
from cms.delivery.models.stored_json import parse_body
from cms.delivery.publisher import process_refresh_requests
from cms.media.models import CustomImage, FileProblem
from cms.media.renditions.file_checks import check_file, file_repaired
from cms.pages.models import EventPage
from cms.reader.site_documents import list_entries
from tests.commits import run_commit_callbacks
from tests.factories.departments import make_department
from tests.factories.media import ImageFactory
from tests.factories.pages import make_page
from tests.factories.users import make_user
from tests.files.test_broken_objects import changed_file


@pytest.mark.django_db
def test_the_owner_is_told_and_the_repair_is_shown(client, caplog):
    department = make_department("isere")
    image = ImageFactory(collection=department.collection, title="Salon")
    name = image.file.name
    with changed_file(image.file, b"x"):
        image.renditions.all().delete()
        image = CustomImage.objects.get()
        assert image.get_rendition("max-165x165").is_placeholder
        assert "cannot be shown" in caplog.text
        assert not check_file.func(image._meta.label, image.pk)
        assert FileProblem.objects.get().reason
        client.force_login(make_user(groups=["isere:editor"]))
        assert "Salon" in client.get(reverse("wagtailadmin_home")).content.decode()
        client.force_login(make_user("other", groups=["allier:editor"]) if make_department("allier") else None)
        assert "Salon" not in client.get(reverse("wagtailadmin_home")).content.decode()
    repaired = []
    file_repaired.connect(receiver := lambda instance, **kwargs: repaired.append(instance.pk))
    assert image.file.storage.exists(name)
    assert check_file.func(image._meta.label, image.pk)
    run_commit_callbacks()
    file_repaired.disconnect(receiver)
    assert repaired == [image.pk]
    assert not FileProblem.objects.exists()
    assert not CustomImage.objects.get().get_rendition("max-165x165").is_placeholder


@pytest.mark.django_db(transaction=True)
def test_a_list_leaves_out_what_the_database_cannot_parse_and_it_is_written_again():
    department = make_department("isere")
    pages = [make_page(EventPage, department, title=title) for title in ("Salon", "Forum")]
    process_refresh_requests()
    broken = PublishedDocument.objects.filter(page_id=pages[0].pk)
    etag = broken.get().etag
    broken.update(body='{"id":')
    (entry,) = list_entries(department, "fr", ["event"])["event"]
    assert entry.title == "Forum"
    background.finish()
    process_refresh_requests()
    assert parse_body(broken.get().body, pages[0].pk)["title"] == "Salon"
    assert broken.get().etag == etag
