"""`./perception people enroll FOLDER` on real pictures, and on what is none."""

import os
import re
import resource
import shutil
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from face_perception.gallery import Gallery
from face_perception.gallery_errors import GalleryError
from face_perception.gallery_store import GalleryStore
from face_perception.identity_crop import IdentityCrop
from perception_cli.commands import main
from perception_cli.people_networks import opened_detector, opened_embedder
from perception_cli.people_portraits import Portraits, main_face
from perception_core.zoo.spec import FaceCrop

PATIENCE_S = 60


@pytest.fixture(autouse=True)
def ready(weights, signals_kept):
    """The networks are there."""
    for name in ("yunet", "face_identity"):
        weights(name)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "gallery.sqlite"


@pytest.fixture
def album(tmp_path, picture):
    """An empty folder, and what puts pictures of the tests into it."""
    folder = tmp_path / "album"
    folder.mkdir()

    def put(**files):
        for name, source in files.items():
            place = folder / name.replace("__", "/")
            place.parent.mkdir(exist_ok=True)
            shutil.copy(picture(source), place.with_suffix(picture(source).suffix))
        return folder

    return put


@pytest.fixture
def portrait(picture):
    """The astronaut."""
    return cv2.imread(str(picture("astronaut")))


@pytest.fixture
def enroll(capsys, path):
    """Runs the command; gives its exit code, its rows by person, all output and what it complained about."""

    def run(folder, *words):
        code = main(["people", "enroll", str(folder), "--gallery", str(path), *words])
        printed = capsys.readouterr()
        rows: dict[str, list[str]] = {}
        for line in printed.out.splitlines()[:-1]:
            name, views, result = line.split("\t")
            rows.setdefault(name, []).append(f"{views}:{result}")
        return code, rows, printed.out, printed.err

    return run


def views_in(path):
    if not path.exists():
        return {}
    store = GalleryStore(path, None)
    views = {person.name: person.views for person in store.people()}
    store.close()
    return views


def written(folder, name, colour):
    (folder / name).write_bytes(cv2.imencode(Path(name).suffix, colour)[1].tobytes())
    return folder / name


def test_files_and_folders_are_people(enroll, album, path):
    code, rows, said, complaints = enroll(album(Barack__1="obama", Barack__2="obama_other", Joe="biden"))
    assert (code, complaints) == (0, "")
    assert rows == {"Barack": ["2:enrolled"], "Joe": ["1:enrolled"]}
    assert said.endswith(f"2 people with 3 new views in {path}\n")
    assert views_in(path) == {"Barack": 2, "Joe": 1}


def test_another_picture_of_who_was_enrolled_is_recognised(enroll, album, path, picture):
    enroll(album(Barack="obama", Joe="biden", Eileen="astronaut"))
    with opened_detector() as detector, opened_embedder(None) as embed:
        view = Portraits(detector, embed.crop)(picture("obama_third"))
        gallery = Gallery(path, embed.space)
        best, second = gallery.index.search(embed([view.crop]))[0]
        gallery.close()
    assert best.person.name == "Barack" and best.similarity > 0.5 > second.similarity + 0.2


def test_the_crop_is_the_one_that_the_embedder_wants(picture, portrait):
    wanted = IdentityCrop(160, FaceCrop("square", 1.0, grey=False))
    with opened_detector() as detector:
        portraits = Portraits(detector, wanted)
        view = portraits(picture("astronaut"))
        expected = wanted(portrait, main_face(portraits._faces(portrait)))
    assert np.array_equal(view.crop, expected)


def test_a_second_time_nothing_is_new_and_a_new_picture_is_added(enroll, album, path):
    folder = album(Barack="obama")
    enroll(folder)
    assert enroll(folder)[:2] == (0, {"Barack": ["0:was enrolled already, nothing new"]})
    album(barack__new="obama_other")
    assert enroll(folder)[:2] == (0, {"Barack": ["1:was enrolled already, views added"]})
    assert views_in(path) == {"Barack": 2}


def test_pictures_of_one_person_under_two_names_are_caught(enroll, album, path):
    code, rows, said, _ = enroll(album(Barack="obama", President="obama", Senator="obama_other", Joe="biden"))
    assert code == 1 and "2 could not be enrolled" in said
    assert all("0:looks like Barack, who is enrolled" in rows[name][0] for name in ("President", "Senator"))
    assert views_in(path) == {"Barack": 1, "Joe": 1}


def test_the_wrong_face_under_a_known_name_is_refused(enroll, album, path):
    folder = album(Barack="obama")
    enroll(folder)
    shutil.copy(album(Joe="biden") / "Joe.jpg", folder / "Barack.jpg")
    code, rows, _, _ = enroll(folder)
    assert code == 1 and "does not resemble the Barack who is enrolled" in rows["Barack"][0]
    assert views_in(path) == {"Barack": 1, "Joe": 1}


