"""What a file may be called: nothing that leads elsewhere, or means something else on another system."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audience_mcp.errors import InvalidArguments
from audience_mcp.export.naming import default, numbered, place


@pytest.mark.parametrize(
    ("file", "made"),
    [
        ("report", ("report.csv",)),
        ("report.csv", ("report.csv",)),
        ("Report.CSV", ("Report.CSV",)),
        ("2026/week 47/report", ("2026", "week 47", "report.csv")),
        ("report.v2", ("report.v2.csv",)),
        ("evil.sh", ("evil.sh.csv",)),
        ("Käyttäjät (50+), a&b@c", ("Käyttäjät (50+), a&b@c.csv",)),
        ("Ka\u0308ytta\u0308ja\u0308t", ("Käyttäjät.csv",)),
        ("रिपोर्ट", ("रिपोर्ट.csv",)),
        ("console", ("console.csv",)),
    ],
)
def test_a_plain_relative_name_gets_the_extension_of_its_format(file: str, made: tuple[str, ...]) -> None:
    assert place(file, "csv", sandbox=False) == made


@pytest.mark.parametrize(
    "file",
    [
        *("", ".", "..", "/", "/etc/passwd", "../up.csv", "a/../../up", "a//b", "a/", "./a", "a/./b", "~/a\0"),
        *("C:\\a", "C:a", "\\\\host\\share", "a\\b", "a:b", "a|b", 'a"b', "a*b", "a?b", "<a>", "$(a)", "a;b", "`a`"),
        *(".hidden", "a/.ssh/b", "-rf", " a", "a ", "a/b .", "name.", "a\nb", "a\tb", "a\x00b", "a\x7fb"),
        *("a\u202eb", "a\u200bb", "\u3164", "a\ud800b", "\ufeffa", "x" * 181, "ä" * 91, "a/b/c/d/e/f/g"),
        *("con", "CON.csv", "nul.tar.csv", "a/Prn/b", "com1", "LPT9.csv", "com¹", "aux ", "conin$", "a/COM0.x"),
    ],
)
def test_anything_else_is_refused_with_an_example(file: str) -> None:
    with pytest.raises(InvalidArguments) as refused:
        place(file, "csv", sandbox=False)
    assert "2026/report.csv" in refused.value.remedy
    assert refused.value.message.isprintable() and len(refused.value.message) < 300


@pytest.mark.parametrize(("file", "format"), [("a.json", "csv"), ("a/b.PNG", "parquet"), ("x.csv", "json")])
def test_a_name_of_another_format_is_refused_with_both_ways_out(file: str, format: str) -> None:
    with pytest.raises(InvalidArguments) as refused:
        place(file, format, sandbox=False)
    assert f".{format}" in refused.value.remedy and f"format={file.rpartition('.')[2].lower()}" in refused.value.remedy


def test_data_of_the_sandbox_is_named_as_such_once() -> None:
    assert place("a/report", "csv", sandbox=True) == ("a", "SANDBOX-report.csv")
    assert place("SANDBOX-report.csv", "csv", sandbox=True) == ("SANDBOX-report.csv",)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("List cohorts", "list-cohorts-r_x"),
        ("  /../ Ärger: 100 % ", "arger-100-r_x"),
        ("漢字", "r_x"),
        ("", "r_x"),
        ("a" * 500, f"{'a' * 60}-r_x"),
    ],
)
def test_without_a_name_it_is_the_title_with_the_handle(title: str, name: str) -> None:
    assert default(title, "r_x") == name
    assert place(name, "png", sandbox=True) == (f"SANDBOX-{name}.png",)


def test_a_number_goes_before_the_extension() -> None:
    assert numbered("a.b.csv", 2) == "a.b-2.csv"


@settings(deadline=None)
@given(st.text(st.sampled_from("ab./\\~:- \u202e\0%COMconul1"), max_size=24) | st.text(max_size=24))
def test_whatever_is_accepted_stays_below_its_folder_on_every_system(file: str) -> None:
    try:
        made = place(file, "csv", sandbox=False)
    except InvalidArguments:
        return
    for system in (PurePosixPath, PureWindowsPath):
        path = system("root", *made)
        assert path.parts == ("root", *made) and not system(*made).is_absolute()
    assert ".." not in made and not PureWindowsPath(made[-1]).is_reserved() and made[-1].lower().endswith(".csv")
    assert all(len(part.encode()) < 255 for part in made)
