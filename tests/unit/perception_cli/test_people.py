"""`./perception people list`, `forget`, `rename`, `merge`, `export` and `import`, on real files."""

import json
import os
import pty
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing, suppress
from datetime import datetime, timezone

import numpy as np
import pytest

from face_perception.gallery import FaceView, Gallery
from face_perception.gallery_store import GalleryStore
from perception_cli.commands import main
from perception_cli.people_networks import opened_embedder
from perception_core.embedding_space import EmbeddingSpace

SPACE = EmbeddingSpace("face_identity", 512, "0123456789abcdef")
LONG = "x" * 10_000


def a_view(seed):
    numbers = np.random.default_rng(seed).normal(size=512).astype(np.float32)
    return FaceView(numbers / np.linalg.norm(numbers))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "gallery.sqlite"


@pytest.fixture
def ids(path):
    """Ids of three people by name; their gallery is closed."""
    gallery = Gallery(path, SPACE)
    names = {"Ada": [0, 1], "Zoë 🤖": [2], "Bob/Robert": [3]}
    people = [gallery.enrol(name, map(a_view, seeds), 1_700_000_000 * 10**9) for name, seeds in names.items()]
    gallery.close()
    return {person.name: person.id for person in people}


@pytest.fixture
def people(capsys, path):
    """Runs the command on the gallery; gives its exit code, its output and what it complained about."""

    def run(command, *words, gallery=path):
        code = main(["people", command, *map(str, words), "--gallery", str(gallery)])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def names_in(path, space=SPACE):
    store = GalleryStore(path, space.id)
    names = [person.name for person in store.people()]
    store.close()
    return names


def bytes_around(path):
    return b"".join(file.read_bytes() for file in path.parent.iterdir())


def at_terminal(path, typed, *words):
    """What a terminal shows of the command when this is typed, and its exit code."""
    user, terminal = pty.openpty()
    command = [sys.executable, "-m", "perception_cli", "people", *words, "--gallery", path]
    process = subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=terminal)
    os.close(terminal)
    os.write(user, typed)
    shown = b""
    with suppress(OSError):  # the terminal is gone with the command
        while more := os.read(user, 4096):
            shown += more
    os.close(user)
    return shown.decode(), process.wait()


def test_everybody_is_listed_by_name(people, ids):
    code, said, complaints = people("list")
    rows = [line.split("\t") for line in said.splitlines()]
    assert (code, complaints) == (0, "")
    assert [row[:3] for row in rows] == [
        ["Ada", ids["Ada"], "2"],
        ["Bob/Robert", ids["Bob/Robert"], "1"],
        ["Zoë 🤖", ids["Zoë 🤖"], "1"],
    ]
    assert {row[3] for row in rows} == {f"{datetime.fromtimestamp(1_700_000_000):%Y-%m-%d %H:%M}"}


def test_other_programs_get_json(people, ids):
    code, said, _ = people("list", "--json")
    listed = json.loads(said)
    assert code == 0
    assert {person["name"]: person["id"] for person in listed} == ids
    assert listed[0] == {"name": "Ada", "id": ids["Ada"], "views": 2, "enrolled": "2023-11-14T22:13:20+00:00"}
    assert datetime.fromisoformat(listed[0]["enrolled"]) == datetime.fromtimestamp(1_700_000_000, timezone.utc)


def test_a_name_is_shown_as_it_is_on_a_terminal(path):
    gallery = Gallery(path, SPACE)
    gallery.enrol("[bold]:smile: 👨‍👩‍👧", [a_view(0)], 0)
    gallery.close()
    shown, code = at_terminal(path, b"", "list")
    assert code == 0 and "[bold]:smile: 👨‍👩‍👧" in shown and "enrolled" in shown


