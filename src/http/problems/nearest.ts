import { distance } from 'fastest-levenshtein';

/** The candidate most like `text`, or undefined when none is near enough to be a slip of the keyboard. */
export const nearest = (text: string, candidates: readonly string[]): string | undefined => {
  const lower = text.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(text.length / 3)) + 1;
  for (const candidate of candidates) {
    const edits = distance(lower, candidate.toLowerCase());
    if (edits < bestDistance) {
      best = candidate;
      bestDistance = edits;
    }
  }
  return best;
};

/** Fields that carry on where `text` stops, or that it carries on from: "budget" and "budgetUsd". */
export const sameBeginning = (text: string, candidates: readonly string[]): readonly string[] => {
  const lower = text.toLowerCase();
  return candidates.filter((candidate) => {
    const other = candidate.toLowerCase();
    return (
      other.length >= SHORTEST_BEGINNING &&
      lower.length >= SHORTEST_BEGINNING &&
      (other.startsWith(lower) || lower.startsWith(other))
    );
  });
};

const SHORTEST_BEGINNING = 4;
