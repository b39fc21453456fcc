"""
Nothing is lost: every record is counted once, whatever is wrong with it or its file.
"""

from __future__ import annotations

import gzip
import json
import os
import sys
from pathlib import Path

import pytest
from tests.jobs.dress import BAD_TASK, TASK, lines, write

GOOD = lines(TASK).encode()
BAD = lines(BAD_TASK).encode()

# ruff: noqa: E501  # a table: one row, one fault
FAULTS = [
    # what is wrong,            the file,                                       counts,                              lines told of
    ("truncated last line",     GOOD + GOOD[:90],                               {"valid": 1, "unreadable": 1},       [2]),
    ("no final line feed",      GOOD + BAD[:-1],                                {"valid": 1, "invalid": 1},          [2]),
    ("a bad line amid good",    GOOD + b"{oops\n" + GOOD,                       {"valid": 2, "unreadable": 1},       [2]),
    ("invalid UTF-8",           GOOD + GOOD.replace(b"fox", b"f\xffx") + BAD,   {"valid": 1, "unreadable": 1, "invalid": 1}, [2, 3]),
    ("CRLF",                    (GOOD + BAD).replace(b"\n", b"\r\n"),           {"valid": 1, "invalid": 1},          [2]),
    ("empty lines",             b"\n\n" + GOOD + b"  \n\t\n" + BAD + b"\n",     {"valid": 1, "invalid": 1},          [6]),
    ("a byte order mark",       b"\xef\xbb\xbf" + GOOD + GOOD,                  {"valid": 1, "unreadable": 1},       [1]),
    ("a NUL",                   GOOD + b"\0\0\n" + GOOD,                        {"valid": 2, "unreadable": 1},       [2]),
    ("a repeated key",          GOOD.replace(b'"width"', b'"width": 1, "width"') + GOOD, {"valid": 1, "unreadable": 1}, [1]),
    ("NaN",                     GOOD.replace(b"1080", b"NaN") + GOOD,           {"valid": 1, "unreadable": 1},       [1]),
    ("very deep",               GOOD[:-2] + b',"x":' + b"[" * 300 + b"]" * 300 + b"}\n" + BAD, {"invalid": 2}, [1, 2]),
    ("other JSON",              b'{"a": 1}\n[]\n3\n' + GOOD,                    {"valid": 1, "skipped": 3},          []),
]  # fmt: skip


@pytest.mark.parametrize(("content", "counts", "told"), [each[1:] for each in FAULTS], ids=[each[0] for each in FAULTS])
def test_every_record_is_counted_once(linted, content, counts, told):
    write("a.jsonl", content)
    run = linted("a.jsonl")
    assert run.counts == counts
    assert [each.line for each in run.entries] == told


SAID = [
    # a third line,                                what is wrong with it
    ('{"sizes": {"1:1": 1, "1:1": 2}}',            'the key "1:1" is given twice, first at column 12'),
    ('{"a": [1',                                   "the text ends inside the array that begins at column 7, where ',' or ']' is expected"),
    ('{"a": 1} {',                                 "there is more text after the end of the value that begins at column 1"),
    ('{"a": "b',                                   "the text ends inside the string that begins at column 7"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "problem"), SAID)
def test_a_fault_names_places_in_its_line_and_quotes_what_stands_there(linted, line, problem):
    write("a.jsonl", GOOD + b"\n" + line.encode() + b"\n")
    [entry] = linted("a.jsonl").entries
    assert entry.problem[2] == problem


@pytest.mark.parametrize(("content", "counts", "told"), [each[1:] for each in FAULTS], ids=[each[0] for each in FAULTS])
def test_parts_of_a_file_add_up_to_the_file(linted, monkeypatch, content, counts, told):
    from preroll.jobs import running

    monkeypatch.setattr(running, "PART", 100)
    write("a.jsonl", content)
    run = linted("a.jsonl", processes=2)
    assert run.counts == counts
    assert [each.line for each in run.entries] == told


def test_a_line_that_is_too_long_but_begins_like_a_payload_takes_no_others_place(linted, monkeypatch):
    from preroll.jobs import files

    monkeypatch.setattr(files, "MAX_BYTES", 5_000)
    monkeypatch.setattr(files, "BLOCK", 1_000)
    monkeypatch.setattr(files, "SAMPLE", len(GOOD) + 10)
    for before in (GOOD + BAD, b"", GOOD):
        write("a.jsonl", before + GOOD[:-1] + b" " * 9_000 + b"\n" + BAD)
        run = linted("a.jsonl")
        lines = before.count(b"\n")
        assert run.counts == {
            **({"valid": before.count(GOOD)} if GOOD in before else {}),
            "invalid": 1 + before.count(BAD),
            "unreadable": 1,
        }
        assert [each.line for each in run.entries if each.verdict == "unreadable"] == [lines + 1]


