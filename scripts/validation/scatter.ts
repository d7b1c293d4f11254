/** Predicted against measured, logarithmic on both axes, as one SVG of small panels: docs/validation.svg. */
import { type Comparison, quantile, type ValidationTable } from '../../test/validation/table.ts';

const PANEL = 250;
const GAP = { left: 62, top: 46, right: 18, bottom: 44 };
const COLUMNS = 3;
const KINDS = [
  { name: 'dense', colour: '#1f6fb4', holds: (group: string) => group.startsWith('dense') },
  { name: 'mixture of experts', colour: '#d1690e', holds: (group: string) => group.startsWith('mixture') },
  { name: 'other', colour: '#3d8b40', holds: () => true },
] as const;

interface Panel {
  readonly title: string;
  readonly unit: string;
  readonly scale: number;
}

/** Titles of the tables that are drawn, and the unit of their axes. */
const PANELS: Readonly<Record<string, Panel>> = {
  'Closed-loop TPOT': { title: 'Time per output token', unit: 'ms', scale: 1000 },
  'Closed-loop TTFT': { title: 'Time to first token, closed loop', unit: 'ms', scale: 1000 },
  'TensorRT-LLM tables': { title: 'TensorRT-LLM maximum throughput', unit: 'tokens/s', scale: 1 },
  'Decode on single devices': { title: 'Decode on edge, Apple, CPU and cards', unit: 'tokens/s', scale: 1 },
  'MLPerf Offline, language (never fitted)': { title: 'MLPerf Offline, language', unit: 'tokens/s', scale: 1 },
  'MLPerf Offline by the sample, left out': {
    title: 'MLPerf Offline, vision, speech, images',
    unit: 'samples/s',
    scale: 1,
  },
};

/** Held-out predictions where there are any. */
export function validationScatter(tables: readonly ValidationTable[]): string {
  const drawn = tables.flatMap(({ title, points }) => {
    const panel = PANELS[title];
    return panel === undefined || points === undefined ? [] : [{ panel, points }];
  });
  const width = COLUMNS * (GAP.left + PANEL + GAP.right);
  const rowHeight = GAP.top + PANEL + GAP.bottom;
  const height = Math.ceil(drawn.length / COLUMNS) * rowHeight + 28;
  const panels = drawn.map(({ panel, points }, index) => {
    const x = (index % COLUMNS) * (GAP.left + PANEL + GAP.right) + GAP.left;
    const y = Math.floor(index / COLUMNS) * rowHeight + GAP.top;
    return `<g transform="translate(${x} ${y})">${panelOf(panel, points)}</g>`;
  });
  const legend = KINDS.map(
    ({ name, colour }, index) =>
      `<circle cx="${GAP.left + index * 150}" cy="${height - 14}" r="4" fill="${colour}"/><text x="${GAP.left + index * 150 + 10}" y="${height - 10}">${name}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="11" fill="#333" role="img" aria-label="Predicted against measured, by quantity">
<rect width="${width}" height="${height}" fill="#fff"/>
${panels.join('\n')}
${legend.join('\n')}
<text x="${width - GAP.right}" y="${height - 10}" text-anchor="end">lines: equal and 20 % off; held-out predictions where constants are fitted</text>
</svg>
`;
}

function panelOf({ title, unit, scale }: Panel, points: readonly Comparison[]): string {
  const pairs = points
    .map(({ measured, predicted, heldOut, group }) => ({
      measured: measured * scale,
      predicted: (heldOut ?? predicted) * scale,
      group,
    }))
    .filter(({ measured, predicted }) => measured > 0 && predicted > 0);
  const logs = pairs.flatMap(({ measured, predicted }) => [Math.log10(measured), Math.log10(predicted)]);
  const low = Math.floor(Math.min(...logs) * 2) / 2;
  const high = Math.ceil(Math.max(...logs) * 2) / 2;
  const at = (value: number): number => ((Math.log10(value) - low) / (high - low)) * PANEL;
  const diagonal = (ratio: number): string => {
    const from = Math.max(low, low - Math.log10(ratio));
    const to = Math.min(high, high - Math.log10(ratio));
    const [x1, x2] = [at(10 ** from), at(10 ** to)];
    const [y1, y2] = [PANEL - at(10 ** from * ratio), PANEL - at(10 ** to * ratio)];
    const dash = ratio === 1 ? '' : ' stroke-dasharray="4 4"';
    return `<path d="M${tenth(x1)} ${tenth(y1)}L${tenth(x2)} ${tenth(y2)}" stroke="#999"${dash} fill="none"/>`;
  };
  const ticks: string[] = [];
  for (let power = Math.ceil(low); power <= Math.floor(high); power++) {
    const position = tenth(at(10 ** power));
    const label = tickLabel(power);
    ticks.push(
      `<path d="M${position} 0V${PANEL}M0 ${tenth(PANEL - position)}H${PANEL}" stroke="#eee"/>`,
      `<text x="${position}" y="${PANEL + 15}" text-anchor="middle">${label}</text>`,
      `<text x="-6" y="${tenth(PANEL - position + 4)}" text-anchor="end">${label}</text>`,
    );
  }
  const taken = new Set<Comparison['group']>();
  const dots = KINDS.map(({ colour, holds }) => {
    const groups = new Set(pairs.map(({ group }) => group).filter((group) => !taken.has(group) && holds(group)));
    for (const group of groups) taken.add(group);
    const path = pairs
      .filter(({ group }) => groups.has(group))
      .map(({ measured, predicted }) => `M${tenth(at(measured))} ${tenth(PANEL - at(predicted))}h0`)
      .join('');
    return path === ''
      ? ''
      : `<path d="${path}" stroke="${colour}" stroke-opacity=".45" stroke-width="4" stroke-linecap="round" fill="none"/>`;
  });
  const errors = pairs.map(({ measured, predicted }) => Math.abs(predicted / measured - 1)).sort((a, b) => a - b);
  const median = `${pairs.length} cases, median error ${(100 * quantile(errors, 0.5)).toFixed(1)} %`;
  return [
    `<text x="0" y="-22" font-weight="600" font-size="13">${title}</text>`,
    `<text x="0" y="-7">${median}</text>`,
    ...ticks,
    `<rect width="${PANEL}" height="${PANEL}" fill="none" stroke="#bbb"/>`,
    ...[1, 1.2, 0.8].map(diagonal),
    ...dots,
    `<text x="${PANEL / 2}" y="${PANEL + 32}" text-anchor="middle">measured, ${unit}</text>`,
    `<text transform="translate(-46 ${PANEL / 2}) rotate(-90)" text-anchor="middle">predicted, ${unit}</text>`,
  ].join('');
}

const tickLabel = (power: number): string =>
  power >= 6
    ? `${10 ** (power - 6)} M`
    : power >= 3
      ? `${10 ** (power - 3)} k`
      : String(Number((10 ** power).toPrecision(1)));

const tenth = (value: number): number => Math.round(value * 10) / 10;
