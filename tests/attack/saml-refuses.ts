import { expect } from "vitest";
import type { Expectations, SamlConnection } from "../../server/features/sso/saml/connection.ts";
import type { RefusalReason } from "../../server/features/sso/saml/refused.ts";
import { validateResponse } from "../../server/features/sso/saml/validate-response.ts";
import { attack } from "./attack.ts";
import { expected } from "./saml-forge.ts";

/** One hostile response, and the connection at which it is tried. */
export interface Forged {
  readonly encoded: string;
  readonly connection: SamlConnection;
  readonly expectations?: Expectations;
}

/** Declares an attack that must be refused for this very reason. */
export function refuses(
  id: string,
  title: string,
  reason: RefusalReason,
  forge: () => Forged | Promise<Forged>,
): void {
  attack({ id: `SAML-${id}`, title, expected: `refused: ${reason}` }, async () => {
    const { encoded, connection, expectations = expected() } = await forge();
    const verdict = validateResponse(encoded, connection, expectations);
    expect("refused" in verdict ? verdict.refused : `takes ${verdict.identity.subject}`).toBe(reason);
    return `refused: ${reason}`;
  });
}