def test_a_terminal_of_another_alphabet_gets_codes(ids, path):
    done = subprocess.run(
        [sys.executable, "-m", "perception_cli", "people", "list", "--gallery", path],
        env={**os.environ, "PYTHONIOENCODING": "ascii"}, capture_output=True, check=True,
    )  # fmt: skip
    assert rb"Zo\xeb \U0001f916" in done.stdout


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.touch()], ids=["no file", "empty file"])
def test_where_nobody_is_enrolled_nothing_is_made(people, path, make):
    path.parent.mkdir()
    make(path)
    before = list(path.parent.iterdir())
    code, said, complaints = people("list")
    assert (code, said) == (0, "") and "nobody is enrolled" in complaints
    assert people("list", "--json")[:2] == (0, "[]\n")
    for words in (["forget", "Ada"], ["rename", "Ada", "Eva"], ["merge", "Ada", "Eva"], ["export", "out.json"]):
        code, said, complaints = people(*words)
        assert (code, said) == (1, "") and "nobody is enrolled yet" in complaints and complaints.count("\n") == 1
    assert list(path.parent.iterdir()) == before


@pytest.mark.parametrize("words", [["list"], ["forget", "Ada"], ["export", "out.json"]], ids=lambda words: words[0])
def test_a_folder_or_a_dead_link_for_a_gallery_is_said_in_a_line(people, path, words):
    path.mkdir(parents=True)
    path.chmod(0o755)
    (link := path.with_name("link")).symlink_to("nowhere")
    for gallery, reason in ((path, "is a folder, not a gallery"), (link, "the link leads nowhere")):
        code, said, complaints = people(*words, gallery=gallery)
        assert (code, said) == (1, "") and reason in complaints and complaints.count("\n") == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o755


@pytest.mark.parametrize(
    ("words", "change"),
    [
        (["list"], "UPDATE person SET enrolled_ns = 'noon'"),
        (["export", "out.json"], "UPDATE view SET embedding = x'0102030405'"),
        (["forget", "Ada"], "DELETE FROM meta WHERE key = 'traces'"),
        (["list"], "UPDATE meta SET value = 'nocolon' WHERE key = 'space'"),
    ],
    ids=["list", "export", "forget", "list of no model"],
)
def test_a_gallery_with_rows_that_none_has_is_said_in_a_line(people, ids, path, words, change):
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(change)
    code, said, complaints = people(*words)
    assert (code, said) == (1, "") and "is damaged" in complaints and complaints.count("\n") == 1


def test_the_face_nodes_gallery_is_meant_unless_another_is_named(capsys, ids, path, monkeypatch):
    monkeypatch.setenv("PERCEPTION_DATA", str(path.parent))
    assert main(["people", "list"]) == 0
    assert capsys.readouterr().out.startswith("Ada\t")


def test_listing_and_forgetting_need_neither_networks_nor_ros(ids, path):
    program = (
        "import sys; from perception_cli.commands import main\n"
        "code = main(sys.argv[1:])\n"
        "heavy = {'numpy', 'cv2', 'onnxruntime', 'rclpy', 'rich'} & sys.modules.keys()\n"
        "sys.exit(f'imported: {heavy}' if heavy else code)"
    )
    for words in (["list"], ["forget", "Ada"]):
        command = [sys.executable, "-c", program, "people", *words, "--gallery", path]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("called", ["Ada", " aDA ", "id"])
def test_who_is_forgotten_leaves_no_byte(people, ids, path, called):
    traces = [ids["Ada"].encode(), *(a_view(seed).embedding.tobytes()[at : at + 16] for seed in (0, 1)
              for at in range(0, 2048, 16))]  # fmt: skip
    assert all(trace in bytes_around(path) for trace in traces)
    code, said, complaints = people("forget", ids["Ada"] if called == "id" else called)
    assert (code, complaints) == (0, "") and "Ada is forgotten" in said
    assert not [trace for trace in traces if trace in bytes_around(path)]
    assert names_in(path) == ["Bob/Robert", "Zoë 🤖"]


@pytest.mark.parametrize(
    ("called", "hint"),
    [
        pytest.param("Addah", "Did you mean Ada?", id="typing error"),
        pytest.param("bob", "Did you mean Bob/Robert?", id="part of a name"),
        pytest.param("Xanthippe", "people list` shows", id="nobody"),
        pytest.param("", "nobody", id="empty"),
        pytest.param(LONG, "xxx...", id="long"),
        pytest.param("\x1b[2J", r"'\x1b[2J'", id="control characters"),
    ],
)
def test_who_is_not_there_is_not_forgotten_and_similar_names_are_offered(people, ids, path, called, hint):
    code, said, complaints = people("forget", called)
    assert (code, said) == (1, "") and hint in complaints
    assert complaints.count("\n") == 1 and len(complaints) < 300 and complaints.rstrip("\n").isprintable()
    assert len(names_in(path)) == 3


