"""Files that no visitor may fetch have no URL."""

import stat
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages


def test_private_files_have_no_url_and_one_reader():
    storage = storages["private"]
    saved = storage.save("proof/consent.pdf", ContentFile(b"signed"))
    path = Path(storage.path(saved))

    with pytest.raises(ValueError, match="has no address"):
        storage.url(saved)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert settings.MEDIA_ROOT not in path.parents
