"""Makes the vocabularies of this folder from OpenAI's own files (`o200k_base.tiktoken`, `cl100k_base.tiktoken`; also gzipped).

Run: `python -m ai_router.data.make_vocabularies FOLDER`. They are the same to the byte for the same files, whose SHA-256 sums
stand below as tiktoken has them.
"""

import argparse
import base64
import gzip
import hashlib
from pathlib import Path

from ai_router.vocabulary import table_of

SHA256 = {
    "cl100k_base": "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
    "o200k_base": "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
}


def make_vocabulary(folder: Path, name: str) -> bytes:
    """Return the file of a vocabulary, made from OpenAI's.

    Raises:
        ValueError: That one is not what OpenAI has published.
    """
    packed = folder / f"{name}.tiktoken.gz"
    content = gzip.decompress(packed.read_bytes()) if packed.exists() else (folder / f"{name}.tiktoken").read_bytes()
    if hashlib.sha256(content).hexdigest() != SHA256[name]:
        message = f"{name} in {folder} is not the published vocabulary"
        raise ValueError(message)
    lines = (line.split() for line in content.splitlines())
    ranks = {int(rank): base64.b64decode(token) for token, rank in lines}
    return table_of(ranks[rank] for rank in sorted(ranks))


def main() -> None:
    """Write both files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where OpenAI's files are")
    folder = parser.parse_args().folder
    for name in SHA256:
        (Path(__file__).parent / f"{name}.tokens").write_bytes(make_vocabulary(folder, name))


if __name__ == "__main__":
    main()
