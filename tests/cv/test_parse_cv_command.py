import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from cv.management.commands.parse_cv import output_names
from tests.cv.parsing_samples import ENGLISH

pytestmark = pytest.mark.django_db


def test_each_file_becomes_json_resume(tmp_path):
    source = tmp_path / "mara.txt"
    source.write_text(ENGLISH)

    call_command("parse_cv", str(source), output=tmp_path / "out")

    resume = json.loads((tmp_path / "out" / "mara.json").read_text())
    assert resume["basics"]["name"] == "Mara Lindqvist"
    assert resume["work"][0]["name"] == "Northlight Systems Inc"


def test_a_bad_file_gives_an_error_file_and_the_others_are_still_done(tmp_path, capsys):
    good, empty = tmp_path / "good.txt", tmp_path / "empty.pdf"
    good.write_text(ENGLISH)
    empty.write_bytes(b"")

    with pytest.raises(CommandError, match="1 of 2 files"):
        call_command("parse_cv", str(empty), str(good), output=tmp_path / "out")

    assert (tmp_path / "out" / "good.json").exists()
    error = json.loads((tmp_path / "out" / "empty.error.json").read_text())
    assert error["error"]["code"] == "empty_document"
    assert "empty" in error["error"]["message"]


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(CommandError):
        call_command("parse_cv", str(tmp_path / "gone.pdf"), output=tmp_path / "out")

    error = json.loads((tmp_path / "out" / "gone.error.json").read_text())
    assert "gone.pdf" in error["error"]["message"]


def test_without_output_the_resume_is_printed(tmp_path, capsys):
    source = tmp_path / "mara.txt"
    source.write_text(ENGLISH)

    call_command("parse_cv", str(source))

    assert json.loads(capsys.readouterr().out)["basics"]["email"] == "mara.lindqvist@example.org"


def test_equal_stems_do_not_overwrite_each_other():
    files = [Path("a/cv.pdf"), Path("b/cv.pdf"), Path("b/cv.txt"), Path("c/other.pdf")]

    assert output_names(files) == ["cv.pdf", "cv.pdf-2", "cv.txt", "other"]


def test_one_bad_file_gives_one_line_that_names_it_once(tmp_path, capsys):
    with pytest.raises(CommandError) as caught:
        call_command("parse_cv", str(tmp_path), output=tmp_path / "out")

    assert str(caught.value) == f"{tmp_path}: {tmp_path.name} cannot be opened: Is a directory."
    assert capsys.readouterr().err == ""


def test_an_output_that_is_a_file_is_refused_in_one_line(tmp_path):
    source, taken = tmp_path / "mara.txt", tmp_path / "taken"
    source.write_text(ENGLISH)
    taken.write_text("")

    with pytest.raises(CommandError, match=r"taken \(File exists\)\. Name another folder"):
        call_command("parse_cv", str(source), output=taken)
