/**
 * The fewest that keep a limit, by doubling and bisection. Counts beyond 2^53 lie apart: there it is the nearest that can be
 * told from one that does not keep it.
 * @param tooFew known not to keep it
 * @param most known to keep it
 */
export function fewestThatKeep(tooFew: number, most: number, keeps: (count: number) => boolean): number {
  let low = tooFew;
  let high = tooFew;
  do {
    low = high;
    high = Math.min(high * 2, most);
  } while (high < most && !keeps(high));
  for (let middle = between(low, high); middle > low && middle < high; middle = between(low, high)) {
    if (keeps(middle)) high = middle;
    else low = middle;
  }
  return high;
}

const between = (low: number, high: number): number => Math.floor(low + (high - low) / 2);
