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
import { signInSearch } from "./pages/door/sign-in-search.ts";
import { recordsSearch } from "./pages/records/records-search.ts";
import { meQuery } from "./frame/queries.ts";
import { Nowhere, NowhereInside, RouteProblem } from "./frame/route-states.tsx";
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
  validateSearch: signInSearch,
  component: lazyRouteComponent(() => import("./pages/door/sign-in-page.tsx"), "SignInPage"),
});

const passwordReset = createRoute({
  getParentRoute: () => root,
  path: "/reset-password",
  component: lazyRouteComponent(() => import("./pages/door/password-reset-page.tsx"), "PasswordResetPage"),
});

const magicLink = createRoute({
  getParentRoute: () => root,
  path: "/magic-link",
  component: lazyRouteComponent(() => import("./pages/door/mailed-link-page.tsx"), "MagicLinkPage"),
});

const confirmEmail = createRoute({
  getParentRoute: () => root,
  path: "/confirm-email",
  component: lazyRouteComponent(() => import("./pages/door/mailed-link-page.tsx"), "ConfirmEmailPage"),
});

const unlock = createRoute({
  getParentRoute: () => root,
  path: "/unlock",
  component: lazyRouteComponent(() => import("./pages/door/mailed-link-page.tsx"), "UnlockPage"),
});

const restore = createRoute({
  getParentRoute: () => root,
  path: "/restore",
  component: lazyRouteComponent(() => import("./pages/door/restore-page.tsx"), "RestorePage"),
});

const ssoSetup = createRoute({
  getParentRoute: () => root,
  path: "/sso-setup",
  component: lazyRouteComponent(() => import("./pages/door/sso-setup-page.tsx"), "SsoSetupPage"),
});

/** Where mails about one's own account lead; it is the same in every organization. */
const toOwnSecurity = createRoute({
  getParentRoute: () => root,
  path: "/security",
  beforeLoad: async ({ context, location }) => {
    const me = await context.queryClient.fetchQuery(meQuery).catch((error: unknown) => {
      if (!isProblem(error, "not-signed-in")) throw error;
      throw redirect({ to: "/sign-in", search: { to: location.href } });
    });
    const first = me.organizations[0];
    if (first === undefined) throw redirect({ to: "/organizations/new" });
    throw redirect({ to: "/o/$organization/own-security", params: { organization: first.slug } });
  },
});

