"""Stand-in: arrays are lists."""
array = list
