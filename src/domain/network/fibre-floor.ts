/**
 * Light in fibre: c / 1.4682, the group index of standard single-mode fibre at 1550 nm (Corning SMF-28 Ultra data sheet),
 * is 204,190 km/s. A round trip over the great circle can be no faster; no measured pair is.
 */
const FIBRE_KM_PER_MS = 299_792.458 / 1.4682 / 1000;

/** Milliseconds there and back. */
export const fibreFloorMs = (distanceKm: number): number => (2 * distanceKm) / FIBRE_KM_PER_MS;