const invitation = createRoute({
  getParentRoute: () => root,
  path: "/invitation/$token",
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

const contacts = createRoute({
  getParentRoute: () => organization,
  path: "/contacts",
  validateSearch: recordsSearch,
  component: lazyRouteComponent(() => import("./pages/records/contacts-page.tsx"), "ContactsPage"),
});

const contact = createRoute({
  getParentRoute: () => organization,
  path: "/contacts/$id",
  component: lazyRouteComponent(() => import("./pages/records/record-page.tsx"), "ContactPage"),
});

const accounts = createRoute({
  getParentRoute: () => organization,
  path: "/accounts",
  validateSearch: recordsSearch,
  component: lazyRouteComponent(() => import("./pages/records/accounts-page.tsx"), "AccountsPage"),
});

const account = createRoute({
  getParentRoute: () => organization,
  path: "/accounts/$id",
  component: lazyRouteComponent(() => import("./pages/records/record-page.tsx"), "AccountPage"),
});

const imports = createRoute({
  getParentRoute: () => organization,
  path: "/imports",
  component: lazyRouteComponent(() => import("./pages/imports/imports-page.tsx"), "ImportsPage"),
});

const newImport = createRoute({
  getParentRoute: () => organization,
  path: "/imports/new",
  component: lazyRouteComponent(() => import("./pages/imports/new-import-page.tsx"), "NewImportPage"),
});

const oneImport = createRoute({
  getParentRoute: () => organization,
  path: "/imports/$id",
  component: lazyRouteComponent(() => import("./pages/imports/import-page.tsx"), "ImportPage"),
});

const members = createRoute({
  getParentRoute: () => organization,
  path: "/members",
  component: lazyRouteComponent(() => import("./pages/people/members-page.tsx"), "MembersPage"),
});

const sessions = createRoute({
  getParentRoute: () => organization,
  path: "/sessions",
  component: lazyRouteComponent(() => import("./pages/people/sessions-page.tsx"), "SessionsPage"),
});

const ownSecurity = createRoute({
  getParentRoute: () => organization,
  path: "/own-security",
  component: lazyRouteComponent(() => import("./pages/people/own-security-page.tsx"), "OwnSecurityPage"),
});

const roles = createRoute({
  getParentRoute: () => organization,
  path: "/roles",
  component: lazyRouteComponent(() => import("./pages/trust/roles-page.tsx"), "RolesPage"),
});

const security = createRoute({
  getParentRoute: () => organization,
  path: "/security",
  validateSearch: (search): { tested?: string } =>
    typeof search["tested"] === "string" ? { tested: search["tested"] } : {},
  component: lazyRouteComponent(() => import("./pages/security/security-page.tsx"), "SecurityPage"),
});

const support = createRoute({
  getParentRoute: () => organization,
  path: "/support",
  component: lazyRouteComponent(() => import("./pages/trust/support-page.tsx"), "SupportPage"),
});

const audit = createRoute({
  getParentRoute: () => organization,
  path: "/audit",
  validateSearch: auditSearch,
  component: lazyRouteComponent(() => import("./pages/trust/audit-page.tsx"), "AuditPage"),
});

const accessReview = createRoute({
  getParentRoute: () => organization,
  path: "/access-review",
  component: lazyRouteComponent(() => import("./pages/review/access-review-page.tsx"), "AccessReviewPage"),
});

const outbox = createRoute({
  getParentRoute: () => organization,
  path: "/outbox",
  component: lazyRouteComponent(() => import("./pages/trust/outbox-page.tsx"), "OutboxPage"),
});

const keys = createRoute({
  getParentRoute: () => organization,
  path: "/keys",
  component: lazyRouteComponent(() => import("./pages/settings/keys-page.tsx"), "KeysPage"),
});

const serviceAccounts = createRoute({
  getParentRoute: () => organization,
  path: "/service-accounts",
  component: lazyRouteComponent(
    () => import("./pages/service-accounts/service-accounts-page.tsx"),
    "ServiceAccountsPage",
  ),
});

const serviceAccount = createRoute({
  getParentRoute: () => organization,
  path: "/service-accounts/$id",
  component: lazyRouteComponent(
    () => import("./pages/service-accounts/service-account-page.tsx"),
    "ServiceAccountPage",
  ),
});

const settings = createRoute({
  getParentRoute: () => organization,
  path: "/settings",
  component: lazyRouteComponent(() => import("./pages/settings/organization-page.tsx"), "OrganizationPage"),
});

const tree = root.addChildren([
  start,
  setup,
  signIn,
  passwordReset,
  magicLink,
  confirmEmail,
  unlock,
  restore,
  ssoSetup,
  toOwnSecurity,
  invitation,
  newOrganization,
  organization.addChildren([
    home,
    contacts,
    contact,
    accounts,
    account,
    imports,
    newImport,
    oneImport,
    members,
    sessions,
    ownSecurity,
    roles,
    security,
    support,
    accessReview,
    audit,
    outbox,
    keys,
    serviceAccounts,
    serviceAccount,
    settings,
  ]),
]);

/** The console's addresses; filters, sort and the open record are part of them, so that a link shows the same screen. */
export function newRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { queryClient },
    defaultPreload: "intent",
    defaultPendingComponent: () => <Bones />,
    defaultErrorComponent: RouteProblem,
    defaultNotFoundComponent: NowhereInside,
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
