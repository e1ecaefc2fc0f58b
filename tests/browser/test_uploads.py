"""The multiple uploader, from the file to the library, and with an answer that its script does not expect."""

import gc

import pytest
from django.urls import reverse
from playwright.sync_api import expect
from wagtail.models import UploadedFile

from cms.media.models import CustomDocument
from tests.factories.media_files import word_with_metadata

# Wagtail does not close the files that it reads.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(autouse=True)
def _closed_files():
    """Let the warnings about open files appear in the tests that ignore them."""
    yield
    gc.collect()


def test_a_document_is_uploaded_and_a_failure_is_told(editor, live_server):
    editor.goto(live_server.url + reverse("wagtaildocs:add_multiple"))
    upload = {"name": "guide.docx", "mimeType": "application/octet-stream", "buffer": word_with_metadata()}
    editor.locator("input[type=file]").set_input_files(upload)
    update = editor.get_by_role("button", name="Mettre à jour")
    expect(update).to_be_visible()
    editor.route("**/create_from_uploaded_document/**", lambda route: route.fulfill(status=503, body="busy"))
    update.click()
    expect(editor.locator(".messages .error")).to_contain_text("n’a pas été enregistré")
    expect(update).to_be_enabled()
    editor.unroute("**/create_from_uploaded_document/**")
    update.click()
    expect(editor.locator(".messages .success")).to_be_visible()
    expect(update).to_have_count(0)
    assert CustomDocument.objects.get().filename == "guide.docx"
    assert not UploadedFile.objects.exists()
