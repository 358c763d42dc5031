"""Parameters of the nerve part of the virtual patient, each with unit, source, place and mark; no physiology here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from emgwidgets.errors import InputError

__all__ = ["PARAMETERS", "Mark", "Parameter", "parameter", "value"]

Mark = Literal["V", "M", "D", "P"]


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One number of the model.

    Parameters
    ----------
    name, unit : str
        What it is and its unit; an empty unit is a pure number.
    value : float
        Value used.
    source, locus : str
        Citation and the place in it.
    mark : {"V", "M", "D", "P"}
        V read in the source; M from memory, unverified; D derived; P our own proposal.
    """

    name: str
    value: float
    unit: str
    source: str
    locus: str
    mark: Mark


_TABLE: tuple[tuple[str, float, str, str, str, Mark], ...] = (
    # Axons
    ("motor_velocity_spread", 0.048, "share of velocity", "single motor axons to FDI 54.6 +- 2.6 m/s", "4.8 %; another series 8.4 % (Nodera 2021), with which healthy legs disperse too much (ncs.S46)", "V"),
    ("sensory_velocity_spread", 0.0595, "share of velocity", "Kimura 1986 Neurology 36:647", "SD 3-5 m/s at 56 m/s were expected; tuned on target 10", "D"),
    ("fast_quantile_sd", 1.75, "SD", "internal choice", "quantile of the velocities that the onset of a response shows", "P"),
    ("size_velocity_correlation", 0.5, "", "thenar single units: slow units recruited first", "abstract; strength is a proposal", "P"),
    ("unit_size_range", 20.0, "", "Fuglevand 1993 and proposal", "largest to smallest unit, fibre number 10-30", "P"),
    ("proximal_velocity_gain", 0.035, "share", "older median study: proximal up to 10 m/s faster", "tuned on target 16 (F latency)", "P"),
    ("proximal_spread_ratio", 0.6, "", "proposal: narrow the proximal spread to SD 2.5-3 m/s or less", "tuned on target 16 (chronodispersion)", "P"),
    ("velocity_q10", 1.4, "", "ulnar study, 14 subjects", "sensory Q10 1.36 (35-25 C), 1.44 (30-20 C)", "V"),
    ("reference_temperature", 34.0, "degC", "normal skin of the arm 34.6 (0.9) C", "Korea 1997, rounded", "P"),
    ("terminal_latency_per_degc", 0.09, "ms/degC", "Kim 2006 review: distal latency +0.2 ms per C", "part not explained by the Q10 of the nerve stretch", "D"),
    ("spike_duration_q10", 1.5, "", "proposal after Todnem 1989", "spike duration in the cold", "P"),
    ("units_lost_by_71_years", 0.4, "share", "review PMC4889636", "about 40 % fewer units at 71 years", "V"),
    # Stimulus
    ("strength_duration_motor", 0.459, "ms", "Mogyoros 1996", "median, 20 subjects", "V"),
    ("strength_duration_sensory", 0.665, "ms", "Mogyoros 1996", "median, 20 subjects", "V"),
    ("relative_spread", 0.0165, "share", "Sleutjes 2021", "1.65 %, independent of pulse width", "V"),
    ("threshold_spread", 0.08, "log SD", "relative range 20-35 %", "3.29 SD = 26 %", "P"),
    ("threshold_size_correlation", -0.15, "", "proposal -0.3", "large axons first, blurred by their place; tuned on the count of units by weak stimuli (target 5.4)", "P"),
    ("threshold_current", 8.0, "mA", "internal choice", "half the axons at the nerve itself, 0.1 ms pulse; supramaximal then 20-50 mA", "P"),
    ("depth_constant", 8.0, "mm", "proposal", "current grows with 1 + (r / r0)^2", "P"),
    ("activation_delay", 0.1, "ms", "internal choice", "utilisation time", "P"),
    ("reversed_shift", 25.0, "mm", "cathode-anode distance 2-3 cm", "latency +0.3 to +0.6 ms", "M"),
    ("anodal_block", 0.1, "share", "proposal", "0-20 %", "P"),
    ("artefact_per_ma", 12.0, "uV/mA", "McGill 1982 for the form", "size is an internal choice", "P"),
    ("artefact_fast", 0.3, "ms", "McGill 1982", "0.2-0.5 ms", "V"),
    ("artefact_slow", 2.0, "ms", "McGill 1982", "1-5 ms", "V"),
    # Surface potential of a motor unit
    ("iap_lambda", 1.0, "1/mm", "Rosenfalck 1969", "original constant", "V"),
    ("conductivity_ratio", 5.0, "", "Petersen and Rostalski 2019", "sigma_z / sigma_r", "V"),
    ("fibre_velocity", 4.0, "m/s", "MyoGen 4.1, NeuroMotion 4.0", "surface models", "V"),
    ("endplate_scatter", 2.5, "mm", "Akhmadeev 2020 as coded", "1.5 to 5.5 mm", "V"),
    ("fibre_end_scatter", 10.0, "mm", "internal choice", "tendon ends are staggered; keeps the terminal positive phase near half the negative", "P"),
    # Nerve potential
    ("sensory_rise", 0.20, "ms", "Kimura 1986", "negative phase of one fibre near 0.9-1.1 ms", "D"),
    ("sensory_fall", 0.28, "ms", "Kimura 1986", "as above", "D"),
    ("sensory_amplitude_power", 1.5, "", "JNNP 1981;44:476", "amplitude of one fibre grows with v^1.5", "V"),
    ("electrode_spacing", 35.0, "mm", "bar or rings 3-4 cm apart", "usual technique", "M"),
    ("second_electrode_gain", 0.3, "", "P-P against O-P: LABC 22 / 18 uV (PMID 11128890), palm 80 / 75 uV (PMID 10573101)", "positive phase 0.1-0.3 of the negative", "D"),
    # Late responses
    ("backfire_turnaround", 1.0, "ms", "F estimate formula", "central delay", "V"),
    ("backfire_spread", 1.0, "log SD", "Monte Carlo on Peioglou-Harmoussi 1985", "log-normal p", "D"),
    ("backfire_size_power", 1.0, "", "normative F study, 11 subjects x 100 stimuli: large units are over-represented (direction)", "tuned on target 16 (chronodispersion)", "P"),
    ("spastic_backfire", 2.0, "", "spasticity raises the share of cells that backfire (direction, science 2.7)", "added at complete loss of the command; size is a proposal", "P"),
    ("spastic_reflex", 0.8, "", "H reflex brisk in upper motor neuron weakness (direction)", "added at complete loss of the command; size is a proposal", "P"),
    ("refractory_period", 3.0, "ms", "internal choice", "axon and cell body after an antidromic impulse; 1-3 ms and longer", "P"),
    ("ia_velocity_ratio", 1.2, "", "Ia 60-70 m/s against motor 50", "tibial nerve", "M"),
    ("ia_excitability", 0.85, "", "Ia thresholds slightly lower", "relative to motor at 0.1 ms", "P"),
    ("h_gain", 1.9, "", "tuned on Hmax/Mmax 0.3-0.7", "all Ia excite this multiple of the median motoneuron threshold", "P"),
    ("h_synchrony", 0.3, "ms", "proposal", "arrival of Ia impulses", "P"),
    ("h_central_delay", 1.0, "ms", "internal choice", "one synapse", "P"),
    ("h_depression", 3.0, "s", "post-activation depression", "2-4 s", "M"),
    ("axon_refractory_period", 1.0, "ms", "motor axons", "absolute 0.5-1 ms; standard teaching", "M"),
    ("echo_share", 0.02, "share", "A waves are common in acquired demyelination (direction)", "axons with a place that sets a passing impulse off again; size is a proposal", "P"),
    ("echo_speed_factor", 0.7, "share of velocity", "proposal", "slower axons can have such a place", "P"),
    ("echo_least_spread", 0.1, "", "proposal", "even slowing, as in hereditary neuropathy, has none", "P"),
    ("echo_delay", 1.5, "ms", "proposal", "longer than the refractory period of the axon", "P"),
    ("regrown_branching", 0.15, "share", "sprouts divide at the lesion (direction)", "share of regrown axons with a fork there is a proposal", "P"),
    ("branch_threshold_spread", 0.15, "log SD", "proposal", "threshold of one branch against the other", "P"),
    # Blink reflex
    ("blink_r1_central", 2.8, "ms", "mean R1 about 10 ms (PMID 8758294)", "what is left after both limbs of the reflex", "D"),
    ("blink_r2_central", 21.0, "ms", "mean R2 about 29-30 ms (PMID 8758294; ed.mdict blink)", "what is left after both limbs of the reflex", "D"),
    ("blink_r2_crossing", 1.5, "ms", "limits 41 ms on the same and 44 ms on the other side (Kimura, memory)", "within that difference", "P"),
    ("blink_r2_jitter", 1.5, "ms SD", "proposal", "R2 varies from stimulus to stimulus, R1 does not", "P"),
    ("blink_r1_units", 0.30, "share", "proposal", "units of the orbicularis oculi in R1 at full drive", "P"),
    ("blink_r2_units", 0.60, "share", "proposal", "units in R2 at full drive", "P"),
    ("blink_r2_duration", 9.0, "ms", "proposal", "scale of a gamma law of shape 2: R2 lasts 30-40 ms", "P"),
    ("blink_habituation", 6.0, "s", "proposal", "R2 shrinks when stimuli follow within seconds (direction)", "P"),
    # Junction
    ("safety_factor", 4.0, "", "Monte Carlo on jitter limits", "median of normal junctions", "D"),
    ("safety_factor_spread", 0.25, "log SD", "Monte Carlo on jitter limits", "normal junctions", "D"),
    ("quantal_content", 40.0, "", "Slater 2017; Elmqvist and Quastel 1965", "20-50", "M"),
    ("release_probability", 0.15, "", "science table", "0.1-0.2", "D"),
    ("store_recovery", 1.0, "s", "science table", "0.7-2 s", "D"),
    ("lems_release_probability", 0.03, "", "science table", "0.02-0.05", "D"),
    ("safety_per_degc", 0.03, "share/degC", "cold improves transmission (direction)", "size is a proposal", "P"),
    ("facilitation_step", 0.5, "", "LEMS: 3-6 fold at 20-50 Hz", "per impulse, decays with 0.1 s", "P"),
    ("facilitation_decay", 0.1, "s", "science table", "", "P"),
    ("exercise_facilitation_lems", 2.5, "", "LEMS: increment above 60-100 % after 10 s", "added release right after effort", "P"),
    ("exercise_repair", 0.5, "", "release x 1.5 after 30-60 s of effort", "science 2.9", "M"),
    ("exercise_exhaustion", 0.2, "share", "store 20 % smaller 2-4 min after effort", "science 2.9", "M"),
    ("facilitation_decay_exercise", 20.0, "s", "LEMS exercise effect gone in about 50 s", "PEF 11-patient abstract", "V"),
    # Time course of lesions
    ("wallerian_motor_t50", 4.5, "days", "Gilliatt and Hjorth 1972; Chaudhry and Cornblath 1992", "CMAP half gone at 3-5 days, gone by 9", "M"),
    ("wallerian_motor_steepness", 5.0, "", "proposal", "log-logistic; tuned on target 20: gone at 5-9 days, 2-3 days before the SNAP", "P"),
    ("wallerian_sensory_t50", 7.0, "days", "Chaudhry and Cornblath 1992", "SNAP half gone at 7 days, gone by 11", "M"),
    ("wallerian_sensory_steepness", 7.5, "", "proposal", "log-logistic; tuned on target 20: gone by day 11", "P"),
    ("wallerian_per_10_cm", 0.5, "days", "proposal", "longer distal stump lasts longer", "P"),
    ("sprouting_start", 28.0, "days", "Brown; Gordon", "collateral sprouting from week 4", "M"),
    ("sprouting_time", 75.0, "days", "proposal", "tau 2-3 months", "P"),
    ("sprouting_neighbours", 3.0, "", "fibres within 150-250 um of an orphaned one", "an orphan without a living neighbour unit is not adopted; number is a proposal", "P"),
    ("sprouting_cap", 6.0, "", "Thompson and Jansen 1977; Gordon", "enlargement at most 5-8 times", "M"),
    ("regrowth_rate", 1.0, "mm/day", "standard teaching", "1-3 mm/day", "M"),
    ("regrowth_maturation", 120.0, "days", "proposal", "tau 3-6 months", "P"),
    ("remyelination_time", 42.0, "days", "weeks to months", "speed recovers to 0.6-0.9", "M"),
    ("remyelinated_speed", 0.8, "share", "thin short internodes", "0.6-0.9", "M"),
    ("fibrillation_paraspinal", 7.0, "days", "standard teaching", "within 1 week or not before day 7", "M"),
    ("fibrillation_per_cm", 0.25, "days/cm", "7-21 days by distance", "proposal: 21 days near 60 cm", "P"),
    # Recording
    ("noise_rms", 2.0, "uV", "internal choice", "1-3 uV RMS, 20 Hz-10 kHz", "P"),
)  # fmt: skip

#: Every parameter by name.
PARAMETERS: dict[str, Parameter] = {
    name: Parameter(name=name, value=number, unit=unit, source=source, locus=locus, mark=mark)
    for name, number, unit, source, locus, mark in _TABLE
}


def parameter(name: str) -> Parameter:
    """Return one parameter with its source.

    Raises
    ------
    InputError
        If there is no such parameter.
    """
    if name not in PARAMETERS:
        raise InputError("no such parameter", got=repr(name), expected=f"one of {', '.join(sorted(PARAMETERS))}")
    return PARAMETERS[name]


def value(name: str) -> float:
    """Return the number of one parameter."""
    return parameter(name).value
