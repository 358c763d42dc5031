"""Which candidate codes are right for each condition of the library."""

from __future__ import annotations

import math

from emgwidgets.simulation.lesion import ConductionBlock

#: Condition -> candidates without their side.  A pair has its two parts; several are accepted where the file says so.
TRUTH: dict[str, tuple[str, ...]] = {
    **{f"radiculopathy_{root}": (f"root_{root}",) for root in ("c5", "c6", "c7", "c8", "t1", "l2", "l3", "l4", "l5", "s1", "s2")},
    "far_lateral_disc_l4": ("root_l4",), "far_lateral_disc_l5": ("root_l5",), "zoster_radiculitis_c7": ("root_c7",),
    **{name: (name.removesuffix("_plexopathy"),) for name in (
        "upper_trunk_plexopathy", "middle_trunk_plexopathy", "lower_trunk_plexopathy", "lateral_cord_plexopathy",
        "posterior_cord_plexopathy", "medial_cord_plexopathy")},
    "lumbar_plexopathy": ("lumbar_plexus",), "sacral_plexopathy": ("sacral_plexus",),
    "carpal_tunnel_syndrome": ("median_carpal_tunnel",), "ulnar_neuropathy_at_elbow": ("ulnar_elbow",),
    "ulnar_neuropathy_at_wrist": ("ulnar_wrist",), "radial_neuropathy_at_spiral_groove": ("radial_spiral_groove",),
    "posterior_interosseous_neuropathy": ("posterior_interosseous_arcade",),
    "anterior_interosseous_neuropathy": ("anterior_interosseous",), "axillary_neuropathy": ("axillary",),
    "musculocutaneous_neuropathy": ("musculocutaneous_axilla",),
    "suprascapular_neuropathy": ("suprascapular_notch", "suprascapular_spinoglenoid_notch"),
    "long_thoracic_neuropathy": ("long_thoracic",), "femoral_neuropathy": ("femoral_inguinal_ligament",),
    "obturator_neuropathy": ("obturator",), "sciatic_neuropathy": ("sciatic",),
    "fibular_neuropathy_at_head": ("common_fibular_head",), "tibial_neuropathy": ("tibial_popliteal",),
    "tarsal_tunnel_syndrome": ("tibial_tarsal_tunnel",),
    "double_crush_c6": ("root_c6+median_carpal_tunnel",), "double_crush_c7": ("root_c7+median_carpal_tunnel",),
    "diabetic_radiculoplexus_neuropathy": (
        "lumbosacral_radiculoplexus_neuropathy", "lumbar_plexus", "lumbar_plexus+lumbosacral_trunk"),
    "neuralgic_amyotrophy": ("neuralgic_amyotrophy",), "facial_neuropathy": ("facial_trunk",),
    "pontine_lesion": ("pons",), "lateral_medullary_lesion": ("medulla",),
    "spinal_accessory_neuropathy": ("spinal_accessory_posterior_triangle", "spinal_accessory_neck"),
}  # fmt: skip
#: Conditions of the whole body.
WHOLE: dict[str, tuple[str, ...]] = {
    "normal": ("normal",), "axonal_polyneuropathy": ("axonal_polyneuropathy",),
    "axonal_polyneuropathy_with_disc_contact": ("axonal_polyneuropathy",),
    # Velocities between the two: the file calls it intermediate.
    "charcot_marie_tooth_x": ("uniform_demyelinating_polyneuropathy", "axonal_polyneuropathy"),
    "multifocal_acquired_demyelinating_neuropathy": ("multifocal_acquired_demyelinating_neuropathy",),
    "cauda_equina_syndrome": ("cauda_equina",), "lumbar_spinal_stenosis": ("cauda_equina",),
    "cervical_myelopathy": ("central_weakness",),
    "charcot_marie_tooth_1": ("uniform_demyelinating_polyneuropathy",), "charcot_marie_tooth_2": ("axonal_polyneuropathy",),
    "demyelinating_polyneuropathy": ("acquired_demyelinating_polyneuropathy", "uniform_demyelinating_polyneuropathy"),
    "guillain_barre_demyelinating": ("acquired_demyelinating_polyneuropathy",),
    "guillain_barre_axonal": ("diffuse_axonal_motor_polyneuropathy",),
    "multifocal_motor_neuropathy": ("multifocal_motor_neuropathy",), "sensory_ganglionopathy": ("sensory_ganglionopathy",),
    "amyotrophic_lateral_sclerosis": ("motor_neuron_disease",), "myasthenia_gravis": ("postsynaptic_junction",),
    "lambert_eaton_syndrome": ("presynaptic_junction",), "muscular_dystrophy": ("myopathy",),
    "myositis": ("inflammatory_myopathy",), "myotonic_disorder": ("myotonic_disorder",),
    "upper_motor_neuron_weakness": ("central_weakness",),
}  # fmt: skip


#: Share of a block below which a patient has recovered, and a normal study is the right answer.
RECOVERED = 0.05


def has_recovered(lesions: tuple[object, ...], day: float) -> bool:
    """Whether nothing is left but a block that has gone."""
    blocks = [one for one in lesions if isinstance(one, ConductionBlock) and one.recovery_days]
    left = [one.share * math.exp(-(day - one.day) / (one.recovery_days or 1.0)) for one in blocks]
    return bool(blocks) and len(blocks) == len(lesions) and max(left) < RECOVERED


def truths(condition: str, side: str, *, is_recovered: bool = False) -> tuple[str, ...]:
    """Codes of the candidates that count as right."""
    if is_recovered:
        return ("normal",)
    if (
        condition == "multifocal_motor_neuropathy"
    ):  # its block sits on one stretch of one nerve: the site itself is right
        return ("multifocal_motor_neuropathy", f"median_proximal_forearm.{side}")
    if condition == "multifocal_acquired_demyelinating_neuropathy":  # one arm: its two stretches are right as well
        return (*WHOLE[condition], f"median_arm.{side}+ulnar_arm.{side}")
    if condition == "neuralgic_amyotrophy":  # its two commonest nerves together are right as well
        return (f"neuralgic_amyotrophy.{side}", f"suprascapular_notch.{side}+long_thoracic.{side}")
    if condition in WHOLE:
        return WHOLE[condition]
    return tuple("+".join(f"{part}.{side}" for part in code.split("+")) for code in TRUTH[condition])
