/**
 * What is paid less than something else, percent; negative where it is more.
 * @returns null for more than nothing, which a price book may leave of a price.
 */
export const savingPercentOf = (usd: number, than: number): number | null => {
  if (than === 0) return usd === 0 ? 0 : null;
  return 100 * (1 - usd / than);
};
