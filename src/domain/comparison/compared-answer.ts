/** Answers of whatever kind in one form, so that they can be laid side by side. */
import type { FormulaInput, LineItem } from '../economics/line-item.ts';
import type { PriceUse } from '../economics/price-use.ts';
import type { MoneyFigure } from '../estimate/answer.ts';
import type { InferenceEstimate } from '../inference/estimate-result.ts';
import type { LifecycleEstimate } from '../lifecycle/estimate-result.ts';
import { toNumber } from '../money.ts';
import type { TrainingEstimate } from '../training/estimate-result.ts';

export type ComparedKind = 'inference' | 'training' | 'lifecycle';

export interface ComparedLine {
  readonly id: string;
  readonly label: string;
  readonly usd: number;
  readonly band: { readonly p10: number; readonly p90: number };
  /** Factors of the amount where it is their product; empty where it is not. */
  readonly inputs: readonly FormulaInput[];
}

interface ComparedMetric {
  readonly id: string;
  readonly label: string;
  readonly unit: string;
  readonly value: number | null;
}

/** What was chosen or follows, in a word: device, place, format. */
interface ComparedFact {
  readonly id: string;
  readonly label: string;
  readonly value: string;
}

export interface ComparedAnswer {
  readonly kind: ComparedKind;
  readonly status: 'feasible' | 'infeasible';
  readonly summary: string;
  /** Null without an answer, and where several devices take turns. */
  readonly deviceId: string | null;
  /** Null where there is no answer. */
  readonly total: MoneyFigure | null;
  readonly lines: readonly ComparedLine[];
  readonly metrics: readonly ComparedMetric[];
  readonly facts: readonly ComparedFact[];
  readonly prices: readonly PriceUse[];
}

const nothing = (kind: ComparedKind, summary: string): ComparedAnswer => ({
  kind,
  status: 'infeasible',
  summary,
  deviceId: null,
  total: null,
  lines: [],
  metrics: [],
  facts: [],
  prices: [],
});

const lineOf = ({ id, label, amount, band, inputs }: LineItem): ComparedLine => ({
  id,
  label,
  usd: toNumber(amount),
  band,
  inputs: isProduct(toNumber(amount), inputs) ? inputs : [],
});

/** Rounding of money apart. */
const isProduct = (usd: number, inputs: readonly FormulaInput[]): boolean => {
  if (usd <= 0 || inputs.length === 0) return false;
  const product = inputs.reduce((value, input) => value * input.value, 1);
  return Math.abs(product / usd - 1) < 1e-4;
};

const metric = (id: string, label: string, unit: string, value: number | null): ComparedMetric => ({
  id,
  label,
  unit,
  value,
});

const fact = (id: string, label: string, value: string | number | null): ComparedFact[] =>
  value === null ? [] : [{ id, label, value: String(value) }];

export function comparedInference(answer: InferenceEstimate): ComparedAnswer {
  if (answer.status === 'infeasible') return nothing('inference', answer.summary);
  const { costPerMonth, costPerRequest, costPerMillionTokens, performance, deployment, energyPerMonth } = answer;
  const latency =
    performance.kind === 'language'
      ? [
          metric('ttftMsP95', 'Time to first token, 95th percentile', 'ms', performance.ttftMs.p95.p50),
          metric(
            'timePerOutputTokenMsP95',
            'Time per token, 95th percentile',
            'ms',
            performance.timePerOutputTokenMs.p95.p50,
          ),
          metric('endToEndMsP95', 'Whole request, 95th percentile', 'ms', performance.endToEndMs.p95.p50),
        ]
      : [metric('endToEndMsP95', 'Whole request, 95th percentile', 'ms', performance.latencyMs.p95.p50)];
  return {
    kind: 'inference',
    status: 'feasible',
    summary: answer.summary,
    deviceId: deployment.deviceId,
    total: costPerMonth.total,
    lines: costPerMonth.lineItems.map(lineOf),
    metrics: [
      metric('usdPerRequest', 'Cost of a request', 'USD', Number(costPerRequest.amount.amount)),
      metric(
        'usdPerMillionTokens',
        'Cost of a million tokens',
        'USD',
        costPerMillionTokens === null ? null : Number(costPerMillionTokens.amount.amount),
      ),
      metric('devices', 'Devices', 'devices', deployment.devices),
      metric('devicesPaid', 'Devices paid for', 'devices', deployment.devicesPaid),
      metric('utilizationAtPeak', 'Utilization at peak', 'share', performance.utilizationAtPeak.p50),
      ...latency,
      metric('facilityKilowattHours', 'Energy of a month', 'kWh', energyPerMonth?.facilityKilowattHours.p50 ?? null),
      metric('carbonKilograms', 'Emissions of a month', 'kg CO2e', energyPerMonth?.carbonKilograms.p50 ?? null),
    ],
    facts: [
      ...fact('device', 'Device', deployment.deviceName),
      ...fact('weightFormat', 'Weights', deployment.weightFormat),
      ...fact('layout', 'Devices of a replica', deployment.devicesPerReplica),
      ...fact('replicas', 'Replicas', deployment.servingReplicas),
      ...fact('provider', 'Provider', deployment.providerId),
      ...fact('region', 'Region', deployment.regionId),
      ...fact('bindingConstraint', 'What limits it', answer.bindingConstraint.constraint),
    ],
    prices: answer.prices,
  };
}

