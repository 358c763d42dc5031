"""Targets 10 to 17 and 21: motor and sensory responses, areas, stimulation, late responses and temperature in health."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from ncs_target_rows import FIBULAR, MEDIAN, TIBIAL, ULNAR, Table, negative_duration_ms, velocity_m_per_s

from emgwidgets.simulation.nerve.recording_setup import MOTOR_SETUP
from emgwidgets.simulation.nerve.stimulation import activation_probability, threshold_current_ma
from emgwidgets.simulation.patient import VirtualPatient

#: name, where, distal and proximal site, latency ms, amplitude mV, velocity m/s, source.
MOTOR = (
    ("median", MEDIAN, "wrist", "elbow", (3.4, 0.37), (10.6, 2.75), (54.4, 5.7), "JNND 9:102"),
    ("ulnar", ULNAR, "wrist", "below_elbow", (2.75, 0.39), (9.6, 2.2), (59.8, 8.0), "JNND 9:102"),
    ("fibular", FIBULAR, "ankle", "below_fibular_head", (4.8, 0.8), (6.0, 2.5), (46.5, 4.5), "Buschbacher 1999"),
    ("tibial", TIBIAL, "ankle", "popliteal_fossa", (4.5, 0.8), (12.9, 4.5), (50.7, 4.3), "Buschbacher; Kim 2022"),
)
SENSORY = (
    ("median_d2", (3.5, 0.4), (33, 14), "JNND 9:102"),
    ("ulnar_d5", (3.1, 0.44), (29.8, 13), "JNND 9:102"),
    ("sural", (3.6, 0.45), (19, 7.5), "peak limit 4.5 ms (M), Kim 2022 amplitude"),
    ("median_palmar", (2.05, 0.3), (75, 47), "PMID 10573101; Evanoff 2004"),
)
F_TARGETS = (
    ("ulnar", ULNAR, ((79, 50, 93), (26.5, 24.4, 28.6), (3.9, 3.0, 4.8)), (0.8, 4.0), "F-responses study"),
    ("tibial", TIBIAL, ((97, 92, 100), (47.0, 42.9, 51.1), (5.5, 4.1, 6.9)), (1.0, 5.0), "ncs.S27: 1-5 % of M"),
)


def motor(table: Table, n: int) -> None:
    """Target 11, and 12 and 13 on the same responses."""
    warm = dataclasses.replace(MOTOR_SETUP, skin_temperature_degc=34.0)
    for name, where, distal, proximal, latency, amplitude, velocity, source in MOTOR:
        pairs = [
            tuple(one.motor_study(**where, site=site, setup=warm).truth for site in (distal, proximal))
            for one in table.people(n)
        ]
        size = np.array([near.amplitude_uv / 1000 for near, _ in pairs])
        table.add_mean(f"11 {name} distal latency, ms", [near.onset_ms for near, _ in pairs], latency, source=source)
        table.add_mean(f"11 {name} CMAP, mV", size, amplitude, source=source)
        table.add_mean(f"11 {name} velocity, m/s", [velocity_m_per_s(*pair) for pair in pairs], velocity, source=source)
        table.add(
            f"11 {name} CMAP, SD between people, mV", [size.std()], published=f"{amplitude[1]} +- 30 %",
            within=(0.7 * amplitude[1], 1.3 * amplitude[1]), source=source, kind="drawn",
        )  # fmt: skip
        limit = {"median": 6.6, "tibial": 8.8}.get(name)
        if limit is not None:
            short = 100 * np.mean([negative_duration_ms(near) < limit for near, _ in pairs])
            table.add(
                f"12 {name} negative duration, share < {limit} ms, %", [short], published=">= 95", within=(95, 100),
                source="EFNS/PNS cut-off",
            )  # fmt: skip
        if name == "median":
            falls = [100 * (1 - far.amplitude_uv / near.amplitude_uv) for near, far in pairs]
            table.add(
                "13 median forearm amplitude fall, %", falls, published="<= 15", within=(0, 15), source="target 13"
            )


#: Study, proximal site, published growth of the negative duration in percent (ncs.S46: arm 11-14, leg 18-25).
GROWTH = (
    ("median forearm", MEDIAN, "elbow", (11, 14)), ("ulnar forearm and elbow", ULNAR, "above_elbow", (11, 14)),
    ("fibular leg", FIBULAR, "above_fibular_head", (18, 25)), ("tibial leg", TIBIAL, "popliteal_fossa", (18, 25)),
)  # fmt: skip


def duration_growth(table: Table, n: int) -> None:
    """Growth of the negative duration from the distal to the proximal site; a healthy leg must not look demyelinated."""
    for name, where, proximal, (low, high) in GROWTH:
        distal = "ankle" if "leg" in name else "wrist"
        grown = []
        for one in table.people(n):
            near, far = (negative_duration_ms(one.motor_study(**where, site=site).truth) for site in (distal, proximal))
            grown.append(100 * (far / near - 1))
        table.add(
            f"2.4 {name}, growth of the negative duration, %", grown, published=f"{low} to {high}", within=(low, high),
            source="ncs.S46", kind="tuned" if "leg" in name else "free",
        )  # fmt: skip


def fibular_head(table: Table, n: int) -> None:
    """Target 13 in the leg."""
    falls = []
    for one in table.people(n):
        below, above = (
            one.motor_study(**FIBULAR, site=s).truth.amplitude_uv for s in ("below_fibular_head", "above_fibular_head")
        )
        falls.append(100 * (1 - above / below))
    table.add(
        "13 fibular fall across the head, 97th percentile, %", [np.percentile(falls, 97)], published="<= 25",
        within=(-5, 25), source="Buschbacher 1999",
    )  # fmt: skip


def sensory(table: Table, n: int) -> None:
    """Target 11 in sensory nerves."""
    for key, latency, amplitude, source in SENSORY:
        got = [one.sensory_study(response=key, side="right").truth for one in table.people(n)]
        table.add_mean(f"11 {key} peak, ms", [t.peak_ms for t in got], latency, source=source)
        table.add_mean(f"11 {key} amplitude, uV", [t.amplitude_uv for t in got], amplitude, source=source)


def kimura(table: Table, n: int) -> None:
    """Target 10: areas relative to the palm (sensory) or the wrist (motor), as the absolute size is another cohort's."""
    sites = ("palm", "wrist", "elbow", "axilla")
    s, m = [], []
    for one in table.people(n):
        s.append(
            [one.sensory_study(response="median_d2", side="right", site=x).truth.negative_area_uv_ms for x in sites]
        )
        m.append([one.motor_study(**MEDIAN, site=x).truth.negative_area_uv_ms for x in sites])
    s, m = np.array(s) / np.array(s)[:, :1], np.array(m) / np.array(m)[:, 1:2]
    for k, (site, snap, cmap) in enumerate(zip(sites, (40.4, 37.0, 30.7, 23.9), (19.4, 19.8, 19.0, 18.2), strict=True)):
        for what, got, ratio, base in (("SNAP", s, snap / 40.4, "palm"), ("CMAP", m, cmap / 19.8, "wrist")):
            if site != base:
                table.add(
                    f"10 {what} area {site} / {base}", got[:, k], published=f"{ratio:.3f} +- 5 %",
                    within=(0.95 * ratio, 1.05 * ratio), source="Kimura 1986", kind="tuned",
                )  # fmt: skip


