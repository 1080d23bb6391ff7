"""Tagged words in columns, as in the CoNLL shared tasks -> sentences; IOB1, IOB2, BIOES or BILOU in, BIOES out.

    EU NNP B-NP S-ORG          a word a line, columns apart by spaces or tabs, the first the word, the last the tag
    rejects VBZ B-VP O         an empty line, or one of white space, ends a sentence
    -DOCSTART- -X- O O         begins a document and is no word

A sentence becomes a conversation of two utterances, its words and its tags, with single spaces between them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from chatbot.corpus.conversation import Conversation, Utterance
from chatbot.corpus.counts import Counts, Progress, silent
from chatbot.corpus.encoding import utf8
from chatbot.corpus.files import CorpusFile, numbered_lines, require_file
from chatbot.corpus.tag_schemes import MixedSchemes, bioes, parts, scheme_of
from chatbot.errors import CorpusError

DOCUMENT = "-DOCSTART-"
EXPECTED = "expected a word, perhaps other columns, and a tag on each line"
Sentence = tuple[int, list[str], list[str]]  # the line it begins on, its words, its tags


def read_conll(path: Path, counts: Counts, progress: Progress = silent) -> Iterator[Conversation]:
    """Yield the sentences in order; `source` is the document, or the sentence where there are no documents.

    Raises `CorpusError` with file and line.
    """
    require_file(path, "give one of tagged words, a word a line")
    documents, found = 0, []
    for document, sentence in _sentences(path, counts, progress):
        documents = max(documents, document)
        found.append((document, sentence))
    if not found:
        raise CorpusError(f"{path}: there is no sentence in it; {EXPECTED}")
    try:
        counts.read[f"sentences, tagged as {scheme_of(tags for _, (_, _, tags) in found)}"] += len(found)
    except MixedSchemes as error:
        (one, scheme), (two, other) = ((found[place][1][0], scheme) for place, scheme in error.found)
        raise CorpusError(
            f"{path}:{two}: a sentence tagged as {other}, but that of line {one} is tagged as {scheme}; "
            "make them one scheme first"
        ) from None
    for document, (line, words, tags) in found:
        said = (Utterance("words", " ".join(words)), Utterance("tags", " ".join(bioes(tags))))
        source = f"{path.name}: document {document}" if documents else f"{path.name}:{line}"
        yield Conversation(f"{path}:{line}", said, source)


def _sentences(path: Path, counts: Counts, progress: Progress) -> Iterator[tuple[int, Sentence]]:
    document, columns = 0, 0
    sentence: Sentence = (0, [], [])
    for number, raw in numbered_lines(CorpusFile(path), progress):
        where = f"{path}:{number}"
        text = utf8(raw, where, number == 1).strip()
        cells = [cell.strip() for cell in text.split("\t")] if "\t" in text else text.split()
        counts.read["lines"] += 1
        if not cells or cells[0] == DOCUMENT:
            if sentence[1]:
                yield document, sentence
            sentence = (0, [], [])
            document += bool(cells)
            continue
        columns = columns or len(cells)
        if len(cells) != columns or columns < 2:
            wanted = f"expected {columns} as before" if columns > 1 else EXPECTED
            raise CorpusError(f"{where}: {len(cells)} column{'s' * (len(cells) > 1)}, {wanted}")
        try:
            parts(cells[-1])
        except ValueError as error:
            raise CorpusError(f"{where}: {error}") from None
        sentence = (sentence[0] or number, [*sentence[1], cells[0]], [*sentence[2], cells[-1]])
        counts.read["words"] += 1
    if sentence[1]:
        yield document, sentence
