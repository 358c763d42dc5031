"""Small valid files of the formats of test_readers_b.py and test_fuzz_b.py, written from the published layouts."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np

RATE_HZ = 2000


def wave(n=400, scale=1000.0, seed=7):
    return np.round(np.random.default_rng(seed).normal(0, scale, n)).astype(np.int16)


# --- XDF 1.0 ---------------------------------------------------------------------------------------------------------


def _chunk(tag, content):
    return b"\x04" + struct.pack("<IH", len(content) + 2, tag) + content


def _xdf_header(number, name, kind, n_channels, rate, form, units=()):  # noqa: PLR0917
    channels = "".join(f"<channel><label>ch{i}</label><unit>{u}</unit></channel>" for i, u in enumerate(units))
    desc = f"<desc><channels>{channels}</channels></desc>" if units else "<desc/>"
    xml = (
        f'<?xml version="1.0"?><info><name>{name}</name><type>{kind}</type><channel_count>{n_channels}</channel_count>'
        f"<nominal_srate>{rate}</nominal_srate><channel_format>{form}</channel_format>"
        f"<hostname>secret-host</hostname>{desc}</info>"
    )
    return _chunk(2, struct.pack("<I", number) + xml.encode())


def _xdf_samples(number, times, values, form):
    body = struct.pack("<I", number) + b"\x04" + struct.pack("<I", len(times))
    for time, row in zip(times, values, strict=True):
        body += b"\x08" + struct.pack("<d", time)
        if form == "string":
            text = row.encode()
            body += b"\x01" + bytes([len(text)]) + text
        else:
            body += np.asarray(row, form).tobytes()
    return _chunk(3, body)


def xdf(path, *, kind="EMG", units=("millivolts", "microvolts"), gap_s=0.0, accelerometer=True):
    """Two EMG channels at 100 Hz, an accelerometer at 50 Hz and markers; a gap after 200 of 400 samples on request."""
    values = np.column_stack([wave(400), wave(400, seed=8)])
    times = 10 + np.arange(400) / 100
    times[200:] += gap_s
    out = b"XDF:" + _chunk(1, b'<?xml version="1.0"?><info><version>1.0</version></info>')
    out += _xdf_header(1, "arm", kind, 2, 100, "int16", units)
    out += _xdf_header(3, "marks", "Markers", 1, 0, "string")
    out += _xdf_samples(1, times, values, "<i2")
    if accelerometer:
        out += _xdf_header(2, "acc", "ACC", 1, 50, "float32", ("g",))
        out += _xdf_samples(2, 10 + np.arange(200) / 50, wave(200)[:, None].astype("<f4"), "<f4")
    out += _xdf_samples(3, [11.0, 12.5], ["start", "stop"], "string")
    path.write_bytes(out)
    return values


# --- Spike2 .smr -----------------------------------------------------------------------------------------------------


def spike2(path, *, unit=b" Volt", title=b"biceps EMG", gap_ticks=0):
    """One ADC channel at 5 kHz in two blocks, one keyboard channel; times in ticks of 10 us x 2."""
    from neo.rawio.spike2rawio import blockHeaderDesciption, channelHeaderDesciption1, headerDescription

    values = wave(400)
    head = np.zeros(1, headerDescription)[0]
    raw = bytearray(head.tobytes())
    dt = np.dtype(headerDescription)

    def put(field, content):
        offset = dt.fields[field][1]
        raw[offset : offset + len(content)] = content

    for field, form, value in (
        ("system_id", "<h", 3), ("us_per_time", "<h", 10), ("time_per_adc", "<h", 2), ("channels", "<h", 2),
        ("first_data", "<i", 1024), ("max_ftime", "<i", 10_000),
    ):  # fmt: skip
        put(field, struct.pack(form, value))
    put("copyright", b"(C) CED 87")
    put("comment1", b"\x0bsecret name")
    file = bytearray(4096 + 2048)
    file[: len(raw)] = raw
    cd = np.dtype(channelHeaderDesciption1)

    def channel(number, kind, title, first, blocks, tail):  # noqa: PLR0917
        entry = np.zeros(1, cd)[0]
        for field, value in (
            ("firstblock", first),
            ("lastblock", first),
            ("blocks", blocks),
            ("kind", kind),
            ("ideal_rate", 5000),
        ):
            entry[field] = value
        content = bytearray(entry.tobytes())
        offset = cd.fields["title"][1]
        content[offset : offset + len(title) + 1] = bytes([len(title)]) + title
        place = 512 + 140 * number
        file[place : place + len(content) + len(tail)] = content + tail

    channel(
        0,
        1,
        title[:9],
        1024,
        2,
        struct.pack("<ff", 0.001, 0.0) + bytes([len(unit)]) + unit.ljust(5, b"\0") + struct.pack("<h", 10),
    )
    channel(1, 5, b"Keyboard", 3072, 1, b"")

    def block(place, successor, start, end, items, content):  # noqa: PLR0917
        entry = np.zeros(1, blockHeaderDesciption)[0]
        entry["succ_block"], entry["start_time"], entry["end_time"], entry["items"] = successor, start, end, items
        file[place : place + 20 + len(content)] = entry.tobytes() + content

    # divide 10 x 10 us x 2 per ADC = 200 us per sample = 20 ticks of 10 us
    block(1024, 2048, 0, 199 * 20, 200, values[:200].tobytes())
    block(2048, -1, 200 * 20 + gap_ticks, 399 * 20 + gap_ticks, 200, values[200:].tobytes())
    block(3072, -1, 100, 100, 1, struct.pack("<ii", 100, ord("s")))
    path.write_bytes(bytes(file))
    return values


# --- ABF 1 -----------------------------------------------------------------------------------------------------------


def abf(path, *, unit=b"mV"):
    """ABF 1.8, one channel, two sweeps of 200 samples at 10 kHz, the second 0.5 s after the first."""
    values = wave(400)
    head = bytearray(6144)

    def put(offset, form, *content):
        struct.pack_into("<" + form, head, offset, *content)

    head[:4] = b"ABF "
    put(4, "f", 1.8)
    put(8, "h", 5)
    put(10, "i", 400)
    put(16, "i", 2)
    put(20, "i", 20200101)
    put(40, "i", 12)
    put(92, "i", 14)
    put(96, "i", 2)
    put(100, "h", 0)
    put(120, "h", 1)
    put(122, "f", 100.0)
    put(130, "f", 100.0)
    put(138, "i", 200)
    put(244, "f", 10.0)
    put(252, "i", 32768)
    put(410, "16h", 0, *([-1] * 15))
    head[442:452] = b"EMG 0".ljust(10)
    head[602:610] = unit.ljust(8)
    for offset in (730, 922, 1050, 4576):
        put(offset, "16f", *([1.0] * 16))
    data = values.tobytes().ljust(1024, b"\0")
    path.write_bytes(bytes(head) + data + struct.pack("<4i", 0, 200, 5000, 200))
    return values


# --- Intan .rhd 2.0 (RHD2000 application note: data file formats) ----------------------------------------------------


def _qstring(text):
    content = text.encode("utf-16-le")
    return struct.pack("<I", len(content)) + content


def intan(path, *, n_blocks=4, gap=0):
    """Two amplifier channels and one auxiliary at a quarter of the rate; 128 samples in a block."""
    rate = 20000.0
    out = struct.pack("<Ihh", 0xC6912702, 2, 0) + struct.pack("<fhffffff", rate, 1, 1.0, 0.1, 7500.0, 1.0, 0.1, 7500.0)
    out += struct.pack("<hff", 0, 1000.0, 1000.0) + _qstring("secret name") + _qstring("") + _qstring("")
    out += struct.pack("<hh", 0, 0) + _qstring("") + struct.pack("<h", 1)
    out += _qstring("Port A") + _qstring("A") + struct.pack("<hhh", 1, 3, 2)
    for number, (native, custom, kind) in enumerate(
        (("A-000", "needle EMG", 0), ("A-001", "surface EMG", 0), ("A-AUX1", "aux", 1))
    ):
        out += (
            _qstring(native)
            + _qstring(custom)
            + struct.pack("<10hff", number, number, kind, 1, number, 0, 0, 0, 0, 0, 0.0, 0.0)
        )
    counts = (wave(128 * n_blocks).astype(np.int32) + 32768).astype("<u2")
    for block in range(n_blocks):
        part = slice(block * 128, block * 128 + 128)
        first = block * 128 + (gap if block >= 2 else 0)
        out += np.arange(first, first + 128, dtype="<i4").tobytes()
        out += counts[part].tobytes() + counts[part][::-1].tobytes() + np.full(32, 1000, "<u2").tobytes()
    path.write_bytes(out)
    return counts


def intan_stimulator(path, *, n_blocks=3):
    """RHS2000: one amplifier channel with its DC and stimulus words, one analogue input; 128 samples in a block."""
    out = struct.pack("<Ihh", 0xD69127AC, 3, 0) + struct.pack(
        "<fh8f", 30000.0, 1, 1.0, 0.1, 1000.0, 7500.0, 1, 0.1, 1000, 7500
    )
    out += struct.pack("<h2f2h3f", 1, 1000.0, 1000.0, 0, 0, 1e-5, 1e-9, 0.0)
    out += (
        _qstring("secret name")
        + _qstring("")
        + _qstring("")
        + struct.pack("<hh", 1, 0)
        + _qstring("")
        + struct.pack("<h", 2)
    )
    groups = (("Port A", "A", "A-000", "nerve", 0, 1), ("Analog In Ports", "ANALOG-IN", "ANALOG-IN-1", "trigger", 3, 0))
    for group, prefix, native, custom, kind, n_amplifier in groups:
        out += _qstring(group) + _qstring(prefix) + struct.pack("<hhh", 1, 1, n_amplifier)
        out += _qstring(native) + _qstring(custom) + struct.pack("<11h2f", 0, 0, kind, 1, 0, 0, 0, 0, 0, 0, 0, 0.0, 0.0)
    counts = (wave(128 * n_blocks).astype(np.int32) + 32768).astype("<u2")
    dc = np.full(128, 612, "<u2")  # 100 steps above the middle
    stimulus = np.zeros(128, "<u2")
    stimulus[10:20], stimulus[20:30] = 0x100 | 50, 50  # negative phase first
    for block in range(n_blocks):
        part = slice(block * 128, block * 128 + 128)
        out += np.arange(part.start, part.stop, dtype="<i4").tobytes()
        out += counts[part].tobytes() + dc.tobytes() + stimulus.tobytes() + np.full(128, 32768 + 1600, "<u2").tobytes()
    path.write_bytes(out)
    return counts


# --- OpenSignals and BioSPPy -----------------------------------------------------------------------------------------


def opensignals_h5(path, *, device="biosignalsplux", sensor="EMG", n_bits=16, nsamples=None, lose=0):
    import h5py

    counts = (wave(400).astype(np.int32) + 2 ** (n_bits - 1)).clip(0, 2**n_bits - 1).astype(np.uint16)
    sequence = (np.arange(400) + np.where(np.arange(400) >= 200, lose, 0)) % 16
    with h5py.File(path, "w") as handle:
        group = handle.create_group("00:07:80:AA:BB:CC")
        facts = {
            "sampling rate": 1000, "resolution": np.array([n_bits]), "device": device, "date": "2020-1-2",
            "channels": np.array([1]), "nsamples": nsamples or 400, "macaddress": "00:07:80:AA:BB:CC",
        }  # fmt: skip
        group.attrs.update(facts)
        raw = group.create_group("raw")
        channel = raw.create_dataset("channel_1", data=counts[:, None])
        channel.attrs.update({"label": "CH1", "sensor": sensor})
        raw.create_dataset("nSeq", data=sequence.astype(np.uint16)[:, None])
    return counts


def opensignals_text(path, *, device="bitalino_rev", sensor="EMG"):
    counts = (wave(300, 100).astype(int) + 512).clip(0, 1023)
    header = {
        "98:D3:AA:BB:CC:DD": {
            "sensor": [sensor], "device name": "98:D3:AA:BB:CC:DD", "column": ["nSeq", "I1", "A1"], "time": "12:00:00",
            "comments": "secret name", "channels": [1], "date": "2020-1-2", "device": device, "sampling rate": 1000,
            "label": ["A1"], "resolution": [4, 1, 10],
        }
    }  # fmt: skip
    rows = "".join(f"{i % 16}\t0\t{count}\t\n" for i, count in enumerate(counts))
    path.write_text(f"# OpenSignals Text File Format\n# {json.dumps(header)}\n# EndOfHeader\n{rows}")
    return counts


def biosppy_text(path):
    counts = wave(300, 100).astype(int) + 2048
    rows = "".join(f"{count:.1f}\n" for count in counts)
    path.write_text(f"# Simple Text Format\n# Sampling Rate (Hz):= 1000.00\n# Resolution:= 12\n# Labels:= EMG\n{rows}")
    return counts


# --- OpenBCI ---------------------------------------------------------------------------------------------------------


def openbci_old(path, *, n_channels=8, jump=0):
    lines = [
        "%OpenBCI Raw EEG Data",
        f"%Number of channels = {n_channels}",
        "%Sample Rate = 250.0 Hz",
        "%First Column = SampleIndex",
    ]
    values = wave(600, 50).reshape(-1, 1) + np.arange(n_channels)
    for i, row in enumerate(values):
        number = (i + (jump if i >= 300 else 0)) % 256
        lines.append(
            ", ".join([str(number), *(f"{v:.2f}" for v in row), "0.1", "0.2", "0.3", "12:00:53.329", "1557936053329"])
        )
    path.write_text("\n".join(lines) + "\n")
    return values


def openbci_v6(path, *, n_channels=8, board="BoardCytonSerial"):
    exg = [f"EXG Channel {i}" for i in range(n_channels)]
    lines = [
        "%OpenBCI Raw EXG Data",
        f"%Number of channels = {n_channels}",
        "%Sample Rate = 250 Hz",
        f"%Board = OpenBCI_GUI${board}",
    ]
    lines.append(
        ", ".join(
            [
                "Sample Index",
                *exg,
                "Accel Channel 0",
                "Not Used",
                "Timestamp",
                "Marker Channel",
                "Timestamp (Formatted)",
            ]
        )
    )
    values = wave(600, 50).reshape(-1, 1) + np.arange(n_channels)
    for i, row in enumerate(values):
        mark = 3 if i == 250 else 0
        lines.append(
            ", ".join(
                [
                    str(i % 256),
                    *(f"{v:.2f}" for v in row),
                    "0.5",
                    "0",
                    "1557936053.3",
                    str(mark),
                    "2019-05-15 12:00:53.329",
                ]
            )
        )
    path.write_text("\n".join(lines) + "\n")
    return values


# --- Delsys, MonStim, delimited --------------------------------------------------------------------------------------


def delsys(path, *, unit="V", stated=400):
    fast, slow = wave(400) * 1e-7, wave(40) * 1e-3
    label = "Label: {} Sampling frequency: {:e} Number of points: {} start: 0.0 Unit: {} Domain Unit: s\n"
    text = label.format("Avanti 1: EMG 1", 2000, stated, unit) + label.format("Avanti 1: ACC.X 1", 200, 40, "g")
    text += 'Start Trigger Method: None\nStop Trigger Method: None\n\nX[s],"Avanti 1: EMG 1",X[s],"Avanti 1: ACC.X 1"\n'
    for i, value in enumerate(fast):
        tail = f"{i / 200},{slow[i]}" if i < 40 else ","
        text += f"{i / 2000},{value},{tail}\n"
    path.write_text(text)
    return fast, slow


def monstim(path):
    values = wave(5 * 80).reshape(5, 80) * 1e-3
    rows = [
        f"{sweep},1,{0.2 + 0.1 * sweep:.2f},{-1 + i * 0.1},{values[sweep, i]}" for sweep in range(5) for i in range(80)
    ]
    path.write_text("recording_index,channel_index,stimulus_V,time_point,amplitude_mV\n" + "\n".join(rows) + "\n")
    return values


def delimited(path, *, header="Time (s),EMG (mV),Force [N]", delimiter=",", decimal=".", encoding="utf-8", n=300):
    emg, force = wave(n) / 1000, wave(n, seed=9) / 10
    lines = [header] if header else []
    for i in range(n):
        lines.append(delimiter.join(f"{v:.5f}".replace(".", decimal) for v in (i / RATE_HZ, emg[i], force[i])))
    path.write_bytes(("\n".join(lines) + "\n").encode(encoding))
    return emg, force


# --- C3D, DICOM, QTRAC -----------------------------------------------------------------------------------------------


def c3d(path, *, unit="mV"):
    import c3d as library

    writer = library.Writer(point_rate=100, analog_rate=1000, point_scale=-1.0)
    analog = (wave(200) / 100).reshape(20, 10, 1)
    points = np.zeros((2, 5), np.float32)
    writer.set_point_labels(["mark", "other"])
    writer.set_analog_labels(["Biceps.EMG"])
    for frame in analog:
        writer.add_frames([(points, frame.T.astype(np.float32))])
    writer.set_analog_general_scale(1.0)
    writer.set_analog_scales([1.0])
    writer.set_analog_offsets([0])
    writer.analog_group.add_param(
        "UNITS", desc="", bytes_per_element=-1, dimensions=[4, 1], bytes=unit.ljust(4).encode()
    )
    with path.open("wb") as stream:
        writer.write(stream)
    return analog.ravel()


def dicom(path, *, unit="mV", samples=None, storage="ElectromyogramWaveformStorage"):
    import pydicom
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.sequence import Sequence
    from pydicom.uid import ExplicitVRLittleEndian, generate_uid

    stored = np.column_stack([wave(400), wave(400, seed=8)])
    channels = []
    for number in range(2):
        source, units = Dataset(), Dataset()
        source.CodeMeaning, units.CodeValue = f"electrode {number}", unit
        item = Dataset()
        item.ChannelSourceSequence = Sequence([source])
        if unit:
            item.ChannelSensitivityUnitsSequence = Sequence([units])
        item.ChannelSensitivity, item.ChannelSensitivityCorrectionFactor, item.ChannelBaseline = 0.001, 1, 0.5
        item.ChannelTimeSkew, item.WaveformBitsStored, item.FilterLowFrequency = 0.001 * number, 16, 20
        channels.append(item)
    group = Dataset()
    group.MultiplexGroupTimeOffset, group.SamplingFrequency = 500, 2000
    group.NumberOfWaveformChannels, group.NumberOfWaveformSamples = 2, samples or 400
    group.ChannelDefinitionSequence = Sequence(channels)
    group.WaveformBitsAllocated, group.WaveformSampleInterpretation = 16, "SS"
    group.WaveformOriginality = "ORIGINAL"
    group.add_new("WaveformData", "OW", stored.tobytes())
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.SOPClassUID = data.file_meta.MediaStorageSOPClassUID = getattr(pydicom.uid, storage)
    data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=["fixed"])
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.PatientName, data.PatientID, data.Modality = "Secret^Name", "12345", "EMG"
    data.WaveformSequence = Sequence([group])
    data.save_as(path, enforce_file_format=True)
    return stored


def qtrac(path):
    points = [(10.0 - i * 0.05, 8.0 - i * 0.04) for i in range(100)]
    rows = "".join(f"MS.{i + 1:<10}\t{stim:<10.3f}\t{amp:.3f}\r\n" for i, (stim, amp) in enumerate(points))
    path.write_text(
        "File:              \tC:\\Secret\\name.QZD\r\nName:              \tSECRET\r\nProtocol:          \tMSCAN-R2\r\n"
        "Date:              \t1/2/20\r\nStart time:        \t12:00:00\r\nAge:               \t43\r\nSex:               \tM\r\n"
        "Temperature:       \t33.1\r\nS/R sites:         \tMedian Wr-APB\r\nNC/disease:        \tNC\r\n"
        "Operator:          \tQQ\r\nComments:\r\nM-SCAN DATA (7.1-1.8m)\r\nScanpts: 3, 7, 90, 95\r\n"
        f"Stim. (mA)     \tAmp. (mV)\r\n{rows}DERIVED EXCITABILITY VARIABLES\r\nProgram = QTracP 3/4/2020\r\n"
        " 6.                 \t8.0\tPeak response\\(mV)\r\n\r\nEXTRA VARIABLES\r\n\r\nMScPeak(mV) = 8.0\r\n",
        newline="",
    )
    return np.array(points)


#: Format name, suffix, builder and what must be stated to read it.
ALL = {
    "xdf": (".xdf", xdf, {}),
    "spike2": (".smr", spike2, {}),
    "abf": (".abf", abf, {}),
    "intan": (".rhd", intan, {}),
    "opensignals_h5": (".h5", opensignals_h5, {}),
    "opensignals_text": (".txt", opensignals_text, {}),
    "biosppy_text": (".txt", biosppy_text, {"unit": "counts"}),
    "openbci_old": (".txt", openbci_old, {}),
    "openbci_v6": (".txt", openbci_v6, {}),
    "delsys": (".csv", delsys, {}),
    "monstim": (".csv", monstim, {}),
    "delimited": (".csv", delimited, {}),
    "c3d": (".c3d", c3d, {}),
    "dicom": (".dcm", dicom, {}),
    "qtrac": (".MEM", qtrac, {}),
}


def build(name, folder: Path) -> Path:
    suffix, builder, _ = ALL[name]
    path = folder / f"{name}{suffix}"
    builder(path)
    return path
