import itertools
import os

import pytest

from perception_cli.evaluation.lfw import read_lfw, read_people
from perception_cli.evaluation.pictures import DataError

PEOPLE = {"Ann_Lee": 3, "Bo": 2, "Cy": 1}


@pytest.fixture
def people(tmp_path):
    """Empty pictures of three people, by the place that a pattern gives them."""

    def make(pattern="{name}/{name}_{number:04d}.jpg"):
        for name, count in PEOPLE.items():
            for number in range(1, count + 1):
                path = tmp_path / pattern.format(name=name, number=number)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()
        return tmp_path

    return make


def write_pairs(folder, *lines, name="pairs.txt"):
    (folder / name).write_text("\n".join(lines) + "\n")


def named(data):
    """Pairs by the names of their pictures."""
    stems = [each.name.rpartition("/")[2].partition(".")[0] for each in data.pictures]
    return [(stems[pair.one], stems[pair.other], pair.same, pair.fold) for pair in data.pairs]


@pytest.mark.parametrize(
    "pattern",
    ["{name}/{name}_{number:04d}.jpg", "{name}_{number:04d}.png", "lfw-deepfunneled/{name}/{name}_{number:04d}.jpg"],
)
def test_pictures_are_found_in_folders_or_side_by_side(people, pattern):
    folder = people(pattern)
    write_pairs(folder, "1\t1", "Ann_Lee\t1\t3", "Ann_Lee\t2\tBo\t1")
    found = named(read_lfw(folder, None))
    assert [pair[:3] for pair in found] == [
        ("Ann_Lee_0001", "Ann_Lee_0003", True),
        ("Ann_Lee_0002", "Bo_0001", False),
    ]


def test_the_parts_of_the_list_are_kept_together(people):
    folder = people()
    part = ["Ann_Lee\t1\t2", "Bo\t1\t2", "Ann_Lee\t1\tBo\t1", "Bo\t2\tCy\t1"]
    write_pairs(folder, "3\t2", *part * 3)
    assert [pair[3] for pair in named(read_lfw(folder, None))] == [0] * 4 + [1] * 4 + [2] * 4


def test_a_list_without_parts_is_divided_so_that_each_has_both_kinds(people):
    folder = people()
    write_pairs(folder, "20", *["Ann_Lee\t1\t2"] * 20, *["Bo\t1\tCy\t1"] * 20)
    for fold in range(10):
        kinds = [pair[2] for pair in named(read_lfw(folder, None)) if pair[3] == fold]
        assert sorted(kinds) == [False, False, True, True]


def test_pairs_of_pictures_that_are_not_there_are_left_out_and_named(people):
    folder = people()
    write_pairs(folder, "1\t2", "Bo\t1\t2", "Nobody\t1\t2", "Bo\t1\tCy\t1", "Bo\t1\tNobody\t7")
    data = read_lfw(folder, None)
    assert len(data.pairs) == 2
    assert data.missing == ("Nobody_0001", "Nobody_0002", "Nobody_0007")


def test_the_lists_of_the_development_set_are_parts(people):
    folder = people()
    write_pairs(folder, "1\t1", "Bo\t1\t2", "Bo\t1\tCy\t1")
    write_pairs(folder, "1", "Ann_Lee\t1\t2", "Bo\t2\tCy\t1", name="pairsDevTest.txt")
    assert read_lfw(folder, None).split == "pairs.txt"
    for split in ("validation", "dev", "pairsDevTest.txt"):
        assert read_lfw(folder, split).split == "pairsDevTest.txt"
    with pytest.raises(DataError, match="no part train; there are: test, validation"):
        read_lfw(folder, "train")


@pytest.mark.parametrize("line", ["Bo\t1", "Bo\tone\ttwo", "Bo\t1\tCy", "\t\t\t\t\t"])
def test_a_line_that_is_no_pair_is_said_by_its_number(people, line):
    folder = people()
    write_pairs(folder, "1\t1", "Bo\t1\t2", line)
    with pytest.raises(DataError, match=r"pairs\.txt, line 3"):
        read_lfw(folder, None)


def test_what_is_missing_is_said(people):
    folder = people()
    with pytest.raises(DataError, match=r"no pairs.txt"):
        read_lfw(folder, None)
    write_pairs(folder, "1\t1")
    with pytest.raises(DataError, match="names no pairs"):
        read_lfw(folder, None)
    write_pairs(folder, "1\t1", "Nobody\t1\t2")
    with pytest.raises(DataError, match="none of the pictures is there"):
        read_lfw(folder, None)


def test_of_a_folder_for_each_person_all_pairs_of_one_and_as_many_of_two_are_drawn(people):
    found = named(read_people(people(), None))
    same = [pair[:2] for pair in found if pair[2]]
    different = [pair[:2] for pair in found if not pair[2]]
    assert len(same) == 3 + 1 == len(set(different)) == len(different)
    assert all(one[:-5] == other[:-5] and one != other for one, other in same)
    assert all(one[:-5] != other[:-5] for one, other in different)
    assert found == named(read_people(people(), None))


@pytest.mark.parametrize("counts", [{"Ann": 1, "Bo": 1}, {"Ann": 3}])
def test_pairs_take_two_people_and_two_pictures_of_one(tmp_path, counts):
    for name, number in itertools.chain.from_iterable(zip([n] * c, range(c), strict=True) for n, c in counts.items()):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / f"{number}.jpg").touch()
    with pytest.raises(DataError, match="two people"):
        read_people(tmp_path, None)


@pytest.mark.parametrize("number", ["²", "9" * 5000, "٣"])
def test_a_number_that_no_data_set_has_is_said_by_its_line(people, number):
    folder = people()
    write_pairs(folder, "1\t1", f"Bo\t1\t{number}")
    with pytest.raises(DataError, match=r"pairs\.txt, line 2"):
        read_lfw(folder, None)
    write_pairs(folder, f"{number}\t1", "Bo\t1\t2")
    assert len(read_lfw(folder, None).pairs) == 1


@pytest.mark.timeout(10)
def test_pipes_and_devices_among_the_data_are_passed_over(people):
    folder = people()
    os.mkfifo(folder / "Bo" / "Bo_0003.jpg")
    (folder / "Bo" / "Bo_0004.jpg").symlink_to("/dev/zero")
    assert not any("Bo_0003" in each.name or "Bo_0004" in each.name for each in read_people(folder, None).pictures)
    os.mkfifo(folder / "pairs.txt")
    with pytest.raises(DataError, match=r"no pairs\.txt"):
        read_lfw(folder, None)
