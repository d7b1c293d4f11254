/** Whole numbers from ten on, else three digits, never below the value: what a limit has to be set to. */
export function roundedUp(value: number): number {
  if (value >= 10) return Math.ceil(value);
  const unit = 10 ** (Math.floor(Math.log10(value)) - 2);
  return Number((Math.ceil(value / unit) * unit).toPrecision(3));
}
