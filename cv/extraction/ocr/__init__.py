"""Text in pictures: lines found and read by models that come with the library, turned upright, with their looks.

What is found becomes characters with places, as those of a PDF's text layer, so that columns, rows and reading order
are told by the same code. The library is an extra; `is_installed` says whether it is there.
"""

from importlib.util import find_spec


def is_installed() -> bool:
    """Whether pictures can be read on this site."""
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None
