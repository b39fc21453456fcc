"""
Fixes in files: only what must change changes, and the result says exactly what was asked for.
"""

# ruff: noqa: E501, Q000  # texts of files in columns, in the quotes that hold JSON

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preroll import dialect, mending, rewriting, source
from preroll.rewriting import Unsuitable, mend, rewritten, value_of


def rewrite(text, name, *patch):
    raw = text.encode()
    return rewritten(raw, name, mending.applied(value_of(raw, name), patch))


def replace(path, value):
    return {"op": "replace", "path": path, "value": value}


def add(path, value):
    return {"op": "add", "path": path, "value": value}


def remove(path):
    return {"op": "remove", "path": path}


def move(old, new):
    return {"op": "move", "from": old, "path": new}


TABLE = [
    # name           text                                             operation                    result
    ("a.json",  '{"a": 1, "b": 2}',                                   replace("/a", "x"),          '{"a": "x", "b": 2}'),
    ("a.json",  '{"a": 1, "b": 2}',                                   remove("/a"),                '{"b": 2}'),
    ("a.json",  '{"a": 1, "b": 2}',                                   remove("/b"),                '{"a": 1}'),
    ("a.json",  '{"a":1,"b":2}',                                      remove("/b"),                '{"a":1}'),
    ("a.json",  '{"a": 1}',                                           remove("/a"),                '{}'),
    ("a.json",  '{"a": 1}',                                           add("/b", [1]),              '{"a": 1, "b": [1]}'),
    ("a.json",  '{"a":1}',                                            add("/b", 2),                '{"a":1,"b":2}'),
    ("a.json",  '{}',                                                 add("/b", 2),                '{"b": 2}'),
    ("a.json",  '[1, 2, 3]',                                          remove("/1"),                '[1, 3]'),
    ("a.json",  '[1, 2, 3]',                                          remove("/2"),                '[1, 2]'),
    ("a.json",  '[1, 2]',                                             add("/-", 3),                '[1, 2, 3]'),
    ("a.json",  '{"positivPrompt" : "a", "b": 1.50}',                 move("/positivPrompt", "/p"), '{"p" : "a", "b": 1.50}'),
    ("a.json",  '{\n\t"a": 1,\n\t"b": 2\n}\n',                        remove("/b"),                '{\n\t"a": 1\n}\n'),
    ("a.json",  '{\r\n\t"a": 1,\r\n\t"b": 2\r\n}\r\n',                remove("/a"),                '{\r\n\t"b": 2\r\n}\r\n'),
    ("a.json",  '{\r\n\t"a": 1\r\n}\r\n',                             add("/b", 2),                '{\r\n\t"a": 1,\r\n\t"b": 2\r\n}\r\n'),
    ("a.json",  '{\n  "a": {},\n  "n": 1e3\n}',                       add("/a/b", {"c": [1]}),     '{\n  "a": {\n    "b": {\n      "c": [\n        1\n      ]\n    }\n  },\n  "n": 1e3\n}'),
    ("a.json",  '{"n": 12345678901234567890.50, "a": "x"}',           replace("/a", "y"),          '{"n": 12345678901234567890.50, "a": "y"}'),
    ("a.json",  '{"u": "\\u00e9\\/", "a": "x"}',                      replace("/a", "é"),          '{"u": "\\u00e9\\/", "a": "é"}'),
    ("a.jsonc", '{\n  // first\n  "a": 1, // one\n  "b": 2 // two\n}', remove("/b"),               '{\n  // first\n  "a": 1 // one\n}'),
    ("a.jsonc", '{\n  "a": 1, // one\n  "b": 2, // two\n}',           remove("/b"),                '{\n  "a": 1, // one\n}'),
    ("a.jsonc", '{\n  "a": 1 // one\n}',                              add("/b", 2),                '{\n  "a": 1, // one\n  "b": 2\n}'),
    ("a.jsonc", '{\n  "a": 1, // one\n}',                             add("/b", 2),                '{\n  "a": 1, // one\n  "b": 2,\n}'),
    ("a.jsonc", '/* x */ {"a": /* why */ "16:9"}',                    replace("/a", "1:1"),        '/* x */ {"a": /* why */ "1:1"}'),
    ("a.yaml",  'a: 1 # one\nb: two\n',                               replace("/b", "three"),      'a: 1 # one\nb: three\n'),
    ("a.yaml",  "a: 'x'\nb: \"y\"\n",                                 replace("/a", "it's"),       "a: 'it''s'\nb: \"y\"\n"),
    ("a.yaml",  'seed: "4177" # text\n',                              replace("/seed", 4177),      'seed: 4177 # text\n'),
    ("a.yaml",  'seed: 4177\n',                                       replace("/seed", "4177"),    'seed: "4177"\n'),
    ("a.yaml",  'a: 1\n# about b\nb: 2\nc: 3\n',                      remove("/b"),                'a: 1\n# about b\nc: 3\n'),
    ("a.yaml",  'a: 1\nb:\n  c: 2\n  d: 3\n',                         remove("/b/d"),              'a: 1\nb:\n  c: 2\n'),
    ("a.yaml",  'a: 1\nb:\n  c: 2\n',                                 add("/b/d", "x y"),          'a: 1\nb:\n  c: 2\n  d: x y\n'),
    ("a.yaml",  'a: 1\nb:\n  c: 2\n',                                 remove("/b/c"),              'a: 1\nb:\n  {}\n'),
    ("a.yaml",  '- a: 1\n  b: 2\n- a: 3\n',                           remove("/0/a"),              '- b: 2\n- a: 3\n'),
    ("a.yaml",  '- a: 1\n  b: 2\n- a: 3\n',                           remove("/0"),                '- a: 3\n'),
    ("a.yaml",  'x:\n- 1\n- 2 # two\n',                               remove("/x/1"),              'x:\n- 1\n'),
    ("a.yaml",  'x:\n- 1\n- 2 # two\n',                               add("/x/-", 3),              'x:\n- 1\n- 2 # two\n- 3\n'),
    ("a.yaml",  'x: [1, 2]\r\ny: {a: 1}\r\n',                         add("/y/b", "on"),           'x: [1, 2]\r\ny: {a: 1, b: "on"}\r\n'),
    ("a.yaml",  'x:\r\n  a: 1\r\n',                                   add("/x/b", 2),              'x:\r\n  a: 1\r\n  b: 2\r\n'),
    ("a.yaml",  'misspelt: |\n  one\n  two\nb: 1\n',                  move("/misspelt", "/spelt"), 'spelt: |\n  one\n  two\nb: 1\n'),
    ("a.yaml",  'x: {}\n',                                            add("/x/b", 2),              'x: {b: 2}\n'),
    ("a.yaml",  'x:\n',                                               replace("/x", 5),            'x: 5\n'),
    ("a.jsonl", '{"a": 1}\n\n{"a": 2.0, "b": 1}\r\n{"a": 3}',         replace("/1/b", 7),          '{"a": 1}\n\n{"a": 2.0, "b": 7}\r\n{"a": 3}'),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "operation", "result"), TABLE)
