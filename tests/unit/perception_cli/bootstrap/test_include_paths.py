import pytest

from perception_cli.bootstrap.include_paths import rewrite

PYTHON = "/usr/include/python3.12"
NUMPY = "/clone/.venv/lib/python3.12/site-packages/numpy/_core/include"
BUILDER = "/opt/python/cp312-cp312"


def exported(python, numpy):
    return (
        "set_target_properties(std_msgs::py PROPERTIES\n"
        f'  INTERFACE_INCLUDE_DIRECTORIES "{python};{numpy};${{_IMPORT_PREFIX}}/include/std_msgs"\n'
        ")\n"
    )


@pytest.fixture
def share(tmp_path):
    folder = tmp_path / "share" / "std_msgs" / "cmake"
    folder.mkdir(parents=True)
    text = exported(f"{BUILDER}/include/python3.12", f"{BUILDER}/lib/python3.12/site-packages/numpy/_core/include")
    (folder / "export_std_msgs__rosidl_generator_pyExport.cmake").write_text(text)
    (folder / "std_msgsConfig.cmake").write_text("set(std_msgs_FOUND 1)\n")
    return tmp_path / "share"


def read(share):
    return (share / "std_msgs" / "cmake" / "export_std_msgs__rosidl_generator_pyExport.cmake").read_text()


def test_the_builders_folders_become_this_interpreters(share):
    changed = rewrite(share, PYTHON, NUMPY)
    assert [path.name for path in changed] == ["export_std_msgs__rosidl_generator_pyExport.cmake"]
    assert read(share) == exported(PYTHON, NUMPY)


def test_doing_it_again_changes_nothing(share):
    rewrite(share, PYTHON, NUMPY)
    assert rewrite(share, PYTHON, NUMPY) == []
    assert read(share) == exported(PYTHON, NUMPY)


def test_the_folders_of_an_environment_that_was_elsewhere_are_mended_too(share):
    rewrite(share, "/usr/include/python3.10", "/moved/.venv/lib/python3.10/site-packages/numpy/core/include")
    rewrite(share, PYTHON, NUMPY)
    assert read(share) == exported(PYTHON, NUMPY)


def test_no_file_is_left_half_written(share):
    rewrite(share, PYTHON, NUMPY)
    assert not list(share.rglob("*.part"))