def test_what_is_the_id_of_one_and_the_name_of_another_is_not_guessed(people, ids, path):
    people("rename", "Zoë 🤖", ids["Ada"])
    code, _, complaints = people("forget", ids["Ada"])
    assert code == 1 and "both a name and an id" in complaints
    assert len(names_in(path)) == 3


@pytest.mark.parametrize("typed", [b"y\n", b" YES \n"])
def test_who_sits_at_a_terminal_is_asked_before_somebody_is_forgotten(ids, path, typed):
    shown, code = at_terminal(path, typed, "forget", "Ada")
    assert code == 0 and "Forget Ada (2 views)? [y/N]" in shown and "Ada is forgotten" in shown
    assert names_in(path) == ["Bob/Robert", "Zoë 🤖"]


@pytest.mark.parametrize("typed", [b"n\n", b"\n", b"\x04"], ids=["no", "enter", "end of input"])
def test_nobody_is_forgotten_without_a_yes(ids, path, typed):
    shown, code = at_terminal(path, typed, "forget", "Ada")
    assert code == 1 and "Ada is not forgotten" in shown
    assert len(names_in(path)) == 3


def test_who_says_yes_beforehand_is_not_asked(ids, path):
    shown, code = at_terminal(path, b"", "forget", "Ada", "--yes")
    assert code == 0 and "?" not in shown
    assert len(names_in(path)) == 2


def test_a_person_gets_another_name_which_may_have_slashes_and_emoji(people, ids, path):
    code, said, _ = people("rename", "ada", " Ada/Lovelace 🎩 ")
    assert code == 0 and f"Ada is now Ada/Lovelace 🎩 ({ids['Ada']})" in said
    assert "Ada/Lovelace 🎩" in names_in(path)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "empty"),
        ("  ", "empty"),
        (LONG, "at most 64 characters"),
        ("a\nb", "printable"),
        ("zoë 🤖", "already in the"),
    ],
    ids=["empty", "blank", "long", "two lines", "taken"],
)
def test_what_cannot_be_a_name_is_refused_in_a_line(people, ids, path, name, reason):
    code, said, complaints = people("rename", "Ada", name)
    assert (code, said) == (1, "") and reason in complaints
    assert complaints.count("\n") == 1 and len(complaints) < 300
    assert "Ada" in names_in(path)


@pytest.fixture
def countess(path, ids):
    """An entry of somebody who looks like Ada."""
    gallery = Gallery(path, SPACE)
    mixed = a_view(1).embedding + 0.8 * a_view(9).embedding
    person = gallery.enrol("Countess 🤖", [FaceView(mixed / np.linalg.norm(mixed))], 0)
    gallery.close()
    return person.id


def test_two_entries_become_one_person(people, countess, path):
    code, said, _ = people("merge", "Ada", countess)
    assert code == 0 and "Ada has the views of Countess 🤖 now: 3" in said
    gallery = Gallery(path, SPACE)
    assert gallery.index.search(a_view(9).embedding[None])[0][0].person.name == "Ada"
    gallery.close()
    assert "Countess 🤖".encode() not in bytes_around(path)


def test_who_do_not_resemble_each_other_are_not_merged(people, ids, path):
    alike = abs(float(a_view(2).embedding @ a_view(3).embedding))
    code, said, complaints = people("merge", "Zoë 🤖", "Bob/Robert")
    assert (code, said) == (1, "") and complaints.count("\n") == 1
    assert "Bob/Robert does not resemble Zoë 🤖" in complaints and f"{alike:.2f})" in complaints
    assert len(names_in(path)) == 3


def test_who_look_different_and_are_one_person_all_the_same_are_merged_when_forced(people, ids, path):
    assert people("merge", "Zoë 🤖", "Bob/Robert", "--force")[0] == 0
    assert names_in(path) == ["Ada", "Zoë 🤖"]


