/**
 * What the catalog believes about an entry, given what each source last said. Sources are laid over one another field by field,
 * the strongest on top, so that an operator who corrects one figure leaves the rest to the seed and its upgrades.
 */
import type { Device, DeviceClaim } from '../domain/devices/device.ts';
import { compareIds, type EntryKind } from './entry.ts';
import type { EntryState } from './tables.ts';

/** The newest version of one entry by one source, at the revision that is being read. */
export interface EntryStatement {
  readonly kind: EntryKind;
  readonly id: string;
  readonly sourceId: string;
  /** The lowest number wins. */
  readonly precedence: number;
  readonly revision: number;
  readonly state: EntryState;
  /** Null when void. From the strongest source it may hold some fields only. */
  readonly body: Readonly<Record<string, unknown>> | null;
}

/** Where an entry comes from: its statements, the strongest first, and the revision that last touched it. */
export interface EntryOrigin {
  readonly revision: number;
  readonly statements: readonly EntryStatement[];
}

type ClaimedFields = Partial<
  Pick<
    Device,
    | 'memoryBytes'
    | 'memoryBandwidthBytesPerSecond'
    | 'tdpWatts'
    | 'idleWatts'
    | 'provisionedWatts'
    | 'linkBytesPerSecond'
  >
> & { densePeakFlops?: Device['densePeakFlops'] };

const SCALAR_FIELD_OF_METRIC = {
  memory: 'memoryBytes',
  memory_bandwidth: 'memoryBandwidthBytesPerSecond',
  tdp: 'tdpWatts',
  idle_power: 'idleWatts',
  provisioned_power: 'provisionedWatts',
  link_bandwidth: 'linkBytesPerSecond',
} as const satisfies Partial<Record<DeviceClaim['metric'], keyof ClaimedFields>>;

/** A device of which nobody claims anything: unknown is null, never zero. */
const NO_FIGURES = {
  densePeakFlops: {},
  memoryBytes: null,
  memoryBandwidthBytesPerSecond: null,
  tdpWatts: null,
  idleWatts: null,
  provisionedWatts: null,
  linkBytesPerSecond: null,
} as const satisfies ClaimedFields;

/** The lowest rank first, then the newest source date. */
const byTrust = (a: DeviceClaim, b: DeviceClaim): number =>
  a.sourceRank - b.sourceRank || compareIds(b.sourceDate ?? '', a.sourceDate ?? '') || compareIds(a.source, b.source);

/** The figures that claims win, dense peaks only: sparse ones are kept as claims and never used for one another. */
export const figuresOfClaims = (claims: readonly DeviceClaim[]): ClaimedFields => {
  const figures: Record<string, unknown> = {};
  const peaks: Record<string, number> = {};
  for (const claim of [...claims].sort(byTrust).reverse()) {
    if (claim.metric !== 'peak_flops') figures[SCALAR_FIELD_OF_METRIC[claim.metric]] = claim.value;
    else if (claim.sparsity === 'dense' && claim.format !== null) peaks[claim.format] = claim.value;
  }
  if (Object.keys(peaks).length > 0) figures.densePeakFlops = peaks;
  return figures as ClaimedFields;
};

/** One source's device body laid over what weaker sources made: its claims win their metrics, the others stay. */
const overlayDevice = (
  below: Record<string, unknown> | undefined,
  body: Readonly<Record<string, unknown>>,
): Record<string, unknown> => {
  const claims = (body.claims ?? []) as readonly DeviceClaim[];
  if (below === undefined) return { aliases: [], ...NO_FIGURES, ...figuresOfClaims(claims), ...body, claims };
  const { densePeakFlops, ...scalars } = figuresOfClaims(claims);
  return {
    ...below,
    ...body,
    ...scalars,
    densePeakFlops: { ...(below.densePeakFlops as object), ...densePeakFlops },
    claims: [...claims, ...((below.claims ?? []) as readonly DeviceClaim[])],
  };
};

/** The entry that the statements add up to; undefined when the strongest says it is gone or nobody says anything. */
const resolveOne = (strongestFirst: readonly EntryStatement[]): Record<string, unknown> | undefined => {
  const strongest = strongestFirst[0];
  if (strongest === undefined || strongest.state === 'retired') return undefined;
  let entry: Record<string, unknown> | undefined;
  for (const { kind, body } of [...strongestFirst].reverse()) {
    if (body !== null) entry = kind === 'device' ? overlayDevice(entry, body) : { ...entry, ...body };
  }
  return entry === undefined ? undefined : { id: strongest.id, ...entry };
};

/**
 * @param statements on one entry, at most one per source, in any order.
 * @param earlier the revision that touched it before them; 0 for none.
 */
export const resolveEntry = (
  statements: readonly EntryStatement[],
  earlier = 0,
): { readonly entry: Record<string, unknown> | undefined; readonly origin: EntryOrigin } => {
  const spoken = statements.filter(({ state }) => state !== 'void').sort((a, b) => a.precedence - b.precedence);
  // A gone entry keeps its origin, so that a conditional write can still name the version that it goes on from.
  const revision = statements.reduce((newest, statement) => Math.max(newest, statement.revision), earlier);
  return { entry: resolveOne(spoken), origin: { revision, statements: spoken } };
};
