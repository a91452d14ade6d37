export { foundingKey, type FoundingKey } from "./founding-key.ts";
export { overheadBytes, plaintextBytesMax } from "./envelope.ts";
export { installationKeys } from "./installation-keys.ts";
export { installationVault, type InstallationVault } from "./installation-vault.ts";
export type { KeyAddress, KeyProvider } from "./key-provider.ts";
export type { KeyStore, WrappedKey } from "./key-store.ts";
export { needsReseal, open, seal, useOpened, type Where } from "./seal.ts";
export type { TenantKeys } from "./tenant-keys.ts";
export { UnsealError } from "./unseal-error.ts";
export { openVault, type Vault } from "./vault.ts";
export {
  doorWord,
  doorWordKeys,
  type KeptKeys,
  keptKeys,
  vouch,
  type VouchingKeys,
  vouchingKeys,
} from "./vouching.ts";
