"""The gate's lexicon is made from the files of WordNet."""

import pytest
from django.core.management import CommandError, call_command

from jobs.management.commands import build_wordnet

LICENCE = "  1 a line of the licence begins with two blanks\n"
FILES = {
    "data.noun": (
        LICENCE + "00000001 06 n 01 vehicle 0 000 | what carries\n"
        "00000002 06 n 02 truck 0 motortruck 0 001 @ 00000001 n 0000 | a motor vehicle\n"
        "00000003 06 n 01 lorry 0 001 @ 00000002 n 0000 | a large truck\n"
        "00000004 05 n 02 cow 0 kine 0 000 | an animal\n"
        "00000005 04 n 01 seizure 0 001 + 00000006 v 0101 | the act of taking\n"
        "00000007 18 n 01 seizer 0 001 + 00000006 v 0101 | who takes\n"
    ),
    "data.verb": "00000006 40 v 01 seize 0 002 + 00000005 n 0101 + 00000007 n 0101 | take\n",
    "data.adj": "",
    "data.adv": "",
    "index.noun": (
        "vehicle n 1 0 1 0 00000001\ntruck n 1 0 1 0 00000002\nmotortruck n 1 0 1 0 00000002\nlorry n 1 0 1 0 00000003\n"
        "cow n 1 0 1 0 00000004\nkine n 1 0 1 0 00000004\nseizure n 1 0 1 0 00000005\nseizer n 1 0 1 0 00000007\n"
    ),
    "index.verb": "seize v 1 0 1 0 00000006\n",
    "index.adj": "",
    "index.adv": "",
    "cntlist.rev": "vehicle%1:06:00:: 1 9\ntruck%1:06:00:: 1 5\nseizure%1:04:00:: 1 2\nseize%2:40:00:: 1 3\nseizer%1:18:00:: 1 1\ncow%1:05:00:: 1 4\n",
}


def test_rows_lead_to_kinds_and_to_what_is_derived(tmp_path, monkeypatch):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(build_wordnet, "DATA_DIR", tmp_path)

    call_command("build_wordnet", tmp_path)

    rows = (tmp_path / "wordnet.txt").read_text(encoding="utf-8").splitlines()
    assert "n|lorry|truck vehicle" in rows
    assert "n|truck motortruck|vehicle" in rows
    assert "d|v.seize|n.seizure" in rows
    assert not any("cow" in row or "seizer" in row for row in rows)


def test_a_folder_without_the_files_is_refused(tmp_path):
    with pytest.raises(CommandError, match=r"data\.noun"):
        call_command("build_wordnet", tmp_path)