def strength_duration(table: Table, n: int) -> None:
    """Target 14, measured with pulses of 0.05 to 1 ms."""
    for sensory_axons, tau in ((False, 0.459), (True, 0.665)):
        found = [_time_constant(one, sensory_axons=sensory_axons) for one in table.people(min(n, 5))]
        table.add(
            f"14 strength-duration time, {'sensory' if sensory_axons else 'motor'}, ms", found,
            published=f"{tau} +- 10 %", within=(0.9 * tau, 1.1 * tau), source="Mogyoros 1996",
        )  # fmt: skip


def _time_constant(one: VirtualPatient, *, sensory_axons: bool) -> float:
    widths = np.array([0.05, 0.1, 0.2, 0.5, 1.0])
    axons = one.nerve("median_apb", "right").axons.excitability
    half = []
    for width in widths:
        threshold = threshold_current_ma(axons, depth_mm=6.0, pulse_width_ms=width, sensory=sensory_axons)
        grid = np.linspace(threshold.min() * 0.9, threshold.max() * 1.1, 2000)
        half.append(np.interp(0.5, [activation_probability(c, threshold).mean() for c in grid], grid))
    slope, cut = np.polyfit(widths, np.array(half) * widths, 1)
    return float(cut / slope)


def scan(table: Table, n: int) -> None:
    """Target 15."""
    ranges = []
    for one in table.people(n):
        got = one.cmap_scan(**MEDIAN, n_stimuli=300)
        size = np.sort(got.amplitudes_uv) / got.amplitudes_uv.max()
        current = np.sort(got.currents_ma)
        s5, s50, s95 = (current[np.searchsorted(size, x)] for x in (0.05, 0.5, 0.95))
        ranges.append(100 * (s95 - s5) / s50)
    table.add(
        "15 CMAP scan relative range, %",
        ranges,
        published="20-35",
        within=(20, 35),
        source="Sleutjes 2021",
        kind="tuned",
    )


