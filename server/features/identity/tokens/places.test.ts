import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { noPlaces, openPlaces, placesIn } from "./places.ts";

describe("places of addresses", () => {
  test("are found for both families, in whatever order the lines stand", async () => {
    const places = await placesIn([
      "network,country,city",
      "203.0.113.128/25,AT,Graz",
      "2001:db8:1::/48,FR,Lyon",
      '"203.0.113.0/25","AT","Vienna"',
      "198.51.100.0/24,DE,",
      "2001:db8::/48, GB , Leeds ",
      "2001:db8:2:3:4::/80,US,Boston",
      "192.0.2.7/32,IT,Rome",
    ]);
    expect(
      [
        "203.0.113.0",
        "203.0.113.127",
        "203.0.113.128",
        "203.0.113.255",
        "203.0.112.255",
        "203.0.114.0",
        "198.51.100.9",
        "192.0.2.7",
        "192.0.2.8",
        "::ffff:203.0.113.5",
        "2001:db8:0:ffff::1",
        "2001:db8:1::",
        "2001:db8:2:3::1",
        "2001:db8:2:4::1",
        "::1",
        "nonsense",
        "",
      ].map((address) => places.of(address)),
    ).toEqual([
      "Vienna, AT",
      "Vienna, AT",
      "Graz, AT",
      "Graz, AT",
      null,
      null,
      "DE",
      "Rome, IT",
      null,
      "Vienna, AT",
      "Leeds, GB",
      "Lyon, FR",
      "Boston, US",
      null,
      null,
      null,
      null,
    ]);
  });

  test("skip lines that say nothing: no network, no place, masks that do not exist", async () => {
    const places = await placesIn([
      "",
      ",,",
      "203.0.113.0/33,AT,Graz",
      "2001:db8::/129,AT,Graz",
      "203.0.113.0/24,,",
      "a/24,AT,Graz",
    ]);
    expect([places.of("203.0.113.1"), places.of("2001:db8::1")]).toEqual([null, null]);
  });

  test("have a point where the file says one, to a tenth of a degree; nonsense is none", async () => {
    const places = await placesIn([
      "network,country,city,latitude,longitude",
      "203.0.113.0/24,AT,Vienna,48.2082,16.3738",
      "198.51.100.0/25,US,Springfield,39.78,-89.65",
      "198.51.100.128/25,US,Springfield,42.1,-72.59",
      "192.0.2.0/26,IT,Rome",
      "192.0.2.64/26,IT,Rome,91,12",
      "192.0.2.128/26,IT,Rome,1e1,12",
      "192.0.2.192/26,IT,Rome,41.9",
    ]);
    const points = ["203.0.113.1", "198.51.100.1", "198.51.100.200"].map((ip) => places.pointOf(ip));
    expect(points).toEqual([
      { latitude: 48.2, longitude: 16.4 },
      { latitude: 39.8, longitude: -89.6 },
      { latitude: 42.1, longitude: -72.6 },
    ]);
    for (const ip of ["192.0.2.1", "192.0.2.65", "192.0.2.129", "192.0.2.193", "10.0.0.1", "nonsense"])
      expect([ip, places.pointOf(ip)]).toEqual([ip, null]);
    expect(places.of("192.0.2.65")).toBe("Rome, IT");
  });

  test("take 20 bytes for a network: a hundred thousand of them fit in three megabytes, and are found quickly", async () => {
    function* lines(): Generator<string> {
      for (let at = 0; at < 100_000; at += 1)
        yield `${10 + (at >> 16)}.${(at >> 8) & 255}.${at & 255}.0/24,AT,City ${at % 100}`;
    }
    const before = process.memoryUsage();
    const places = await placesIn(lines());
    const grown = process.memoryUsage().arrayBuffers - before.arrayBuffers;
    expect(grown).toBeLessThan(10 * 2 ** 20);
    const startedAt = performance.now();
    for (let at = 0; at < 10_000; at += 1)
      expect(places.of(`10.${at >> 8}.${at & 255}.9`)).toBe(`City ${at % 100}, AT`);
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });
});

describe("a file of places", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "ringfence-places-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test("is read as it is mounted; without one nothing is known", async () => {
    const path = join(folder, "places.csv");
    await writeFile(path, "203.0.113.0/24,AT,Vienna\r\n198.51.100.0/24,DE,Berlin");
    const places = await openPlaces(path);
    expect([places.of("203.0.113.9"), places.of("198.51.100.1")]).toEqual(["Vienna, AT", "Berlin, DE"]);
    expect([await openPlaces(null), noPlaces.of("203.0.113.9")]).toEqual([noPlaces, null]);
  });

  test("that is not there, or is too large, is refused before it is read", async () => {
    await expect(openPlaces(join(folder, "none.csv"))).rejects.toThrow(/not valid|no file/i);
    const large = join(folder, "large.csv");
    await writeFile(large, "");
    await truncate(large, 256 * 2 ** 20 + 1);
    await expect(openPlaces(large)).rejects.toThrow();
  });
});
