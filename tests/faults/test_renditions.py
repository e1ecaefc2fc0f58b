"""The making of renditions is interrupted at each point: the next night completes it, and no public URL is lost."""

from functools import partial
from io import StringIO

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import transaction

from cms.delivery.models import PublishedDocument
from cms.media.models import CustomImage, FileProblem, PublicFile
from cms.media.renditions.file_checks import check_file
from cms.media.renditions.making import missing_specs
from cms.media.renditions.remaking import remake_renditions
from cms.media.renditions.specs import THUMBNAIL
from cms.pages.models import StandardPage
from cms.storage import replace_file
from tests.factories.media import ImageFactory, png
from tests.factories.pages import make_page

from .injection import interrupted
from .recovery import recover

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.embedded]


@pytest.fixture
def image(page, department):
    image = ImageFactory(collection=department.collection)
    make_page(StandardPage, department, title="Salon", image=image)
    assert recover() == []
    return image


def upload(image, number):
    """As the view does: in one transaction."""
    content = ContentFile(png(40, 30), name=f"{number}.png")
    return transaction.atomic(partial(ImageFactory, collection=image.collection, title=str(number), file=content))


def make(image, number):
    image.renditions.all()._raw_delete("default")  # Without a signal, which would have them made.
    return partial(check_file.call, image._meta.label, image.pk)


def make_again(image, number):
    stored = image.renditions.get(filter_spec=THUMBNAIL).file
    replace_file(stored.storage, stored.name, ContentFile(b"of an older library"))
    return partial(remake_renditions, image)


@pytest.mark.parametrize("kill", [True, False], ids=["killed", "error"])
@pytest.mark.parametrize("step", [upload, make, make_again], ids=lambda step: step.__name__)
def test_each_image_has_all_renditions_after_the_next_night(image, step, kill):
    for injection, _error in interrupted(lambda number: step(image, number), kill=kill):
        for rendition in image.renditions.all():
            assert rendition.file.storage.exists(rendition.file.name), injection.happened
        call_command("nightly", stdout=StringIO(), stderr=StringIO())
        assert recover() == [], injection.happened
        for each in CustomImage.objects.all():
            assert missing_specs(each) == [], injection.happened
        assert not FileProblem.objects.exists()
        assert PublishedDocument.objects.public().get(title="Salon").data["image"]
        for name in PublicFile.objects.values_list("name", flat=True):
            assert image.file.storage.exists(name), injection.happened
        if step is make_again:
            remake_renditions(image)
            with image.renditions.get(filter_spec=THUMBNAIL).file.open() as stored:
                assert stored.read() != b"of an older library"
