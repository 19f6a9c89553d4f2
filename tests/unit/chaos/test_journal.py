"""The crash test's own memory: what a killed client wrote is read back as it was meant."""

from tests.chaos.journal import Journal, Story, notes, read


def test_a_request_without_an_answer_is_asked_again_and_an_ended_story_is_not(tmp_path):
    journal = Journal(tmp_path / "journal")
    open_story, done = Story(0), Story(7)
    for story in (open_story, done):
        journal.ask(story)
        journal.answer(story, "done")
    journal.end(done)
    journal.ask(open_story)
    journal.note("odd")
    stories = read(journal.path)
    assert (stories[0].answers, stories[0].asked, stories[0].ended) == (["done"], 1, False)
    assert stories[7].ended
    assert notes(journal.path) == ["odd"]


def test_a_line_torn_by_a_kill_does_not_count_and_spoils_no_other(tmp_path):
    path = tmp_path / "journal"
    journal = Journal(path)
    journal.ask(Story(0))
    with path.open("ab") as file:
        file.write(b'{"story": 0, "step": 0, "ans')
    again = Journal(path)
    assert again.stories[0].asked == 1
    again.answer(again.stories[0], "done")
    assert read(path)[0].answers == ["done"]
