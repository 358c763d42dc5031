/* The limbs as a plan: outline, nerves, where the electrodes lie. x follows the way along the limb in cm; no state. */

export const SIZE = { width: 620, height: 236 };

/* Each limb: cm at the left and right edge, filled outlines, and thick lines (fingers) as [x0, y0, x1, y1, width]. */
export const LIMBS = {
  arm: {
    name: "arm, palm side", from: 14, to: 88,
    outlines: ["M0 66 C90 62 190 62 256 74 C310 84 380 96 432 98 L432 152 C380 158 320 172 262 180 C180 190 90 190 0 186 Z",
      "M424 98 C450 90 470 84 500 82 C520 82 528 92 528 110 L526 150 C520 166 492 172 470 168 C452 164 440 156 424 152 Z"],
    fingers: [[512, 92, 580, 76, 20], [518, 106, 602, 96, 22], [520, 124, 608, 122, 23], [514, 142, 596, 148, 22], [466, 158, 536, 206, 25]],
    lines: [{ at: 43, text: "elbow crease" }, { at: 66, text: "wrist crease" }],
    nerves: {
      ulnar: "M0 84 C120 84 220 78 268 84 C340 92 400 104 440 106 C470 104 490 100 512 92",
      median: "M0 104 C120 108 220 122 268 124 C340 126 400 126 440 126 C464 126 474 140 478 152",
      radial: "M0 150 C100 150 180 156 240 160 C300 160 380 146 430 146 C450 148 464 158 474 166",
      musculocutaneous: "M0 132 C80 136 170 144 240 146 C300 146 350 142 390 138",
    },
  },
  head: {
    name: "head and neck, from the side", from: 0, to: 34,
    outlines: ["M150 236 C152 200 160 186 180 170 C150 150 144 96 176 58 C214 16 300 14 342 52 C366 76 366 96 380 116 C386 126 372 130 370 136 C372 150 366 172 352 174 C334 178 316 172 306 178 C300 196 310 214 330 236 Z"],
    fingers: [],
    lines: [],
    nerves: {
      facial: "M214 116 C240 118 268 116 300 112 C320 110 336 112 352 116",
      trigeminal: "M214 104 C250 92 290 76 330 72",
      spinal_accessory: "M220 150 C210 176 190 204 180 232",
      phrenic: "M236 160 C238 186 240 206 242 232",
      great_auricular: "M236 190 C232 170 222 150 216 128",
    },
  },
  leg: {
    name: "leg, outer side", from: 54, to: 132,
    outlines: ["M0 60 C60 62 110 74 150 80 C210 74 260 70 320 84 C370 96 400 104 424 106 L424 154 C392 158 350 166 300 176 C240 186 190 172 150 166 C100 174 50 184 0 188 Z",
      "M414 104 C450 100 500 108 560 128 C600 140 606 160 590 166 C540 172 470 172 414 168 C398 164 400 120 414 104 Z"],
    fingers: [],
    lines: [{ at: 71, text: "fibular head" }, { at: 107, text: "ankle" }],
    nerves: {
      fibular: "M0 104 C60 106 100 108 130 108 C160 102 200 104 240 110 C320 118 400 122 440 126 C470 130 500 138 520 142",
      tibial: "M0 138 C80 140 150 140 200 142 C280 146 360 152 414 154 C440 158 470 162 500 162",
      sural: "M150 140 C220 158 300 162 380 160 C410 160 440 164 470 168",
      femoral: "M0 76 C80 84 140 92 200 92 C280 96 360 106 414 112",
    },
  },
};

/* Which drawn nerve a study runs along, where its letters differ from the nerve's own name. */
const ALONG = { superficial_fibular: "fibular", deep_fibular: "fibular", common_fibular: "fibular", superficial_radial: "radial", posterior_interosseous: "radial", saphenous: "femoral", dorsal_ulnar_cutaneous: "ulnar", lateral_antebrachial_cutaneous: "musculocutaneous", medial_antebrachial_cutaneous: "ulnar" };

/* Places of the electrodes of a study in the picture, where the cm along the limb are not enough. */
const ELECTRODES = {
  median_apb: [[496, 172], [526, 199]], median_second_lumbrical: [[500, 128], [540, 112]], ulnar_interosseous: [[500, 112], [540, 100]],
  ulnar_adm: [[484, 92], [528, 88]], ulnar_fdi: [[500, 150], [524, 176]], radial_eip: [[392, 148], [424, 150]],
  median_d1: [[504, 184], [526, 199]], median_d2: [[552, 146], [580, 148]], median_d3: [[562, 122], [590, 122]], median_d4: [[560, 102], [586, 98]],
  ulnar_d4: [[560, 102], [586, 98]], ulnar_d5: [[546, 84], [570, 78]], superficial_radial: [[476, 166], [504, 176]], dorsal_ulnar_cutaneous: [[488, 90], [520, 88]],
  fibular_edb: [[498, 132], [560, 142]], fibular_ta: [[250, 92], [300, 96]], tibial_ah: [[490, 158], [560, 160]], tibial_adqp: [[500, 166], [566, 164]], tibial_soleus: [[300, 168], [370, 160]],
  sural: [[420, 164], [452, 166]], superficial_fibular: [[432, 118], [464, 122]], saphenous: [[430, 114], [460, 116]],
};

/** Picture of one study: limb, the drawn nerve, and a function from cm to x. */
export function plan(study) {
  const limb = LIMBS[study.limb];
  const xOf = (cm) => Math.min(Math.max(((cm - limb.from) / (limb.to - limb.from)) * SIZE.width, 14), SIZE.width - 14);
  const word = study.nerve.replaceAll(" ", "_");
  const nerve = limb.nerves[word] ? word : ALONG[word] || ALONG[study.key] || Object.keys(limb.nerves).find((name) => study.key.startsWith(name)) || Object.keys(limb.nerves)[0];
  return { limb, xOf, nerve, electrodes: ELECTRODES[study.key] || null };
}
