/**
 * Conversions used across the domain. Every quantity carries its unit in its name (`memoryBytes`, `latencySeconds`);
 * GB (10^9) and GiB (2^30) are different things and both are spelled out.
 */
export const KB = 1e3;
export const MB = 1e6;
export const GB = 1e9;
export const TB = 1e12;
export const GIB = 2 ** 30;

export const TERA = 1e12;

export const SECONDS_PER_MINUTE = 60;
export const SECONDS_PER_HOUR = 3600;
export const SECONDS_PER_DAY = 86_400;
export const HOURS_PER_DAY = 24;
/** 365 days / 12 months x 24 h: the month every monthly figure of this service means. */
export const HOURS_PER_MONTH = 730;
export const DAYS_PER_MONTH = HOURS_PER_MONTH / HOURS_PER_DAY;
export const HOURS_PER_YEAR = 8760;
export const MONTHS_PER_YEAR = 12;

export const MILLISECONDS_PER_SECOND = 1e3;
export const WATTS_PER_KILOWATT = 1e3;
export const GRAMS_PER_KILOGRAM = 1e3;

/** Network speeds are quoted in bits. */
export const BITS_PER_BYTE = 8;
