"""The muscle of the virtual patient: fibres, junctions, units, drive and the needle that records them."""
