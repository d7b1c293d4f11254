/**
 * Physical cores of a processor, of which llama.cpp runs one thread each unless told otherwise (vendors' product pages: Intel ARK, AMD,
 * Ampere, NVIDIA Grace, AWS Graviton4; the figures of laptop and phone chips count all clusters).
 */
import type { Device } from './device.ts';

const CORES: Readonly<Record<string, number>> = {
  'intel-xeon-e5-v4': 22,
  'intel-xeon-cascade-lake': 28,
  'intel-xeon-8380': 40,
  'intel-xeon-8380-core': 1,
  'intel-xeon-8380-4-cores': 4,
  'intel-xeon-8480plus': 56,
  'intel-xeon-8480plus-core': 1,
  'intel-xeon-8480plus-4-cores': 4,
  'intel-xeon-8592plus': 64,
  'intel-xeon-6980p': 128,
  'amd-epyc-7763': 64,
  'amd-epyc-9654': 96,
  'amd-epyc-9654-2-cores': 2,
  'amd-epyc-9654-8-cores': 8,
  'amd-epyc-9965': 192,
  'nvidia-grace': 72,
  'aws-graviton4': 96,
  'ampere-one-a192': 192,
  'intel-core-i9-13900k': 24,
  'intel-n150': 4,
  'amd-ryzen-ai-5-340-cpu': 6,
  'amd-ryzen-ai-max-plus-395-cpu': 16,
  'cix-p1': 12,
  'raspberry-pi-5': 4,
  'eswin-eic7700x': 4,
  'apple-m3-cpu': 8,
  'qualcomm-snapdragon-8-gen-3-cpu': 8,
};

/** Of a processor that is not listed: a server of today. */
const USUAL_CORES = 64;

/** Null for devices that are no processors. */
export const coresOf = ({ id, class: kind }: Pick<Device, 'id' | 'class'>): number | null =>
  kind === 'cpu' ? (CORES[id] ?? USUAL_CORES) : null;
