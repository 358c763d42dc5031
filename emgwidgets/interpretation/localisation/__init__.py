"""Where the lesion is: likelihood of the findings under each site, ranked explanations, and the next best test."""

from emgwidgets.interpretation.localisation.candidates import candidates
from emgwidgets.interpretation.localisation.engine import localise
from emgwidgets.interpretation.localisation.next_test import next_tests

__all__ = ["candidates", "localise", "next_tests"]