def f_waves(table: Table, n: int) -> None:
    """Target 16; both sides for the side difference; amplitudes of F and M are both peak to peak."""
    for name, where, targets, size_limits, size_source in F_TARGETS:
        found = [[_f_figures(one, {**where, "side": side}) for side in ("right", "left")] for one in table.people(n)]
        right = np.array([pair[0] for pair in found])
        labels = ("persistence, %", "minimum, ms", "chronodispersion, ms")
        for k, (label, (mean, low, high)) in enumerate(zip(labels, targets, strict=True)):
            table.add(
                f"16 F {name} {label}", right[:, k], published=f"{mean} ({low}-{high})", within=(low, high),
                source="n = 100, 32 stimuli (PMID 15351376); 79 % of 200", kind="tuned",
            )  # fmt: skip
        table.add(
            f"16 F {name} median amplitude / M, both p-p, %", right[:, 3], published=f"{size_limits[0]:g}-{size_limits[1]:g}",
            within=size_limits, source=size_source,
        )  # fmt: skip
        sides = np.abs(right[:, 1] - np.array([pair[1] for pair in found])[:, 1])
        limit = 2.0 if name == "ulnar" else 4.0
        table.add(
            f"16 F {name} side difference of the minimum, 97th percentile, ms", [np.nanpercentile(sides, 97)],
            published=f"<= {limit:g} (M)", within=(0, limit), source="Kimura, memory",
        )  # fmt: skip


def _f_figures(one: VirtualPatient, where: dict[str, Any]) -> tuple[float, float, float, float]:
    waves = one.f_waves(**where, n_stimuli=32)
    onsets = np.array([w.onset_ms for w in waves if w.onset_ms is not None])
    if not len(onsets):
        return 0.0, np.nan, np.nan, np.nan
    first = waves[0]
    m_wave = first.simulated.truth.noise_free_uv - first.late_uv
    size = 100 * np.median([w.amplitude_uv for w in waves if w.onset_ms is not None]) / np.ptp(m_wave)
    return 100 * len(onsets) / 32, float(onsets.min()), float(np.ptp(onsets)), float(size)


