"""What can go wrong between a line of `models.yaml` and a network that is ready to run."""


class ZooError(Exception):
    """Any trouble with weights or pictures; its text says what to do."""


class ManifestError(ZooError):
    """A list of models or pictures says something that cannot be meant."""


class UnknownNameError(ZooError):
    """No model or picture of that name is listed."""


class ModelError(ZooError):
    """A model is missing, damaged or of another version."""


class ConversionError(ZooError):
    """A published network cannot be turned into the ONNX graph that the manifest describes."""


class FetchError(ZooError):
    """A file could not be obtained."""


class HashMismatchError(FetchError):
    """A file is not the one that was pinned."""


class DamagedArchiveError(FetchError):
    """An archive is cut short or lacks the file it should hold."""


class MissingToolError(FetchError):
    """A program that downloads is not installed."""


class NetworkError(FetchError):
    """A source did not answer."""


class CacheError(FetchError):
    """The cache folder cannot be written."""


class DiskFullError(CacheError):
    """No space is left where a file should be written."""
