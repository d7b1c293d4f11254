/** Which batches a cluster can share out: by the number of devices that one copy of the model is usually cut over. */

/** Stages of a pipeline that the search tries. */
export const PIPELINE_DEGREES = [
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 15, 16, 18, 20, 21, 24, 28, 32, 35, 40, 48, 64,
] as const;
/** Tensor and context parallelism come in powers of two. */
const OTHER_DEGREES = [1, 2, 4, 8, 16];

/** Devices that one copy of the model may be cut over, fewest first. */
const DEVICES_PER_COPY = [
  ...new Set(PIPELINE_DEGREES.flatMap((stages) => OTHER_DEGREES.map((other) => stages * other))),
].sort((a, b) => a - b);

const copiesOf = (devices: number): number[] =>
  DEVICES_PER_COPY.filter((share) => devices % share === 0).map((share) => devices / share);

/** The fewest copies of a model that a cluster of so many devices is cut into: each takes a sequence at least. */
export const fewestCopies = (devices: number): number => Math.min(...copiesOf(devices));

/** How far a batch may be moved, the least that is enough; beyond the last, to the nearest there is. */
const MOVES = [0, 0.05, 0.25];

/**
 * The batch near `sequences` that the copies of a model share out evenly, with as few devices per copy as a small move allows.
 * 10,000 devices share no 2,048 sequences, but 2,000.
 * @param unit sequences that stay together: the two answers of a pair, the answers to one prompt
 */
export function nearestSharedBatch(sequences: number, devices: number, unit = 1): number {
  for (const most of MOVES) {
    const near = sharedBatchWithin(most, sequences, devices, unit);
    if (near !== null) return near;
  }
  return batchesOf(sequences, devices, unit).reduce((nearest, batch) =>
    moveOf(batch, sequences) < moveOf(nearest, sequences) ? batch : nearest,
  );
}

/** The one that most copies share, moved by no more than this share of it; null where there is none. */
export function sharedBatchWithin(most: number, sequences: number, devices: number, unit = 1): number | null {
  return batchesOf(sequences, devices, unit).find((batch) => moveOf(batch, sequences) <= most) ?? null;
}

const batchesOf = (sequences: number, devices: number, unit: number): number[] =>
  copiesOf(devices).map((copies) => Math.max(1, Math.round(sequences / unit / copies)) * copies * unit);

const moveOf = (batch: number, sequences: number): number => Math.abs(batch / sequences - 1);
