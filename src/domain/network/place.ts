/** An end of a network path. */
export interface NetworkPlace {
  /** Degrees north. */
  readonly latitude: number;
  /** Degrees east. */
  readonly longitude: number;
  /** "<provider>/<code>" where the place is a cloud region. */
  readonly regionId?: string | undefined;
  readonly city?: string | undefined;
  /** ISO 3166-1 alpha-2. */
  readonly country?: string | undefined;
}

/** The region, else the city, else the coordinates. */
export const placeName = (place: NetworkPlace): string =>
  place.regionId ?? place.city ?? `${place.latitude.toFixed(2)}, ${place.longitude.toFixed(2)}`;
