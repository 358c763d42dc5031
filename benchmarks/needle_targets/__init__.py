"""Parts of the needle target table; run ``bench_needle_targets.py`` beside this folder."""
