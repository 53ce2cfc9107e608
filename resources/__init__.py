"""What the assets talk to: the lake, the input sources, the release store."""
