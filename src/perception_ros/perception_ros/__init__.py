"""What every perception node shares: RGB-D input, images, parameters, lifecycle, diagnostics, bring-up."""