def test_only_what_must_change_changes(name, text, operation, result):
    assert rewrite(text, name, operation).decode() == result


@pytest.mark.parametrize(
    ("name", "text", "operation"),
    [
        ("a.yaml", "a: &x {b: 1}\nc: *x\n", replace("/c/b", 2)),
        ("a.yaml", "a: &x {b: 1}\nc: *x\n", replace("/a/b", 2)),
        ("a.jsonl", '{"a": 1}\n', remove("/0")),
    ],
)
def test_what_cannot_be_changed_alone_is_left(name, text, operation):
    with pytest.raises(Unsuitable):
        rewrite(text, name, operation)


# --- laws ---

KEYS = st.sampled_from(["a", "b", "c", "d/e", "é", 'q"', "~"])
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 10**20),
    st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-9, max_value=9).map(float),
    st.sampled_from(["", "x", "true", "1", "a: b", "# no", "it's", "- x", 'say "hi"', "zwei\nZeilen", "  "]),
)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=10,
)


def _write(tree, draw_style, margin=""):
    indent, comments = draw_style
    text = json.dumps(tree, ensure_ascii=False, indent=indent)
    if comments and indent is not None:
        text = "\n".join(
            f"{line} // n{number}" if "\n" in text and not line.endswith("\\") else line
            for number, line in enumerate(text.split("\n"))
        )
    return text


