"""The nerve of the virtual patient: axons, stimuli, responses of skin electrodes, late responses, technique."""
