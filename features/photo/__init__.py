"""Photos of things: barcodes, lines of text, looks. `read_pictures` is the door; pictures are taken to be hostile."""

from features.photo.limits import DEFAULT, LOOKS_ONLY, Limits
from features.photo.look import SAME_PHOTO, similar
from features.photo.picture import NOTES, Barcode, Line, Look, PictureRead
from features.photo.read import close_reader, read_pictures
from features.photo.refused import PictureRefused

__all__ = [
    "DEFAULT",
    "LOOKS_ONLY",
    "NOTES",
    "SAME_PHOTO",
    "Barcode",
    "Limits",
    "Line",
    "Look",
    "PictureRead",
    "PictureRefused",
    "close_reader",
    "read_pictures",
    "similar",
]
