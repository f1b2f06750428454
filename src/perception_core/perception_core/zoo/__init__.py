"""The model zoo: what `models/models.yaml` lists, fetched, checked and converted to ONNX."""
