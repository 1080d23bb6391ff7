"""The smaller formats: what their files say, and what is said of files that are wrong."""

from __future__ import annotations

import lzma
from pathlib import Path

import pytest

from chatbot.corpus.counts import Counts, silent
from chatbot.corpus.detokenise import detokenise
from chatbot.corpus.fields import field_map
from chatbot.corpus.formats import READERS, format_of, reader
from chatbot.errors import ConfigError, CorpusError, UsageError

Said = list[list[tuple[str, str]]]


def read(name: str, path: Path, fields: str = "") -> Said:
    found = reader(name, field_map(fields))(path, Counts(), silent)
    return [[(one.speaker, one.text) for one in conversation.utterances] for conversation in found]


@pytest.mark.parametrize(
    ("name", "file", "content", "said"),
    [
        (
            "dailydialog",
            "dialogues_train.txt",
            "Is it far ? __eou__ It ' s not.It is near ! __eou__\n\nDon ' t . __eou__ Why ? __eou__\n",
            [[("a", "Is it far?"), ("b", "It's not. It is near!")], [("a", "Don't."), ("b", "Why?")]],
        ),
        (
            "personachat",
            "some_original.txt",
            "1 your persona: i sail .\n2 hello\thi , you\tignored\n3 do you sail ?\ti do n't\n1 and now ?\tnothing .\n",
            [
                [("a", "hello"), ("b", "hi, you"), ("a", "do you sail?"), ("b", "i don't")],
                [("a", "and now?"), ("b", "nothing.")],
            ],
        ),
        (
            "chatterbot",
            "sea.yml",
            "categories: [sea]\nconversations:\n- - Hello\n  - 3\n- alone\n- [One]\n- - What?\n  - This.\n  - Ah.\n",
            [[("a", "Hello"), ("b", "3")], [("a", "What?"), ("b", "This."), ("a", "Ah.")]],
        ),
        (
            "text",
            "talk.txt",
            "ANNA: Coming?\nBEN: Soon: wait.\n===\nLate.\n\nThe bus was.\n  ====\n===\n",
            [[("ANNA", "Coming?"), ("BEN", "Soon: wait.")], [("a", "Late."), ("b", "The bus was.")]],
        ),
        (
            "tsv",
            "pairs.tsv",
            'Well?\tVery.\tmore\n"Odd\tyes\n',
            [[("a", "Well?"), ("b", "Very.")], [("a", '"Odd'), ("b", "yes")]],
        ),
        ("csv", "pairs.csv", '"Well, you?",Very.\n\n', [[("a", "Well, you?"), ("b", "Very.")]]),
        ("csv", "named.csv", "Prompt, reply,id\nWell?,Very.,7\n", [[("a", "Well?"), ("b", "Very.")]]),
        (
            "tsv",
            "odd.tsv",
            "question\tmark\nQuestion\tanswer\n",
            [
                [("a", "question"), ("b", "mark")],
                [("a", "Question"), ("b", "answer")],
            ],
        ),
    ],
)
def test_a_file_and_its_folder_say_the_same(tmp_path: Path, name: str, file: str, content: str, said: Said) -> None:
    (tmp_path / file).write_text(content)
    assert format_of(tmp_path / file) == format_of(tmp_path) == name
    assert read(name, tmp_path / file) == read(name, tmp_path) == said
    (tmp_path / file).unlink()
    (tmp_path / f"{file}.xz").write_bytes(lzma.compress(content.encode()))
    assert format_of(tmp_path) == name
    assert read(name, tmp_path) == said


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("dailydialog", "Hello there\n", ":1: no __eou__ in it"),
        ("personachat", "1 a\tb\nc\td\n", ":2: found 'c\\td'"),
        ("personachat", "1 only this\n", ":1: no TAB in '1 only this'"),
        ("chatterbot", "conversations: [a\n", "not readable YAML"),
        ("chatterbot", "greetings: 1\n", "no list of conversations"),
        ("chatterbot", "a: &x [1]\nconversations: [*x, *x]\n", "holds YAML aliases"),
        ("text", "Hello\nHi\n", "no line of === in it"),
        ("tsv", "alone\n", ":1: 1 column, expected at least 2: a prompt and a reply"),
        ("csv", '"a,b\n', "not a table with a comma between fields"),
    ],
)
def test_a_wrong_file_is_named_in_one_line(tmp_path: Path, name: str, content: str, error: str) -> None:
    (tmp_path / "file").write_text(content)
    with pytest.raises(CorpusError) as caught:
        read(name, tmp_path / "file")
    assert str(caught.value).startswith(str(tmp_path / "file"))
    assert error in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", ["Well?\tVery.\n", "да\tнет\r\nкак\tтак\r\n"])
