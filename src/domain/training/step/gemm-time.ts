/**
 * Seconds of one matrix product on one device, by its shape. Output tiles are dealt to the multiprocessors in waves, of which
 * the last is seldom full (NVIDIA, "Matrix Multiplication Background User's Guide", tile and wave quantization); every tile
 * fills and drains its pipeline, as if its inner dimension were deeper.
 */
import type { Generation } from './generation.ts';

interface Tile {
  readonly rows: number;
  readonly columns: number;
  /** Rate over that of the largest tile, which moves the fewest operands per product. */
  readonly share: number;
}

/** What works on one tile at a time. */
export interface MatrixUnits {
  readonly count: number;
  readonly tiles: readonly Tile[];
}

/** Tiles of cuBLAS and CUTLASS kernels; shares of the smaller ones from CUTLASS profiles (README, "Performance"), rounded. */
const LARGE_TILES = [
  { rows: 256, columns: 128, share: 1 },
  { rows: 128, columns: 256, share: 1 },
  { rows: 128, columns: 128, share: 0.92 },
  { rows: 128, columns: 64, share: 0.75 },
] as const;

/** Multiprocessors from the architecture whitepapers; systolic arrays have no waves, unknown parts none that we know of. */
const MATRIX_UNITS: Readonly<Record<Generation, MatrixUnits | null>> = {
  volta: { count: 80, tiles: LARGE_TILES },
  ampere: { count: 108, tiles: LARGE_TILES },
  workstation: { count: 84, tiles: LARGE_TILES },
  hopper: { count: 132, tiles: LARGE_TILES },
  blackwell: { count: 148, tiles: LARGE_TILES },
  cdna: { count: 256, tiles: LARGE_TILES },
  tpu: null,
  gaudi: null,
  trainium: null,
  unknown: null,
};

export const matrixUnitsOf = (generation: Generation): MatrixUnits | null => MATRIX_UNITS[generation];

/** Of the time of all waves the share that does wanted products, with the best tile; `copies` equal products run together. */
function waveEfficiency(rows: number, columns: number, units: MatrixUnits | null, copies = 1): number {
  if (units === null) return 1;
  let best = 0;
  for (const tile of units.tiles) {
    const tiles = copies * Math.ceil(rows / tile.rows) * Math.ceil(columns / tile.columns);
    const waves = Math.ceil(tiles / units.count);
    const efficiency = (tile.share * copies * rows * columns) / (waves * units.count * tile.rows * tile.columns);
    if (efficiency > best) best = efficiency;
  }
  return best;
}

export interface GemmRates {
  /** Of large products, FLOP/s. */
  readonly flops: number;
  readonly bytesPerSecond: number;
  readonly units: MatrixUnits | null;
  /** Inner dimension that filling and draining a tile is worth. */
  readonly fillDepth: number;
  /** How much of the wave loss is left: kernels split the inner dimension and overlap waves. */
  readonly waveLoss: number;
}

const OPERAND_BYTES = 2;

/** rows x depth times depth x columns, `copies` of them in one launch. */
export function gemmSeconds(rows: number, columns: number, depth: number, rates: GemmRates, copies = 1): number {
  if (rows === 0 || columns === 0 || copies === 0) return 0;
  const lost = rates.waveLoss * (1 / waveEfficiency(rows, columns, rates.units, copies) - 1);
  const arithmetic = ((2 * copies * rows * columns * (depth + rates.fillDepth)) / rates.flops) * (1 + lost);
  const traffic = (OPERAND_BYTES * copies * (rows * depth + depth * columns + rows * columns)) / rates.bytesPerSecond;
  return Math.max(arithmetic, traffic);
}
