/** An amount for sentences, in SQL: no more digits than a person reads. */
export const said = (amount: string): string => `trim_scale(round(${amount}, 9))`;