@st.composite
def operations(draw, tree):
    """A few operations that fit, one after the other."""
    found = []
    for _ in range(draw(st.integers(1, 3))):
        places: list[tuple[Any, Any]] = [((), tree)]
        for path, value in places:
            inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
            places += [((*path, key), each) for key, each in inner]
        path, value = draw(st.sampled_from(places))
        from preroll import pointer

        text = pointer.text(path)
        kind = draw(st.sampled_from(["replace", "remove", "add", "rename"]))
        if kind == "add" and isinstance(value, dict):
            operation = {"op": "add", "path": text + pointer.text((draw(KEYS),)), "value": draw(TREES)}
        elif kind == "add" and isinstance(value, list):
            operation = {"op": "add", "path": text + "/-", "value": draw(TREES)}
        elif kind == "remove" and path:
            operation = remove(text)
        elif kind == "rename" and path and isinstance(path[-1], str):
            operation = move(text, pointer.text((*path[:-1], path[-1] + "x")))
        else:
            operation = {"op": "replace", "path": text, "value": draw(TREES)}
        found.append(operation)
        tree = mending.applied(tree, [operation])
    return tree, found


@given(st.data())
def test_the_text_says_what_the_patch_says(data):
    tree = data.draw(TREES)
    style = data.draw(st.tuples(st.sampled_from([None, 2, "\t"]), st.booleans()))
    name = "a.jsonc" if style[1] else "a.json"
    text = _write(tree, style)
    if data.draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    after, patch = data.draw(operations(tree))
    try:
        result = rewrite(text, name, *patch)
    except Unsuitable as refused:
        assert "comment" in refused.why  # noqa: PT017
        return
    assert dialect.equal(value_of(result, name), after)
    assert rewritten(result, name, after) == result
    assert ("\n" in result.decode().replace("\r\n", "")) <= ("\n" in text.replace("\r\n", ""))


@given(st.data())
def test_the_yaml_text_says_what_the_patch_says(data):
    from io import StringIO

    from ruamel.yaml import YAML

    tree = data.draw(TREES)
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = data.draw(st.sampled_from([False, None]))
    out = StringIO()
    yaml.dump(tree, out)
    text = out.getvalue().removesuffix("...\n")
    try:
        source.read_yaml(text.encode(), "a.yaml")
    except source.Unreadable:
        return
    after, patch = data.draw(operations(source.read_yaml(text.encode(), "a.yaml")))
    try:
        result = rewrite(text, "a.yaml", *patch)
    except Unsuitable:
        return
    assert dialect.equal(value_of(result, "a.yaml"), after)
    assert rewritten(result, "a.yaml", after) == result


@given(TREES)
def test_no_change_changes_nothing(tree):
    raw = json.dumps(tree, indent=3).encode()
    assert rewritten(raw, "a.json", tree) == raw


def test_numbers_of_any_length_are_written_exactly():
    result = rewrite('{"a": 1}', "a.json", add("/b", [Decimal("0.1234567890123456789012"), 2**80]))
    assert result == b'{"a": 1, "b": [0.1234567890123456789012, 1208925819614629174706176]}'


# --- whole payloads ---

ROOT = Path(__file__).resolve().parents[1]


def checked(name, text):
    from preroll.judgement import check_bytes

    return check_bytes(text.encode(), name=name, today="2025-01-01")


MISSPELT = """[
  {
    "taskType": "videoInference",  // what
    "taskUUID": "eac5c42b-0a32-4cc8-b4c1-16d599c02f7e",
    "model": "klingai:kling-video@o3-pro",
    "width": 1920, "height": 1080,
    "duration": "5",
    "positivPrompt": "A red fox trots through fresh snow"
  }
]
"""


def test_safe_fixes_are_applied_and_nothing_else():
    done = mend(checked("a.jsonc", MISSPELT))
    assert done.report.verdict == "valid"
    assert {each.violation.rule for each in done.changes} == {"type", "misspelt-property"}
    result = rewritten(MISSPELT.encode(), "a.jsonc", done.payload).decode()
    assert result == MISSPELT.replace('"5"', "5").replace("positivPrompt", "positivePrompt")
    assert mend(checked("a.jsonc", result)).changes == ()


def test_what_changes_the_meaning_is_asked_for():
    text = (ROOT / "examples/bad/ray-hdr-at-360p.json").read_text()
    assert mend(checked("a.json", text)).changes == ()
    done = mend(checked("a.json", text), unsafe=True)
    assert done.report.verdict in ("valid", "warning")
    result = rewritten(text.encode(), "a.json", done.payload).decode()
    assert checked("a.json", result).verdict == done.report.verdict
    assert len(result.splitlines()) == len(text.splitlines())


def test_a_file_is_replaced_as_a_whole_and_keeps_its_mode(tmp_path):
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    real.write_bytes(b"old")
    real.chmod(0o640)
    link.symlink_to(real)
    rewriting.write_file(str(link), b"new")
    assert real.read_bytes() == b"new"
    assert link.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert len(list(tmp_path.iterdir())) == 2
