"""Models of images, documents, videos and consents."""

from .consent import Consent
from .document import CustomDocument
from .image import CustomImage, CustomRendition
from .video import Video, VideoCaption

__all__ = ["Consent", "CustomDocument", "CustomImage", "CustomRendition", "Video", "VideoCaption"]
