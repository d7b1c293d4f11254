/** "a device", "an offer": by the first letter, which is right for the nouns of this interface. */
export const indefinite = (noun: string): string => `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