def test_what_is_wrong_with_a_picture_is_said_and_the_others_are_taken(enroll, album, portrait, path):
    folder = album(Eileen__good="astronaut", Eileen__group="six_faces", Eileen__half="obama_half_face")
    written(folder / "Eileen", "dark.png", (portrait * 0.1).astype(np.uint8))
    written(folder / "Eileen", "far.png", cv2.resize(portrait, None, fx=0.2, fy=0.2, interpolation=cv2.INTER_AREA))
    written(folder / "Eileen", "over.png", np.ascontiguousarray(portrait[::-1, ::-1]))
    written(folder / "Eileen", "side.png", np.ascontiguousarray(np.rot90(portrait)))
    written(folder / "Eileen", "wall.png", np.full((200, 200, 3), 128, np.uint8))
    (folder / "Eileen" / "text.jpg").write_text("this is no picture")
    (folder / "Eileen" / "zero.jpg").touch()
    code, rows, _, complaints = enroll(folder)
    assert (code, complaints) == (0, "")
    first, *others = rows["Eileen"]
    assert first == "1:enrolled"
    reasons = dict(re.fullmatch(r":left out (\S+): (.*)", row).groups() for row in others)
    expected = {
        "dark.png": "too dark", "far.png": "too small", "group.jpg": "there are 6 faces in it: crop it to one",
        "half.jpg": "cut off", "over.png": "upside down|none upright", "side.png": "its side|turned away",
        "text.jpg": "it is none of", "wall.png": "no face", "zero.jpg": "cannot be shown",
    }  # fmt: skip
    assert reasons.keys() == expected.keys()
    assert not [name for name, reason in expected.items() if not re.search(reason, reasons[name])], reasons


def test_who_has_no_usable_picture_is_not_enrolled_and_the_exit_code_says_so(enroll, album, path):
    code, rows, said, _ = enroll(album(Group="six_faces", Joe="biden"))
    assert code == 1 and "1 could not be enrolled" in said
    assert rows["Group"][0] == "0:no picture can be used" and "6 faces" in rows["Group"][1]
    assert views_in(path) == {"Joe": 1}


@pytest.mark.parametrize(("shrunk", "taken"), [(4, True), (2, False)])
def test_a_face_in_the_background_is_passed_over_if_it_is_clearly_smaller(enroll, album, picture, shrunk, taken):
    front, back = (cv2.resize(cv2.imread(str(picture(name)))[:900, :900], (600, 600)) for name in ("obama", "biden"))
    back = cv2.resize(back, None, fx=1 / shrunk, fy=1 / shrunk, interpolation=cv2.INTER_AREA)
    both = np.full((600, 1200, 3), 90, np.uint8)
    both[:, :600] = front
    both[: back.shape[0], 700 : 700 + back.shape[1]] = back
    folder = album()
    written(folder, "Barack.png", both)
    code, rows, _, _ = enroll(folder)
    assert (code == 0) == taken
    assert taken or "2 faces" in rows["Barack"][1]


def as_sixteen_bits(portrait):
    return cv2.imencode(".png", portrait.astype(np.uint16) * 257)[1].tobytes()


def as_exif_rotated(portrait):
    jpeg = cv2.imencode(".jpg", np.ascontiguousarray(np.rot90(portrait)))[1].tobytes()
    tiff = b"II*\0\x08\0\0\0" + struct.pack("<HHHIHHI", 1, 0x0112, 3, 1, 6, 0, 0)
    block = b"Exif\0\0" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block + jpeg[2:]


def as_hundred_megapixels(portrait):
    return cv2.imencode(".jpg", cv2.resize(portrait, (10_000, 10_000), interpolation=cv2.INTER_LINEAR))[1].tobytes()


def as_transparent(portrait):
    return cv2.imencode(".png", cv2.cvtColor(portrait, cv2.COLOR_BGR2BGRA))[1].tobytes()


def as_grey(portrait):
    return cv2.imencode(".webp", cv2.cvtColor(portrait, cv2.COLOR_BGR2GRAY))[1].tobytes()


def as_cmyk(portrait):
    """A JPEG of four inks, as Adobe's programs store them: inverted, here a scan for each, without black."""
    red, green, blue = (np.ascontiguousarray(portrait[:, :, channel]) for channel in (2, 1, 0))
    planes = [cv2.imencode(".jpg", plane)[1].tobytes() for plane in (red, green, blue, np.full_like(red, 255))]
    segments = [dict(segments_of(plane)) for plane in planes]
    frame = bytearray(segments[0][0xC0])
    head = frame[:5] + b"\x04" + b"".join(bytes([number, 0x11, 0]) for number in range(1, 5))
    parts = [segment(0xEE, b"Adobe\0\x64\0\0\0\0\0"), segment(0xDB, segments[0][0xDB]), segment(0xC0, bytes(head))]
    for number, of_plane in enumerate(segments, start=1):
        parts += [segment(0xC4, tables) for tables in of_plane[0xC4]]
        parts += [segment(0xDA, bytes([1, number, 0, 0, 63, 0])), of_plane[0xDA]]
    return b"\xff\xd8" + b"".join(parts) + b"\xff\xd9"


