import { type Document, enterpriseSchema, groupSchema, limits, userSchema } from "./names.ts";

interface Traits {
  readonly type?: "string" | "boolean" | "complex" | "reference";
  readonly multiValued?: boolean;
  readonly required?: boolean;
  readonly caseExact?: boolean;
  readonly mutability?: "readWrite" | "readOnly";
  readonly returned?: "default" | "always";
  readonly uniqueness?: "none" | "server";
  readonly referenceTypes?: readonly string[];
  readonly subAttributes?: readonly Document[];
}

/** An attribute as RFC 7643 section 7 describes it; what is usual need not be said. */
function attribute(name: string, description: string, traits: Traits = {}): Document {
  const { type = "string", multiValued = false, required = false } = traits;
  const { mutability = "readWrite", returned = "default", uniqueness = "none" } = traits;
  return {
    name,
    type,
    multiValued,
    description,
    required,
    ...(type === "string" || type === "reference" ? { caseExact: traits.caseExact ?? false } : {}),
    mutability,
    returned,
    uniqueness,
    ...(traits.referenceTypes === undefined ? {} : { referenceTypes: traits.referenceTypes }),
    ...(traits.subAttributes === undefined ? {} : { subAttributes: traits.subAttributes }),
  };
}

const readOnly = { mutability: "readOnly" } as const;
const externalId = attribute("externalId", "The directory's own id; unique within its connection.", {
  caseExact: true,
});

const user: Document = {
  id: userSchema,
  name: "User",
  description: "A person whom the directory gives access to the organization",
  attributes: [
    attribute("userName", "Unique within the connection; an e-mail address unless emails has one.", {
      required: true,
      uniqueness: "server",
    }),
    externalId,
    attribute("name", "The person's name", {
      type: "complex",
      subAttributes: [
        attribute("formatted", "The whole name"),
        attribute("givenName", "Given name"),
        attribute("familyName", "Family name"),
      ],
    }),
    attribute("displayName", "The name that is shown"),
    attribute("title", "What the person does"),
    attribute("active", "Whether the person has access; false ends all of it at once.", { type: "boolean" }),
    attribute("emails", "Addresses; the primary one is the person's in this product.", {
      type: "complex",
      multiValued: true,
      subAttributes: [
        attribute("value", "The address"),
        attribute("type", "Such as work"),
        attribute("display", "How it is shown"),
        attribute("primary", "Whether it is the one to use", { type: "boolean" }),
      ],
    }),
    attribute("groups", "Groups of this connection that the person is in", {
      type: "complex",
      multiValued: true,
      ...readOnly,
      subAttributes: [
        attribute("value", "The group's id", readOnly),
        attribute("$ref", "Where it is", { ...readOnly, type: "reference", referenceTypes: ["Group"] }),
        attribute("display", "Its name", readOnly),
      ],
    }),
    attribute("roles", "Roles that the person has in the organization", {
      type: "complex",
      multiValued: true,
      ...readOnly,
      subAttributes: [attribute("value", "The role", readOnly)],
    }),
  ],
};

const enterprise: Document = {
  id: enterpriseSchema,
  name: "EnterpriseUser",
  description: "Where the person works",
  attributes: [attribute("department", "Department"), attribute("employeeNumber", "Number in the company")],
};

const group: Document = {
  id: groupSchema,
  name: "Group",
  description: "A group of the directory, which the organization may map to a role",
  attributes: [
    attribute("displayName", "Unique within the connection", { required: true, uniqueness: "server" }),
    externalId,
    attribute("members", "Users of this connection; others are left out.", {
      type: "complex",
      multiValued: true,
      subAttributes: [
        attribute("value", "The user's id"),
        attribute("$ref", "Where they are", { ...readOnly, type: "reference", referenceTypes: ["User"] }),
        attribute("display", "Their name", readOnly),
        attribute("type", "Always User", readOnly),
      ],
    }),
  ],
};

const schemaSchema = "urn:ietf:params:scim:schemas:core:2.0:Schema";

/** The schemas of everything that is provisioned here. */
export function schemaDocuments(base: string): Document[] {
  return [user, group, enterprise].map((document) => ({
    schemas: [schemaSchema],
    ...document,
    meta: { resourceType: "Schema", location: `${base}/Schemas/${String(document["id"])}` },
  }));
}

const typeSchema = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";

/** The kinds of resource, and where they are. */
export function resourceTypes(base: string): Document[] {
  const typeOf = (id: string, schema: string, extensions: readonly string[]): Document => ({
    schemas: [typeSchema],
    id,
    name: id,
    endpoint: `/${id}s`,
    description: id,
    schema,
    ...(extensions.length === 0
      ? {}
      : { schemaExtensions: extensions.map((extension) => ({ schema: extension, required: false })) }),
    meta: { resourceType: "ResourceType", location: `${base}/ResourceTypes/${id}` },
  });
  return [typeOf("User", userSchema, [enterpriseSchema]), typeOf("Group", groupSchema, [])];
}

/** What this service provider can do (RFC 7643 section 5). */
export function serviceProviderConfig(base: string): Document {
  return {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
    patch: { supported: true },
    bulk: { supported: true, maxOperations: limits.bulkOperations, maxPayloadSize: limits.bodyBytes },
    filter: { supported: true, maxResults: limits.pageMax },
    changePassword: { supported: false },
    sort: { supported: true },
    etag: { supported: true },
    authenticationSchemes: [
      {
        type: "oauthbearertoken",
        name: "Bearer token",
        description: "The token of the connection, as Authorization: Bearer",
        primary: true,
      },
    ],
    meta: { resourceType: "ServiceProviderConfig", location: `${base}/ServiceProviderConfig` },
  };
}
