"""Sentences of the software that a reader strikes: seen, left out of the words, undone, signed, saved and read again."""

import pytest

import emgwidgets as emg
from emgwidgets.cases.document import load_case
from emgwidgets.cli import main
from emgwidgets.errors import InputError
from emgwidgets.model.signal import Annotation
from emgwidgets.model.struck import Struck, struck_of
from emgwidgets.simulation.story.teaching import teaching_case
from emgwidgets.widgets.case_board import CaseBoard
from emgwidgets.widgets.case_board.reading_state import gaps_of


@pytest.fixture
def board(tmp_path):
    return CaseBoard(teaching_case("U1").simulate(seed=0).case, reader="AB", path=tmp_path / "case.json")


def structure_of(board):
    return next(one.text for one in board.correlation.impression.sentences if one.part == "structure")


def test_a_struck_sentence_stays_to_be_seen_and_leaves_the_words(board):
    sentence = structure_of(board)
    board.strike(sentence, "the film shows a bulge only", instead="L4-5 bulge without contact.")
    shown = next(one for one in board._state["software"]["sentences"] if one["text"] == sentence)
    assert shown["struck"]["reason"] == "the film shows a bulge only"
    assert shown["struck"]["instead"] == "L4-5 bulge without contact."
    assert sentence not in emg.impression(board.case).to_text()
    assert sentence not in str(board.correlation.impression)
    (one,) = emg.impression(board.case).struck
    assert (
        one.text
        == f'Struck by AB: "{sentence}" Reason: the film shows a bulge only. Instead: L4-5 bulge without contact.'
    )


def test_the_readers_words_never_stand_among_the_softwares(board):
    board.strike(structure_of(board), "the film shows a bulge only", instead="L4-5 bulge without contact.")
    assert "bulge without contact" not in board.correlation.impression.to_text()


def test_a_strike_is_undone_made_again_and_taken_back(board):
    sentence = structure_of(board)
    board.strike(sentence, "not on the film")
    assert board.undo()
    assert board.correlation.impression.struck == ()
    assert board.redo()
    assert [one.sentence for one in board.correlation.impression.struck] == [sentence]
    board.restore(sentence)
    assert sentence in board.correlation.impression.to_text()
    with pytest.raises(InputError, match="is not struck"):
        board.restore(sentence)


def test_undo_of_an_entry_keeps_what_was_struck_before_it(board):
    sentence = structure_of(board)
    board.strike(sentence, "not on the film")
    board.enter("strength", {"muscle": "soleus", "side": "left", "mrc": "5"})
    board.undo()
    assert [one.sentence for one in board._desk.struck] == [sentence]


def test_a_strike_needs_a_reader_a_reason_and_a_sentence_of_the_software(board):
    nameless = CaseBoard(board.case)
    with pytest.raises(InputError, match="needs a named reader"):
        nameless.strike(structure_of(board), "not on the film")
    with pytest.raises(InputError, match="needs a reason"):
        board.strike(structure_of(board), "  ")
    with pytest.raises(InputError, match="says no such sentence"):
        board.strike("The patient is well.", "no")
    assert board._desk.struck == ()


def test_a_red_flag_is_never_struck(board):
    board.enter("symptom", {"kind": "saddle numbness", "side": "bilateral", "days": "1"})
    flag = next(one.text for one in board.correlation.impression.sentences if one.part == "red flag")
    with pytest.raises(InputError, match="a red flag is not struck"):
        board.strike(flag, "not urgent")
    # not even by an annotation that someone wrote into the file
    words = board.correlation.impression
    forced = words.strike((Struck(sentence=flag, reason="not urgent", reader="XY"),))
    assert flag in forced.to_text()


def test_the_signature_keeps_what_was_struck_and_a_later_strike_is_seen(board):
    sentence = structure_of(board)
    board.strike(sentence, "not on the film")
    board.write("Left L5 root, not complete yet.")
    for gap in gaps_of(board._desk, board.correlation):
        board.waive(gap["about"], "paper case, no study done")
    reading = board.sign()
    assert reading.rejected == (f'Struck by AB: "{sentence}" Reason: not on the film.',)
    again = CaseBoard(board._desk.path)
    assert load_case(board._desk.path).reading == reading
    assert again._state["reading"]["is_signed"]
    assert [one.sentence for one in again.correlation.impression.struck] == [sentence]
    again.restore(sentence)
    assert not again._state["reading"]["is_signed"]
    assert again.case.reading.rejected == reading.rejected
    again.undo()
    assert again._state["reading"]["is_signed"]


def test_a_sentence_that_changed_stands_again_and_the_strike_is_still_told(board):
    sentence = next(one.text for one in board.correlation.impression.sentences if one.part == "question")
    board.strike(sentence, "asked in other words")
    board.set_head({"question": "Foot drop: which nerve?"})
    assert board.correlation.impression.struck == ()
    assert [one["sentence"] for one in board._state["software"]["struck_before"]] == [sentence]


def test_the_command_line_leaves_the_struck_sentence_out_and_tells_it(board, capsys):
    sentence = structure_of(board)
    board.strike(sentence, "not on the film")
    board.save()
    assert main(["correlate", str(board._desk.path), "--impression"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sentence not in lines
    assert f'Struck by AB: "{sentence}" Reason: not on the film.' in lines


def test_the_figure_tells_what_was_struck_beside_the_readers_words(board):
    board.strike(structure_of(board), "not on the film")
    texts = [text.get_text() for axes in board.to_figure().axes for text in axes.texts]
    assert any("not on the film" in " ".join(text.split()) for text in texts)


def test_notes_that_are_not_ours_strike_nothing():
    notes = ("{broken", "plain words", '{"about": ""}', '{"about": "A.", "reason": ""}')
    marks = [Annotation(start_s=0.0, label="sentence_struck", note=note) for note in notes]
    assert [(one.sentence, one.reason, one.reader) for one in struck_of(marks)] == [("A.", "not given", "not named")]
    with pytest.raises(InputError, match="needs its reason"):
        Struck(sentence="A.", reason=" ", reader="AB")


def test_messages_of_the_browser_strike_and_are_answered(board):
    sent = []
    board.send = lambda content, buffers=None: sent.append(content)
    sentence = structure_of(board)
    board._receive(board, {"type": "strike", "sentence": sentence, "reason": "", "instead": "", "reader": "AB"}, [])
    assert sent[-1]["type"] == "error"
    assert sent[-1]["of"] == "strike"
    board._receive(
        board, {"type": "strike", "sentence": sentence, "reason": "not on the film", "instead": "", "reader": "AB"}, []
    )
    assert [one.sentence for one in board.correlation.impression.struck] == [sentence]
    board._receive(board, {"type": "restore", "sentence": sentence}, [])
    assert board.correlation.impression.struck == ()
