import { type AddressFile, addressesIn, openAddressFile, type Reading, shownName } from "./address-file.ts";

/** Degrees; north and east are positive. */
export interface Point {
  readonly latitude: number;
  readonly longitude: number;
}

/** Where addresses are, as far as a file says that an operator has mounted. No request to other machines is ever made for it. */
export interface Places {
  /** Such as "Vienna, AT"; null for what is not known. */
  of(address: string): string | null;
  /** Null where the file says no more than a name. */
  pointOf(address: string): Point | null;
}

/** Knows nothing. */
export const noPlaces: Places = { of: () => null, pointOf: () => null };

/** Reads `network,country,city,latitude,longitude` lines, of which the last two may be left out. */
export async function openPlaces(path: string | null): Promise<Places> {
  return path === null ? noPlaces : placesOf(await openAddressFile(path, reading));
}

/** The same from the lines themselves. */
export async function placesIn(lines: AsyncIterable<string> | Iterable<string>): Promise<Places> {
  return placesOf(await addressesIn(lines, reading));
}

interface Place {
  readonly name: string;
  readonly point: Point | null;
}

function placesOf(at: AddressFile<Place>): Places {
  return { of: (address) => at(address)?.name ?? null, pointOf: (address) => at(address)?.point ?? null };
}

const reading: Reading<Place> = {
  setting: "RINGFENCE_GEOIP_FILE",
  tell: ([country = "", city = "", latitude = "", longitude = ""]) => {
    const name = shownName([city, country].filter((part) => part !== "").join(", "));
    if (name === "") return null;
    const point = pointIn(latitude, longitude);
    // Two towns may have one name.
    const key = point === null ? name : `${name}|${point.latitude}|${point.longitude}`;
    return { key, told: { name, point } };
  },
};

/** To a tenth of a degree, some ten kilometres: nobody's house, and no file knows more of an address. */
function pointIn(latitude: string, longitude: string): Point | null {
  const [north, east] = [degrees(latitude, 90), degrees(longitude, 180)];
  return north === null || east === null ? null : { latitude: north, longitude: east };
}

function degrees(text: string, most: number): number | null {
  if (!/^[+-]?\d{1,3}(?:\.\d{1,20})?$/.test(text)) return null;
  const value = Math.round(Number(text) * 10) / 10;
  return Math.abs(value) > most ? null : value;
}
