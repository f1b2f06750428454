"""Who is in front of the camera: faces found, followed and located."""
