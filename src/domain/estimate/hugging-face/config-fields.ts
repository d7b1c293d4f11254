/** Fields of a published configuration, read by the names they go by; what is of the wrong kind is told of with its pointer. */
import { refuse } from '../request-fault.ts';

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const MOST = 1e16;

export class ConfigFields {
  readonly #fields: Fields;
  readonly #pointer: string;

  constructor(fields: Fields, pointer: string) {
    this.#fields = fields;
    this.#pointer = pointer;
  }

  has(name: string): boolean {
    return this.#fields[name] !== undefined && this.#fields[name] !== null;
  }

  /** The first of the names that is there. */
  nameOf(...names: string[]): string | undefined {
    return names.find((name) => this.has(name));
  }

  /** A whole number; undefined where none of the names is there. */
  count(...names: string[]): number | undefined {
    const name = this.nameOf(...names);
    if (name === undefined) return undefined;
    const value = this.#fields[name];
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > MOST) {
      return this.fault(name, 'type', 'It must be a whole number, 0 or more.');
    }
    return value;
  }

  /** A number above 0. */
  required(...names: string[]): number {
    const value = this.count(...names);
    if (value === undefined) {
      const [first] = names;
      return this.fault('', 'required', `The configuration of a language model has ${first}; it is missing here.`);
    }
    return value > 0 ? value : this.fault(this.nameOf(...names) as string, 'minimum', 'It must be more than 0.');
  }

  flag(name: string): boolean | undefined {
    const value = this.#fields[name];
    if (value === undefined || value === null) return undefined;
    return typeof value === 'boolean' ? value : this.fault(name, 'type', 'It must be true or false.');
  }

  text(name: string): string | undefined {
    const value = this.#fields[name];
    if (value === undefined || value === null) return undefined;
    return typeof value === 'string' ? value : this.fault(name, 'type', 'It must be a string.');
  }

  list(name: string): readonly unknown[] | undefined {
    const value = this.#fields[name];
    if (value === undefined || value === null) return undefined;
    return Array.isArray(value) ? value : this.fault(name, 'type', 'It must be a list.');
  }

  part(name: string): ConfigFields | undefined {
    const value = this.#fields[name];
    if (value === undefined || value === null) return undefined;
    return isObject(value)
      ? new ConfigFields(value, this.#at(name))
      : this.fault(name, 'type', 'It must be an object.');
  }

  /** Every part by itself, where the names are not known ahead. */
  parts(): ConfigFields[] {
    return Object.keys(this.#fields).flatMap((name) =>
      isObject(this.#fields[name]) ? [this.part(name) ?? []].flat() : [],
    );
  }

  /** Whether the field is a list, where it may be a number as well. */
  isList(name: string): boolean {
    return Array.isArray(this.#fields[name]);
  }

  fault(name: string, rule: string, detail: string): never {
    return refuse(name === '' ? this.#pointer : this.#at(name), rule, detail);
  }

  #at(name: string): string {
    return `${this.#pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  }
}
