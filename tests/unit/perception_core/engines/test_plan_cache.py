import logging
import os
import resource
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from perception_core.engines.engine import CancelledError, Progress
from perception_core.engines.plan_cache import ANY_GPU, Plan, PlanCache, PlanKey, plan_key
from perception_core.engines.trt_module import TensorRt

from .small_networks import network, options

KEY = PlanKey("small", "ab" * 32, "TensorRT 10.3.0", "Orin, compute capability 8.7", "fp16", "[]")
PLAN = Plan(KEY, "fp16", "", KEY.gpu, b"content\nof a plan" * 1000)
TENSORRT = TensorRt(sys, "TensorRT", "10.3.0", strongly_typed=False, is_rtx=False)


@pytest.fixture
def cache(tmp_path):
    return PlanCache(tmp_path / "plans")


def test_a_plan_that_was_kept_is_found_with_all_that_is_known_of_it(cache):
    assert cache.load(KEY) is None
    told = replace(PLAN, precision="fp32", note="fp16: it deviates")
    cache.keep(told)
    assert cache.load(KEY) == told
    assert cache.headers() == [replace(told, data=b"")]


def test_the_folder_is_below_the_cache_of_the_suite(monkeypatch, tmp_path):
    monkeypatch.setenv("PERCEPTION_CACHE", str(tmp_path / "mine"))
    PlanCache().keep(PLAN)
    assert [path.name for path in (tmp_path / "mine" / "plans").iterdir()] == [KEY.file_name]


