"""What can be done with CVs."""

from cv.services.exports import EXPORT_FORMATS, ExportedFile, export_resume
from cv.services.parsing import perform_parse, read_resume
from cv.services.pictures import page_picture
from cv.services.uploads import cancel_parse, delete_cv, import_json_resume, reparse, upload_cv
from cv.services.versions import (
    add_item,
    confirm_all,
    confirm_value,
    current_version,
    edit_value,
    remove_item,
    restore_version,
    save_version,
)

__all__ = [
    "EXPORT_FORMATS",
    "ExportedFile",
    "add_item",
    "cancel_parse",
    "confirm_all",
    "confirm_value",
    "current_version",
    "delete_cv",
    "edit_value",
    "export_resume",
    "import_json_resume",
    "page_picture",
    "perform_parse",
    "read_resume",
    "remove_item",
    "reparse",
    "restore_version",
    "save_version",
    "upload_cv",
]