def test_utf_16_is_refused(tmp_path: Path, encoding: str, text: str) -> None:
    (tmp_path / "pairs.tsv").write_bytes(text.encode(encoding))
    with pytest.raises(CorpusError, match=r"pairs\.tsv:1: looks like UTF-16; convert the file first: iconv -f UTF-16"):
        read("tsv", tmp_path / "pairs.tsv")


def test_a_file_whose_name_tells_no_format_is_named(tmp_path: Path) -> None:
    (tmp_path / "talks.doc").write_text("Hello.\n")
    with pytest.raises(CorpusError, match=r"talks\.doc: its name tells no format; "):
        format_of(tmp_path / "talks.doc")


@pytest.mark.parametrize("name", sorted(set(READERS) - {"cornell"}))
def test_what_is_not_there_is_one_line(tmp_path: Path, name: str) -> None:
    with pytest.raises(CorpusError, match="is not there; "):
        read(name, tmp_path / "nowhere")
    with pytest.raises(CorpusError, match="no file named "):
        read(name, tmp_path)


def test_fields_of_tables_and_objects_are_named(tmp_path: Path) -> None:
    table = tmp_path / "turns.csv"
    table.write_text("id,who,said\n7,anna,Are you well?\n7,ben,Very.\n8,ben,Bye.\n8,ben,Really.\n")
    named = "conversation=id,text=said,speaker=who"
    assert read("csv", table, named) == [
        [("anna", "Are you well?"), ("ben", "Very.")],
        [("ben", "Bye."), ("ben", "Really.")],
    ]
    objects = tmp_path / "pairs.jsonl"
    objects.write_text('{"q": {"text": "Well?"}, "a": "Very.", "film": "m1"}\n')
    fields = field_map("prompt=q.text, reply=a, source=film")
    (found,) = reader("jsonl", fields)(objects, Counts(), silent)
    assert ([one.text for one in found.utterances], found.source) == (["Well?", "Very."], "m1")
    with pytest.raises(CorpusError, match=r":1: field 'q' must be a text, but is "):
        read("jsonl", objects, "prompt=q,reply=a")
    with pytest.raises(CorpusError, match=r":2: no field 'says'; it has id, who, said"):
        read("csv", table, "conversation=id,text=says")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("promt=a", "'promt' is no role of a field; "),
        ("prompt", "'prompt' names no field"),
        ("prompt=a", "belong together"),
        ("prompt=a,reply=b,text=c", "or else text="),
        ("text=a", "text= needs conversation="),
    ],
)
def test_a_wrong_field_map_is_one_line(text: str, error: str) -> None:
    with pytest.raises(ConfigError, match=error):
        field_map(text)


def test_a_format_without_fields_says_so() -> None:
    with pytest.raises(UsageError, match="the format cornell has no fields to name"):
        reader("cornell", {"prompt": "a", "reply": "b"})


@pytest.mark.parametrize(
    ("tokenised", "text"),
    [
        ("well , i ' ve seen it , have n't i ?", "well, i've seen it, haven't i?"),
        ('he said " go away " ( twice ) .', 'he said "go away" (twice).'),
        ("3 . 5 % of $ 20", "3. 5% of $20"),
        ("nothing to do", "nothing to do"),
    ],
)
def test_tokens_are_put_together(tokenised: str, text: str) -> None:
    assert detokenise(tokenised) == text
