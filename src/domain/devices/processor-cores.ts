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
  'nvidia-jetson-agx-orin-cpu': 12,
  'nvidia-jetson-orin-nano-cpu': 6,
  'nvidia-jetson-agx-xavier-cpu': 8,
  'nvidia-jetson-nano-cpu': 4,
  'raspberry-pi-4': 4,
  'raspberry-pi-3': 4,
  'raspberry-pi-zero-2-w': 4,
  'rockchip-rk3568-cpu': 4,
  'amlogic-s922x-cpu': 6,
  'amlogic-a311d2-cpu': 8,
  'qualcomm-snapdragon-x-elite-cpu': 12,
  'apple-m1-pro-cpu': 10,
};

/** Of a processor that is not listed: a single core of a chip, the clusters of a chip of phones and boards, a server of today. */
const USUAL_CORES = { core: 1, chip: 8, socket: 64 };

/** Null for devices that are no processors. */
export function coresOf({ id, class: kind, formFactor }: Pick<Device, 'id' | 'class' | 'formFactor'>): number | null {
  if (kind !== 'cpu') return null;
  const usual =
    formFactor === 'core'
      ? USUAL_CORES.core
      : /soc|module|board/i.test(formFactor)
        ? USUAL_CORES.chip
        : USUAL_CORES.socket;
  return CORES[id] ?? usual;
}
