/** Figures as people write them. */

const digits = (value: number, count: number) => Number(value.toPrecision(count)).toLocaleString('en-US');

export const usd = (amount: string): string => {
  const value = Number(amount);
  return value > 0 && value < 1 ? 'less than 1' : Math.round(value).toLocaleString('en-US');
};

export const milliseconds = (value: number): string =>
  value < 10 ? `${digits(value, 2)} ms` : value < 10_000 ? `${Math.round(value)} ms` : `${digits(value / 1000, 3)} s`;

export const hours = (value: number): string =>
  value >= 1
    ? `${digits(value, 2)} h`
    : value * 60 >= 1
      ? `${digits(value * 60, 2)} min`
      : `${digits(value * 3600, 2)} s`;

export const percent = (share: number): string => `${Number((share * 100).toPrecision(3))} %`;

export const volume = (gigabytes: number): string =>
  gigabytes < 1e-3
    ? `${digits(gigabytes * 1e6, 3)} kB`
    : gigabytes < 1
      ? `${digits(gigabytes * 1e3, 3)} MB`
      : gigabytes < 1e3
        ? `${digits(gigabytes, 3)} GB`
        : `${digits(gigabytes / 1e3, 3)} TB`;

export const dataRate = (bytesPerSecond: number): string =>
  bytesPerSecond < 1e3
    ? `${digits(bytesPerSecond, 3)} B/s`
    : bytesPerSecond < 1e6
      ? `${digits(bytesPerSecond / 1e3, 3)} kB/s`
      : `${digits(bytesPerSecond / 1e6, 3)} MB/s`;

export const joined = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;

/** In place of a purchase category: the devices belong to the users. */
export const USER_DEVICES = 'user_devices';
