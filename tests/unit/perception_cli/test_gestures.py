"""`./perception gestures list`, `forget`, `rename`, `export` and `import`, on real files."""

import json
import stat
from contextlib import closing
from datetime import datetime, timezone

import numpy as np
import pytest

from gesture_perception.gesture_collection import GestureCollection
from gesture_perception.gesture_records import POSES
from gesture_perception.gesture_store import GestureStore
from gesture_perception.hand import Side
from perception_cli.commands import main
from perception_cli.gestures_networks import pose_space_of_default
from perception_core.embedding_space import EmbeddingSpace

OTHER = EmbeddingSpace("other", 128, "ff")
LONG = "x" * 10_000


def an_example(seed):
    rows = np.random.default_rng(seed).normal(size=(POSES, 128)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "gestures.sqlite"


@pytest.fixture
def filled(path):
    with closing(GestureCollection(path, pose_space_of_default())) as gestures:
        gestures.teach("Three", [an_example(0), an_example(1)], 1_700_000_000 * 10**9)
        gestures.teach("Dört 🤘", [an_example(2)], 1_700_000_000 * 10**9, Side.LEFT)
    return path


@pytest.fixture
def gestures(capsys, path):
    """Runs the command on the file; gives its exit code, its output and what it complained about."""

    def run(command, *words, file=path):
        code = main(["gestures", command, *map(str, words), "--gestures", str(file)])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def names_in(path):
    with closing(GestureStore(path, None)) as store:
        return [gesture.name for gesture in store.gestures()]


def test_all_are_listed_one_to_a_line(filled, gestures):
    code, out, err = gestures("list")
    assert (code, err) == (0, "")
    lines = [line.split("\t") for line in out.splitlines()]
    assert [line[:3] for line in lines] == [["Dört 🤘", "1", "left"], ["Three", "2", "both"]]


def test_other_programs_get_json(filled, gestures):
    code, out, _ = gestures("list", "--json")
    taught = datetime.fromtimestamp(1_700_000_000, timezone.utc).isoformat()
    assert code == 0
    assert json.loads(out) == [
        {"name": "Dört 🤘", "examples": 1, "hands": "left", "taught": taught},
        {"name": "Three", "examples": 2, "hands": "both", "taught": taught},
    ]


def test_where_nothing_was_taught_it_says_so_and_makes_no_file(path, gestures):
    code, out, err = gestures("list")
    assert (code, out) == (0, "") and "nothing was taught" in err
    assert gestures("list", "--json") == (0, "[]\n", "")
    for words in (("forget", "Three"), ("rename", "Three", "Four"), ("export", path.with_name("x"))):
        code, out, err = gestures(*words)
        assert (code, out) == (1, "") and "nothing was taught yet" in err
    assert not path.exists()


def test_a_forgotten_gesture_is_gone_with_every_byte(filled, gestures):
    code, out, _ = gestures("forget", "three", "--yes")
    assert (code, out) == (0, "Three is forgotten (2 examples)\n")
    assert names_in(filled) == ["Dört 🤘"]
    assert an_example(0).astype("<f4").tobytes()[:64] not in b"".join(
        file.read_bytes() for file in filled.parent.iterdir()
    )


def test_a_renamed_gesture_has_the_new_name(filled, gestures):
    assert gestures("rename", "three", " Drei ")[:2] == (0, "Three is now Drei\n")
    assert names_in(filled) == ["Drei", "Dört 🤘"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("forget", "Thre"), "Did you mean Three?"),
        (("forget", LONG), "was taught"),
        (("rename", "Three", "DÖRT 🤘"), "there is a gesture Dört 🤘 already"),
        (("rename", "Three", "thumb up"), "built-in gesture Thumb_Up"),
        (("rename", "Three", ""), "empty"),
        (("rename", "Three", LONG), "at most 64 characters"),
        (("forget", "\x1b[2J"), "was taught"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(filled, gestures, words, said):
    code, out, err = gestures(*words)
    assert (code, out) == (1, "") and said in err
    assert err.count("\n") == 1 and len(err) < 400 and "\x1b" not in err
    assert names_in(filled) == ["Dört 🤘", "Three"]


def test_what_is_exported_can_be_imported_elsewhere(filled, gestures, tmp_path):
    file, elsewhere = tmp_path / "carried.json", tmp_path / "elsewhere.sqlite"
    assert gestures("export", file)[:2] == (0, f"2 gestures in {file}\n")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    code, out, _ = gestures("import", file, "--dry-run", file=elsewhere)
    assert (code, out) == (0, "Dört 🤘\twould be added\nThree\twould be added\n")
    assert not elsewhere.exists()
    assert gestures("import", file, file=elsewhere)[:2] == (0, "Dört 🤘\tadded\nThree\tadded\n")
    assert names_in(elsewhere) == ["Dört 🤘", "Three"]
    assert gestures("import", file, file=elsewhere)[1] == "Dört 🤘\tknown already\nThree\tknown already\n"


def test_gestures_are_never_exported_over_themselves(filled, gestures):
    code, _, err = gestures("export", filled)
    assert code == 1 and "is the gesture file itself" in err
    assert names_in(filled) == ["Dört 🤘", "Three"]


@pytest.mark.parametrize("content", ["", "[]", '{"format": "perception-gallery"}', None])
def test_what_was_never_exported_is_not_imported(path, gestures, tmp_path, content):
    file = tmp_path / "carried.json"
    if content is not None:
        file.write_text(content)
    code, out, err = gestures("import", file)
    assert (code, out) == (1, "") and err.count("\n") == 1
    assert not path.exists()


def test_gestures_of_another_model_are_listed_forgotten_and_not_mixed(path, gestures, tmp_path):
    with closing(GestureCollection(path, OTHER)) as others:
        others.teach("Three", [an_example(0)], 0)
    file = tmp_path / "carried.json"
    assert gestures("export", file)[0] == 0
    code, _, err = gestures("import", file, file=tmp_path / "elsewhere.sqlite")
    assert code == 1 and "another model" in err and "teach the gestures anew" in err
    code, _, err = gestures("import", file)
    assert code == 1 and "was made with the model other" in err
    assert gestures("forget", "Three")[0] == 0


def test_a_damaged_file_is_kept_aside_and_never_written(path, gestures):
    path.parent.mkdir()
    path.write_bytes(b"garbage" * 100)
    code, _, err = gestures("list")
    assert code == 1 and "is damaged" in err and err.count("\n") == 1
    assert path.read_bytes() == b"garbage" * 100
    assert len(list(path.parent.glob("*.damaged-*"))) == 1


def test_a_folder_for_a_file_is_said_in_a_line(tmp_path, gestures):
    code, _, err = gestures("list", file=tmp_path)
    assert code == 1 and "is a folder, not a gesture file" in err


def test_a_camera_is_asked_as_its_node_has_it(gestures, capsys):
    code, _, err = gestures("teach", "Three")
    assert code == 1 and "leave --gestures and --side out" in err
    assert main(["gestures", "teach", "Three", "--side", "left"]) == 1
    assert main(["gestures", "teach", "thumb up"]) == 1
    assert "built-in gesture Thumb_Up" in capsys.readouterr().err


def test_a_gesture_that_cannot_be_told_from_another_is_not_imported(filled, gestures, tmp_path):
    file = tmp_path / "carried.json"
    assert gestures("export", file)[0] == 0
    assert gestures("rename", "Three", "Trois")[0] == 0
    code, out, _ = gestures("import", file)
    assert code == 1
    assert out == "Dört 🤘\tknown already\nThree\tleft out: it cannot be told from Trois; forget one of them\n"
    assert names_in(filled) == ["Dört 🤘", "Trois"]
