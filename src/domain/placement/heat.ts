/** What heat and power modes leave of a device in the field, by domain/edge; halls cool what they hold. */
import {
  FULL_POWER_AMBIENT_CELSIUS,
  powerModes,
  sustainableWatts,
  THROTTLE_CELSIUS,
  thermalState,
} from '../edge/index.ts';
import { devicePower } from '../energy/index.ts';
import { atLeast, atMost, type Check, decided } from './check.ts';
import type { PlaceableDevice, PlaceableSite, Scenario } from './scenario.ts';

export interface Heat {
  /** Speed over full speed; above 0 also where it cannot run, so that the rest can be told. */
  readonly speed: number;
  /** Of the maker's mode below full power that it runs in; null at full power, and where it has no such modes. */
  readonly modeWatts: number | null;
  readonly checks: readonly Check[];
}

const UNTOUCHED: Heat = { speed: 1, modeWatts: null, checks: [] };
/** Share of the time at full power that is bound by arithmetic: decoding waits for memory, images are arithmetic. */
const COMPUTE_FRACTION = { language: 0.2, other: 0.8 };
const MILD_CELSIUS = 25;

/**
 * @param language whether the work is a language model's
 * @param modelled whether the estimate of the work itself knows how fast a named mode is
 */
export function heatOf(
  scenario: Scenario,
  placed: PlaceableDevice,
  site: PlaceableSite,
  language: boolean,
  modelled: boolean,
): Heat {
  const { device, powerLimitWatts, pointer } = placed;
  const { ambientCelsius, fullPowerAmbientCelsius, throttleCelsius } = site.description;
  if (ambientCelsius === undefined && powerLimitWatts === null) return UNTOUCHED;
  if (device.class !== 'edge') return { speed: 1, modeWatts: null, checks: fullPowerChecks(scenario, placed) };
  const modes = powerModes(device);
  const [least, full] = [modes[0], modes.at(-1)];
  const power = devicePower(device, scenario.snapshot.systemsOfDevice(device.id), 'inference');
  if (least === undefined || full === undefined || power === null)
    return { speed: 1, modeWatts: null, checks: fullPowerChecks(scenario, placed) };
  const given = (name: string) => (site.pointer === null ? '/sites' : `${site.pointer}/${name}`);
  const enclosure = {
    fullPowerAmbientCelsius: scenario.log.resolve(
      fullPowerAmbientCelsius,
      FULL_POWER_AMBIENT_CELSIUS,
      given('fullPowerAmbientCelsius'),
    ).value,
    throttleCelsius: scenario.log.resolve(throttleCelsius, THROTTLE_CELSIUS, given('throttleCelsius')).value,
  };
  const ambient = ambientCelsius ?? Math.min(MILD_CELSIUS, enclosure.fullPowerAmbientCelsius);
  const state = thermalState(
    modes,
    power.idleWatts.value,
    ambient,
    enclosure,
    language ? COMPUTE_FRACTION.language : COMPUTE_FRACTION.other,
    powerLimitWatts ?? undefined,
  );
  const needed = modes.length > 1 ? least.watts : power.idleWatts.value;
  const modeWatts = state.mode === null || state.mode === full ? null : state.mode.watts;
  const mode =
    state.mode === null
      ? ''
      : modeWatts !== null && modelled
        ? ` It runs in its mode of ${modeWatts} W.`
        : ` It runs at ${Math.round(state.watts)} W, ${Math.round(state.speedShare * 100)} % of its speed.`;
  const checks: Check[] = [];
  if (ambientCelsius !== undefined) {
    const share = needed / full.watts;
    const hottest = enclosure.throttleCelsius - share * (enclosure.throttleCelsius - enclosure.fullPowerAmbientCelsius);
    checks.push(
      atLeast('thermal', {
        detail: `At ${ambientCelsius} °C its enclosure sustains ${sustainableWatts(full.watts, ambientCelsius, enclosure).toPrecision(3)} W of ${full.watts} W; ${device.name} needs ${needed.toPrecision(3)} W at least.${mode}`,
        required: needed,
        actual: state.sustainableWatts,
        unit: 'W',
        change: {
          field: given('ambientCelsius'),
          from: ambientCelsius,
          to: Math.floor(hottest - 1),
          effect: 'the heat can be given off',
        },
      }),
    );
  }
  if (powerLimitWatts !== null)
    checks.push(
      atMost('device_power', {
        detail: `${powerLimitWatts} W are allowed; ${device.name} needs ${needed.toPrecision(3)} W at least.${mode}`,
        required: powerLimitWatts,
        actual: needed,
        unit: 'W',
        change: {
          field: `${pointer}/powerLimitWatts`,
          from: powerLimitWatts,
          to: Math.ceil(needed),
          effect: 'its lowest mode has the power it needs',
        },
      }),
    );
  return { speed: state.speedShare > 0 ? state.speedShare : 1, modeWatts, checks };
}

/** Of a device whose speed at less than full power is not known: a limit must leave it all of its power. */
function fullPowerChecks({ snapshot }: Scenario, { device, powerLimitWatts, pointer }: PlaceableDevice): Check[] {
  if (powerLimitWatts === null) return [];
  const power = devicePower(device, snapshot.systemsOfDevice(device.id), 'inference');
  if (power === null)
    return [
      decided(
        'device_power',
        false,
        `${powerLimitWatts} W are allowed; what ${device.name} draws at most is not known.`,
      ),
    ];
  const needed = power.maxWatts.value;
  return [
    atMost('device_power', {
      detail: `${powerLimitWatts} W are allowed; ${device.name} draws up to ${needed.toPrecision(3)} W, and how fast it is on less is not known.`,
      required: powerLimitWatts,
      actual: needed,
      unit: 'W',
      change: {
        field: `${pointer}/powerLimitWatts`,
        from: powerLimitWatts,
        to: Math.ceil(needed),
        effect: 'it has all the power it draws',
      },
    }),
  ];
}
