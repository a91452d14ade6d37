import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { fetchClaimed } from "./api/auth.ts";
import { isProblem } from "./api/problem-error.ts";
import { auditSearch } from "./pages/trust/audit-search.ts";
import { recordsSearch } from "./pages/records/records-search.ts";
import { meQuery } from "./frame/queries.ts";
import { Nowhere, RouteProblem } from "./frame/route-states.tsx";
import { Bones } from "./parts/bones.tsx";

interface Context {
  readonly queryClient: QueryClient;
}

const root = createRootRouteWithContext<Context>()({ component: Outlet, notFoundComponent: Nowhere });

/** Sends whoever comes to the bare address where they belong: setup, sign-in, or their first organization. */
const start = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: async ({ context }) => {
    const me = await context.queryClient.fetchQuery(meQuery).catch(doorFor);
    const first = me.organizations[0];
    if (first === undefined) throw redirect({ to: "/organizations/new" });
    throw redirect({ to: "/o/$organization/contacts", params: { organization: first.slug } });
  },
});

const setup = createRoute({
  getParentRoute: () => root,
  path: "/setup",
  component: lazyRouteComponent(() => import("./pages/door/setup-page.tsx"), "SetupPage"),
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (search): { to?: string; ended?: boolean } => ({
    ...(typeof search["to"] === "string" ? { to: search["to"] } : {}),
    ...(search["ended"] === true ? { ended: true } : {}),
  }),
  component: lazyRouteComponent(() => import("./pages/door/sign-in-page.tsx"), "SignInPage"),
});

const invitation = createRoute({
  getParentRoute: () => root,
  path: "/invitation",
  component: lazyRouteComponent(() => import("./pages/door/invitation-page.tsx"), "InvitationPage"),
});

const newOrganization = createRoute({
  getParentRoute: () => root,
  path: "/organizations/new",
  component: lazyRouteComponent(
    () => import("./pages/door/new-organization-page.tsx"),
    "NewOrganizationPage",
  ),
});

const organization = createRoute({
  getParentRoute: () => root,
  path: "/o/$organization",
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queryClient.ensureQueryData(meQuery);
    } catch (error) {
      if (isProblem(error, "not-claimed")) throw redirect({ to: "/setup" });
      if (!isProblem(error, "not-signed-in")) throw error;
      throw redirect({ to: "/sign-in", search: { to: location.href } });
    }
  },
  component: lazyRouteComponent(() => import("./frame/organization-frame.tsx"), "OrganizationFrame"),
});

const home = createRoute({
  getParentRoute: () => organization,
  path: "/",
  beforeLoad: ({ params }) => {
    throw redirect({ to: "/o/$organization/contacts", params });
  },
});

const sessions = createRoute({
  getParentRoute: () => organization,
  path: "/sessions",
  component: lazyRouteComponent(() => import("./pages/people/sessions-page.tsx"), "SessionsPage"),
});

const tree = root.addChildren([
  start,
  setup,
  signIn,
  invitation,
  newOrganization,
  organization.addChildren([home, sessions]),
]);

/** The console's addresses; filters, sort and the open record are part of them, so that a link shows the same screen. */
export function newRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { queryClient },
    defaultPreload: "intent",
    defaultPendingComponent: () => <Bones />,
    defaultErrorComponent: RouteProblem,
    defaultNotFoundComponent: Nowhere,
    scrollRestoration: false,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof newRouter>;
  }
}

async function doorFor(error: unknown): Promise<never> {
  if (isProblem(error, "not-claimed")) throw redirect({ to: "/setup" });
  if (!isProblem(error, "not-signed-in")) throw error;
  const { claimed } = await fetchClaimed().catch(() => ({ claimed: true }));
  throw redirect({ to: claimed ? "/sign-in" : "/setup" });
}
