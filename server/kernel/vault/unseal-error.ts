/**
 * The one answer to whatever keeps a sealed value shut: wrong key, wrong place, changed bytes, unknown version.
 *
 * It says nothing more, since the difference would help only whoever moves or changes ciphertexts. Whoever catches it
 * records a critical event: in a sound database it never happens.
 */
export class UnsealError extends Error {
  constructor() {
    super("A sealed value could not be opened.");
    this.name = "UnsealError";
  }
}
