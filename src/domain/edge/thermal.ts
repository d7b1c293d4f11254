/**
 * What heat an enclosure can give off at an ambient temperature. Newton's law of cooling: heat goes with the difference
 * to the ambient, so the power that can be sustained falls in a straight line from full power at the ambient the
 * enclosure is rated for to nothing at the temperature where the device throttles.
 */
import type { SourcedDefault } from '../economics/assumption.ts';
import { sourcedDefault } from '../economics/assumption.ts';
import { type PowerMode, speedAtPower, speedInMode } from './power-mode.ts';

export const FULL_POWER_AMBIENT_CELSIUS: SourcedDefault = sourcedDefault({
  id: 'edge.full_power_ambient_celsius',
  field: '/fullPowerAmbientCelsius',
  value: 40,
  unit: 'degrees C',
  range: { low: 30, high: 55 },
  kind: 'assumed',
  source:
    'judgement: fanless industrial boxes are rated 45-60 at reduced, 35-50 at full power; no measured derating was found',
  reason: 'Highest ambient at which the enclosure sustains full power',
});

export const THROTTLE_CELSIUS: SourcedDefault = sourcedDefault({
  id: 'edge.throttle_celsius',
  field: '/throttleCelsius',
  value: 95,
  unit: 'degrees C',
  range: { low: 85, high: 105 },
  kind: 'assumed',
  source: 'judgement: modules slow down between 85 and 105 at the die',
  reason: 'Temperature of the chip at which it slows down',
});

interface Enclosure {
  readonly fullPowerAmbientCelsius: number;
  readonly throttleCelsius: number;
}

/** Ambient of the air that the enclosure sees: sun on an outdoor box belongs into it. */
export const sustainableWatts = (fullWatts: number, ambientCelsius: number, enclosure: Enclosure): number => {
  const { fullPowerAmbientCelsius, throttleCelsius } = enclosure;
  const share = (throttleCelsius - ambientCelsius) / (throttleCelsius - fullPowerAmbientCelsius);
  return fullWatts * Math.min(1, Math.max(0, share));
};

interface ThermalState {
  readonly sustainableWatts: number;
  /** The highest mode that can be sustained; null: below the lowest. */
  readonly mode: PowerMode | null;
  /** Of the speed at full power. */
  readonly speedShare: number;
  /** What it draws at most while it works. */
  readonly watts: number;
  /** Ambient up to which full power holds, less the ambient: negative where it is derated. */
  readonly marginCelsius: number;
}

/**
 * The fastest setting that an ambient allows: a named mode, or a power limit between idle and full where the maker names
 * one mode only.
 * @param modes from least to most power, at least one
 * @param powerLimitWatts of the supply or battery
 */
export function thermalState(
  modes: readonly PowerMode[],
  idleWatts: number,
  ambientCelsius: number,
  enclosure: Enclosure,
  computeFraction: number,
  powerLimitWatts = Number.POSITIVE_INFINITY,
): ThermalState {
  const full = modes.at(-1);
  if (full === undefined) throw new RangeError('no power mode');
  const sustainable = sustainableWatts(full.watts, ambientCelsius, enclosure);
  const limit = Math.min(sustainable, powerLimitWatts);
  const base = {
    sustainableWatts: sustainable,
    marginCelsius: enclosure.fullPowerAmbientCelsius - ambientCelsius,
  };
  const mode = modes.findLast(({ watts }) => watts <= limit) ?? null;
  if (mode !== null) return { ...base, mode, speedShare: speedInMode(mode, computeFraction), watts: mode.watts };
  if (modes.length > 1) return { ...base, mode: null, speedShare: 0, watts: Math.min(idleWatts, limit) };
  const speedShare = speedAtPower(limit, idleWatts, full.watts);
  return {
    ...base,
    mode: speedShare > 0 ? full : null,
    speedShare,
    watts: speedShare > 0 ? limit : Math.min(idleWatts, limit),
  };
}
