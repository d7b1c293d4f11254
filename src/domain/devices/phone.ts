/** Phones: each serves its own user. Nobody rents or racks them, so that they are compared with nothing unless they are named. */
import type { Device } from './device.ts';

export const isPhone = ({ formFactor }: Pick<Device, 'formFactor'>): boolean => /phone/i.test(formFactor);

/** The devices that work may be put on where none is named. */
export const placeable = (devices: readonly Device[], named: readonly string[] = []): Device[] =>
  devices.filter((device) => !isPhone(device) || named.includes(device.id));