@pytest.mark.parametrize(
    "changed",
    [
        {"model": "cd" * 32},
        {"tensorrt": "TensorRT 10.7.0"},
        {"gpu": "Orin, compute capability 8.6"},
        {"precision": "fp32"},
        {"settings": "[1]"},
        {"name": "other"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_plan_of_anything_else_is_not_taken(cache, changed):
    cache.keep(PLAN)
    assert cache.load(replace(KEY, **changed)) is None


def test_the_key_holds_what_a_plan_depends_on(tmp_path):
    model = network(tmp_path / "small.onnx")
    usual = plan_key(model, options(gpu="Orin"), TENSORRT)
    others = [
        plan_key(model, options(gpu="Xavier"), TENSORRT),
        plan_key(model, options(gpu="Orin", most=8), TENSORRT),
        plan_key(model, options(gpu="Orin", tolerance=0.5), TENSORRT),
        plan_key(model, options(gpu="Orin"), replace(TENSORRT, version="8.6.1")),
        plan_key(network(tmp_path / "other.onnx", sizes=("N", "W")), options(gpu="Orin"), TENSORRT),
    ]
    assert plan_key(model, options(gpu="Orin"), TENSORRT) == usual
    assert len({key.file_name for key in [usual, *others]}) == 6


def test_a_plan_of_tensorrt_for_rtx_is_for_every_gpu(tmp_path):
    model = network(tmp_path / "small.onnx")
    keys = {plan_key(model, options(gpu=gpu), replace(TENSORRT, is_rtx=True)) for gpu in ("", "RTX 4090")}
    assert {key.gpu for key in keys} == {ANY_GPU}


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[: len(content) // 2],
        lambda content: content[:20],
        lambda content: b"",
        lambda content: content[:-1] + b"?",
        lambda content: b"\xff" + content[1:],
        lambda content: content.replace(b'"key"', b'"k"'),
        lambda content: content.replace(b'"note": ""', b'"note": 17'),
        lambda content: b"[" * 100_000,
        lambda content: b"null\n",
    ],
    ids=["half", "in the header", "empty", "a byte", "no text", "no key", "wrong type", "nested", "null"],
)
def test_a_damaged_plan_is_said_and_built_anew(cache, damage, caplog):
    cache.keep(PLAN)
    path = cache.folder / KEY.file_name
    path.write_bytes(damage(path.read_bytes()))
    assert cache.load(KEY) is None
    assert "built anew" in caplog.text
    cache.keep(PLAN)
    assert cache.load(KEY) == PLAN


def test_a_plan_under_anothers_name_is_not_taken(cache):
    cache.keep(PLAN)
    other = replace(KEY, tensorrt="TensorRT 8.6.1")
    (cache.folder / KEY.file_name).rename(cache.folder / other.file_name)
    assert cache.load(other) is None
    assert cache.headers() == []


def test_beyond_its_limit_what_was_not_used_for_longest_goes_first(tmp_path):
    keys = [replace(KEY, name=name) for name in "abcd"]
    size = len(PLAN.data) + 600
    cache = PlanCache(tmp_path, limit_bytes=3 * size)
    for age, key in enumerate(keys[:3]):
        cache.keep(replace(PLAN, key=key))
        os.utime(tmp_path / key.file_name, (1e9 + age, 1e9 + age))
    assert cache.load(keys[0])  # used: the oldest is now b
    cache.keep(replace(PLAN, key=keys[3]))
    assert [key.name for key in keys if cache.load(key)] == ["a", "c", "d"]


def test_a_plan_larger_than_the_limit_is_kept_alone(tmp_path):
    cache = PlanCache(tmp_path, limit_bytes=10)
    for name in "ab":
        cache.keep(replace(PLAN, key=replace(KEY, name=name)))
    assert [plan.key.name for plan in cache.headers()] == ["b"]


def test_on_a_read_only_disk_plans_are_used_and_none_is_kept(unprivileged, caplog):
    with tempfile.TemporaryDirectory() as folder:  # not pytest's, into which only its owner may look
        cache = PlanCache(Path(folder))
        cache.keep(PLAN)
        Path(folder).chmod(0o555)
        with unprivileged(), cache.building(Progress()):
            cache.keep(replace(PLAN, key=replace(KEY, name="other")))
            assert cache.load(KEY) == PLAN
            assert [plan.key.name for plan in cache.headers()] == ["small"]
        Path(folder).chmod(0o755)
    (said,) = caplog.messages
    assert "Make the folder writable" in said
    assert "is used, but has to be built again at the next start" in said


def test_on_a_full_disk_a_plan_is_used_and_nothing_half_written_stays(tmp_path):
    script = (
        "import resource, signal, logging; logging.basicConfig()\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))\n"
        "from pathlib import Path\n"
        "from perception_core.engines.plan_cache import Plan, PlanCache, PlanKey\n"
        f"PlanCache(Path({str(tmp_path)!r})).keep(Plan(PlanKey(*'abcdef'), 'fp16', '', '', bytes(9000)))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "Free some space" in done.stderr
    assert list(tmp_path.iterdir()) == []
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY  # of this process


@pytest.mark.parametrize("what", ["a file", "nothing that can be made"])
def test_where_no_folder_can_be_a_build_goes_on_without(tmp_path, what, caplog):
    (tmp_path / "plans").write_bytes(b"")
    cache = PlanCache(tmp_path / "plans" if what == "a file" else tmp_path / "plans" / "below")
    with cache.building(Progress()):
        cache.keep(PLAN)
    assert cache.load(KEY) is None
    assert cache.headers() == []
    assert "cannot be written" in caplog.text


def test_of_two_processes_one_builds_and_the_other_waits_and_takes_it(cache):
    script = (
        "from pathlib import Path\n"
        "from perception_core.engines.engine import Progress\n"
        "from perception_core.engines.plan_cache import PlanCache, PlanKey\n"
        f"cache = PlanCache(Path({str(cache.folder)!r}))\n"
        "with cache.building(Progress(report=lambda line: print(line, flush=True))):\n"
        f"    print(cache.load({KEY!r}).precision)\n"
    )
    with cache.building(Progress()):
        other = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
        assert other.stdout.readline() == f"waiting for another program that builds plans in {cache.folder}\n"
        cache.keep(PLAN)
    assert other.communicate()[0] == "fp16\n"
    assert other.returncode == 0


def test_who_waits_for_another_can_be_cancelled(cache):
    with (
        cache.building(Progress()),
        pytest.raises(CancelledError, match="another program"),
        cache.building(Progress(cancelled=lambda: True)),
    ):
        raise AssertionError("two at once")


def test_what_a_killed_build_left_half_written_is_swept_away_by_the_next(cache):
    cache.keep(PLAN)
    (cache.folder / ".partial-x").write_bytes(b"half")
    with cache.building(Progress()):
        assert [path.name for path in cache.folder.iterdir()] == [KEY.file_name]


def test_trouble_with_the_cache_is_a_warning(cache, caplog):
    cache.folder.parent.joinpath("plans").write_bytes(b"")
    cache.keep(PLAN)
    assert {record.levelno for record in caplog.records} == {logging.WARNING}
