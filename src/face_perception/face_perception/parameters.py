"""The face node's parameters."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from perception_core.parameters import ParameterError, check, parameter, path_of, scaled
from perception_core.paths import default_gallery
from perception_core.service_access import services_parameter
from perception_core.topics import TRANSPORTS

LANDMARKS = ("full", "light", "none")
LANDMARK_SCHEMES = ("", "WFLW98", "DLIB68")
PREFERENCES = ("nearest", "largest")


@dataclass(frozen=True, slots=True)
class FaceParameters:
    """All of them; the README's table is made from these lines."""

    engine: str = parameter(
        "auto",
        "What runs the networks; auto takes the fastest there is.",
        one_of=("auto", "tensorrt", "onnxruntime-cuda", "onnxruntime"),
    )
    precision: str = parameter(
        "auto",
        "In what numbers TensorRT computes; auto as models.yaml says of each network. What deviates too much is "
        "computed in the next higher one.",
        one_of=("auto", "fp32", "fp16", "int8"),
    )
    threads: int = parameter(1, "Processor threads for each network.", at_least=1, at_most=64)
    detector: str = parameter("yunet", "Name of the face detector in models.yaml.")
    detection_width: int = parameter(
        0,
        "Pictures are shrunk to this width before faces are looked for, in pixels; 0 keeps their size.",
        at_least=0,
        at_most=4096,
    )
    detect_every: int = parameter(
        5,
        "Newcomers are looked for on every n-th image, and whenever a face is lost; in between faces are followed by "
        "their landmarks.",
        at_least=1,
        at_most=300,
        live=True,
    )
    quick_detection_width: int = parameter(
        320,
        "Two of three times newcomers are looked for in a picture shrunk to this width, which hides far ones, in "
        "pixels; 0 never does.",
        at_least=0,
        at_most=4096,
    )
    score_threshold: float = parameter(0.6, "A face below this score starts no track.", at_least=0.35, at_most=0.99)
    keep_lost_s: float = parameter(
        1.25, "A face that is not found keeps its id for this long, in seconds.", at_least=0.05, at_most=10.0
    )
    bridge_s: float = parameter(
        0.2,
        "A face that is not found is still reported, as bridged, for this long, in seconds.",
        at_least=0.0,
        at_most=10.0,
        live=True,
    )
    max_distance: float = parameter(
        0.0, "Faces further away are left out, in metres; 0 leaves none out.", at_least=0.0, at_most=60.0, live=True
    )
    mask_beyond: bool = parameter(
        False, "What is further away than max_distance is made grey before the networks see it.", live=True
    )
    min_face_size: int = parameter(
        0, "Faces whose box is smaller are left out, in pixels of its longer side.", at_least=0, at_most=4096, live=True
    )
    max_faces: int = parameter(0, "So many faces at most are reported; 0 for all.", at_least=0, at_most=1000, live=True)
    prefer: str = parameter("nearest", "Who is reported where not all are.", one_of=PREFERENCES, live=True)
    landmarks: str = parameter(
        "full",
        "full: 478 points with irises; light: 468 points, at a quarter of the cost; none.",
        one_of=LANDMARKS,
    )
    landmark_model: str = parameter("face_landmarks", "Name of the network of 478 points in models.yaml.")
    light_landmark_model: str = parameter(
        "face_landmarks_light", "Name of the network of 468 points, which follows faces from image to image."
    )
    landmark_presence: float = parameter(
        0.5, "From which presence on landmarks are believed.", at_least=0.05, at_most=0.99, live=True
    )
    landmark_faces: int = parameter(
        8,
        "So many faces at most have landmarks and expressions; with more in view the detector runs on every image.",
        at_least=1,
        at_most=64,
        live=True,
    )
    follow_faces: int = parameter(
        5,
        "With more faces than this, not all are looked at in every image: in turn, each is taken to move on as it did.",
        at_least=1,
        at_most=64,
        live=True,
    )
    landmark_scheme: str = parameter(
        "", "Which landmarks are published; empty for those that were found.", one_of=LANDMARK_SCHEMES
    )
    refresh_every: int = parameter(
        3,
        "The full landmarks and blendshapes of a face are renewed on every n-th image; in between the landmarks move "
        "as the light ones do.",
        at_least=1,
        at_most=300,
        live=True,
    )
    refresh_faces: int = parameter(
        2,
        "With more faces than this, landmarks, expressions and looks for identity are renewed less often, so that a "
        "crowd costs hardly more than so many faces.",
        at_least=1,
        at_most=64,
        live=True,
    )
    smoothing_min_cutoff_hz: float = parameter(
        1.0,
        "Jitter of a still face's landmarks above this frequency is taken out.",
        at_least=0.01,
        at_most=1000.0,
        live=True,
    )
    smoothing_beta: float = parameter(
        20.0,
        "Rise of that frequency with a landmark's speed, in Hz per inter-ocular distance and second; more means less "
        "lag.",
        at_least=0.0,
        at_most=10000.0,
        live=True,
    )
    attention_eyes_deg: float = parameter(
        12.0, "A gaze this far beside the camera still looks at it, in degrees.", at_least=1.0, at_most=90.0, live=True
    )
    attention_head_deg: float = parameter(
        16.0,
        "The same for a head whose eyes cannot be seen well enough, in degrees.",
        at_least=1.0,
        at_most=90.0,
        live=True,
    )
    attention_after_s: float = parameter(
        0.1,
        "So long somebody has to look at the camera before it counts, in seconds.",
        at_least=0.0,
        at_most=10.0,
        live=True,
    )
    blendshapes: bool = parameter(True, "Whether blendshapes are told; needs full landmarks.")
    liveness: bool = parameter(True, "Whether photographs and screens are told from heads; needs landmarks and depth.")
    expression: str = parameter("face_expression", "Name of the expression network in models.yaml; empty for none.")
    expression_second: str = parameter(
        "",
        "Name of a second expression network, whose answers are averaged with the first one's; empty for none. "
        "face_expression_densenet makes it 55 ms per face and reading, 27 ms if not mirrored.",
    )
    expression_mirrored: bool = parameter(
        True,
        "Whether each face is read mirrored, too, which doubles the time (1.3 instead of 0.6 ms with one network) "
        "and steadies the answer.",
    )
    expression_rate_hz: float = parameter(
        10.0, "How often each face's expression is read, in Hz.", at_least=0.5, at_most=120.0, live=True
    )
    expression_after_s: float = parameter(
        0.25, "So long a face is read before an expression is told, in seconds.", at_least=0.0, at_most=10.0
    )
    identity: str = parameter("face_identity", "Name of the face embedder in models.yaml; empty for none.")
    identity_interval_s: float = parameter(
        0.34, "Time between two looks at a face whose name is not confirmed, in seconds.", at_least=0.03, at_most=60.0
    )
    identity_recheck_s: float = parameter(
        3.0, "Time between two looks at a face whose name is confirmed, in seconds.", at_least=0.03, at_most=600.0
    )
    strangers_accepted: float = parameter(
        0.01, "Share of strangers who may be taken for somebody enrolled.", at_least=0.0001, at_most=0.5
    )
    remember_strangers_s: float = parameter(
        600.0,
        "Strangers keep their anonymous id when they come back within this time, in seconds; 0 gives no such ids.",
        at_least=0.0,
        at_most=86400.0,
    )
    gallery: str = parameter(
        "",
        "File of the people who are known; empty for gallery.sqlite in PERCEPTION_DATA, or else in "
        "~/.local/share/perception-suite.",
    )
    keep_pictures: bool = parameter(False, "Whether pictures of the people who are enrolled are kept.")
    enroll_views: int = parameter(
        5, "Good views of a face that are needed to enrol it.", at_least=1, at_most=50, live=True
    )
    enroll_timeout_s: float = parameter(
        15.0, "How long they are waited for, in seconds.", at_least=0.5, at_most=600.0, live=True
    )
    enroll_flat: bool = parameter(False, "Whether photographs and screens may be enrolled.", live=True)
    services: str = services_parameter("~/enroll, ~/forget, ~/rename, ~/merge and ~/list_people")
    publish_tf: bool = parameter(True, "Whether heads are published as frames face_<id> where tf2 is installed.")
    keep_up: bool = parameter(
        True,
        "Where images come faster than all can be done about each, what takes long is renewed up to three "
        "times less often, so that none are dropped. Not with simulated time.",
    )
    slop_s: float = parameter(
        0.015, "Stamps of colour and depth may lie this far apart, in seconds.", at_least=0.0, at_most=0.5
    )
    transport: str = parameter(
        "auto", "Which images are subscribed to; auto takes raw ones where they are published.", one_of=TRANSPORTS
    )

    @property
    def gallery_path(self) -> Path:
        """The file of the people who are known.

        Raises:
            ParameterError: It can be no file.
        """
        return path_of("gallery", self.gallery) if self.gallery else default_gallery()

    def at_effort(self, level: int) -> FaceParameters:
        """These, with what takes long done less often.

        Args:
            level: 0 changes nothing; with 1 it is done half as often, and so on.
        """
        times = level + 1
        longer = ("detect_every", "refresh_every", "identity_interval_s", "identity_recheck_s")
        return scaled(self, {**dict.fromkeys(longer, times), "expression_rate_hz": 1 / times})

    def __post_init__(self) -> None:
        check(self)
        if self.bridge_s > self.keep_lost_s:
            raise ParameterError(
                f"bridge_s ({self.bridge_s}) is above keep_lost_s ({self.keep_lost_s}): a face cannot be reported for "
                "longer than it keeps its id; lower the one or raise the other"
            )
        if self.mask_beyond and not self.max_distance:
            raise ParameterError(
                "mask_beyond needs a max_distance above 0: nothing is beyond any distance; set it first"
            )
        if self.expression_second and self.expression_second == self.expression:
            raise ParameterError(
                f"expression_second ({self.expression_second}) is expression itself; name another network, or none"
            )
        if self.expression_second and not self.expression:
            raise ParameterError(
                f"expression_second ({self.expression_second}) has no first network beside it; name it as expression"
            )
        if self.identity_recheck_s < self.identity_interval_s:
            raise ParameterError(
                f"identity_recheck_s ({self.identity_recheck_s}) is below identity_interval_s "
                f"({self.identity_interval_s}): a face with a name would be looked at more often than one without"
            )
