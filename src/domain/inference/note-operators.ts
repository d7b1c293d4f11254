/** Tells what is known of the networks that a neural unit takes. */
import type { Device } from '../devices/device.ts';
import { operatorSupport } from '../devices/operator-support.ts';
import type { AssumptionLog } from '../economics/assumption.ts';
import type { ModelKind } from '../models/architecture.ts';
import { kernelClass } from './step/efficiency.ts';

/** Graphics units and processors run whatever fits: nothing is noted of them. */
export function noteOperators(device: Device, kind: ModelKind, log: AssumptionLog): void {
  const support = operatorSupport(device);
  if (support === null && kernelClass(device) !== 'edge') return;
  const known = support?.runs.includes(kind) === true;
  log.add({
    id: 'device.operator_support',
    field: '/device',
    value: known ? 'of this kind' : 'not known',
    unit: null,
    range: null,
    source:
      support === null
        ? 'nothing was read of the toolchain of this unit'
        : `${device.name} ${support.what} (${support.source})`,
    reason: known
      ? 'A neural unit runs what its toolchain compiles: compile your very model before you count on it.'
      : 'A neural unit runs what its toolchain compiles, and nobody says whether it takes such a model: compile it first.',
  });
}
