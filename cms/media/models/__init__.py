"""Models of the media."""

from .consent import Consent
from .document import CustomDocument
from .image import CustomImage, CustomRendition
from .video import Video, VideoCaption

__all__ = ["Consent", "CustomDocument", "CustomImage", "CustomRendition", "Video", "VideoCaption"]
