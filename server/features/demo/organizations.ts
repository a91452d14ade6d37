/** What one demo organization is like; the records are thrown from it. */
export interface DemoOrganization {
  readonly slug: string;
  readonly name: string;
  readonly locale: string;
  readonly timeZone: string;
  readonly currency: string;
  /** Of its members' addresses; .example belongs to nobody (RFC 2606), so no letter can reach anybody. */
  readonly domain: string;
  readonly members: readonly DemoMember[];
  readonly invited: readonly { readonly email: string; readonly role: DemoRole }[];
  readonly fields: readonly DemoField[];
  readonly accounts: number;
  readonly places: readonly DemoPlace[];
  /** Numbers kept free for fiction by the regulators; what follows is filled with digits. */
  readonly phones: readonly { readonly start: string; readonly digits: number }[];
}

export type DemoRole = "admin" | "manager" | "member" | "viewer";

export interface DemoMember {
  readonly name: string;
  readonly role: DemoRole;
}

export interface DemoPlace {
  readonly city: string;
  readonly country: string;
}

/** A field that the organization declares for itself; `choices` makes it a choice. */
export interface DemoField {
  readonly of: "contact" | "account";
  readonly key: string;
  readonly label: string;
  readonly type: "text" | "number" | "date" | "boolean" | "choice";
  readonly choices?: readonly string[];
}

/** Who owns both organizations; `start --demo` prints a fresh password for this address. */
export const demoOwner = { name: "Robin Demo", email: "robin@demo.example" } as const;

/** How many contacts each organization has. */
export const contactsEach = 5_000;

/** The two organizations of the demo, in the order in which they are made. */
export const demoOrganizations: readonly DemoOrganization[] = [
  {
    slug: "demo-larkfield",
    name: "Larkfield Outdoor",
    locale: "en-GB",
    timeZone: "Europe/London",
    currency: "GBP",
    domain: "larkfield.example",
    members: [
      { name: "Imogen Hart", role: "admin" },
      { name: "Tobias Reed", role: "manager" },
      { name: "Leila Rahman", role: "manager" },
      { name: "Callum Frost", role: "member" },
      { name: "Maya Okonjo", role: "member" },
      { name: "Piotr Zieliński", role: "member" },
      { name: "Hannah Moss", role: "member" },
      { name: "Gareth Pugh", role: "viewer" },
    ],
    invited: [
      { email: "sasha.lind@larkfield.example", role: "member" },
      { email: "audit@northgate-advisers.example", role: "viewer" },
    ],
    fields: [
      {
        of: "contact",
        key: "channel",
        label: "Preferred channel",
        type: "choice",
        choices: ["E-mail", "Phone", "Visit"],
      },
      { of: "contact", key: "season_budget", label: "Season budget", type: "number" },
      { of: "contact", key: "last_visit", label: "Last visit", type: "date" },
      { of: "account", key: "stores", label: "Stores", type: "number" },
    ],
    accounts: 320,
    places: [
      { city: "London", country: "GB" },
      { city: "Leeds", country: "GB" },
      { city: "Bristol", country: "GB" },
      { city: "Edinburgh", country: "GB" },
      { city: "Cardiff", country: "GB" },
      { city: "Dublin", country: "IE" },
    ],
    phones: [
      { start: "+447700900", digits: 3 },
      { start: "+441134960", digits: 3 },
      { start: "+442079460", digits: 3 },
    ],
  },
  {
    slug: "demo-bramberg",
    name: "Bramberg Maschinenbau",
    locale: "de-AT",
    timeZone: "Europe/Vienna",
    currency: "EUR",
    domain: "bramberg.example",
    members: [
      { name: "Katharina Höllwarth", role: "admin" },
      { name: "Florian Steinlechner", role: "manager" },
      { name: "Jovana Petrović", role: "manager" },
      { name: "Lukas Brandner", role: "member" },
      { name: "Selin Aksoy", role: "member" },
      { name: "Miriam Gasser", role: "member" },
      { name: "Andreas Feichter", role: "viewer" },
    ],
    invited: [{ email: "neu@bramberg.example", role: "manager" }],
    fields: [
      {
        of: "contact",
        key: "line",
        label: "Machine line",
        type: "choice",
        choices: ["Presses", "Mills", "Conveyors", "Service only"],
      },
      { of: "contact", key: "certified", label: "Certified operator", type: "boolean" },
      { of: "account", key: "machines", label: "Machines installed", type: "number" },
      { of: "account", key: "service_until", label: "Service contract until", type: "date" },
    ],
    accounts: 260,
    places: [
      { city: "Wien", country: "AT" },
      { city: "Graz", country: "AT" },
      { city: "Salzburg", country: "AT" },
      { city: "München", country: "DE" },
      { city: "Stuttgart", country: "DE" },
      { city: "Zürich", country: "CH" },
    ],
    phones: [
      { start: "+493023125", digits: 3 },
      { start: "+4917139200", digits: 2 },
      { start: "+494066969", digits: 3 },
    ],
  },
];