export function comparedTraining(answer: TrainingEstimate): ComparedAnswer {
  if (answer.status === 'infeasible') return nothing('training', answer.summary);
  const { cost, cluster, run, step, energy } = answer;
  return {
    kind: 'training',
    status: 'feasible',
    summary: answer.summary,
    deviceId: cluster.deviceId,
    total: cost.total,
    lines: cost.lineItems.map(lineOf),
    metrics: [
      metric('wallClockDays', 'Days from start to finish', 'days', run.wallClockDays.p50),
      metric('deviceHours', 'Paid device-hours of the run', 'device-hours', run.deviceHours.p50),
      metric('mfu', 'Model FLOPs utilization', 'share', step?.mfu ?? null),
      metric('goodput', 'Share of the time that trains', 'share', run.goodput),
      metric('devices', 'Devices', 'devices', cluster.devices),
      metric('facilityKilowattHours', 'Energy', 'kWh', energy?.facilityKilowattHours.p50 ?? null),
      metric('carbonKilograms', 'Emissions', 'kg CO2e', energy?.carbonKilograms.p50 ?? null),
    ],
    facts: [
      ...fact('device', 'Device', cluster.deviceName),
      ...fact('fabric', 'Network', cluster.fabric),
      ...fact('provider', 'Provider', cluster.providerId),
      ...fact('region', 'Region', cluster.regionId),
      ...fact('bindingConstraint', 'What limits it', answer.bindingConstraint.constraint),
    ],
    prices: answer.prices,
  };
}

export function comparedLifecycle(answer: LifecycleEstimate): ComparedAnswer {
  if (answer.status === 'infeasible') return nothing('lifecycle', answer.summary);
  const { total, lines, training, serving, crossing, presentValue, costPerRequest, phases } = answer;
  return {
    kind: 'lifecycle',
    status: 'feasible',
    summary: answer.summary,
    deviceId: null,
    total,
    lines: lines.map(({ id, label, cost }) => ({
      id,
      label,
      usd: toNumber(cost.amount),
      band: cost.band,
      inputs: [],
    })),
    metrics: [
      metric('usdTraining', 'Training', 'USD', toNumber(training.amount)),
      metric('usdServing', 'Serving', 'USD', toNumber(serving.amount)),
      metric('usdPresentValue', 'Present value of the costs', 'USD', toNumber(presentValue.amount)),
      metric('usdPerRequest', 'Cost of a request', 'USD', Number(costPerRequest.amount.amount)),
      metric('crossingDay', 'Day serving overtakes training', 'days', crossing?.day ?? null),
    ],
    facts: phases.map(({ name, deviceId, weightFormat }) => ({
      id: `phase.${name}`,
      label: `Served from "${name}"`,
      value: `${deviceId}, ${weightFormat}`,
    })),
    prices: answer.prices,
  };
}