def test_two_of_a_model_without_an_entry_are_compared_as_strictly_as_of_one_that_nobody_measured(people, tmp_path):
    path = tmp_path / "own.sqlite"
    gallery = Gallery(path, EmbeddingSpace("my_own", 512, "ff"))
    apart = a_view(0).embedding + 2.2 * a_view(1).embedding  # a cosine of 0.4
    gallery.enrol("Ada", [a_view(0)], 0)
    gallery.enrol("Eva", [FaceView(apart / np.linalg.norm(apart))], 0)
    gallery.close()
    code, _, complaints = people("merge", "Ada", "Eva", gallery=path)
    assert code == 1 and "Eva does not resemble Ada" in complaints


def test_a_person_is_not_merged_with_themselves(people, ids, path):
    code, _, complaints = people("merge", "Ada", ids["Ada"])
    assert code == 1 and "merged with itself" in complaints
    assert len(names_in(path)) == 3


def test_an_exported_gallery_is_private_and_never_written_over_what_it_is_from(people, ids, path, tmp_path):
    file = tmp_path / "people.json"
    code, said, _ = people("export", file)
    assert code == 0 and "3 people in" in said
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert {person["id"] for person in json.loads(file.read_text())["people"]} == set(ids.values())
    before = path.read_bytes()
    (tmp_path / "link").symlink_to(path)
    for place, reason in (
        (path, "the gallery itself"),
        (path.with_name("gallery.sqlite-wal"), "the gallery itself"),
        (tmp_path / "link", "the gallery itself"),
        (tmp_path, "is no file"),
        ("/dev/null", "is no file"),
        (tmp_path / "none" / "people.json", "No such file or directory"),
    ):
        code, said, complaints = people("export", place)
        assert (code, said) == (1, "") and reason in complaints and complaints.count("\n") == 1
    assert path.read_bytes() == before


def test_a_gallery_of_another_model_can_be_listed_and_forgotten_but_not_by_the_wrong_name(people, ids):
    code, said, complaints = people("list", "--model", "mobilefacenet")
    assert (code, said) == (1, "") and "face_identity, not with mobilefacenet" in complaints
    assert people("forget", "Ada", "--model", "face_identity")[0] == 0


