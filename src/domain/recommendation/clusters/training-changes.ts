/**
 * Changes of the question with which a cluster trains it on a way of paying that has none. What the estimate advises knows nothing of
 * the limits on devices, so each change is searched with again, and told only where a cluster is found.
 */
import type { RelaxationAdvice } from '../../estimate/answer.ts';
import { changedRequest, fieldOf } from '../../estimate/changed-request.ts';
import { moneyInWords } from '../../estimate/words.ts';
import { toNumber } from '../../money.ts';
import { durationInWords } from '../../training/duration-in-words.ts';
import { roundedUp } from '../../training/rounded-up.ts';
import { fastestClusters } from './fastest-cluster.ts';
import type { ClusterSearch, FoundOptions, SizedOption } from './training-option.ts';

type Clusters = (search: ClusterSearch) => Promise<FoundOptions>;

/** The advice as a change of this request, else a later deadline that so few devices keep; null where neither helps. */
export async function changeThatHelps(
  search: ClusterSearch,
  clustersFor: Clusters,
  advice: RelaxationAdvice,
): Promise<RelaxationAdvice | null> {
  const field = fieldHere(advice.field);
  const advised = field === null ? null : await tried(search, clustersFor, field, advice.to);
  return advised ?? laterDeadline(search, clustersFor);
}

/** Place and time stand beside the training here; the device and the way of paying are what is looked for. */
function fieldHere(field: string): string | null {
  if (/^\/(device|customDevice|purchase)\b/.test(field)) return null;
  return /^\/(location|pricingAt)\b/.test(field) ? field : `/training${field}`;
}

async function tried(
  search: ClusterSearch,
  clustersFor: Clusters,
  field: string,
  to: number | string,
): Promise<RelaxationAdvice | null> {
  const request = changedRequest(search.request, field, to);
  const at = field === '/pricingAt' ? String(to) : search.at;
  const [option] = (await clustersFor({ ...search, request, at })).found;
  if (option === undefined) return null;
  const from = fieldOf(search.request, field) as number | string | undefined;
  return { field, from: from ?? null, to, effect: effectOf(option) };
}

async function laterDeadline(search: ClusterSearch, clustersFor: Clusters): Promise<RelaxationAdvice | null> {
  const { request } = search;
  const { deadlineDays, ...training } = request.training;
  if (deadlineDays === undefined || request.constraints?.maxDevices === undefined) return null;
  const [fastest] = (await fastestClusters({ ...search, request: { ...request, goal: 'fastest', training } })).found;
  const days = fastest?.estimate.run.wallClockDays.p50;
  if (days === undefined || days <= deadlineDays) return null;
  return tried(search, clustersFor, '/training/deadlineDays', roundedUp(days));
}

const effectOf = ({ estimate: { cluster, run }, hardware }: SizedOption): string =>
  `${cluster.devices.toLocaleString('en-US')} x ${cluster.deviceName} then take ${durationInWords(run.wallClockDays.p50)} and ${moneyInWords(toNumber(hardware), 'USD')} of hardware`;
