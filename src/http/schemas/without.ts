/** Fields of a whole question that a part of another one does not have. */
import type { TProperties } from '@sinclair/typebox';

export function without<Properties extends TProperties, const Names extends readonly (keyof Properties)[]>(
  properties: Properties,
  names: Names,
): Omit<Properties, Names[number]> {
  const kept = Object.entries(properties).filter(([name]) => !(names as readonly unknown[]).includes(name));
  return Object.fromEntries(kept) as Omit<Properties, Names[number]>;
}
