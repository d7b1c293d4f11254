/** Works on several questions at once: while one waits for the solver, the next is prepared. */
const AT_ONCE = 3;

/** Returns the answers in the order of the questions, whichever ends first. */
export async function inOrder<Item, Answer>(
  items: readonly Item[],
  ask: (item: Item) => Promise<Answer>,
): Promise<Answer[]> {
  const answers = new Array<Answer>(items.length);
  const waiting = items.entries();
  const next = async (): Promise<void> => {
    for (const [index, item] of waiting) answers[index] = await ask(item);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, next));
  return answers;
}
