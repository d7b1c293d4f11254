/** "Did you mean": the known ids nearest to a mistyped one. */
import { distance } from 'fastest-levenshtein';
import { compareIds } from './entry.ts';

const MAX_SUGGESTIONS = 3;
/** Edits beyond this share of the longer name are no typing mistake. */
const MAX_EDIT_SHARE = 0.4;
/** A single letter stands in nearly every name and says nothing. */
const MIN_TELLING_WORD_LENGTH = 2;
/** Longer input is cut, so that a hostile one costs no more than a long id. */
const MAX_LENGTH = 200;

const words = (name: string): readonly string[] => name.split(/[^a-z0-9]+/).filter((word) => word !== '');

/**
 * How far a known name is from the one asked for: below 1 for a name that holds every word of it ("h100 sxm" in
 * "nvidia-h100-sxm5-80gb"), else 1 + the share of letters to be changed; undefined when it is nothing like it.
 */
const farness = (asked: string, askedWords: readonly string[], known: string): number | undefined => {
  const longer = Math.max(asked.length, known.length);
  const holdsAllWords =
    askedWords.some(({ length }) => length >= MIN_TELLING_WORD_LENGTH) &&
    askedWords.every((word) => known.includes(word));
  // A name so much longer or shorter needs no counting of edits.
  if (!holdsAllWords && Math.abs(asked.length - known.length) > MAX_EDIT_SHARE * longer) return undefined;
  const share = distance(asked, known) / longer;
  if (holdsAllWords) return share;
  return share <= MAX_EDIT_SHARE ? 1 + share : undefined;
};

/** @param aliasesOf other names that lead to the same id. */
export const nearestNames = <T extends { readonly id: string }>(
  asked: string,
  items: readonly T[],
  aliasesOf: (item: T) => readonly string[],
): readonly string[] => {
  const text = asked.slice(0, MAX_LENGTH).toLowerCase();
  const askedWords = words(text);
  const found: { id: string; farness: number }[] = [];
  for (const item of items) {
    let best: number | undefined;
    for (const name of [item.id, ...aliasesOf(item)]) {
      const far = farness(text, askedWords, name.toLowerCase());
      if (far !== undefined && (best === undefined || far < best)) best = far;
    }
    if (best !== undefined) found.push({ id: item.id, farness: best });
  }
  found.sort((a, b) => a.farness - b.farness || compareIds(a.id, b.id));
  return found.slice(0, MAX_SUGGESTIONS).map(({ id }) => id);
};

/** Two letters, or a fifth of a long name: an exchange of two counts as two. */
const MISTYPED_LETTERS = 2;
const MISTYPED_SHARE = 0.2;
const SHORT = 4;

/** Whether one may be the other with a typing mistake: much closer than what is suggested. */
export const isMistypedAs = (name: string, known: string): boolean => {
  const longest = Math.min(MAX_LENGTH, Math.max(name.length, known.length));
  const allowed = longest <= SHORT ? 1 : Math.max(MISTYPED_LETTERS, Math.floor(longest * MISTYPED_SHARE));
  if (Math.abs(name.length - known.length) > allowed) return false;
  return distance(name.slice(0, MAX_LENGTH).toLowerCase(), known.slice(0, MAX_LENGTH).toLowerCase()) <= allowed;
};

/** Ends a sentence about an unknown name with the nearest known ones; empty where none is near. */
export const didYouMean = (names: readonly string[]): string =>
  names.length === 0 ? '' : ` Did you mean ${names.map((name) => `'${name}'`).join(' or ')}?`;
