"""Models of images, documents, videos and consents."""

from .consent import Consent
from .document import CustomDocument
from .file_problem import FileProblem
from .image import CustomImage, CustomRendition
from .pending_upload import PendingUpload
from .public_file import PublicFile
from .video import Video, VideoCaption

__all__ = [
    "Consent",
    "CustomDocument",
    "CustomImage",
    "CustomRendition",
    "FileProblem",
    "PendingUpload",
    "PublicFile",
    "Video",
    "VideoCaption",
]
