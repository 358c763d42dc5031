"""Pictures and sounds of docs/gallery; run ``tools/make_gallery.py``."""
