"""A robot on which nothing is wrong."""

from pathlib import Path

from perception_core.diagnosis.calibration import CalibrationFacts
from perception_core.diagnosis.depth_content import DepthFacts
from perception_core.diagnosis.environment import EnvironmentFacts, Profile
from perception_core.diagnosis.machine import Device, Folder, Jetson, MachineFacts
from perception_core.diagnosis.nodes import NodeFacts, NodesFacts
from perception_core.diagnosis.registration import Registration
from perception_core.diagnosis.shared_memory import SharedMemoryFacts
from perception_core.diagnosis.streams import StreamFacts, StreamsFacts
from perception_core.diagnosis.topics import Endpoint, Role, TopicFacts
from perception_core.diagnosis.weights import Weight, WeightFacts
from perception_core.frame import Intrinsics
from perception_core.topics import CAMERA_INFO_TOPIC, COLOUR_TOPIC, DEPTH_TOPIC

SHIPPED = Path("/ws/config/fastdds_shm.xml")
NOW_NS = 1_700_000_000_000_000_000
TICK_NS = 33_333_333
SENT_NS = tuple(NOW_NS + k * TICK_NS for k in range(60))
ARRIVED_NS = tuple(stamp + 8_000_000 for stamp in SENT_NS)
IMAGE, INFO = "sensor_msgs/msg/Image", "sensor_msgs/msg/CameraInfo"
FRAME = "camera_color_optical_frame"
LENS = Intrinsics(640, 480, 615.0, 615.0, 322.0, 238.0)

ENVIRONMENT = EnvironmentFacts(
    distro="humble",
    from_wheels=False,
    python=(3, 10),
    ros_problem="",
    middleware="rmw_fastrtps_cpp",
    middleware_problem="",
    domain="7",
    discovery="LOCALHOST",
    profile=Profile("/ws/config/fastdds_shm.xml", segment_bytes=33_554_432),
    shipped_profile=SHIPPED,
)
MEMORY = SharedMemoryFacts("/dev/shm", 4_000_000_000, 3_800_000_000)
MACHINE = MachineFacts(
    cores=6,
    gpu="Orin (integrated)",
    gpu_problem="",
    tensorrt="10.3.0",
    pycuda="2024.1",
    engines=("tensorrt",),
    governors=("schedutil",) * 6,
    scaling_driver="tegra194",
    folders=(Folder("models and plans", "/cache", "PERCEPTION_CACHE", 20_000_000_000, 1_000_000_000, True),),
    devices=(Device("/dev/video0", usb=False, usable=True), Device("/dev/bus/usb/002/003", usb=True, usable=True)),
    jetson=Jetson("Orin NX", "MAXN", ((0, "MAXN"), (1, "10W"), (2, "15W")), clocks_fixed=True),
)
WEIGHTS = WeightFacts("/cache/models", "", (Weight("yunet"), Weight("face_landmarks")), "/cache/plans", 2)


def topic(role, name, type_name, **changes):
    types = (INFO,) if role is Role.CAMERA_INFO else (IMAGE, "sensor_msgs/msg/CompressedImage")
    facts = {
        "publishers": (Endpoint("/camera/camera", type_name, reliable=True, segment_bytes=35_000_000),),
        "subscribers": (Endpoint("/face_perception", type_name, reliable=True),),
    }
    return TopicFacts(role, f"/{name}", name, types, **(facts | changes))


COLOUR = topic(Role.COLOUR, COLOUR_TOPIC, IMAGE)
DEPTH = topic(Role.DEPTH, DEPTH_TOPIC, IMAGE)
CAMERA_INFO = topic(Role.CAMERA_INFO, CAMERA_INFO_TOPIC, INFO)


def stream(role, name, encoding=""):
    encodings = (encoding,) if encoding else ()
    return StreamFacts(role, f"/{name}", "/camera/camera", SENT_NS, ARRIVED_NS, 0, (FRAME,), ((640, 480),), encodings)


COLOUR_STREAM = stream(Role.COLOUR, COLOUR_TOPIC, "rgb8")
DEPTH_STREAM = stream(Role.DEPTH, DEPTH_TOPIC, "16UC1")
INFO_STREAM = stream(Role.CAMERA_INFO, CAMERA_INFO_TOPIC)
STREAMS = StreamsFacts(2.0, (COLOUR_STREAM, DEPTH_STREAM, INFO_STREAM))
CALIBRATION = CalibrationFacts(f"/{CAMERA_INFO_TOPIC}", "", LENS, LENS)
DEPTH_IMAGES = DepthFacts(f"/{DEPTH_TOPIC}", "16UC1", None, 0.85, Registration(True, (-4, 0), 1.0, 0.4))
NODE = NodeFacts("/face_perception", 1, "active", (), (("frame_rate_hz", "30.0"),))
NODES = NodesFacts(5.0, (NODE,))
