"""The Japanese form of a CV: a table of year, month and event."""

from cv.parsing.rules import parse_with_rules
from tests.cv.parsing_samples import document_of

FORM = """
履歴書
ふりがな\tもりかわ ちひろ
氏名\t森川 千尋
メール\tchihiro@example.org

年\t月\t学歴・職歴
学歴
2011\t4\t青葉大学 経済学部 入学
2015\t3\t青葉大学 経済学部 卒業
職歴
平成27\t4\t北星商事株式会社 入社（経理担当）
2017\t10\t横浜支店に異動
2019\t3\t一身上の都合により北星商事株式会社 退社
2019\t4\t株式会社若葉製作所 入社（経理主任）
現在に至る
以上
年\t月\t免許・資格
2014\t8\t日商簿記検定二級 合格
"""


def test_entries_of_a_table_of_events_are_put_together():
    resume = parse_with_rules(document_of(FORM))

    first, second = resume.employers
    assert (first.name, second.name) == ("北星商事株式会社", "株式会社若葉製作所")
    assert [position.title for employer in resume.employers for position in employer.positions] == [
        "経理担当",
        "経理主任",
    ]
    assert (first.positions[0].start.iso(), first.positions[0].end.iso()) == ("2015-04", "2019-03")
    assert second.positions[0].current
    assert [bullet.text for bullet in first.positions[0].highlights] == ["横浜支店に異動"]
    assert [(study.institution, study.end.iso()) for study in resume.education] == [("青葉大学", "2015-03")]
    assert resume.person.name == "森川 千尋"
    assert resume.person.headline == ""


def test_every_row_of_the_table_keeps_its_source():
    study = parse_with_rules(document_of(FORM)).education[0]

    assert study.meta["end"].source is not None
    assert {"p1l7", "p1l8"} <= set(study.meta["end"].source.line_ids)
