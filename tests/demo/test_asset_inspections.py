"""While the migrations run, `load_demo` inspects the files that it stores afterwards."""

import pytest
from wagtail.models import Collection

from cms.demo import asset_inspections
from cms.demo.asset_inspections import InspectedAssets, inspect_assets
from cms.demo.content_files import DemoContent, read_demo_content
from cms.demo.demo_media import DemoMedia
from cms.media.inspection import inspector
from cms.media.inspection.inspector import FileRefused
from cms.media.renditions.specs import declared_specs


def one_image(**values):
    key, record = next(iter(read_demo_content().records["image"].items()))
    content = DemoContent()
    content.records["image"][key] = record | values
    return content, key


@pytest.fixture
def inspected(monkeypatch):
    """Return the list that gets the path of each file that a child process inspects."""
    paths = []
    run = inspector.run
    monkeypatch.setattr(inspector, "run", lambda path, *rest: paths.append(path) or run(path, *rest))
    return paths


@pytest.mark.django_db
def test_a_file_is_inspected_once_with_all_its_renditions(inspected):
    content, key = one_image()
    with inspect_assets(content) as assets:
        media = DemoMedia(content, assets)
        media.add_collection(content.record("image", key)["department"], Collection.get_first_root_node())
        image = media.image(key)
    assert len(inspected) == 1
    assert {rendition.filter_spec for rendition in image.renditions.all()} == set(declared_specs())


def test_a_refused_file_is_named_when_it_is_used(monkeypatch, tmp_path):
    monkeypatch.setattr(asset_inspections, "ASSETS_FOLDER", tmp_path)
    (tmp_path / "cut.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    content, key = one_image(file="cut.png")
    with inspect_assets(content) as assets, pytest.raises(FileRefused, match=r"damaged|endommagé"):
        assets.file("image", content.record("image", key))


def test_nothing_is_inspected_that_was_not_begun(inspected):
    content, key = one_image()
    file = InspectedAssets().file("image", content.record("image", key))
    assert file.size
    assert not inspected