@pytest.mark.parametrize("harm", [lambda whole: b"no database" * 1000, lambda whole: whole[: len(whole) // 2]])
def test_a_damaged_gallery_is_kept_aside_and_never_written(people, ids, path, harm):
    content = harm(path.read_bytes())
    path.write_bytes(content)
    for words in (["list"], ["forget", "Ada"], ["rename", "Ada", "Eva"], ["export", path.with_name("out.json")]):
        code, said, complaints = people(*words)
        assert (code, said) == (1, "") and complaints.count("\n") == 1
        assert "is damaged" in complaints and "not overwritten" in complaints
    assert path.read_bytes() == content
    (kept,) = path.parent.glob("*.damaged-*")
    assert kept.read_bytes() == content


def test_the_database_of_another_program_is_left_alone(people, path):
    path.parent.mkdir()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE bookmarks (address TEXT)")
    before = path.read_bytes()
    code, _, complaints = people("list")
    assert code == 1 and "another program" in complaints
    assert path.read_bytes() == before


def test_a_folder_in_the_place_of_the_gallery_is_said(people, tmp_path):
    code, _, complaints = people("list", gallery=tmp_path)
    assert code == 1 and str(tmp_path) in complaints and complaints.count("\n") == 1


def test_a_gallery_that_another_program_keeps_locked_is_said(people, ids, path):
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    assert people("list")[0] == 0
    code, _, complaints = people("forget", "Ada")
    assert code == 1 and "being written by another program" in complaints and complaints.count("\n") == 1
    writer.execute("ROLLBACK")
    assert people("forget", "Ada")[0] == 0


def test_who_is_forgotten_while_another_program_reads_is_gone_and_the_rest_is_said(people, ids, path):
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM view").fetchone()
    code, _, complaints = people("forget", "Ada")
    assert code == 1 and "bytes of it are still in the file" in complaints
    reader.execute("ROLLBACK")
    assert "Ada" not in people("list")[1]
    assert a_view(0).embedding.tobytes()[:32] not in bytes_around(path)


def test_a_gallery_that_cannot_be_written_is_listed_and_forgetting_is_refused(people, ids, path, unprivileged):
    for folder in path.parents:
        if "pytest" in str(folder) and folder.stat().st_uid == os.geteuid():
            folder.chmod(folder.stat().st_mode | 0o111)
    path.chmod(0o444)
    if os.geteuid() == 0:
        os.chown(path, 65534, 65534)
    path.parent.chmod(0o555)
    with unprivileged():
        assert people("list")[0] == 0
        code, _, complaints = people("forget", "Ada")
    assert code == 1 and "cannot be written" in complaints and complaints.count("\n") == 1
    path.parent.chmod(0o755)


@pytest.fixture
def exported(people, weights, path, tmp_path):
    """A file of two people of the real model's space."""
    weights("face_identity")
    with opened_embedder(None) as embed:
        gallery = Gallery(tmp_path / "other.sqlite", embed.space)
    for seed, name in enumerate(("Ada", "Bob")):
        gallery.enrol(name, [a_view(seed)], 0)
    gallery.close()
    file = tmp_path / "people.json"
    assert people("export", file, gallery=tmp_path / "other.sqlite")[0] == 0
    return file


def test_people_are_carried_into_a_new_gallery_and_known_the_second_time(people, exported, path):
    assert people("import", exported)[:2] == (0, "Ada\tadded\nBob\tadded\n")
    assert people("import", exported)[:2] == (0, "Ada\tknown already\nBob\tknown already\n")
    assert [line.split("\t")[0] for line in people("list")[1].splitlines()] == ["Ada", "Bob"]


def test_a_dry_run_changes_nothing(people, exported, path):
    assert people("import", exported, "--dry-run")[:2] == (0, "Ada\twould be added\nBob\twould be added\n")
    assert not path.exists()
    people("import", exported)
    people("forget", "Bob")
    assert people("import", exported, "--dry-run")[:2] == (0, "Bob\twould be added\nAda\tknown already\n")
    assert len(people("list")[1].splitlines()) == 1


def test_who_has_the_name_of_somebody_else_is_left_out_and_said(people, exported, path):
    people("import", exported)
    people("forget", "Ada")
    people("rename", "Bob", "ADA")
    code, said, _ = people("import", exported)
    assert code == 1 and "Ada\tleft out: somebody else has this name" in said


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "not an exported gallery"), (b"\xff\xfe", "not an exported gallery"), (b"{}", "not an exported gallery"),
     (None, "No such file")],
    ids=["empty", "binary", "another", "none"],
)  # fmt: skip
def test_what_was_not_exported_is_refused_and_makes_no_gallery(people, weights, path, content, reason):
    weights("face_identity")
    path.parent.mkdir()
    file = path.parent / "people.json"
    if content is not None:
        file.write_bytes(content)
    code, said, complaints = people("import", file)
    assert (code, said) == (1, "") and reason in complaints and complaints.count("\n") == 1
    assert not path.exists()
    assert people("import", "/dev/zero")[0] == 1


def test_what_another_model_made_is_refused(people, exported, ids):
    code, _, complaints = people("import", exported)
    assert code == 1 and "was made with the model face_identity" in complaints and complaints.count("\n") == 1


def test_a_model_that_there_is_not_is_said(people, exported):
    code, _, complaints = people("import", exported, "--model", "face_identitty")
    assert code == 1 and "Did you mean face_identity?" in complaints
    code, _, complaints = people("import", exported, "--model", "yunet")
    assert code == 1 and "no face embedder" in complaints


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["Ada", "--live"], "leave --gallery and --model out"),
        (["pictures", "--track", "3"], "are for --live"),
        (["pictures", "--timeout", "3"], "are for --live"),
    ],
)
def test_options_that_do_not_go_together_are_said(people, words, reason):
    code, _, complaints = people("enroll", *words)
    assert code == 1 and reason in complaints


@pytest.mark.parametrize("words", [["--track", "0"], ["--track", "x"], ["--views", "51"], ["--timeout", "0"]])
def test_numbers_that_mean_nothing_are_refused(words):
    with pytest.raises(SystemExit) as ended:
        main(["people", "enroll", "Ada", "--live", *words])
    assert ended.value.code == 2


@pytest.mark.parametrize(("name", "reason"), [("", "empty"), (LONG, "at most 64"), ("a\x1bb", "printable")])
def test_what_cannot_be_a_name_is_refused_before_a_face_node_is_looked_for(capsys, name, reason):
    assert main(["people", "enroll", name, "--live"]) == 1
    complaints = capsys.readouterr().err
    assert reason in complaints and complaints.count("\n") == 1
