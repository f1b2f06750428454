"""How often the gesture of a hand is read rightly, and how often one is seen where there is none."""

from __future__ import annotations

import argparse
from collections import Counter

from gesture_perception.parameters import GestureParameters
from perception_cli.arguments import output_path
from perception_cli.evaluation import gesture_videos
from perception_cli.evaluation.gesture_boxes import LAYOUT as BOXES
from perception_cli.evaluation.gesture_boxes import almost_list, box_lists, read_box_list
from perception_cli.evaluation.gesture_classes import HAGRID, ClassMap, class_map
from perception_cli.evaluation.gesture_data import HandData, HandPicture, read_hand_folders
from perception_cli.evaluation.gesture_hagrid import LAYOUT as HAGRID_JSON
from perception_cli.evaluation.gesture_hagrid import hagrid_files, read_hagrid
from perception_cli.evaluation.gesture_hands import (
    HandReader,
    answerable,
    for_pictures,
    hands_in_boxes,
    main_hand,
    opened,
)
from perception_cli.evaluation.gesture_report import Absent, Tally, Times, gesture_report
from perception_cli.evaluation.pictures import DataError, drawn
from perception_cli.evaluation.report import Report, Setting
from perception_cli.evaluation.work import Networks, Work
from perception_core.engines.engine import EngineError
from perception_core.frame import ColourImage
from perception_core.sources.pictures import limited

_FOLDERS = "class-folders"
LAYOUTS = (_FOLDERS, HAGRID_JSON, BOXES, gesture_videos.LAYOUT)
_NODE = GestureParameters()


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declares what only this evaluation takes."""
    parser.add_argument(
        "--map",
        type=output_path,
        metavar="FILE",
        help="which gestures the classes of the data are, YAML or JSON: {fist: Closed_Fist, others: None}",
    )
    parser.add_argument(
        "--model",
        default=_NODE.gesture_classifier,
        metavar="NAME",
        help=f"what reads gestures, of models.yaml (default {_NODE.gesture_classifier})",
    )
    parser.add_argument(
        "--canned", action="store_true", help="count gestures that only geometry tells (OK, Pinch, Point) as None"
    )
    parser.add_argument(
        "--whole-crop", action="store_true", help="the pictures are crops of hands: put a border about them"
    )
    parser.add_argument("--confusion", type=output_path, metavar="FILE.png", help="draw the confusion matrix")


def evaluate(options: argparse.Namespace, work: Work) -> Report:
    """Reads the gestures of all hands and compares them with what they are said to show.

    Raises:
        DataError: There is no such data set, or the label map is wrong.
        ZooError: A network is not ready.
        EngineError: A network cannot be run, or is of another kind.
    """
    if options.layout == gesture_videos.LAYOUT or (options.layout is None and gesture_videos.is_there(options.data)):
        return gesture_videos.evaluate(options, work)
    data = _data(options)
    if options.whole_crop and data.layout != _FOLDERS:
        raise DataError(f"--whole-crop is for pictures of single hands in folders; {options.data} has boxes of them")
    work.unreadable += data.unreadable
    table = HAGRID if data.layout == HAGRID_JSON else None
    means = class_map(options.map, data.labels, answerable(options.model), table)
    known, skipped = _understood(data, means)
    chosen = drawn(known, options.limit)
    with Networks() as networks, opened(for_pictures(options.model), networks) as assembly:
        reader = HandReader(assembly.pipeline, bordered=options.whole_crop)
        tally = Tally(options.canned)
        for place, colour in work.readings([each.picture for each in chosen]):
            _add(tally, chosen[place], colour, means, reader)
        if tally.silent and tally.silent == len(tally.truths):
            raise EngineError(f"{options.model} gave no numbers for any hand; its answers are NaN or infinite")
        setting = Setting("gestures", options, data.layout, data.split, networks, options.model, work)
        times = Times(reader.finding_ms, reader.reading_ms)
        return gesture_report(setting, tally, times, Absent(data.missing, skipped))


def _data(options: argparse.Namespace) -> HandData:
    """The data set, in the layout that is wanted, or else in the one that is found."""
    folder, layout, split = options.data, options.layout, options.split
    if layout == HAGRID_JSON or (layout is None and hagrid_files(folder)):
        return read_hagrid(folder, split)
    if layout == BOXES or (layout is None and (box_lists(folder) or folder.suffix.lower() == ".csv")):
        return read_box_list(folder, split)
    try:
        return read_hand_folders(folder, split)
    except DataError as error:
        almost = almost_list(folder) if layout is None and folder.is_dir() else None
        if almost is None:
            raise
        raise DataError(f"{folder}: {almost}; and {error}") from error


def _understood(data: HandData, means: ClassMap) -> tuple[list[HandPicture], Counter[str]]:
    """The pictures with a hand of which it is known what it shows; and how many hands there are of other classes."""
    known = [each for each in data.pictures if any(means(hand.label) is not None for hand in each.hands)]
    if not known:
        raise means.nothing_left(data.labels)
    labels = (hand.label for each in data.pictures for hand in each.hands)
    return known, Counter(label for label in labels if means(label) is None)


def _add(tally: Tally, shown: HandPicture, colour: ColourImage, means: ClassMap, reader: HandReader) -> None:
    """Looks at a picture, which is shrunk as the node's frames are."""
    tally.pictures += 1
    small = limited(colour)
    found = reader(small)
    boxes = shown.boxes((colour.shape[1], colour.shape[0]), (small.shape[1], small.shape[0]))
    matched = hands_in_boxes(found, boxes) if boxes else [main_hand(found)]
    for labelled, hand in zip(shown.hands, matched, strict=True):
        meaning = means(labelled.label)
        if meaning is not None:
            tally.add(meaning, hand)
    if boxes:
        tally.add_extra([hand for hand in found if hand not in matched])
