/** A request that did not leave, or whose answer was not taken: the reason is ours and quotes nothing of the other side. */
export class EgressRefusal extends Error {
  override readonly name = "EgressRefusal";
}
