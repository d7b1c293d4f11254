/** The answer in a sentence or two. */
import { milliseconds, moneyInWords, significant, thousands } from '../estimate/words.ts';
import { toNumber } from '../money.ts';
import type { FeasibleInference } from './estimate-result.ts';

export function summaryOf(estimate: Omit<FeasibleInference, 'summary'>): string {
  const { workload, deployment, costPerMonth, costPerRequest, performance } = estimate;
  const { total } = costPerMonth;
  const { currency } = total.amount;
  const place = deployment.regionId === null ? '' : ` in ${deployment.regionId}`;
  const replicas =
    deployment.servingReplicas + deployment.spareReplicas > 1 || deployment.devicesPerReplica > 1
      ? ` (${thousands(deployment.servingReplicas)} replica${deployment.servingReplicas === 1 ? '' : 's'} of ${deployment.devicesPerReplica}${deployment.spareReplicas > 0 ? ` and ${deployment.spareReplicas} spare` : ''})`
      : '';
  const cost =
    `${workload.modelName} for ${thousands(workload.requestsPerDay)} requests a day, ${significant(workload.peakRequestsPerSecond)}/s at peak: ` +
    `${thousands(deployment.devices)} x ${deployment.deviceName}${replicas}${place} for ${moneyInWords(toNumber(total.amount), currency)} a month ` +
    `(${moneyInWords(total.band.p10, currency)} to ${moneyInWords(total.band.p90, currency)}), ${moneyInWords(Number(costPerRequest.amount.amount), currency)} a request.`;
  const latency =
    performance.kind === 'language'
      ? `First token in ${milliseconds(performance.ttftMs.p95.p50)} and ${milliseconds(performance.timePerOutputTokenMs.p95.p50)} per token at the 95th percentile`
      : `${milliseconds(performance.latencyMs.p95.p50)} per ${performance.kind === 'vision' ? 'image' : performance.unit} at the 95th percentile`;
  const paid =
    deployment.devicesPaid > deployment.devices
      ? ` ${thousands(deployment.devicesPaid)} devices are paid for, since they come in whole instances.`
      : '';
  return `${cost} ${latency}, ${Math.round(performance.utilizationAtPeak.p50 * 100)} % utilized at peak.${paid}`;
}
