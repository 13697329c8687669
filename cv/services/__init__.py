"""What can be done with CVs."""

from cv.services.checks import check
from cv.services.exports import (
    EXPORT_FORMATS,
    MAIN_FORMATS,
    ExportedFile,
    export_resume,
    preview_resume,
    resume_fits,
)
from cv.services.parsing import perform_parse, read_resume
from cv.services.pictures import page_picture
from cv.services.uploads import cancel_parse, delete_cv, import_json_resume, reparse, upload_cv, uploaded_before
from cv.services.versions import (
    ARRANGEMENTS,
    add_item,
    arrange,
    assign_lines,
    confirm_all,
    confirm_value,
    current_version,
    edit_value,
    redo,
    redo_target,
    remove_item,
    restore_version,
    save_version,
    undo,
    undo_target,
)

__all__ = [
    "ARRANGEMENTS",
    "EXPORT_FORMATS",
    "MAIN_FORMATS",
    "ExportedFile",
    "add_item",
    "arrange",
    "assign_lines",
    "cancel_parse",
    "check",
    "confirm_all",
    "confirm_value",
    "current_version",
    "delete_cv",
    "edit_value",
    "export_resume",
    "import_json_resume",
    "page_picture",
    "perform_parse",
    "preview_resume",
    "read_resume",
    "redo",
    "redo_target",
    "remove_item",
    "reparse",
    "restore_version",
    "resume_fits",
    "save_version",
    "undo",
    "undo_target",
    "upload_cv",
    "uploaded_before",
]
