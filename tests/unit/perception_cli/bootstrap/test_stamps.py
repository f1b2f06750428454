import pytest

from perception_cli.bootstrap.stamps import Stamps, fingerprint


@pytest.fixture
def stamps(tmp_path):
    return Stamps(tmp_path)


def test_a_step_is_current_only_with_the_inputs_it_was_finished_with(stamps):
    assert not stamps.current("messages", "one")
    stamps.finish("messages", "one")
    assert stamps.current("messages", "one")
    assert not stamps.current("messages", "two")


def test_a_step_is_not_current_once_what_it_rests_on_is_gone(stamps, tmp_path):
    module = tmp_path / "module.py"
    module.touch()
    stamps.finish("messages", "one", [module])
    assert stamps.current("messages", "one")
    module.unlink()
    assert not stamps.current("messages", "one")


def test_a_stamp_that_was_being_written_does_not_count(stamps, tmp_path):
    (tmp_path / "messages.part").write_text('{"inputs": "one", "rests_on": []}')
    assert not stamps.current("messages", "one")


@pytest.mark.parametrize("content", [b"", b"\xff\x00", b"[]", b"{}", b'{"inputs": 1}', b'{"inputs": "one"}'])
def test_a_damaged_stamp_is_as_good_as_none(stamps, tmp_path, content):
    stamps.finish("messages", "one")
    (tmp_path / "messages").write_bytes(content)
    assert not stamps.current("messages", "one")


def test_a_change_that_breaks_off_leaves_the_environment_in_doubt(stamps):
    assert not stamps.in_doubt
    with pytest.raises(KeyboardInterrupt), stamps.changing():
        raise KeyboardInterrupt
    assert stamps.in_doubt


def test_a_change_that_ends_leaves_no_doubt(stamps):
    with stamps.changing():
        assert stamps.in_doubt
    assert not stamps.in_doubt


def test_forgetting_takes_every_stamp_and_the_doubt(stamps, tmp_path):
    stamps.finish("libraries", "one")
    (tmp_path / "in-doubt").touch()
    (tmp_path / "lock").touch()
    (tmp_path / "archives").mkdir()
    stamps.forget_all()
    assert not stamps.current("libraries", "one")
    assert not stamps.in_doubt
    assert (tmp_path / "lock").exists()


def test_a_fingerprint_sees_names_contents_and_order(tmp_path):
    folder = tmp_path / "msg"
    folder.mkdir()
    (folder / "Face.msg").write_text("float32 score\n")
    seen = [fingerprint(files=[folder])]
    (folder / "Face.msg").write_text("float64 score\n")
    seen.append(fingerprint(files=[folder]))
    (folder / "Face.msg").rename(folder / "Hand.msg")
    seen.append(fingerprint(files=[folder]))
    seen += [fingerprint(["a", "b"]), fingerprint(["b", "a"]), fingerprint(["ab"]), fingerprint()]
    assert len(set(seen)) == len(seen)


def test_a_fingerprint_does_not_depend_on_where_the_folder_is_nor_on_compiled_files(tmp_path):
    for clone in ("one", "two"):
        (tmp_path / clone / "msg").mkdir(parents=True)
        (tmp_path / clone / "msg" / "Face.msg").write_text("float32 score\n")
    (tmp_path / "two" / "msg" / "__pycache__").mkdir()
    (tmp_path / "two" / "msg" / "__pycache__" / "face.pyc").touch()
    assert fingerprint(files=[tmp_path / "one" / "msg"]) == fingerprint(files=[tmp_path / "two" / "msg"])
