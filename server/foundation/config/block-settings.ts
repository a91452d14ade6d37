import { addressRange, listOf, wholeNumber } from "./parsers.ts";
import { setting } from "./setting.ts";

/** Addresses that no block may hit unless the operator says so: behind each there may be everybody, through one proxy. */
const privateRanges = Object.freeze([
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "100.64.0.0/10",
  "169.254.0.0/16",
  "fc00::/7",
  "fe80::/10",
]);

/** When an address is turned away because of what came from it, and for how long. */
export const blockSettings = {
  blockPoints: setting({
    env: "RINGFENCE_BLOCK_POINTS",
    is: wholeNumber(0, 1_000_000),
    otherwise: 100,
    why: "Points of offence within the window that have an address blocked. A probe of an undeclared path or a wrong password is 4, an unreadable request 5, one more than a limit allows 1. 0 blocks nobody.",
    example: "200",
  }),
  blockWindowSeconds: setting({
    env: "RINGFENCE_BLOCK_WINDOW_SECONDS",
    is: wholeNumber(1, 86_400),
    otherwise: 600,
    why: "The time over which an address's points of offence run out again.",
    example: "3600",
  }),
  blockSeconds: setting({
    env: "RINGFENCE_BLOCK_SECONDS",
    is: wholeNumber(1, 86_400),
    otherwise: 60,
    why: "How long the first block of an address lasts. Each repetition within a day lasts twice as long.",
    example: "300",
  }),
  blockSecondsMax: setting({
    env: "RINGFENCE_BLOCK_SECONDS_MAX",
    is: wholeNumber(1, 604_800),
    otherwise: 3600,
    why: "The longest that a block may last.",
    example: "86400",
  }),
  blockAddressesMax: setting({
    env: "RINGFENCE_BLOCK_ADDRESSES_MAX",
    is: wholeNumber(1, 10_000_000),
    otherwise: 50_000,
    why: "How many addresses' offences, and how many blocks, are remembered at most; about 200 bytes each.",
    example: "200000",
  }),
  blockNever: setting({
    env: "RINGFENCE_BLOCK_NEVER",
    is: listOf(addressRange),
    otherwise: privateRanges,
    why: "Addresses or ranges that are never blocked, besides loopback and RINGFENCE_TRUSTED_PROXIES. Setting it replaces the private ranges; 127.0.0.1 stands for no further ones.",
    example: "203.0.113.0/24",
  }),
};
