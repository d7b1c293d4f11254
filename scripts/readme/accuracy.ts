/** The errors that a reader wants to know first; every group is in docs/validation.md. */
import { factorValidator } from '../../test/validation/factors/validator.ts';
import { inferenceValidator } from '../../test/validation/inference/validator.ts';
import { sampleValidator } from '../../test/validation/samples/validator.ts';
import type { GroupRow } from '../../test/validation/table.ts';
import { trainingValidator } from '../../test/validation/training/validator.ts';

/** [what a reader calls it, title of the table, its group, whether the group itself is of cases that nothing was fitted to] */
type Headline = readonly [label: string, table: string, group: string, leftOut?: 'left out'];

const SERVING = ['dense', 'mixture of experts'] as const;
const VISION = 'without any run on the device';

const HEADLINES: readonly Headline[] = [
  ...SERVING.flatMap((kind): Headline[] => [
    [`Time per output token, ${kind}`, 'Closed-loop TPOT', `${kind}, all`],
    [`Throughput of a server, ${kind}`, 'Closed-loop throughput', `${kind}, all`],
    [`Time to first token in a closed loop, ${kind}`, 'Closed-loop TTFT', `${kind}, all`],
  ]),
  ...['v0.14.0', 'v0.20', 'v1.0'].map(
    (version): Headline => [
      `TensorRT-LLM ${version}, maximum throughput, dense`,
      'TensorRT-LLM tables',
      `dense, max throughput ${version}`,
    ],
  ),
  [
    'TensorRT-LLM v0.14.0, maximum throughput, mixture of experts',
    'TensorRT-LLM tables',
    'mixture of experts, max throughput v0.14.0',
  ],
  ['MLPerf Offline, language models', 'MLPerf Offline, language (never fitted)', 'all', 'left out'],
  ['MLPerf Offline, vision, speech and images', 'MLPerf Offline by the sample, left out', 'all', 'left out'],
  ['MLPerf single stream, 90th percentile', 'MLPerf single stream p90, left out', 'all', 'left out'],
  ['Decode on edge devices, Apple, processors and single cards', 'Decode on single devices', 'all'],
  ['Reading prompts on the same devices', 'Prompts on single devices', 'all'],
  ['Vision throughput, on a device never measured', 'Vision, samples per second', VISION, 'left out'],
  ['Vision latency, on a device never measured', 'Vision, single-stream latency', VISION, 'left out'],
  [
    'Vision throughput and latency, every row, refusals counted as misses',
    'Vision, samples per second',
    'every row of all metrics, refusals missed',
    'left out',
  ],
  ['Factor of quantization', 'Factor of quantization (throughput, narrow over wide)', 'all'],
  ['Factor of batching', 'Factor of batching (throughput, larger batch over the smallest measured)', 'all'],
  ['Factor of speculative decoding', 'Factor of speculative decoding (with over without)', 'all'],
  ...SERVING.flatMap((kind): Headline[] => [
    [
      `Training rate, layout as published, ${kind}`,
      'Training rate, published layout (tokens/s/device)',
      `${kind}, all`,
    ],
    [`Training rate, layout found by us, ${kind}`, 'Training rate, layout by search', `${kind}, all`],
  ]),
  ['Fine-tuning rate', 'Fine-tuning rate', 'fine-tuning, all'],
  [
    'Whole training runs from model, tokens and device alone',
    'Whole-run device-hours from model, tokens and device alone',
    'tiers A and B, all',
  ],
  ['Memory of pretraining, peak', 'Peak training memory', 'pretraining, all'],
  ['Memory of LoRA, peak', 'Peak training memory', 'lora, all'],
  ['Memory of QLoRA, peak', 'Peak training memory', 'qlora, all'],
  ['Metered power of training', 'Metered training power and energy (W per node)', 'all'],
];

const percent = (value: number | null): string => (value === null ? '' : `${value.toFixed(1)} %`);

/** @throws where the validators know no such table or group */
export function accuracy(): string {
  const tables = [inferenceValidator, factorValidator, sampleValidator, trainingValidator].flatMap((it) => it.run());
  const rowOf = (table: string, group: string): GroupRow => {
    const row = tables.find(({ title }) => title === table)?.rows.find((it) => it.group === group);
    if (row === undefined) throw new Error(`No group '${group}' in the table '${table}'.`);
    return row;
  };
  const line = ([label, table, group, leftOut]: Headline): string => {
    const row = rowOf(table, group);
    const fitted = leftOut ? null : row.medianAbsoluteErrorPercent;
    const heldOut = leftOut ? row.medianAbsoluteErrorPercent : row.heldOutMedianPercent;
    const near = leftOut ? row.within20Percent : row.heldOutWithin20Percent;
    const cells = [percent(heldOut), percent(near), percent(fitted), percent(row.coveragePercent)];
    return `| ${label} | ${row.cases} | ${cells.join(' | ')} |`;
  };
  return [
    '| what | cases | median error, held out | within 20 %, held out | median error, fitted | 80 % band covers |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    ...HEADLINES.map(line),
  ].join('\n');
}