def test_a_line_that_is_too_long_is_one_unreadable_record(linted, monkeypatch):
    from preroll.jobs import files

    monkeypatch.setattr(files, "MAX_BYTES", 5_000)
    monkeypatch.setattr(files, "BLOCK", 1_000)
    write("a.jsonl", GOOD + GOOD.replace(b"fox", b"fox" * 5_000) + BAD)
    run = linted("a.jsonl")
    assert run.counts == {"valid": 1, "unreadable": 1, "invalid": 1}
    assert [each.line for each in run.entries] == [2, 3]


def test_a_line_of_50_mb_is_a_line(linted):
    write("a.jsonl", GOOD.replace(b"fox", b"f" * 50_000_000) + BAD)
    run = linted("a.jsonl")
    assert (run.counts, run.rules) == ({"invalid": 2}, ["max-length", "unlisted-combination"])


UNREADABLE = [
    ("broken.json",     b'{"taskType": '),
    ("empty.json",      b""),
    ("binary.json",     bytes(range(256))),
    ("broken.yaml",     b"a: [1,\nb: }"),
    ("tag.yaml",        b"!!python/object/apply:os.system [ls]"),
    ("broken.jsonl.gz", gzip.compress(GOOD * 2000)[:-200]),
    ("no.json.gz",      b"this is not gzip"),
    ("no.jsonl.zst",    b"this is not zstd"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content"), UNREADABLE, ids=[each for each, _ in UNREADABLE])
def test_one_bad_file_never_stops_the_others(linted, name, content):
    if name.endswith(".zst"):
        pytest.importorskip("backports.zstd" if sys.version_info < (3, 14) else "compression.zstd")
    write(name, content)
    write("zz.json", [BAD_TASK])
    run = linted(".")
    assert run.counts["unreadable"] == 1
    assert run.counts["invalid"] == 1
    assert [each.source for each in run.entries] == [name, "zz.json"]


DOCUMENT = json.dumps(BAD_TASK) + "\n"

DOCUMENTS = [
    # what is wrong with the one in the middle,   it,                                  the line told of
    ("a repeated key",                            "---\na: 1\na: 2\n",                 4),
    ("a tag",                                     "---\na: !foo 1\n",                  3),
    ("an alias of nothing",                       "---\na: *b\n",                      3),
    ("an absurd number",                          "---\na: 1e99999\n",                 3),
    ("half a character",                          '---\na: "\\ud800"\n',              3),
    ("a control character",                       "---\na: \x01\n",                    3),
    ("an older YAML",                             "...\n%YAML 1.1\n---\na: 1\n",      4),
    ("a bracket left open",                       "---\na: [1,\n",                     4),
    ("a quote left open",                         '---\na: "1\n',                      4),
    ("a reserved character",                      "--- @a\n",                          2),
    ("two faults",                                "---\na: !foo 1\nb: @c\n",           3),
    ("directives behind it",                      "--- ]\n...\n%YAML 1.2\n",           2),
]  # fmt: skip


@pytest.mark.parametrize(("middle", "line"), [each[1:] for each in DOCUMENTS], ids=[each[0] for each in DOCUMENTS])
def test_one_bad_document_never_stops_the_others(linted, middle, line):
    write("a.yaml", f"{DOCUMENT}{middle}---\n{DOCUMENT}")
    run = linted("a.yaml")
    assert run.counts == {"invalid": 2, "unreadable": 1}
    assert [each.line for each in run.entries if each.verdict == "unreadable"] == [line]


def test_a_text_of_nothing_but_faults_is_given_up_at_some_point(linted):
    from preroll.source import MAX_YAML_FAULTS

    write("a.yaml", "--- ]\n" * 5 * MAX_YAML_FAULTS)
    run = linted("a.yaml")
    assert run.counts == {"unreadable": MAX_YAML_FAULTS + 1}
    assert "the rest was not looked at" in run.entries[-1].problem[3]


def test_what_a_broken_gzip_still_held_is_linted(linted):
    write("a.jsonl.gz", gzip.compress(GOOD + BAD + os.urandom(100_000).hex().encode())[:-1000])
    run = linted("a.jsonl.gz")
    assert run.counts["valid"] == 1
    assert run.counts["invalid"] == 1


def test_a_missing_file_and_one_that_vanishes_are_unreadable(linted, monkeypatch):
    write("a.json", [TASK])
    write("b.json", [TASK])
    from preroll.jobs.files import File

    opened = File._raw

    def vanishing(self):
        if self.name == "a.json":
            Path("a.json").unlink()
        return opened(self)

    monkeypatch.setattr(File, "_raw", vanishing)
    assert linted("missing.json", ".").counts == {"unreadable": 2, "valid": 1}


def test_a_file_that_may_not_be_read_is_unreadable(linted, mortal):
    write("a.json", [TASK])
    assert linted("a.json").counts == {"valid": 1}
    Path("a.json").chmod(0)
    mortal()
    assert linted("a.json").counts == {"unreadable": 1}


def test_a_pipe_is_not_waited_for(linted):
    os.mkfifo("pipe.json")
    assert linted("pipe.json").counts == {"unreadable": 1}
    assert linted(".").counts == {}


def test_links_that_lead_round_are_no_loop(linted):
    write("jobs/a.json", [TASK])
    Path("jobs/again").symlink_to(Path("jobs").resolve(), target_is_directory=True)
    Path("jobs/me.json").symlink_to("me.json")
    run = linted("jobs")
    assert run.counts == {"valid": 1, "unreadable": 1}
    assert [name for name, _ in run.walk.skipped] == ["jobs/again"]


@pytest.mark.parametrize(
    "name", ["two\nlines.json", "tab\t.json", "ünï.json", "-rf.json", os.fsdecode(b"\xff\xfe.json")]
)
def test_any_name_will_do(linted, name):
    from preroll.outcome import Outcome
    from preroll.render import RENDERERS, render

    try:
        write(name, [BAD_TASK])
    except OSError:
        pytest.skip("the file system refuses the name")
    run = linted(".")
    assert run.counts == {"invalid": 1}
    for form in RENDERERS:
        render(Outcome.of(run.entries), form).encode("utf-8")


@pytest.mark.parametrize("processes", [1, 2])
def test_results_come_in_the_order_of_the_files(linted, processes):
    for number in range(300):
        write(f"{number:03}.json", [BAD_TASK if number % 7 == 0 else TASK])
    run = linted(".", processes=processes)
    assert run.counts == {"valid": 257, "invalid": 43}
    assert [each.source for each in run.entries] == [f"{number:03}.json" for number in range(0, 300, 7)]


def test_two_processes_say_what_one_says(linted, monkeypatch):
    from preroll.jobs import running

    monkeypatch.setattr(running, "PART", 3_000)
    write("a.jsonl", (GOOD * 9 + BAD + b"nonsense\n") * 20)
    write("b.jsonl", BAD * 3)
    one, two = linted(".", processes=1), linted(".", processes=2)
    assert one.counts == two.counts == {"valid": 180, "invalid": 23, "unreadable": 20}
    assert one.entries == two.entries


@pytest.mark.parametrize(("advised", "mended"), [(0, 0), (7, 4), (20, 12)])
def test_parts_of_a_file_have_the_fixes_and_the_places_that_the_whole_has(linted, monkeypatch, advised, mended):
    from preroll.jobs import running

    monkeypatch.setattr(running, "PART", 3_000)
    misspelt = GOOD.replace(b"positivePrompt", b"positivPrompt")
    write("a.jsonl", (GOOD * 9 + BAD + misspelt + b'{"a": [1, \n') * 8 + BAD * 10)
    one, two = (linted("a.jsonl", processes=each, advised=advised) for each in (1, 2))
    wrong = [placed for each in one.entries for placed in each.found if placed.violation.rule != "misspelt-property"]
    assert sum(bool(each.violation.fixes) for each in wrong) == mended
    problems = [each.problem[2] for each in one.entries if each.problem]
    assert all("begins at column 7" in each for each in problems)
    assert one.entries == two.entries


def test_a_file_that_grows_is_read_to_where_it_ended(linted, monkeypatch):
    from preroll.jobs import files

    write("a.jsonl", GOOD * 3)
    read = files._block
    grown: list[bool] = []

    def growing(stream, name, size=files.BLOCK):
        block = read(stream, name, size)
        if not grown:
            grown.append(True)
            with Path("a.jsonl").open("ab") as file:
                file.write(BAD[:50])
        return block

    monkeypatch.setattr(files, "_block", growing)
    assert linted("a.jsonl").counts == {"valid": 3, "unreadable": 1}


EXACT = [
    # a number as it is written,              verdict: the model's seed is a whole number up to 2^63
    ("9223372036854775807",                   "valid"),
    ("18446744073709551616",                  "invalid"),
    ("1e2",                                   "valid"),
    ("1." + "0" * 29 + "1",                   "invalid"),
]  # fmt: skip


@pytest.mark.parametrize(("number", "verdict"), EXACT)
@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.yaml", "a.jsonc"])
def test_numbers_keep_their_exact_value(linted, number, verdict, name):
    task = {**TASK, "model": "runware:190@1", "inputs": {"image": "https://example.com/a.png"}, "seed": "SEED"}
    del task["width"], task["height"]
    write(name, json.dumps(task).replace('"SEED"', number))
    assert linted(name).counts == {verdict: 1}