def h_reflex(table: Table, n: int) -> None:
    """Target 17: the curve follows from collision."""
    ratio, latency, fit, left = [], [], [], []
    currents = np.linspace(2.0, 16.0, 57)
    for one in table.people(n):
        got = one.h_reflex(side="right", currents_ma=tuple(currents))
        h = np.array([r.late_uv.min() * -1 for r in got])
        m = np.array([r.direct_amplitude_uv for r in got])
        ratio.append(h.max() / m.max())
        latency.append(min(r.onset_ms for r in got if r.onset_ms is not None))
        left.append(h[-1] / h.max())
        fit.append(sigmoid_fit(currents[: h.argmax() + 1], h[: h.argmax() + 1] / h.max()))
    table.add("17 H ascending sigmoid R2", fit, published=">= 0.85", within=(0.85, 1.0), source="PMC12450697")
    table.add("17 H at supramaximal / Hmax", left, published="0", within=(0.0, 0.02), source="collision")
    table.add("17 Hmax / Mmax", ratio, published="0.3-0.7", within=(0.3, 0.7), source="memory", kind="tuned")
    table.add_mean("17 H latency, ms", latency, (30.3, 2.4), source="n = 251", kind="free")


def sigmoid_fit(x: np.ndarray, y: np.ndarray) -> float:
    """R squared of a sigmoid through the ascending limb."""
    from scipy.optimize import curve_fit

    def sigmoid(c: np.ndarray, top: float, middle: float, width: float) -> np.ndarray:
        return top / (1 + np.exp(-(c - middle) / width))

    try:
        best, _ = curve_fit(sigmoid, x, y, p0=(1.0, x[y.searchsorted(0.5)], 0.3), maxfev=4000)
    except (RuntimeError, IndexError, TypeError):
        return np.nan
    return float(1 - ((y - sigmoid(x, *best)) ** 2).sum() / ((y - y.mean()) ** 2).sum())


def temperature(table: Table, n: int) -> None:
    """Target 21, between 30 and 34 C."""
    v, d = [], []
    for one in table.people(n):
        got = {}
        for t in (34.0, 30.0):
            setup = dataclasses.replace(MOTOR_SETUP, skin_temperature_degc=t)
            near, far = (one.motor_study(**MEDIAN, site=s, setup=setup).truth for s in ("wrist", "elbow"))
            got[t] = (near.onset_ms, velocity_m_per_s(near, far))
        v.append((got[34.0][1] - got[30.0][1]) / 4)
        d.append((got[30.0][0] - got[34.0][0]) / 4)
    table.add("21 velocity per C, m/s", v, published="1.3-2", within=(1.3, 2.0), source="ulnar study; Kim 2006")
    table.add(
        "21 distal latency per C, ms", d, published="0.2 +- 0.05", within=(0.15, 0.25), source="Kim 2006", kind="tuned"
    )


def blink(table: Table, n: int) -> None:
    """Blink reflex: means, and limits that 97 % of healthy people keep."""
    found = []
    for one in table.people(n):
        got = {side: one.blink_reflex(side=side) for side in ("left", "right")}
        direct = one.motor_study(nerve="facial", muscle="orbicularis_oculi", side="right", site="tragus").truth.onset_ms
        right, left = got["right"], got["left"]
        found.append(
            [right.r1_onset_ms, right.r2_same_onset_ms, right.r2_other_onset_ms, right.r1_onset_ms / direct,
             abs(right.r1_onset_ms - left.r1_onset_ms)]
        )  # fmt: skip
    r = np.array(found, dtype=float)
    table.add("blink R1, ms", r[:, 0], published="about 10", within=(9.5, 10.5), source="PMID 8758294", kind="tuned")
    table.add("blink R2, ms", r[:, 1], published="about 29", within=(28.0, 31.0), source="PMID 8758294", kind="tuned")
    for label, column, limit in (("R1", 0, 13.0), ("R2 same side", 1, 41.0), ("R2 other side", 2, 44.0), ("R1 side difference", 4, 1.2)):  # fmt: skip
        top = np.nanpercentile(r[:, column], 97)
        table.add(f"blink {label}, 97th percentile, ms", [top], published=f"<= {limit:g} (M)", within=(0, limit), source="Kimura, memory")  # fmt: skip
    table.add(
        "blink R1 / direct response", r[:, 3], published="2.6-4.6 (M)", within=(2.6, 4.6), source="Kimura, memory"
    )
