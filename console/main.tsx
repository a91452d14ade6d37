import "./theme/styles.ts";
import { MantineProvider, localStorageColorSchemeManager } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { signInAgain } from "./api/questions.ts";
import { newQueryClient } from "./frame/queries.ts";
import { keepFocus } from "./parts/keep-focus.ts";
import { ToastHost } from "./parts/notify.tsx";
import { newRouter } from "./router.tsx";
import { pageNonce, shareNonce } from "./theme/nonce.ts";
import { contrastFixes, theme } from "./theme/theme.ts";

shareNonce();
keepFocus();

const queryClient = newQueryClient(() => void goOnSignedOut());
const router = newRouter(queryClient);
const colorScheme = localStorageColorSchemeManager({ key: "ringfence.scheme" });
const root = document.querySelector("#root");
if (root === null) throw new Error("The page has no #root");

createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={contrastFixes}
      colorSchemeManager={colorScheme}
      defaultColorScheme="auto"
      getStyleNonce={pageNonce}
    >
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
        <ToastHost />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);

/** Several requests may learn at the same moment that the session has ended; where something could be lost, it is asked for here. */
async function goOnSignedOut(): Promise<void> {
  if (await signInAgain.ask()) return;
  const { pathname, href } = router.state.location;
  if (!pathname.startsWith("/o/") && pathname !== "/sessions") return;
  queryClient.clear();
  void router.navigate({ to: "/sign-in", search: { to: href, ended: true }, replace: true });
}
