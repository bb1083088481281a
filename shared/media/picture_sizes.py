"""The widths in which pages show pictures, in pixels. It is apart from `pictures.py`, which loads the decoders."""

WIDTHS = (480, 960, 1_920)
