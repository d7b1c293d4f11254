/** What every question has in common: the snapshot and the time that it is answered from, and the question without its pins. */
import type { Dependencies } from '../dependencies.ts';
import { type Pinnable, type PinnedSources, pinnedReading } from './convert/replay.ts';

/** The question alone: pins say what it is answered from. */
export function withoutPins<Body extends Pinnable>(body: Body): Omit<Body, keyof Pinnable> {
  const { pricingAt: _at, catalogRevision: _revision, priceBook: _book, reporting: _reporting, ...question } = body;
  return question;
}

/** Read now, by the newest catalog unless the body pins another one. */
export async function askedNow<Body extends Pinnable>(
  { catalog, now }: Pick<Dependencies, 'catalog' | 'now'>,
  priceBook: PinnedSources['priceBook'],
  body: Body,
) {
  const reading = await pinnedReading({ catalog, priceBook }, body, catalog.current(), now());
  return { ...reading, question: withoutPins(body), at: reading.replay.pricingAt };
}
