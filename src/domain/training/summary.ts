/** The answer in a sentence or two. */
import type { LineItem } from '../economics/line-item.ts';
import type { CostBreakdown } from '../estimate/answer.ts';
import { moneyInWords, significant, thousands } from '../estimate/words.ts';
import { toNumber } from '../money.ts';
import { GB } from '../units.ts';
import { computeItems } from './budget-report.ts';
import { durationRangeInWords } from './duration-in-words.ts';
import type { FeasibleTraining } from './estimate-result.ts';

const METHODS: Readonly<Record<string, string>> = {
  pretraining: 'Pretraining',
  full_fine_tuning: 'Full fine-tuning of',
  lora: 'LoRA fine-tuning of',
  qlora: 'QLoRA fine-tuning of',
  dpo: 'Preference tuning (DPO) of',
  dpo_lora: 'Preference tuning (DPO with LoRA) of',
  grpo: 'Reinforcement learning (GRPO) of',
  grpo_lora: 'Reinforcement learning (GRPO with LoRA) of',
};

export function trainingSummary({
  workload,
  cluster,
  run,
  cost,
  step,
  memory,
  budget,
}: Omit<FeasibleTraining, 'summary' | 'bindingConstraint' | 'narrowing'>): string {
  const { total } = cost;
  const { currency } = total.amount;
  const compute = sumOf(computeItems(cost));
  const data = dataInWords(workload);
  const place = cluster.regionId === null ? '' : ` in ${cluster.regionId}`;
  return (
    `${METHODS[workload.method] ?? 'Training'} ${workload.modelName} on ${data} takes ${durationRangeInWords(run.wallClockDays)} ` +
    `on ${thousands(cluster.devices)} x ${cluster.deviceName}${place}${step === null ? '' : mfuInWords(step.mfu, workload.precision)}: ` +
    `${moneyInWords(compute, currency)} of compute for the run, ${moneyInWords(toNumber(total.amount), currency)} in all ` +
    `(${moneyInWords(total.band.p10, currency)} to ${moneyInWords(total.band.p90, currency)})${besideCompute(cost)}.${fitInWords(memory)}${budget === null ? '' : ` ${budget.statement}`}`
  );
}

/** Empty where the layout surely fits. */
function fitInWords(memory: FeasibleTraining['memory']): string {
  if (memory === null || memory.fit === 'fits') return '';
  const gigabytes = (bytes: number) => significant(bytes / GB);
  const { p10, p50, p90 } = memory.totalBytes;
  return ` It is ${memory.fit} to fit in memory: the fullest device needs ${gigabytes(p50)} GB (${gigabytes(p10)} to ${gigabytes(p90)}) of ${gigabytes(memory.usableBytes)} GB.`;
}

/** MFU divides by the half-precision peak whatever the arithmetic, so that runs compare; said where that is not obvious. */
const mfuInWords = (mfu: number, precision: string): string =>
  ` at ${Math.round(mfu * 100)} % MFU${precision === 'bf16' || precision === 'fp16' ? '' : ' of the bf16 peak'}`;

const PARTS: readonly { readonly name: string; readonly categories: readonly LineItem['category'][] }[] = [
  { name: 'experiments', categories: ['experiments'] },
  { name: 'people', categories: ['people'] },
  { name: 'data and storage', categories: ['data', 'storage'] },
  { name: 'waiting', categories: ['waiting'] },
];

/** ": experiments 2.1 M USD, people 1.2 M USD, data and storage 96,000 USD" and what else there is. */
function besideCompute(cost: CostBreakdown): string {
  const { currency } = cost.total.amount;
  const parts = PARTS.map(({ name, categories }) => ({
    name,
    amount: sumOf(cost.lineItems.filter(({ category }) => categories.includes(category))),
  }));
  const named = parts.reduce((sum, { amount }) => sum + amount, sumOf(computeItems(cost)));
  const other = toNumber(cost.total.amount) - named;
  const told = [...parts, { name: 'other items', amount: other }]
    .filter(({ amount }) => amount >= LEAST_TOLD)
    .map(({ name, amount }) => `${name} ${moneyInWords(amount, currency)}`);
  return told.length === 0 ? '' : `: ${told.join(', ')}`;
}

/** Rounding of the line items leaves no part of its own. */
const LEAST_TOLD = 0.005;

const sumOf = (items: readonly LineItem[]): number => items.reduce((sum, { amount }) => sum + toNumber(amount), 0);

function dataInWords({ tokens, images, audioHours }: FeasibleTraining['workload']): string {
  if (tokens !== null) return `${inWords(tokens)} tokens`;
  return images === null ? `${inWords(audioHours ?? 0)} hours of audio` : `${inWords(images)} images`;
}

/** "15 T", "366 bn", "2 M". */
function inWords(value: number): string {
  if (value >= 1e12) return `${significant(value / 1e12)} T`;
  if (value >= 1e9) return `${significant(value / 1e9)} bn`;
  if (value >= 1e6) return `${significant(value / 1e6)} M`;
  return thousands(Math.round(value));
}
