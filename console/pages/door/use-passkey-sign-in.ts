import { useMutation } from "@tanstack/react-query";
import { useEffect, useEffectEvent } from "react";
import { offersPasskeys, presentPasskey } from "../../api/passkeys.ts";
import { fetchPasskeyWish, givePasskey, type SignedIn } from "../../api/sign-in.ts";

/** A passkey in place of a password: offered by the browser in the e-mail field, and by a button. */
export function usePasskeySignIn(onProven: (proven: SignedIn) => Promise<void>) {
  const goOn = useEffectEvent(onProven);
  const { mutate, error, isPending } = useMutation({
    mutationFn: async () => givePasskey(await presentPasskey(await fetchPasskeyWish())),
    onSuccess: onProven,
  });
  useEffect(() => {
    let left = false;
    const offer = async (): Promise<void> => {
      if (!(await offersPasskeys())) return;
      const answer = await givePasskey(await presentPasskey(await fetchPasskeyWish(), true));
      if (!left) await goOn(answer);
    };
    // Nobody asked for this one, so whatever goes wrong with it is nobody's business.
    offer().catch(() => undefined);
    return () => {
      left = true;
    };
  }, []);
  return { start: () => mutate(), pending: isPending, error };
}