def segment(marker, content):
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(content) + 2) + content


def segments_of(jpeg):
    """Marker and content of a JPEG's segments; all Huffman tables together, and of the scan its coded data."""
    at, tables = 2, []
    while jpeg[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if jpeg[at + 1] == 0xC4:
            tables.append(jpeg[at + 4 : end])
        else:
            yield jpeg[at + 1], jpeg[at + 4 : end]
        at = end
    yield 0xC4, tables
    yield 0xDA, jpeg[at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big") : -2]


@pytest.mark.parametrize(
    ("name", "encode"),
    [
        pytest.param("a.png", as_sixteen_bits, id="16 bits"),
        pytest.param("a.jpg", as_exif_rotated, id="turned by EXIF"),
        pytest.param("a.jpeg", as_hundred_megapixels, id="100 megapixels"),
        pytest.param("a.PNG", as_transparent, id="transparent"),
        pytest.param("a.webp", as_grey, id="grey"),
        pytest.param("a.jpg", as_cmyk, id="CMYK"),
    ],
)
def test_whatever_form_a_picture_has_it_shows_the_same_person(enroll, album, portrait, name, encode):
    folder = album(Eileen="astronaut")
    enroll(folder)
    (folder / "Eileen.png").unlink()
    (folder / "Eileen").mkdir()
    (folder / "Eileen" / name).write_bytes(encode(portrait))
    code, rows, _, _ = enroll(folder)
    assert code == 0 and "was enrolled already" in rows["Eileen"][0]
    assert len(rows["Eileen"]) == 1


def test_a_face_that_fills_the_picture_is_one_face(enroll, album, picture):
    face = cv2.imread(str(picture("happy_face")))[40:480, 60:460]
    folder = album()
    for side in (200, 1600, 4000):
        written(folder, f"{side}.jpg", cv2.resize(face, (side, side * 440 // 400), interpolation=cv2.INTER_CUBIC))
    _, rows, _, _ = enroll(folder, "--force")
    assert {name: row[0] for name, row in rows.items()} == dict.fromkeys(("1600", "200", "4000"), "1:enrolled")


def test_what_is_no_picture_is_passed_over_and_said_once(enroll, album, path):
    folder = album(Joe="biden")
    for name in ("notes.txt", "clip.mp4", "list.csv", "a.doc", "b.doc", "c.doc", "bad\x1b[2Jname"):
        (folder / name).write_text("x")
    for name in (".DS_Store", ".hidden.jpg"):
        (folder / name).write_text("x")
    os.mkfifo(folder / "pipe.jpg")
    (folder / "nowhere.jpg").symlink_to("nothing")
    code, rows, _, complaints = enroll(folder)
    assert code == 0 and list(rows) == ["Joe"]
    assert complaints.count("\n") == 1 and r"bad\x1b[2Jname" in complaints and "and 4 more" in complaints
    assert "DS_Store" not in complaints


def test_one_picture_is_a_person_by_its_name(enroll, album, path):
    folder = album(Ada="astronaut", Barack="obama")
    code, rows, _, complaints = enroll(next(folder.glob("Ada.*")))
    assert (code, list(rows), complaints) == (0, ["Ada"], "")


def make_nothing(folder):
    return folder / "nothing"


def make_empty(folder):
    (folder / "empty").mkdir()
    return folder / "empty"


def make_file(folder):
    (folder / "notes.txt").touch()
    return folder / "notes.txt"


def make_texts(folder):
    make_empty(folder).joinpath("notes.txt").touch()
    return folder / "empty"


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (make_nothing, "there is no picture and no folder"),
        (make_empty, "holds no pictures"),
        (make_file, "is neither a picture nor a folder"),
        (make_texts, "holds no pictures"),
        (lambda _: "x" * 10_000, "File name too long"),
        (lambda _: "", "a name is missing"),
    ],
)
def test_what_is_no_folder_of_pictures_is_said_and_makes_no_gallery(enroll, tmp_path, path, make, reason):
    code, _, said, complaints = enroll(make(tmp_path))
    assert (code, said) == (1, "") and reason in complaints and complaints.count("\n") == 1
    assert not path.exists()


def test_names_are_checked_like_all_names(enroll, album, picture, path):
    folder = album()
    names = {
        " ": "empty",
        "x" * 80: "at most 64",
        "two\nlines": "printable",
        "🎩 Ada": "enrolled",
        os.fsdecode(b"\xff"): "printable",
    }
    for name in names:
        shutil.copy(picture("astronaut"), folder / f"{name}.png")
    (folder / "nobody").mkdir()
    code, rows, said, _ = enroll(folder)
    assert code == 1 and "5 could not be enrolled" in said
    results = [row[0] for row in rows.values()]
    assert len(results) == 6
    assert "there is no picture of them" in rows["nobody"][0]
    assert [sum(reason in result for result in results) for reason in ("empty", "at most 64", "printable")] == [1, 1, 2]
    assert views_in(path) == {"🎩 Ada": 1}


def test_a_gallery_of_another_model_is_refused_and_stays_as_it_is(enroll, album, weights, path):
    weights("mobilefacenet")
    folder = album(Joe="biden")
    assert enroll(folder, "--model", "mobilefacenet")[0] == 0
    before = path.read_bytes()
    code, _, said, complaints = enroll(folder)
    assert (code, said) == (1, "") and complaints.count("\n") == 1
    assert "mobilefacenet (192 numbers" in complaints and "face_identity (512 numbers" in complaints
    assert path.read_bytes() == before


def test_a_damaged_gallery_is_refused_and_never_overwritten(enroll, album, path):
    path.parent.mkdir()
    path.write_bytes(b"no database" * 1000)
    code, _, said, complaints = enroll(album(Joe="biden"))
    assert (code, said) == (1, "") and "is damaged" in complaints and complaints.count("\n") == 1
    assert path.read_bytes() == b"no database" * 1000


def test_a_network_that_is_not_there_is_said(enroll, album, path, tmp_path, monkeypatch):
    folder = album(Joe="biden")
    monkeypatch.setenv("PERCEPTION_CACHE", str(tmp_path / "cache"))
    code, _, said, complaints = enroll(folder)
    assert (code, said) == (1, "") and "./perception models fetch" in complaints and complaints.count("\n") == 1
    assert not path.exists()


def started(folder, path, **options):
    command = [sys.executable, "-m", "perception_cli", "people", "enroll", str(folder), "--gallery", str(path)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def test_a_full_disk_is_said_and_nobody_is_half_enrolled(enroll, album, path):
    folder = album(Joe="biden")
    enroll(folder)
    album(Barack="obama")

    def allow_little():
        resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))  # the log of an enrolment is larger

    process = started(folder, path, preexec_fn=allow_little)
    said, complaints = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, said) == (1, "") and "the disk is full" in complaints and complaints.count("\n") == 1
    assert views_in(path) == {"Joe": 1}


def two_are_enrolled(path):
    try:
        return len(views_in(path)) == 2
    except GalleryError:
        return False  # it is just being made


def test_ctrl_c_ends_it_soon_and_keeps_who_is_enrolled(album, path, picture, tmp_path):
    folder = album(a="biden", b="astronaut")
    for number in range(400):
        os.link(folder / "a.jpg", folder / f"c{number}.jpg")
    process = started(folder, path)
    deadline = time.monotonic() + PATIENCE_S
    while not two_are_enrolled(path):
        assert time.monotonic() < deadline and process.poll() is None
    process.send_signal(signal.SIGINT)
    said, complaints = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130 and "interrupted" in complaints and "Traceback" not in complaints
    assert said.startswith("a\t1\tenrolled\nb\t1\tenrolled\n") and len(said.splitlines()) < 400
    assert views_in(path) == {"a": 1, "b": 1}


def test_who_was_enrolled_from_a_folder_and_is_forgotten_leaves_no_byte(enroll, album, path, capsys):
    enroll(album(Eileen="astronaut", Joe="biden"))
    with opened_embedder(None) as embed:
        gallery = Gallery(path, embed.space)
    embedding = {
        name: gallery.index._rows[k].tobytes() for k, name in enumerate(p.name for p in gallery.index._of_group)
    }
    gallery.close()

    def left(name):
        on_disk = b"".join(file.read_bytes() for file in path.parent.iterdir())
        return [at for at in range(0, 2048, 16) if embedding[name][at : at + 16] in on_disk]

    assert left("Eileen") and left("Joe")
    assert main(["people", "forget", "Eileen", "--gallery", str(path)]) == 0
    assert not left("Eileen") and left("Joe")


def test_of_very_many_pictures_enough_are_looked_at(enroll, album, portrait, path):
    folder = album()
    (folder / "Eileen").mkdir()
    for shift in range(55):
        written(folder / "Eileen", f"{shift:02}.jpg", portrait[shift:, shift:])
    code, rows, _, _ = enroll(folder)
    assert code == 0 and rows["Eileen"][-1] == ":left out 5 more: 50 good views are enough"
    assert views_in(path)["Eileen"] + len(rows["Eileen"]) - 2 == 50
